"""What a database refuses, as problems in terms of the resource: never SQL, and never a hidden column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError

from gatewright.crud.columns import ShownColumns
from gatewright.crud.references import References
from gatewright.errors import Conflict, GatewrightError, ValidationFailed
from gatewright.storage.database import Database
from gatewright.storage.types import InexactNumber
from gatewright.storage.violations import Rule, Violation


@contextmanager
def errors_as_problems(
    db: Database,
    table: sa.Table,
    columns: ShownColumns,
    references: References | None = None,
    *,
    deleting: bool = False,
) -> Iterator[None]:
    """Translate what the database refuses into the errors of the HTTP contract.

    Args:
        table: What is written.
        columns: Those that may be named.
        references: What the caller names in references.
        deleting: Whether rows are deleted, so that a broken reference points to them.

    Raises:
        Conflict: A value is taken, or other rows refer to the one that changes or should go.
        ValidationFailed: A column does not take its value, or a row that the caller names was deleted meanwhile.
    """
    try:
        yield
    except DBAPIError as error:
        violation = db.violation_of(error, table)
        if violation is None:
            raise
        missing = references.missing(violation.columns) if references and violation.rule is Rule.REFERENCE else None
        failed = _failed_check(db, table, violation)
        raise missing or failed or _refusal(violation, columns, deleting=deleting) from error
    except StatementError as error:
        if not isinstance(error.orig, InexactNumber):
            raise
        raise ValidationFailed("A number has more digits than this database keeps.") from error


def _failed_check(db: Database, table: sa.Table, violation: Violation) -> ValidationFailed | None:
    """The refusal for a check that the design names."""
    designed = db.schema.designed(table.fullname)
    names = () if designed is None else [check.name for check in designed.checks]
    if violation.rule is not Rule.VALUE or violation.constraint not in names:
        return None
    return ValidationFailed(f'The row fails the check "{violation.constraint}".')


def _refusal(violation: Violation, columns: ShownColumns, *, deleting: bool) -> GatewrightError:
    names = _shown(violation.columns, columns)
    match violation.rule:
        case Rule.UNIQUE:
            return Conflict(_taken(names))
        case Rule.REFERENCE:
            return Conflict("Other rows refer to this one." if deleting else _nowhere(names))
        case Rule.VALUE:
            return ValidationFailed("A value is not one that its column takes.")


def _shown(names: Iterable[str], columns: ShownColumns) -> list[str]:
    """What clients call the columns; nothing when one of them is hidden."""
    known = {column.column.name: column.name for column in columns.values()}
    found = [known.get(name) for name in names]
    return [name for name in found if name is not None] if None not in found else []


def _taken(names: list[str]) -> str:
    if not names:
        return "A value that must be unique is already used."
    return f"There is already a row with this {' and '.join(names)}."


def _nowhere(names: list[str]) -> str:
    if not names:
        return "A reference names a row that does not exist, or other rows refer to this one."
    return f"{' and '.join(names)} names a row that does not exist."
