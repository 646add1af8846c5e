"""What changes in the database from one design to another, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from gatewright.design.document import Check, Column, Design, ForeignKey, Index, Table

_Item = TypeVar("_Item", Table, Column)


class Aspect(StrEnum):
    """The aspects in which a column can change."""

    NAME = "name"
    TYPE = "type"
    NULLABILITY = "nullability"
    DEFAULT = "default"
    KEY = "key"
    UNIQUE = "unique"
    INDEX = "index"
    REFERENCE = "reference"
    LIMITS = "limits"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that both designs have and that changes in the database.

    Attributes:
        aspects: In what it changes; never empty. The name is the one in the database.
    """

    old: Column
    new: Column
    aspects: frozenset[Aspect]

    @property
    def is_renamed(self) -> bool:
        """Whether its name in the database changes."""
        return Aspect.NAME in self.aspects


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that both designs have and that changes in the database.

    Attributes:
        removed_indexes: As the old design has them.
        added_indexes: As the new design has them.
        removed_rules: Checks and foreign keys of several columns, as the old design has them.
        added_rules: As the new design has them.
    """

    old: Table
    new: Table
    added_columns: tuple[Column, ...] = ()
    removed_columns: tuple[Column, ...] = ()
    changed_columns: tuple[ColumnChange, ...] = ()
    added_indexes: tuple[Index, ...] = ()
    removed_indexes: tuple[Index, ...] = ()
    added_rules: tuple[Check | ForeignKey, ...] = ()
    removed_rules: tuple[Check | ForeignKey, ...] = ()

    @property
    def is_renamed(self) -> bool:
        """Whether its name in the database, or its schema, changes."""
        return self.old.full_name != self.new.full_name

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        columns = self.added_columns or self.removed_columns or self.changed_columns
        others = self.added_indexes or self.removed_indexes or self.added_rules or self.removed_rules
        return not (self.is_renamed or columns or others)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changes in the database."""

    added_tables: tuple[Table, ...] = ()
    removed_tables: tuple[Table, ...] = ()
    changed_tables: tuple[TableChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added_tables or self.removed_tables or self.changed_tables)


def compare(old: Design, new: Design) -> Difference:
    """What changes from *old* to *new*.

    Tables and columns are the same when their ids are, so that a rename is a rename and not a drop. `renamedFrom`
    counts while *old* has only the former name; it and an id may go once *old* holds the new name.
    """
    pairs = pairs_of(old.tables, new.tables)
    new_names = {before.name: after.name for before, after in pairs}
    columns = {before.name: _column_names(before, after) for before, after in pairs}
    changes = (_table_change(before, after, new_names, columns) for before, after in pairs)
    return Difference(
        added_tables=_left(new.tables, [after for _, after in pairs]),
        removed_tables=_left(old.tables, [before for before, _ in pairs]),
        changed_tables=tuple(change for change in changes if not change.is_empty),
    )


def _table_change(old: Table, new: Table, new_names: dict[str, str], columns: dict[str, dict[str, str]]) -> TableChange:
    pairs = pairs_of(old.columns, new.columns)
    changes = (ColumnChange(a, b, frozenset(_aspects(a, b, new_names, columns))) for a, b in pairs)
    moved = {_moved(index, columns[old.name]): index for index in old.indexes}
    old_rules: dict[Check | ForeignKey, Check | ForeignKey] = {check: check for check in old.checks}
    old_rules |= {_moved_key(key, columns[old.name], new_names, columns): key for key in old.foreign_keys}
    new_rules: tuple[Check | ForeignKey, ...] = (*new.foreign_keys, *new.checks)
    return TableChange(
        old,
        new,
        added_columns=_left(new.columns, [after for _, after in pairs]),
        removed_columns=_left(old.columns, [before for before, _ in pairs]),
        changed_columns=tuple(change for change in changes if change.aspects),
        added_indexes=tuple(index for index in new.indexes if index not in moved),
        removed_indexes=tuple(index for as_new, index in moved.items() if as_new not in new.indexes),
        added_rules=tuple(rule for rule in new_rules if rule not in old_rules),
        removed_rules=tuple(rule for as_new, rule in old_rules.items() if as_new not in new_rules),
    )


def keep_ids(old: Design, new: Design) -> Design:
    """*new* with the ids that its tables and columns have in *old*.

    A document may name a rename by `renamedFrom` alone, or leave out an id once a migration contains the rename. A
    snapshot has the ids, so that the way back is a rename too, and so is a merge with a branch that has the old name.
    """
    former = {after.name: before for before, after in document_pairs(old.tables, new.tables)}
    tables = [
        replace(table, columns=_with_ids(former[table.name].columns, table.columns)) if table.name in former else table
        for table in new.tables
    ]
    return replace(new, tables=_with_ids(old.tables, tables))


def _with_ids(old: Sequence[_Item], new: Sequence[_Item]) -> tuple[_Item, ...]:
    known: dict[str, str] = {after.name: before.identity for before, after in document_pairs(old, new)}
    taken = {*known.values(), *(item.identity for item in old)}
    kept = []
    for item in new:
        identity = known.get(item.name) or _free_id(item.identity, taken)
        taken.add(identity)
        kept.append(replace(item, id=None if identity == item.name else identity, renamed_from=None))
    return tuple(kept)


