"""Which files of an app have changed since the last look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
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
        return [Path(path) for path in sorted({*before, *self._seen}) if before.get(path) != self._seen.get(path)]

    def skip(self, *folders: Path) -> None:
        """Take what is in *folders*, which the caller has written, as seen."""
        now = self._look()
        for path in {*now, *self._seen}:
            if any(Path(path).is_relative_to(folder) for folder in folders):
                self._seen.pop(path, None)
                self._seen |= {path: now[path]} if path in now else {}

    def _look(self) -> dict[str, _State]:
        found = {}
        for name in _FILES:
            # It is gone, or was never there.
            with suppress(OSError):
                found[name] = _state((self._app / name).stat())
        start = len(os.path.join(self._app, ""))  # noqa: PTH118 (thousands of paths, several times a second)
        for folder in _FOLDERS:
            found |= {entry.path[start:]: state for entry, state in _code(str(self._app / folder))}
        return found


def _code(folder: str) -> Iterator[tuple[os.DirEntry[str], _State]]:
    """The Python files in *folder*. `Path.rglob` takes five times as long, which a grown app pays all day."""
    waiting = [folder]
    while waiting:
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.name.endswith(".py"):
                # It may have gone between the listing and now.
                with suppress(OSError):
                    yield entry, _state(entry.stat())


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".") and entry.name != "__pycache__"]
    except OSError:
        return []


def _state(status: os.stat_result) -> _State:
    return status.st_mtime_ns, status.st_size, status.st_ino
