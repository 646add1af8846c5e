"""The files of a SQLite database: who may read them, and whether they are still the ones that were opened."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from pathlib import Path

from gatewright.errors import Unavailable

_PRIVATE = 0o600
_SUFFIXES = ("", "-wal", "-shm")
_Identity = tuple[int, int]

_log = logging.getLogger("gatewright.database")


class SqliteFiles:
    """The database, its write-ahead log and that log's index.

    A file that was moved, deleted or replaced goes on taking writes from those who have it open, and no reader finds it
    again. So the names are compared with what was opened: by device and inode.

    Attributes:
        is_lost: Whether the last check found other files, or none.
        paths: Where they are; the log and its index may be missing.
    """

    def __init__(self, path: Path) -> None:
        self.is_lost = False
        self.paths = [path.with_name(path.name + suffix) for suffix in _SUFFIXES]
        self._names = [str(path) for path in self.paths]
        self._opened: dict[str, _Identity] = {}

    def make(self) -> None:
        """Make the database's file, if it is not there, for its owner only. SQLite makes the others like it."""
        # SQLite reports every other problem.
        with contextlib.suppress(OSError):
            os.close(os.open(self._names[0], os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))

    def keep_private(self) -> None:
        """Take the rights of group and others away, where they have any and the files are ours."""
        for path in self.paths:
            with contextlib.suppress(OSError):
                if stat.S_IMODE(path.stat().st_mode) & 0o077:
                    path.chmod(_PRIVATE)
                    _log.warning("%s was readable by other users. Its mode is now 0600.", path)

    def forget(self) -> None:
        """Forget which files were opened: the present ones will be."""
        self.is_lost = False
        self._opened.clear()

    def remember(self) -> None:
        """Take the files that are there for those that were opened."""
        self._opened = {name: found for name in self._names if (found := _identity(name)) is not None}

    def check(self) -> None:
        """Make sure that the files are those that were opened.

        Raises:
            Unavailable: One of them is another, or gone.
        """
        for name in self._names:
            found = _identity(name)
            # The log and its index stay as long as the database is open; there may be none at first.
            if found != self._opened.get(name) and (found is None or self._opened.setdefault(name, found) != found):
                self._lose(name)
        if self.is_lost:
            self.is_lost = False
            _log.warning("%s is back. Requests are answered again.", self._names[0])

    def _lose(self, name: str) -> None:
        if not self.is_lost:
            self.is_lost = True
            _log.error(
                "%s was moved, deleted or replaced while it was in use. Calls are answered 503 until it is back; "
                "restart the server to use what is there now.",
                name,
            )
        raise Unavailable


def _identity(name: str) -> _Identity | None:
    try:
        found = os.stat(name)  # noqa: PTH116 (each write waits for it)
    except OSError:
        return None
    return found.st_dev, found.st_ino
