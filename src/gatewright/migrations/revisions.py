"""The revisions in a folder, read without running them and without Alembic."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatewright.design.document import Design
from gatewright.design.files import shown
from gatewright.design.problems import naming_file
from gatewright.design.reading import read_snapshot
from gatewright.errors import SetupError

SNAPSHOT = ".design.json"


@dataclass(frozen=True, slots=True)
class Revision:
    """One script of Alembic's.

    Attributes:
        id: What the version table holds when it is the last that was applied.
        parents: The revisions that it follows: none for the first, several for a merge.
        file: Where it is.
        message: The first line of its docstring.
    """

    id: str
    parents: tuple[str, ...]
    file: Path
    message: str

    @property
    def parent(self) -> str | None:
        """The revision that it follows, of a merge the first; None for the first of all."""
        return self.parents[0] if self.parents else None

    @property
    def is_merge(self) -> bool:
        """Whether it joins the revisions of two branches."""
        return len(self.parents) > 1

    @property
    def snapshot_file(self) -> Path:
        """The file with the resulting design; a handwritten script may have none."""
        return self.file.with_name(self.id + SNAPSHOT)


class Revisions:
    """The revisions of one app, by their ids.

    Args:
        folder: The app's `migrations/versions/`; may be missing.

    Raises:
        SetupError: A script cannot be read, or two have the same id.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._by_id: dict[str, Revision] = {}
        for file in sorted(folder.glob("*.py")):
            revision = _read(file)
            if revision is not None:
                self._add(revision)

    def __contains__(self, revision: str | None) -> bool:
        return revision in self._by_id

    def __getitem__(self, revision: str) -> Revision:
        return self._by_id[revision]

    def __iter__(self) -> Iterator[Revision]:
        return iter(self._by_id.values())

    @property
    def head(self) -> str | None:
        """The newest revision; None when there is none.

        Raises:
            SetupError: There are two, made on two branches.
        """
        heads = self.heads
        if len(heads) > 1:
            files = " and ".join(self._by_id[head].file.name for head in heads)
            raise SetupError(f"{files} both come last in {self.folder}. Run: gatewright migrate merge")
        if self._by_id and not heads:
            raise SetupError(f"The revisions in {self.folder} follow one another in a circle.")
        return heads[0] if heads else None

    @property
    def heads(self) -> list[str]:
        """The revisions that no other follows."""
        followed = {parent for revision in self._by_id.values() for parent in revision.parents}
        return [revision for revision in self._by_id if revision not in followed]

    def all_up_to(self, revision: str | None) -> list[str]:
        """*revision* and all that lead to it, by all branches, each behind those that it follows.

        Raises:
            SetupError: One of them is missing.
        """
        found: dict[str, None] = {}
        opened: set[str] = set()
        waiting = [] if revision is None else [revision]
        while waiting:
            each = waiting[-1]
            if each in opened:
                found[waiting.pop()] = None
                continue
            opened.add(each)
            # In a circle, which `head` reports, the parents that are open stay out.
            waiting += [parent for parent in reversed(self._known(each).parents) if parent not in opened]
        return list(found)

    def common_ancestor(self, one: str, other: str) -> str | None:
        """The newest revision that leads to both; None when each has a beginning of its own."""
        others = set(self.all_up_to(other))
        return next((each for each in reversed(self.all_up_to(one)) if each in others), None)

    def up_to(self, revision: str | None) -> list[Revision]:
        """The line of revisions that leads to *revision*, the newest first; behind a merge, its first branch.

        Raises:
            SetupError: One of them is missing.
        """
        return list(self._line(revision))

    def design_at(self, revision: str | None) -> Design:
        """The completed design that *revision* leads to; empty before the first.

        A handwritten script has no snapshot and counts as a change of rows only: the design is that of the nearest
        revision below it.

        Raises:
            SetupError: A revision is missing or its snapshot cannot be read.
        """
        for each in self._line(revision):
            if each.snapshot_file.is_file():
                return _snapshot(each.snapshot_file)
        return Design(())

    def _line(self, revision: str | None) -> Iterator[Revision]:
        while revision is not None:
            found = self._known(revision)
            yield found
            revision = found.parent

    def _known(self, revision: str) -> Revision:
        if revision not in self._by_id:
            raise SetupError(f"Revision {revision} is missing in {self.folder}.")
        return self._by_id[revision]

    def _add(self, revision: Revision) -> None:
        if revision.id in self._by_id:
            other = self._by_id[revision.id].file.name
            raise SetupError(f"{other} and {revision.file.name} in {self.folder} are the same revision; keep one.")
        self._by_id[revision.id] = revision


def _snapshot(file: Path) -> Design:
    with naming_file(shown(file)):
        return read_snapshot(file.read_bytes())


def _read(file: Path) -> Revision | None:
    """The revision in *file*; None when it is some other module."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise SetupError(f"{shown(file)} cannot be read: {error}.") from None
    assigned = _literals(tree)
    revision, parents = assigned.get("revision"), assigned.get("down_revision") or ()
    if not isinstance(revision, str):
        return None
    message = (ast.get_docstring(tree) or "").partition("\n")[0]
    return Revision(revision, (parents,) if isinstance(parents, str) else tuple(parents), file, message)


def _literals(tree: ast.Module) -> dict[str, Any]:
    """The module's own statement: `revision = "…"`, with a type or without."""
    found: dict[str, Any] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and target.id in ("revision", "down_revision") and value is not None:
                found[target.id] = ast.literal_eval(value)
    return found
