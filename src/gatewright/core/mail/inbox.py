"""The inbox of a developer's machine: mails are kept as files, and leave no further."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from gatewright.files import MACHINE_FOLDER, make_machine_folder, write_whole
from gatewright.links import refuse_links_out
from gatewright.settings.development import inbox_key

INBOX = "/auth/inbox"
"""The path of the page with the mails."""

_KEPT = 200


def inbox_address(folder: Path, public_url: str) -> str:
    """The address of the page with the mails, with the key that opens it.

    Args:
        folder: That of the settings.
        public_url: Where the server is reached, `API_PREFIX` included.
    """
    return f"{public_url}{INBOX}?key={inbox_key(folder)}"


class Inbox:
    """Keeps the newest two hundred mails in `.gatewright/inbox`, readable by their owner only.

    Args:
        folder: That of the settings.
        public_url: Where the server is reached, `API_PREFIX` included; None where nothing is to be printed.

    Raises:
        SetupError: A link leads the mails out of *folder*.
    """

    def __init__(self, folder: Path, public_url: Callable[[], str] | None = None) -> None:
        self._app = folder
        self._public_url = public_url
        self._folder = folder / MACHINE_FOLDER / "inbox"
        refuse_links_out(folder, self._folder)

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Keep *message*, and print where it can be read."""
        make_machine_folder(self._app, self._folder.name)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        write_whole(self._folder / f"{name}.eml", bytes(message), mode=0o600)
        for old in self.names()[_KEPT:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)
        if self._public_url is not None:
            address = inbox_address(self._app, self._public_url())
            sys.stderr.write(f"Mail to {to}: {message['Subject']}. Read it: {address}\n")
            sys.stderr.flush()

    def names(self) -> list[str]:
        """The names of the kept mails, the newest first."""
        ages: dict[str, int] = {}
        for path in self._folder.glob("*.eml"):
            # Another worker may just be throwing it away.
            with contextlib.suppress(FileNotFoundError):
                ages[path.stem] = path.stat().st_mtime_ns
        return sorted(ages, key=lambda name: ages[name], reverse=True)

    def read(self, name: str) -> EmailMessage | None:
        """The mail called *name*; None when there is none."""
        if name not in self.names():
            return None
        read = message_from_bytes((self._folder / f"{name}.eml").read_bytes(), policy=SMTP)
        assert isinstance(read, EmailMessage)
        return read
