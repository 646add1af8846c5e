"""Tables and columns that got other names since the last run, and the app's own code that has to follow.

The folder `app/modules/TABLE/` moves. Imports of generated names, and uses that clearly belong to an import, are
rewritten in the app's own code. What may mean something else, as `.title` of any object does, is listed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from gatewright.design.difference import document_pairs
from gatewright.design.document import Column, ColumnType, Design, Table
from gatewright.design.naming import relation_name, snake_case
from gatewright.errors import SetupError
from gatewright.generator import words
from gatewright.generator.moved import own_files, read_own
from gatewright.generator.plan import Change
from gatewright.generator.write import moved_path

_ENDS = ("", "Read", "Create", "Update", "Query", "Repository", "Service", "Resource")
_LISTED = 20


@dataclass(frozen=True, slots=True)
class TableNames:
    """One table's names in the code, before and now.

    Attributes:
        folder: Of its code in `generated/` and `modules/`.
        model: The model's class, whose name other classes begin with.
        attributes: The new names of columns, by their former ones.
    """

    folder: tuple[str, str]
    model: tuple[str, str]
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> dict[str, str]:
        """The new names of the generated classes, by their former ones."""
        return {self.model[0] + end: self.model[1] + end for end in _ENDS}


@dataclass(frozen=True, slots=True)
class Renames:
    """Everything that was renamed since the last run.

    Attributes:
        tables: Those of which something in the code has another name.
        moves: Former and new folders of `app/modules/`.
    """

    tables: tuple[TableNames, ...] = ()

    @property
    def moves(self) -> dict[str, str]:
        """The folders of `app/modules/` that get other names."""
        return {each.folder[0]: each.folder[1] for each in self.tables if each.folder[0] != each.folder[1]}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Changes that renames need in the app's own code.

    Attributes:
        changes: Files, by their former paths within the app.
        left: Places that a person has to look at.
    """

    changes: tuple[Change, ...] = ()
    left: tuple[str, ...] = ()


def names_of(design: Design) -> dict[str, str]:
    """The names of the tables, each with those of its columns, as the manifest keeps them; ids behind a `=`."""
    return {_written(table): " ".join(map(_written, table.columns)) for table in design.tables}


def renames_since(names: Mapping[str, str], design: Design) -> Renames:
    """The items with another name in *design* than in *names*, which `names_of` gave for the former one."""
    former = [_table(written, columns) for written, columns in names.items()]
    tables = (_names(before, after) for before, after in document_pairs(former, design.tables))
    return Renames(tuple(each for each in tables if each.attributes or each.model[0] != each.model[1]))


def rewritten(app: Path, generated: Path, renames: Renames) -> Rewritten:
    """The app's own files that use a renamed name.

    Raises:
        SetupError: A file cannot be read, or the extra `dev` is not installed.
    """
    if not renames.tables:
        return Rewritten()
    if find_spec("libcst") is None:
        raise SetupError('Rewriting code needs libcst, which comes with an extra. Run: pip install "gatewright[dev]"')
    from gatewright.generator.rewriting import rewrite

    words_ = {word for each in renames.tables for word in (each.folder[0], each.model[0], *each.attributes)}
    mentioned = re.compile("|".join(map(re.escape, sorted(words_))).encode())
    changes, left = [], []
    for path in own_files(app, generated):
        old, place = read_own(path), path.relative_to(app).as_posix()
        shown = moved_path(place, {f"app/modules/{a}": f"app/modules/{b}" for a, b in renames.moves.items()})
        if not mentioned.search(old):
            continue
        try:
            new = rewrite(old, _module(place), renames.tables)
        except SyntaxError as error:
            left.append(f"{shown}:{error.lineno or 1}: this is not valid Python, so nothing in it was rewritten")
            continue
        if new != old:
            changes.append(Change(place, old, new))
        left += (f"{shown}:{line}" for line in _uncertain(new, renames))
    return Rewritten(tuple(changes), tuple(left))


def notes_on_left(left: Sequence[str]) -> Iterator[str]:
    """The notes on places that a person has to look at after a rename."""
    if left:
        yield "These lines may mean what was renamed; look at them yourself:"
        yield from (f"  {place}" for place in left[:_LISTED])
    if len(left) > _LISTED:
        yield f"  … and {len(left) - _LISTED} more"


def _uncertain(source: bytes, renames: Renames) -> list[int]:
    """The lines that name a former attribute, or the path of a former module in a text."""
    attributes = {old for each in renames.tables for old in each.attributes}
    folders = "|".join(map(re.escape, renames.moves)) or "(?!)"
    path = re.compile(rf"\b(generated|modules)[./]({folders})\b")
    lines = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=name) if name in attributes:
                lines.add(node.value.end_lineno or node.value.lineno)
            case ast.Constant(value=str(text)) if text in attributes or path.search(text):
                lines.add(node.lineno)
    return sorted(lines)


def _module(path: str) -> str:
    """The module in the file at *path*."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") + (
        ".__init__" if path.endswith("/__init__.py") else ""
    )


def _written(item: Table | Column) -> str:
    return item.name if item.id is None else f"{item.name}={item.id}"


def _table(written: str, columns: str) -> Table:
    name, _, identity = written.partition("=")
    return Table(name=name, id=identity or None, columns=tuple(map(_column, columns.split())))


def _column(written: str) -> Column:
    name, _, identity = written.partition("=")
    return Column(name=name, id=identity or None, type=ColumnType.STRING)


def _names(before: Table, after: Table) -> TableNames:
    columns = document_pairs(before.columns, after.columns)
    pairs = [(words.attribute(a), words.attribute(b)) for a, b in columns]
    pairs += [
        (snake_case(relation_name(a.name)), snake_case(relation_name(b.name))) for a, b in columns if b.references
    ]
    return TableNames(
        (words.folder(before), words.folder(after)),
        (words.class_name(before), words.class_name(after)),
        {old: new for old, new in pairs if old != new},
    )
