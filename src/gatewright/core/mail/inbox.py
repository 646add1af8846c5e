"""The inbox of a developer's machine: mails are kept as files, and leave no further."""

from __future__ import annotations

import contextlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from gatewright.links import refuse_links_out
from gatewright.settings.development import FOLDER, make_machine_folder

_KEPT = 200


class Inbox:
    """Keeps the newest two hundred mails in `.gatewright/inbox`, readable by their owner only.

    Args:
        folder: That of the settings.

    Raises:
        SetupError: A link leads the mails out of *folder*.
    """

    def __init__(self, folder: Path) -> None:
        self._app = folder
        self._folder = folder / FOLDER / "inbox"
        refuse_links_out(folder, self._folder)

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Keep *message*."""
        make_machine_folder(self._app)
        self._folder.mkdir(exist_ok=True, mode=0o700)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        # Under another name first, so that nobody reads half a mail.
        written = self._folder / f".{name}"
        written.touch(mode=0o600)
        written.write_bytes(bytes(message))
        written.replace(self._folder / f"{name}.eml")
        for old in self.names()[_KEPT:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)

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
