"""What rows would lose by a change of the design, and what existing rows may prevent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from gatewright.design.difference import ColumnChange, Difference, TableChange
from gatewright.design.document import Column
from gatewright.errors import SetupError
from gatewright.storage.checks import conditions_of, quoted_name

HOW_TO_REQUIRE = "give it a default, or make it optional, fill it, and then require it"
_UNFILLED = f"is required, and rows that are there have no value for it: {HOW_TO_REQUIRE}"
_UNFIT = "takes less than before, and rows that are there do not fit: change these first"


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that would be lost, or that rows may prevent.

    Attributes:
        place: `Table` or `Table.column`, by the design's names.
        message: What happens to the rows, as the end of a sentence that begins with the place.
        table: The table's name in the database.
        condition: SQL that holds for the rows that it is about; of all, when empty.
        refusal: What to say, in the message's place, where there are such rows and a yes could only fail; empty where
            they are what a yes loses.
    """

    place: str
    message: str
    table: str
    condition: str = ""
    refusal: str = ""

    @property
    def is_missing_value(self) -> bool:
        """Whether it is about a required column that rows have no value for."""
        return self.refusal == _UNFILLED

    def __str__(self) -> str:
        return f"{self.place} {self.message}"


class DataLoss(SetupError):
    """The change would lose data, or may not work with the rows that are there, and it was not confirmed.

    Args:
        way_out: How to say yes, in a sentence.

    Attributes:
        losses: What it is about.
    """

    def __init__(self, losses: Sequence[Loss], way_out: str) -> None:
        self.losses = tuple(losses)
        super().__init__("\n".join(["The change can lose data:", *(f"  {loss}" for loss in losses), way_out]))


class RowsViolateChange(SetupError):
    """The change can't be made with the rows that are there, with a yes or without.

    Attributes:
        losses: What it is about.
    """

    def __init__(self, losses: Sequence[Loss]) -> None:
        self.losses = tuple(losses)
        super().__init__("\n".join(f"{loss.place} {loss.refusal}." for loss in losses))


def dropped(difference: Difference) -> Iterator[Loss]:
    """The tables and columns that go with what is in them."""
    for table in difference.removed_tables:
        yield Loss(table.name, "is dropped, with all its rows", table.database_name)
    for change in difference.changed_tables:
        for column in change.removed_columns:
            condition = f"{quoted_name(column.database_name)} IS NOT NULL"
            place = f"{change.old.name}.{column.name}"
            yield Loss(place, "is dropped, with what rows have in it", change.old.database_name, condition)


def required(change: TableChange, column: Column, former: Column | None) -> Loss:
    """A column that every row needs a value in, without a value for existing rows; *former* is the column as it is."""
    condition = "" if former is None else f"{quoted_name(former.database_name)} IS NULL"
    message = "is required, and rows that are there have no value for it: give them a default, or it works without such"
    place, table = f"{change.new.name}.{column.name}", change.old.database_name
    return Loss(place, f"{message} rows only", table, condition, _UNFILLED)


def narrowed(difference: Difference) -> Iterator[Loss]:
    """The columns that take less than before."""
    for change in difference.changed_tables:
        for column in change.changed_columns:
            for condition in _narrower(column):
                place = f"{change.new.name}.{column.new.name}"
                message = "takes less than before: it works only when all rows fit"
                yield Loss(place, message, change.old.database_name, f"NOT ({condition})", _UNFIT)


def at_stake(connection: Connection, losses: Iterable[Loss]) -> list[Loss]:
    """Those of *losses* that rows in the database would really suffer."""
    return [loss for loss in losses if _any_row(connection, loss)]


def check_rows(connection: Connection, losses: Iterable[Loss], *, allow_data_loss: bool, way_out: str = "") -> None:
    """Refuse what the rows in the database prevent, and, without a yes, what they would lose.

    Args:
        way_out: As in `DataLoss`.

    Raises:
        RowsViolateChange: A yes could only fail.
        DataLoss: A yes is needed.
    """
    suffered = at_stake(connection, losses)
    if impossible := [loss for loss in suffered if loss.refusal]:
        raise RowsViolateChange(impossible)
    if suffered and not allow_data_loss:
        raise DataLoss(suffered, way_out)


def _any_row(connection: Connection, loss: Loss) -> bool:
    where = f" WHERE {loss.condition}" if loss.condition else ""
    # Names of the design and conditions that `storage.checks` made of it.
    return connection.execute(text(f"SELECT 1 FROM {quoted_name(loss.table)}{where} LIMIT 1")).first() is not None  # noqa: S608


def _narrower(change: ColumnChange) -> Iterator[str]:
    # The rows are looked at under the names that they have before the change.
    old, new = change.old, replace(change.new, db_name=change.old.database_name)
    conditions = dict(conditions_of(new))
    if set(old.enum_values) - set(new.enum_values) and new.enum_values:
        yield conditions[new.database_name]
    for bound in ("min_length", "max_length", "min_value", "max_value"):
        before, after = getattr(old, bound), getattr(new, bound)
        if after is not None and (before is None or (after > before if bound.startswith("min") else after < before)):
            yield conditions[f"{new.database_name}_{bound}"]
