"""What a run would change in the generated folder; nothing is written here."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gatewright.errors import SetupError
from gatewright.generator.manifest import FILE_NAME, digest, read_manifest, write_manifest

_LONGEST_DIFF = 400
_NOTHING = "/dev/null"


class EditedFiles(SetupError):
    """A file that belongs to the generator was edited; nothing was written."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a run would make, change or remove.

    Attributes:
        path: Within the generated folder.
        old: What is there now; None when there is nothing.
        new: What is to be there; None when nothing is.
    """

    path: str
    old: bytes | None
    new: bytes | None

    def diff(self, prefix: str) -> str:
        """The change as a unified diff, for a person to read; *prefix* is the folder that the path is within."""
        path = f"{prefix}/{self.path}" if prefix else self.path
        before, after = (path if side is not None else _NOTHING for side in (self.old, self.new))
        return "\n".join(difflib.unified_diff(_lines(self.old), _lines(self.new), before, after, lineterm=""))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run would change in one folder.

    Attributes:
        folder: The generated folder.
        files: All that the generator puts there, its manifest included.
        changes: Files that differ from the existing ones, and files to remove; by path.
    """

    folder: Path
    files: Mapping[str, bytes]
    changes: tuple[Change, ...]

    def without(self, paths: Collection[str]) -> Plan:
        """The same plan, which leaves the files at *paths* as they are."""
        return replace(self, changes=tuple(change for change in self.changes if change.path not in paths))


def make_plan(folder: Path, files: Mapping[str, bytes], names: Mapping[str, str]) -> Plan:
    """Compare *folder* with the *files* that it is to hold.

    Args:
        names: As in `write_manifest`.

    Raises:
        EditedFiles: A file that would be written or removed is not as the generator left it.
        SetupError: The folder can't be read.
    """
    recorded = read_manifest(folder)
    complete = {**files, FILE_NAME: write_manifest(files, names)}
    changes = tuple(_changes(folder, complete, recorded))
    if edited := [change for change in changes if _is_edited(change, recorded)]:
        raise EditedFiles(_refusal(folder, edited))
    return Plan(folder, complete, changes)


def is_untouched(folder: Path) -> bool:
    """Whether the folder holds every file of its manifest as the generator wrote it."""
    recorded = read_manifest(folder)
    return bool(recorded) and all(_digest_of(folder / path) == expected for path, expected in recorded.items())


def _changes(folder: Path, files: Mapping[str, bytes], recorded: Mapping[str, str]) -> Iterator[Change]:
    for path in sorted({*files, *recorded}):
        old, new = _content(folder / path), files.get(path)
        if old != new:
            yield Change(path, old, new)


def _is_edited(change: Change, recorded: Mapping[str, str]) -> bool:
    if change.path == FILE_NAME or change.old is None:
        return False
    return digest(change.old) != recorded.get(change.path)


def _refusal(folder: Path, edited: list[Change]) -> str:
    parts = []
    for change in edited:
        lines = Change(change.path, change.new, change.old).diff(f"{folder.parent.name}/{folder.name}").splitlines()
        if len(lines) > _LONGEST_DIFF:
            lines = [*lines[:_LONGEST_DIFF], f"… and {len(lines) - _LONGEST_DIFF} lines more"]
        parts.append("\n".join([f"The change in {folder.parent.name}/{folder.name}/{change.path}", *lines]))
        parts.append(f"belongs into {_edit_hint(folder.parent.name, change.path)}.")
    one = "One file was edited that belongs"
    count = one if len(edited) == 1 else f"{len(edited)} files were edited that belong"
    remedy = "Move the change there, delete the edited file, and run `gatewright generate` again."
    return "\n\n".join([f"{count} to the generator; nothing was written.", *parts, remedy])


def _edit_hint(package: str, path: str) -> str:
    """Where a change of the generated file at *path* belongs instead."""
    folder, _, name = path.rpartition("/")
    if folder == "tests":
        return "a test of your own in tests/"
    if name in ("service.py", "router.py"):
        return f"{package}/modules/{path}"
    return "the design (db.design.json)" + (f", or {package}/modules/{folder}/" if folder else "")


def _lines(content: bytes | None) -> list[str]:
    return [] if content is None else content.decode(errors="replace").splitlines()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SetupError(f"{path} can't be read: {error.strerror}.") from error


def _digest_of(path: Path) -> str | None:
    content = _content(path)
    return None if content is None else digest(content)
