"""`.gatewright/cache/`: what one machine remembers of its last run, so that a run without changes takes no time.

It is no part of the project (it ignores itself for git, as the caches of ruff and mypy do), and may be deleted.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import IO

import gatewright
from gatewright.errors import SetupError
from gatewright.files import MACHINE_FOLDER, make_machine_folder, write_whole
from gatewright.generator.manifest import FILE_NAME, digest
from gatewright.links import refuse_links_out

FOLDER = MACHINE_FOLDER / "cache"
_TOOLS = ("jinja2", "ruff")
_PATIENCE_SECONDS = 10.0
_SECONDS_BETWEEN_TRIES = 0.05


@contextmanager
def locked(app: Path) -> Iterator[None]:
    """Keep other runs out of the app at *app* until this one ends in any way; wait for a run at work.

    Raises:
        SetupError: It is at work for too long.
    """
    with _open(app, "generate.lock") as file:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        # `gatewright dev` generates for a moment whenever the design is saved.
        while not _lock(file.fileno()):
            if time.monotonic() > deadline:
                raise SetupError(
                    "Another `gatewright generate` is at work in this app. Run this one when it has ended."
                )
            time.sleep(_SECONDS_BETWEEN_TRIES)
        yield


def inputs_of(design: bytes, templates: Path | None) -> str:
    """A hash of what the generated files depend on: the design, Gatewright itself, the tools, the templates."""
    hashed = hashlib.sha256(design)
    for tool in _TOOLS:
        hashed.update(version(tool).encode() + b"\0")
    for file in _files(Path(gatewright.__file__).parent):
        status = file.stat()
        hashed.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    for file in [] if templates is None else _files(templates):
        hashed.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return hashed.hexdigest()


def remember(app: Path, generated: Path, inputs: str) -> None:
    """Note that the folder *generated* was made of *inputs*."""
    with suppress(OSError):
        write_whole(_folder(app) / "generated", _note(generated, inputs).encode())


def is_remembered(app: Path, generated: Path, inputs: str) -> bool:
    """Whether the last run made the folder *generated* of just these *inputs*. The folder itself is not looked at."""
    try:
        return (app / FOLDER / "generated").read_text(encoding="ascii") == _note(generated, inputs)
    except (OSError, ValueError):
        return False


def _note(generated: Path, inputs: str) -> str:
    return f"{inputs} {digest((generated / FILE_NAME).read_bytes())}\n"


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if "__pycache__" not in file.parts and file.is_file())


def _folder(app: Path) -> Path:
    refuse_links_out(app, *(app / FOLDER / name for name in ("generate.lock", "generated")))
    return make_machine_folder(app, FOLDER.name)


def _open(app: Path, name: str) -> IO[bytes]:
    try:
        return (_folder(app) / name).open("ab")
    except OSError as error:
        raise SetupError(f"{app / FOLDER} can't be written: {error.strerror}.") from error


def _lock(handle: int) -> bool:
    """Whether the lock on an open file is ours now; the system gives it back when the process ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