def renamed_values(old: Column, new: Column) -> dict[str, str]:
    """The values of an Enum that have other names from *old* to *new*: the new ones by the former.

    A rename that either of the two declares counts in both directions, and only while just one of them has each name.
    """
    declared = [(each.renamed_from, each.value) for each in new.renamed_values]
    declared += [(each.value, each.renamed_from) for each in old.renamed_values]
    gone, come = set(old.enum_values) - set(new.enum_values), set(new.enum_values) - set(old.enum_values)
    return {former: value for former, value in declared if former in gone and value in come}


def _free_id(wanted: str, taken: set[str]) -> str:
    """*wanted*, with a number behind it if something else has this id, or had it until now."""
    if wanted not in taken:
        return wanted
    return next(f"{wanted}-{n}" for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)


def pairs_of(old: Sequence[_Item], new: Sequence[_Item]) -> list[tuple[_Item, _Item]]:
    """What is the same in both, in the order of *new*."""
    return _pairs(old, new, (_former_name(old), _identity, _name))


def document_pairs(old: Sequence[_Item], new: Sequence[_Item]) -> list[tuple[_Item, _Item]]:
    """As `pairs_of`, for a *new* from a document, which may leave ids out: its name counts first."""
    return _pairs(old, new, (_former_name(old), _written_id, _name, _identity))


_Way = tuple[Callable[[Table | Column], str], Callable[[Table | Column], str | None]]
"""The keys that identify an old item and a new one."""

_identity: _Way = (lambda before: before.identity, lambda after: after.identity)
_written_id: _Way = (lambda before: before.identity, lambda after: after.id)
_name: _Way = (lambda before: before.name, lambda after: after.name)


def _former_name(old: Sequence[Table | Column]) -> _Way:
    known = {item.identity for item in old} | {item.name for item in old}
    return (
        lambda before: before.name,
        lambda after: None if {after.identity, after.name} & known else after.renamed_from,
    )


def _pairs(old: Sequence[_Item], new: Sequence[_Item], ways: Sequence[_Way]) -> list[tuple[_Item, _Item]]:
    partner: dict[int, int] = {}
    for old_name, new_name in ways:
        paired = set(partner.values())
        free = {old_name(item): i for i, item in enumerate(old) if i not in paired}
        for j, item in enumerate(new):
            name = new_name(item)
            if j not in partner and name in free:
                partner[j] = free.pop(name)
    return [(old[partner[j]], item) for j, item in enumerate(new) if j in partner]


def _left(items: tuple[_Item, ...], paired: list[_Item]) -> tuple[_Item, ...]:
    names = {item.name for item in paired}
    return tuple(item for item in items if item.name not in names)


def _column_names(old: Table, new: Table) -> dict[str, str]:
    return {before.name: after.name for before, after in pairs_of(old.columns, new.columns)}


def _aspects(
    old: Column, new: Column, new_names: dict[str, str], columns: dict[str, dict[str, str]]
) -> Iterator[Aspect]:
    for aspect, seen in _SEEN.items():
        if seen(old) != seen(new):
            yield aspect
    if _target(old, new_names, columns) != _target(new, {}, {}):
        yield Aspect.REFERENCE


def _target(column: Column, new_names: dict[str, str], columns: dict[str, dict[str, str]]) -> tuple[object, ...] | None:
    """What the column refers to, by the names of the new design, and what follows when that goes."""
    reference = column.references
    if reference is None:
        return None
    table = new_names.get(reference.table, reference.table)
    referred = columns.get(reference.table, {}).get(reference.column, reference.column)
    return table, referred, column.on_delete, reference.on_update


def _moved(index: Index, new_names: dict[str, str]) -> Index:
    """The index by the new names of its columns."""
    return replace(index, columns=tuple(new_names.get(name, name) for name in index.columns))


def _moved_key(
    key: ForeignKey, own: dict[str, str], new_names: dict[str, str], columns: dict[str, dict[str, str]]
) -> ForeignKey:
    """The foreign key by the new names of its columns, and of what it leads to."""
    there = columns.get(key.table, {})
    return replace(
        key,
        columns=tuple(own.get(name, name) for name in key.columns),
        table=new_names.get(key.table, key.table),
        to_columns=tuple(there.get(name, name) for name in key.to_columns),
    )


_SEEN: dict[Aspect, Callable[[Column], object]] = {
    Aspect.NAME: lambda column: column.database_name,
    Aspect.TYPE: lambda column: (
        column.type,
        column.db_type,
        column.precision,
        column.scale,
        column.enum_values,
    ),
    Aspect.NULLABILITY: lambda column: column.is_not_null,
    Aspect.DEFAULT: lambda column: column.default_value,
    Aspect.COMPUTED: lambda column: column.computed,
    Aspect.KEY: lambda column: column.is_primary_key,
    Aspect.UNIQUE: lambda column: column.is_unique,
    Aspect.INDEX: lambda column: column.is_indexed,
    Aspect.LIMITS: lambda column: (
        column.stored_limits,
        column.min_value,
        column.max_value,
        column.pattern,
    ),
}
