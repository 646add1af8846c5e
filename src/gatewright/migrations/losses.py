"""What rows would lose in a change of the design, and which changes existing rows may prevent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gatewright.design.difference import Aspect, ColumnChange, Difference, TableChange, pairs_of, renamed_values
from gatewright.design.document import Column, Table
from gatewright.design.soft_deletion import deleted_at
from gatewright.errors import SetupError
from gatewright.migrations.conversions import Conversion, conversion_between
from gatewright.storage.checks import conditions_of, quoted_name, quoted_table, sql_text

HOW_TO_REQUIRE = "give it a default, or make it optional, fill it, and then require it"
_UNFILLED = f"is required, and rows that are there have no value for it: {HOW_TO_REQUIRE}"
_UNFIT = "takes less than before, and rows that are there do not fit: change these first"
_UNCONVERTIBLE = "gets another type, and rows that are there do not fit it: change these first"

_VALUE = "gatewright_value"
"""Stands for the column in a condition."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that would be lost, or that rows may prevent.

    Attributes:
        place: `Table` or `Table.column`, by the design's names.
        message: What happens to the rows, as the end of a sentence that begins with the place.
        table: The table's name in the database, with its schema if it has one.
        condition: SQL that is true for the affected rows; empty for all rows.
        refusal: The message if such rows exist and the change would fail even with a yes; empty if a yes loses them.
        key: The columns that name a row to a person; none where clients may not see them.
        is_counted: Whether the message gives the number of the rows.
        dialect: The only database that the condition is for; empty for all.
    """

    place: str
    message: str
    table: str
    condition: str = ""
    refusal: str = ""
    key: tuple[str, ...] = ()
    dialect: str = ""
    is_counted: bool = False

    @property
    def is_missing_value(self) -> bool:
        """Whether it concerns a required column that rows have no value for."""
        return self.refusal.startswith(_UNFILLED)

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
    """The tables and columns that are dropped with their content."""
    for table in difference.removed_tables:
        yield Loss(table.name, "is dropped, with all its rows", table.full_name)
    for change in difference.changed_tables:
        marked = purged(change)
        if marked is not None:
            yield _purged(change, marked)
        for column in change.removed_columns:
            if column == marked:
                continue
            condition = f"{quoted_name(column.database_name)} IS NOT NULL"
            place = f"{change.old.name}.{column.name}"
            yield Loss(place, "is dropped, with what rows have in it", change.old.full_name, condition)
        for each in change.changed_columns:
            yield from _made_again(change.old, each)


def purged(change: TableChange) -> Column | None:
    """The column with the time of deletion, where a table keeps deleted rows no longer: they must not come back."""
    return deleted_at(change.old) if not change.new.soft_delete else None


def _purged(change: TableChange, marked: Column) -> Loss:
    condition = f"{quoted_name(marked.database_name)} IS NOT NULL"
    message = "keeps deleted rows no longer, and those that it kept go for good; ADMIN can restore them before"
    return Loss(change.old.name, message, change.old.full_name, condition, is_counted=True)


def _made_again(table: Table, change: ColumnChange) -> Iterator[Loss]:
    """A column that the database computes from now on, or does not compute any more."""
    if (change.old.computed is None) == (change.new.computed is None):
        return
    how = "is computed by the database from now on" if change.new.computed else "is not computed any more"
    condition = f"{quoted_name(change.old.database_name)} IS NOT NULL"
    yield Loss(f"{table.name}.{change.old.name}", f"{how}; what rows have in it goes", table.full_name, condition)


def required(change: TableChange, column: Column, former: Column | None) -> Loss:
    """A column that every row needs a value in, without a value for existing rows; *former* is the column as it is."""
    condition = "" if former is None else f"{quoted_name(former.database_name)} IS NULL"
    message = "is required, and rows that are there have no value for it: give them a default, or it works without such"
    place, table = f"{change.new.name}.{column.name}", change.old.full_name
    return Loss(place, f"{message} rows only", table, condition, _UNFILLED)


def narrowed(difference: Difference) -> Iterator[Loss]:
    """The columns that accept fewer values than before."""
    for change in difference.changed_tables:
        for column in change.changed_columns:
            yield from refusals_of(change, column, former=True)
            loses = _conversion(column).loses
            if loses:
                condition = f"{quoted_name(column.old.database_name)} IS NOT NULL"
                yield Loss(f"{change.new.name}.{column.new.name}", loses, change.old.full_name, condition)


def refusals_of(change: TableChange, column: ColumnChange, *, former: bool) -> Iterator[Loss]:
    """What is refused where rows do not fit *column* as it will be.

    Args:
        former: Whether the conditions name the table and its columns as the database has them before the change.
    """
    table, item = (change.old, column.old) if former else (change.new, column.new)
    sides = [each.old if former else each.new for each in _key_of(change)]
    key = () if any(each.is_hidden for each in sides) else tuple(each.database_name for each in sides)
    place, name = f"{change.new.name}.{column.new.name}", item.database_name
    message = "takes less than before: it works only when all rows fit"
    conversion = _conversion(column).at(name)
    ways = {"sqlite": conversion.sqlite, "postgresql": conversion.postgresql}
    fits = {"sqlite": conversion.fits_sqlite, "postgresql": conversion.fits_postgresql}
    for condition in _narrower(column, _VALUE):
        if conversion == Conversion().at(name):
            unfit = {"": f"NOT ({condition.replace(_VALUE, quoted_name(name))})"}
        else:
            # A value that cannot be converted is no matter of the limits.
            unfit = {
                dialect: f"CASE WHEN {fits[dialect] or 'true'} "
                f"THEN NOT ({condition.replace(_VALUE, way)}) ELSE false END"
                for dialect, way in ways.items()
            }
        for dialect, rows in unfit.items():
            yield Loss(place, message, table.full_name, rows, _UNFIT, key, dialect)
    message = "gets another type: it works only when all values fit that"
    for dialect, condition in fits.items():
        if condition:
            rows = f"{quoted_name(name)} IS NOT NULL AND NOT ({condition})"
            yield Loss(place, message, table.full_name, rows, _UNCONVERTIBLE, key, dialect)


def _key_of(change: TableChange) -> list[ColumnChange]:
    pairs = pairs_of(change.old.columns, change.new.columns)
    return [ColumnChange(old, new, frozenset()) for old, new in pairs if old.is_primary_key]


def _conversion(change: ColumnChange) -> Conversion:
    if Aspect.TYPE not in change.aspects:
        return Conversion()
    return conversion_between(change.old, change.new) or Conversion()


def at_stake(connection: Connection, losses: Iterable[Loss]) -> list[Loss]:
    """Those of *losses* that rows in the database would really suffer."""
    suffered = (_found(connection, loss) for loss in losses if loss.dialect in ("", connection.dialect.name))
    return [loss for loss in suffered if loss is not None]


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


def _found(connection: Connection, loss: Loss) -> Loss | None:
    """*loss*, with what rows it is about where these can only be changed; None where there are none."""
    # Names of the design and conditions that `storage.checks` made of it.
    rows = f"FROM {quoted_table(loss.table)}" + (f" WHERE {loss.condition}" if loss.condition else "")
    columns = ", ".join(map(quoted_name, loss.key)) or "1"
    example = connection.execute(sql_text(f"SELECT {columns} {rows} LIMIT 1")).first()
    if example is None:
        return None
    count = connection.execute(sql_text(f"SELECT count(*) {rows}")).scalar() if loss.key or loss.is_counted else None
    if loss.is_counted:
        return replace(loss, message=f"{loss.message} ({count} now)")
    if not loss.key or not loss.refusal:
        return loss
    shown = ", ".join(f"{name} {value!r}" for name, value in zip(loss.key, example, strict=True))
    return replace(loss, refusal=f"{loss.refusal} ({count}, such as {shown})")


def _narrower(change: ColumnChange, name: str) -> Iterator[str]:
    old, new = change.old, replace(change.new, db_name=name)
    conditions = dict(conditions_of(new))
    lost = set(old.enum_values) - set(new.enum_values) - renamed_values(old, new).keys()
    if new.enum_values and (not old.enum_values or lost):
        yield conditions[new.database_name]
    for bound in ("min_length", "max_length", "min_value", "max_value"):
        before, after = getattr(old, bound), getattr(new, bound)
        if after is not None and (before is None or (after > before if bound.startswith("min") else after < before)):
            yield conditions[f"{new.database_name}_{bound}"]
