"""Files that are written whole or not at all, and the folder of an app for what belongs to one machine."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gatewright.links import refuse_links_out

MACHINE_FOLDER = Path(".gatewright")
"""The folder in an app's folder for what belongs to one machine, and to no repository."""


def make_machine_folder(app: Path, name: str = "") -> Path:
    """Make `.gatewright` in the folder *app*, ignored by git, and the folder *name* in it; return the inner one.

    Raises:
        OSError: It cannot be made.
        SetupError: A link leads it out of *app*.
    """
    folder = app / MACHINE_FOLDER
    ignored, made = folder / ".gitignore", folder / name
    refuse_links_out(app, ignored, made)
    folder.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError), ignored.open("x", encoding="ascii") as file:
        file.write("*\n")
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def write_whole(path: Path, content: bytes, *, mode: int = 0o666, keeps_existing: bool = False) -> None:
    """Write the file at *path* aside and move it into place: no reader and no crash ever sees a part of it.

    Args:
        mode: The permissions of a new file, less the process's umask; a file that is replaced keeps its own.
        keeps_existing: Whether a file that is there stays. Of several processes that write at once, one wins.

    Raises:
        OSError: It cannot be written; then *path* is as it was.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if keeps_existing:
            with suppress(FileExistsError):
                os.link(aside, path)
            aside.unlink()
            return
        if path.exists():
            aside.chmod(path.stat().st_mode & 0o777)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
