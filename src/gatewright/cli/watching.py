"""Which files of an app have changed since the last look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_FOLDERS = ("app", "migrations")
_FILES = (".env", "db.design.json", "gatewright.toml")

_State = tuple[int, int, int]


class Watch:
    """Looks at an app's code, design, migrations and settings.

    Args:
        app: The app's folder.
    """

    def __init__(self, app: Path) -> None:
        self._app = app
        self._seen = self._look()

    def changes(self) -> list[Path]:
        """What was changed, made or removed since the last call, by paths within the app."""
        before, self._seen = self._seen, self._look()
        return sorted(path for path in {*before, *self._seen} if before.get(path) != self._seen.get(path))

    def _look(self) -> dict[Path, _State]:
        found = {}
        for path in self._files():
            try:
                status = path.stat()
            except OSError:
                # Gone between the listing and now.
                continue
            found[path.relative_to(self._app)] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found

    def _files(self) -> Iterator[Path]:
        yield from (self._app / name for name in _FILES)
        for folder in _FOLDERS:
            yield from (self._app / folder).rglob("*.py")
