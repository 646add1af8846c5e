"""The steps from one set of tables to another, in an order that every database can follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatewright.design.document import Column, DefaultValue
from gatewright.migrations.shapes import ConstraintShape, Shapes, TableShape


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for the rows that are there, in a column that becomes NOT NULL."""

    column: Column
    value: DefaultValue


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A table is made."""

    table: TableShape


@dataclass(frozen=True, slots=True)
class AlterTable:
    """A table changes."""

    before: TableShape
    after: TableShape
    fills: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class DropTable:
    """A table goes."""

    name: str


Step = CreateTable | AlterTable | DropTable


def steps_between(old: Shapes, new: Shapes, fills: Mapping[str, tuple[Fill, ...]]) -> Iterator[Step]:
    """The steps from *old* to *new*.

    A reference comes last when what it leads to is not there before; one that goes, goes first.

    Args:
        fills: By the table's name in the database.
    """
    added = [table for name, table in new.items() if name not in old]
    changed = {name: (old[name], table) for name, table in new.items() if name in old and not old[name].is_like(table)}
    created, late = _in_order(added)
    for table in added:
        late[table.name] |= _to_what_comes(table, changed)
    for before, after in changed.values():
        late[after.name] = _to_what_comes(after, changed) - set(before.references)
    removed = {name: table for name, table in old.items() if name not in new}
    early = {name: _to_what_goes(table, changed) for name, table in removed.items()}
    yield from (CreateTable(table.without(late[table.name])) for table in created)
    yield from (AlterTable(old[name], old[name].without(each)) for name, each in early.items() if each)
    for before, after in sorted(changed.values(), key=lambda pair: not _loses_reference(*pair)):
        made = after.without(late[after.name])
        if not before.is_like(made):
            yield AlterTable(before, made, fills.get(after.name, ()))
    yield from (AlterTable(new[name].without(each), new[name]) for name, each in late.items() if each)
    yield from _drops([table.without(early[name]) for name, table in removed.items()])


def _in_order(tables: Sequence[TableShape]) -> tuple[list[TableShape], dict[str, set[ConstraintShape]]]:
    """*tables* so that each follows those it refers to, and the references for which that can't be."""
    waiting = list(tables)
    done: list[TableShape] = []
    late: dict[str, set[ConstraintShape]] = {table.name: set() for table in tables}
    while waiting:
        names = {table.name for table in waiting}
        ready = next((table for table in waiting if not _unmet(table, names)), waiting[0])
        late[ready.name] = _unmet(ready, names)
        waiting.remove(ready)
        done.append(ready)
    return done, late


def _unmet(table: TableShape, names: set[str]) -> set[ConstraintShape]:
    return {each for each in table.references if each.target in names and each.target != table.name}


def _to_what_comes(table: TableShape, changed: Mapping[str, tuple[TableShape, TableShape]]) -> set[ConstraintShape]:
    """The references to what another table gets only now: a column, or the rule that its values are unique."""
    return {
        each
        for each in table.references
        if each.target in changed and each.target != table.name and _comes(each, *changed[each.target])
    }


def _to_what_goes(table: TableShape, changed: Mapping[str, tuple[TableShape, TableShape]]) -> set[ConstraintShape]:
    """The references to what another table loses: the rule that its values are unique."""
    return {
        each for each in table.references if each.target in changed and _comes(each, *reversed(changed[each.target]))
    }


def _comes(reference: ConstraintShape, before: TableShape, after: TableShape) -> bool:
    def can_be_target(table: TableShape) -> bool:
        keys = [each.columns for each in table.constraints if each.kind in ("primary", "unique")]
        return reference.target_columns in keys

    return not can_be_target(before) and can_be_target(after)


def _loses_reference(before: TableShape, after: TableShape) -> bool:
    return not set(before.references) <= set(after.references)


def _drops(tables: Iterable[TableShape]) -> Iterator[Step]:
    order, circular = _in_order(list(tables))
    for table in order:
        if circular[table.name]:
            yield AlterTable(table, table.without(circular[table.name]))
    yield from (DropTable(table.name) for table in reversed(order))
