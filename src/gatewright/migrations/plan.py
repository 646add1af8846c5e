"""From two designs to the operations between them, and what rows would lose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatewright.design.difference import Aspect, ColumnChange, Difference, TableChange, compare, renamed_values
from gatewright.design.document import Column, ColumnType, DefaultFunction, DefaultValue, Design, Table
from gatewright.design.problems import quoted
from gatewright.errors import SetupError
from gatewright.migrations.calls import Call
from gatewright.migrations.conversions import conversion_between
from gatewright.migrations.fills import Expression, Fill
from gatewright.migrations.losses import Loss, dropped, narrowed, refusals_of, required
from gatewright.migrations.operations import Convert, OnDatabase, Operation, RefuseRows, operations_between
from gatewright.migrations.purging import purge
from gatewright.migrations.renames import name_of, renames_between, schemas_between, sequence_name, with_new_names
from gatewright.migrations.tables import shapes_of
from gatewright.storage.checks import quoted_table, sql_text

_WHOLE = {ColumnType.INT, ColumnType.BIG_INT}


class NotBuilt(SetupError):
    """A change is not built, or cannot be made."""


Defaults = Mapping[str, DefaultValue | Expression]
"""Values for the rows that are there, by `Table.column`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What leads from one design to another.

    Attributes:
        operations: In an order that every database can follow.
        losses: What rows would lose, or may prevent.
    """

    operations: tuple[Operation, ...] = ()
    losses: tuple[Loss, ...] = ()


def make_plan(old: Design, new: Design, defaults: Defaults | None = None) -> Plan:
    """The operations from *old* to *new*, both completed.

    Args:
        defaults: Values for the rows that are there, in columns that become required.

    Raises:
        SetupError: Something of it is not built yet; the message names each place.
    """
    difference = compare(old, new)
    _refuse_unbuilt(difference)
    losses = [*dropped(difference), *narrowed(difference)]
    fills: dict[str, list[Fill]] = {}
    for change in difference.changed_tables:
        found = list(_fills(change, defaults or {}))
        fills[change.new.full_name] = [fill for fill in found if isinstance(fill, Fill)]
        losses += (loss for loss in found if isinstance(loss, Loss))
    between = with_new_names(old, new)
    conversions = {change.new.full_name: list(_conversions(change)) for change in difference.changed_tables}
    operations = operations_between(shapes_of(between), shapes_of(new), fills, conversions)
    refusals = (refusal for change in difference.changed_tables for refusal in _refusals(change))
    deletions = (each for change in difference.changed_tables for each in purge(change, between))
    renames = (*schemas_between(old, new), *renames_between(old, between))
    counters = (each for change in difference.changed_tables for each in _counters(change))
    return Plan((*renames, *refusals, *deletions, *operations, *counters), tuple(losses))


def _counters(change: TableChange) -> Iterator[OnDatabase]:
    """What lets a key count as far as its new type goes."""
    for each in change.changed_columns:
        if each.new.counts_up and each.old.type is not each.new.type:
            name = sequence_name(change.new.database_name, each.new.database_name)
            sequence = quoted_table(f"{change.new.db_schema}.{name}" if change.new.db_schema else name)
            kind = "INTEGER" if each.new.type is ColumnType.INT else "BIGINT"
            statement = Call("op.execute", (sql_text(f"ALTER SEQUENCE {sequence} AS {kind}").text,))
            yield OnDatabase("postgresql", (statement,), "The sequence has a type of its own.")


def _conversions(change: TableChange) -> Iterator[Convert]:
    for each in change.changed_columns:
        if _is_converted(each):
            conversion = conversion_between(each.old, each.new)
            assert conversion is not None, "what cannot be converted is refused before"
            yield Convert(each.new.database_name, conversion.at(each.new.database_name))


def _refusals(change: TableChange) -> Iterator[RefuseRows]:
    """What a revision refuses by itself; behind renames, which come first."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    key: tuple[str, ...] = ()
    for each in change.changed_columns:
        for loss in refusals_of(change, each, former=False):
            conditions = found.setdefault((each.new.database_name, loss.refusal), {})
            former = conditions.get(loss.dialect)
            conditions[loss.dialect] = f"{former} OR {loss.condition}" if former else loss.condition
            key = loss.key
    for (column, words), by_database in found.items():
        yield RefuseRows(change.new.full_name, column, tuple(by_database.items()), key, words)


