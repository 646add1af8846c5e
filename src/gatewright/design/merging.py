"""The designs of two branches joined, by what each changed since the design that both began with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any, TypeVar

from gatewright.design.document import Access, Column, Design, ForeignKey, Index, Reference, Relationship, Table
from gatewright.design.kinds import keys_of

_Item = TypeVar("_Item", Table, Column)
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both branches changed, each in its own way.

    Attributes:
        path: `Table.column.key`, by the names of the first branch.
        ours: What the first branch has, in words.
        theirs: What the second has.
    """

    path: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.path}: {self.ours}, and {self.theirs}"


@dataclass
class Merge:
    """A merge in progress.

    Attributes:
        takes_theirs: Which branch settles a conflict.
        conflicts: Those that were found.
    """

    takes_theirs: bool = False
    conflicts: list[Conflict] = field(default_factory=list)

    def designs(self, base: Design, ours: Design, theirs: Design) -> Design:
        """What the two designs are together. Tables and columns are the same when their ids are."""
        tables = self._items("", *(_by_ids(each).tables for each in (base, ours, theirs)))
        merged = replace(ours, tables=tables, holds_types=ours.holds_types or theirs.holds_types)
        return _by_names(merged)

    def _items(
        self, path: str, base: Sequence[_Item], ours: Sequence[_Item], theirs: Sequence[_Item]
    ) -> tuple[_Item, ...]:
        old, one, other = ({item.identity: item for item in items} for items in (base, ours, theirs))
        merged = (self._item(path, old.get(each), one.get(each), other.get(each)) for each in {**one, **other})
        return tuple(item for item in merged if item is not None)

    def _item(self, path: str, base: _Item | None, ours: _Item | None, theirs: _Item | None) -> _Item | None:
        if ours is not None and theirs is not None:
            merged: _Item = self._fields(f"{path}{ours.name}", base, ours, theirs)
            return merged
        kept = ours or theirs
        if base is None or kept is None:
            return kept
        if kept == base:
            return None
        words = "is dropped" if ours is None else "is changed", "is changed" if ours is None else "is dropped"
        chosen: _Item | None = self._choose(f"{path}{kept.name}", ours, theirs, words)
        return chosen

    def _fields(self, path: str, base: Any, ours: Any, theirs: Any) -> Any:
        keys = {key.field: key.name for key in keys_of(ours.__class__)}
        values = {
            name: self._value(f"{path}.{key}", *(getattr(each, name, None) for each in (base, ours, theirs)))
            for name, key in keys.items()
        }
        return replace(ours, **values)

    def _value(self, path: str, base: Any, ours: Any, theirs: Any) -> Any:
        if theirs in (ours, base):
            return ours
        if ours == base:
            return theirs
        if path.endswith(".columns") and all(isinstance(each, Column) for each in (*ours, *theirs)):
            return self._items(f"{path.removesuffix('columns')}", base or (), ours, theirs)
        if isinstance(ours, Access) and isinstance(theirs, Access):
            return self._fields(path, base, ours, theirs)
        if isinstance(ours, tuple) and all(map(is_dataclass, (*ours, *theirs))):
            return _joined(base or (), ours, theirs)
        return self._choose(path, ours, theirs, (_shown(ours), _shown(theirs)))

    def _choose(self, path: str, ours: Any, theirs: Any, words: tuple[str, str]) -> Any:
        self.conflicts.append(Conflict(path, *words))
        return theirs if self.takes_theirs else ours


def _joined(base: Sequence[Any], ours: Sequence[Any], theirs: Sequence[Any]) -> tuple[Any, ...]:
    """The parts that neither branch removed, and those that either added."""
    kept = [part for part in ours if part in theirs or part not in base]
    return (*kept, *(part for part in theirs if part not in base and part not in ours))


def _shown(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _by_ids(design: Design) -> Design:
    """*design*, in which what refers to a table or a column names its id: a name may be another in the other branch."""
    tables = {table.name: table.identity for table in design.tables}
    columns = {table.name: {column.name: column.identity for column in table.columns} for table in design.tables}
    return _renamed(design, tables, columns, lambda table: table.name)


def _by_names(design: Design) -> Design:
    """The other way."""
    tables = {table.identity: table.name for table in design.tables}
    columns = {table.identity: {column.identity: column.name for column in table.columns} for table in design.tables}
    return _renamed(design, tables, columns, lambda table: table.identity)


def _renamed(
    design: Design,
    tables: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str]],
    key: Callable[[Table], str],
) -> Design:
    def at(table: str, names: Iterable[str]) -> tuple[str, ...]:
        known = columns.get(table, {})
        return tuple(known.get(name, name) for name in names)

    def one(table: str | None, name: str | None, default: str) -> str | None:
        return None if name is None else at(table or default, (name,))[0]

    def reference(found: Reference | None) -> Reference | None:
        if found is None:
            return None
        (column,) = at(found.table, (found.column,))
        return replace(found, table=tables.get(found.table, found.table), column=column)

    def index(table: str, found: Index) -> Index:
        return replace(found, columns=at(table, found.columns))

    def foreign_key(table: str, found: ForeignKey) -> ForeignKey:
        to_columns = at(found.table, found.to_columns)
        to_table = tables.get(found.table, found.table)
        return replace(found, columns=at(table, found.columns), table=to_table, to_columns=to_columns)

    def relationship(table: str, found: Relationship) -> Relationship:
        return replace(
            found,
            from_table=found.from_table and tables.get(found.from_table, found.from_table),
            to_table=tables.get(found.to_table, found.to_table),
            through_table=found.through_table and tables.get(found.through_table, found.through_table),
            from_column=one(found.from_table, found.from_column, table),
            to_column=one(found.to_table, found.to_column, table),
            through_from_column=one(found.through_table, found.through_from_column, table),
            through_to_column=one(found.through_table, found.through_to_column, table),
        )

    def table_(found: Table) -> Table:
        name, owner = key(found), found.access.owner_column
        return replace(
            found,
            columns=tuple(replace(column, references=reference(column.references)) for column in found.columns),
            indexes=tuple(index(name, each) for each in found.indexes),
            foreign_keys=tuple(foreign_key(name, each) for each in found.foreign_keys),
            relationships=tuple(relationship(name, each) for each in found.relationships),
            access=replace(found.access, owner_column=one(name, owner, name)),
        )

    return replace(design, tables=tuple(map(table_, design.tables)))
