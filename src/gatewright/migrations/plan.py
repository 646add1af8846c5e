"""From two designs to the steps between them, and what rows would lose by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatewright.design.difference import Difference, TableChange, compare
from gatewright.design.document import Column, DefaultFunction, DefaultValue, Design
from gatewright.migrations.losses import Loss, dropped, narrowed, required
from gatewright.migrations.shapes import shapes_of
from gatewright.migrations.steps import Fill, Step, steps_between
from gatewright.migrations.unbuilt import refuse_unbuilt

Defaults = Mapping[str, DefaultValue]
"""Values for the rows that are there, by `Table.column`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What leads from one design to another.

    Attributes:
        steps: In an order that every database can follow.
        losses: What rows would lose, or may stand against.
    """

    steps: tuple[Step, ...] = ()
    losses: tuple[Loss, ...] = ()


def make_plan(old: Design, new: Design, defaults: Defaults | None = None) -> Plan:
    """The steps from *old* to *new*, both completed.

    Args:
        defaults: Values for the rows that are there, in columns that become required.

    Raises:
        SetupError: Something of it is not built yet; the message names each place.
    """
    difference = compare(old, new)
    refuse_unbuilt(difference)
    losses = [*dropped(difference), *narrowed(difference)]
    fills: dict[str, tuple[Fill, ...]] = {}
    for change in difference.changed_tables:
        found = list(_fills(change, defaults or {}))
        fills[change.new.database_name] = tuple(fill for fill in found if isinstance(fill, Fill))
        losses += (loss for loss in found if isinstance(loss, Loss))
    return Plan(tuple(steps_between(shapes_of(old), shapes_of(new), fills)), tuple(losses))


def needs_default(difference: Difference) -> dict[str, Column]:
    """The columns that become required, by `Table.column`: those that a default may be given for."""
    changes = difference.changed_tables
    return {f"{change.new.name}.{column.name}": column for change in changes for column, _ in _required(change)}


def _fills(change: TableChange, defaults: Defaults) -> Iterator[Fill | Loss]:
    for column, is_new in _required(change):
        value = defaults.get(f"{change.new.name}.{column.name}", column.default_value)
        if value is None and column.is_updated_at:
            value = DefaultFunction.NOW
        yield required(change.new, column, is_new=is_new) if value is None else Fill(column, value)


def _required(change: TableChange) -> Iterator[tuple[Column, bool]]:
    """The columns in which every row needs a value from now on, and whether they are new."""
    yield from ((column, True) for column in change.added_columns if column.is_not_null)
    for each in change.changed_columns:
        if each.new.is_not_null and not each.old.is_not_null:
            yield each.new, False
