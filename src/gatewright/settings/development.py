"""Files of development in `.gatewright`: a secret, the key of the inbox, and the port of the last server."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path

from gatewright.errors import SetupError
from gatewright.files import MACHINE_FOLDER, make_machine_folder, write_whole
from gatewright.links import refuse_links_out

_SECRET = re.compile(r"[A-Za-z0-9_-]{64}")


def development_secret(folder: Path) -> str:
    """The secret kept under *folder*; made at the first call, once however many processes call at the same time.

    Raises:
        SetupError: The file cannot be made or read, holds something else, or is behind a link that leads out of
            *folder*.
    """
    return _kept(folder, "secret", "a new secret is generated, which ends all sessions", "or set GATEWRIGHT_SECRET")


def inbox_key(folder: Path) -> str:
    """The random part of the inbox's address, kept under *folder*; made at the first call.

    Raises:
        SetupError: As of `development_secret`.
    """
    return _kept(folder, "inbox-key", "the inbox gets a new address", "or set GATEWRIGHT_MAIL_URL")


def _kept(folder: Path, name: str, consequence: str, way_out: str) -> str:
    file = folder / MACHINE_FOLDER / name
    refuse_links_out(folder, file)
    try:
        if not file.exists():
            make_machine_folder(folder)
            write_whole(file, secrets.token_urlsafe(48).encode() + b"\n", mode=0o600, keeps_existing=True)
        found = file.read_text("ascii", errors="replace").strip()
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}). Make the folder writable, {way_out}.") from None
    if _SECRET.fullmatch(found) is None:
        raise SetupError(f"{file} was changed. Restore it, or delete it: {consequence}.")
    return found


def remember_port(folder: Path, port: int) -> None:
    """Keep the port that the server in *folder* listens on, for its other processes and for commands."""
    # Without it, links begin with the default port; that is no reason to stop.
    with contextlib.suppress(OSError):
        file = make_machine_folder(folder) / "port"
        if remembered_port(folder) != port:
            write_whole(file, f"{port}\n".encode())


def remembered_port(folder: Path) -> int | None:
    """The port that the server in *folder* listened on last; None before its first request."""
    try:
        text = (folder / MACHINE_FOLDER / "port").read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,4}", text) else None