def needs_default(difference: Difference) -> dict[str, Column]:
    """The columns that become required, by `Table.column`; a default may be given for each."""
    changes = difference.changed_tables
    return {f"{change.new.name}.{column.name}": column for change in changes for column, _ in _required(change)}


def _fills(change: TableChange, defaults: Defaults) -> Iterator[Fill | Loss]:
    for column, former in _required(change):
        value = defaults.get(f"{change.new.name}.{column.name}", column.default_value)
        if value is None and column.is_updated_at:
            value = DefaultFunction.NOW
        yield required(change, column, former) if value is None else Fill(column, value)


def _required(change: TableChange) -> Iterator[tuple[Column, Column | None]]:
    """The columns in which every row needs a value from now on, each with what it was; None where it is new."""
    yield from ((column, None) for column in change.added_columns if column.is_not_null and column.computed is None)
    for each in change.changed_columns:
        if not each.new.is_not_null or each.new.computed is not None:
            continue
        if each.old.computed is not None:
            # The database drops what it computed.
            yield each.new, None
        elif not each.old.is_not_null:
            yield each.new, each.old


def _refuse_unbuilt(difference: Difference) -> None:
    """Refuse a difference that needs something not built yet, or that may be an undeclared rename.

    Raises:
        SetupError: It does; the message names each place.
    """
    doubtful = [*_doubtful(difference.removed_tables, difference.added_tables, "")]
    for change in difference.changed_tables:
        doubtful += _doubtful(change.removed_columns, change.added_columns, f"{change.new.name}.")
    if doubtful:
        raise SetupError("\n".join(doubtful))
    if found := [line for change in difference.changed_tables for line in _in_table(change)]:
        raise NotBuilt("These changes are not built yet:\n" + "\n".join(f"  {each}" for each in found))


def _in_table(change: TableChange) -> Iterator[str]:
    name = change.new.name
    for column in (*change.added_columns, *change.removed_columns):
        if column.is_primary_key:
            yield f"{name}.{column.name}: changing the key of a table"
    for each in change.changed_columns:
        yield from (f"{name}.{each.new.name}: {what}" for what in _in_column(each))


def _doubtful(removed: Iterable[Table | Column], added: Iterable[Table | Column], path: str) -> Iterator[str]:
    former = {name_of(item): item.name for item in removed}
    for item in added:
        if (name := former.get(name_of(item))) is not None:
            yield (
                f"{path}{item.name} has the name {name_of(item)} in the database, as {path}{name} had, which the "
                f'design no longer has. If it is the same under another name, add "renamedFrom": {quoted(name)}; '
                "otherwise remove the former in a migration of its own."
            )


def _is_converted(change: ColumnChange) -> bool:
    """Whether values get another type or another name; more or fewer values of an Enum are another check."""
    old, new = change.old, change.new
    if renamed_values(old, new):
        return True
    return (old.type, old.db_type, old.precision, old.scale) != (new.type, new.db_type, new.precision, new.scale)


def _in_column(change: ColumnChange) -> Iterator[str]:
    old, new = change.old, change.new
    if Aspect.KEY in change.aspects:
        yield "changing the key of a table"
    if not _is_converted(change):
        return
    if conversion_between(old, new) is None:
        what = f"changing the type ({old.type} to {new.type})" if old.type != new.type else "changing the type"
        yield f"{what}: add a column of the new type, fill it by a script, and drop this one"
    elif (old.is_primary_key or new.references or old.references) and not {old.type, new.type} <= _WHOLE:
        yield f"changing the type ({old.type} to {new.type}) of a key or a reference"
    if old.counts_up is not new.counts_up:
        yield "changing whether a key counts up"
