"""Changes of a design that migrations can't make yet: said, never passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatewright.design.difference import Aspect, ColumnChange, Difference, TableChange
from gatewright.design.document import Column, DefaultFunction, Table
from gatewright.errors import SetupError


def refuse_unbuilt(difference: Difference) -> None:
    """Refuse a difference that holds what is not built yet.

    Raises:
        SetupError: It does; the message names each place.
    """
    found = [*_renamed(difference.removed_tables, difference.added_tables, "")]
    for change in difference.changed_tables:
        found.extend(_in_table(change))
    if found:
        raise SetupError("These changes are not built yet:\n" + "\n".join(f"  {each}" for each in found))


def _in_table(change: TableChange) -> Iterator[str]:
    name = change.new.name
    if change.is_renamed:
        yield f"{name}: renaming a table ({change.old.database_name} to {change.new.database_name} in the database)"
    yield from _renamed(change.removed_columns, change.added_columns, f"{name}.")
    for column in (*change.added_columns, *change.removed_columns):
        if column.is_primary_key:
            yield f"{name}.{column.name}: changing the key of a table"
    for each in change.changed_columns:
        yield from (f"{name}.{each.new.name}: {what}" for what in _in_column(each))


def _renamed(removed: Iterable[Table | Column], added: Iterable[Table | Column], path: str) -> Iterator[str]:
    former = {item.database_name: item.name for item in removed}
    for item in added:
        if item.database_name in former:
            yield f"{path}{item.name}: renaming {former[item.database_name]} ({item.database_name} in the database)"


def _in_column(change: ColumnChange) -> Iterator[str]:
    old, new = change.old, change.new
    if change.is_renamed:
        yield f"renaming a column ({old.database_name} to {new.database_name} in the database)"
    if Aspect.KEY in change.aspects:
        yield "changing the key of a table"
    # Other values of an Enum are another check, not another type.
    if (old.type, old.db_type, old.precision, old.scale) != (new.type, new.db_type, new.precision, new.scale):
        yield f"changing the type ({old.type} to {new.type})" if old.type != new.type else "changing the type"
    if old.default_value != new.default_value and DefaultFunction.AUTOINCREMENT in (
        old.default_value,
        new.default_value,
    ):
        yield "changing whether a key counts up"
