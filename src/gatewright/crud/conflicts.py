"""What a database refuses, told to the client in terms of the resource: never SQL, and never a hidden column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError

from gatewright.crud.columns import ShownColumns
from gatewright.errors import Conflict, GatewrightError, ValidationFailed
from gatewright.storage.types import InexactNumber

_UNIQUE, _REFERENCE, _RESTRICT = "23505", "23503", "23001"
_CHECK, _NOT_NULL = "23514", "23502"
_DATA = "22"
_SQLITE = re.compile(r"(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed(?:: (.+))?")
_STATES = {"UNIQUE": _UNIQUE, "FOREIGN KEY": _REFERENCE, "NOT NULL": _NOT_NULL, "CHECK": _CHECK}


@contextmanager
def told_to_clients(table: sa.Table, columns: ShownColumns, *, deleting: bool = False) -> Iterator[None]:
    """Turn what the database refuses into the refusals of the HTTP contract.

    Args:
        table: What is written.
        columns: Those that may be named.
        deleting: Whether rows are deleted, so that a broken reference is one to them.

    Raises:
        Conflict: A value is taken, a reference leads nowhere, or other rows refer to the one that should go.
        ValidationFailed: A value is not one that its column takes.
    """
    try:
        yield
    except StatementError as error:
        refusal = _refusal(error, table, columns, deleting=deleting)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(
    error: StatementError, table: sa.Table, columns: ShownColumns, *, deleting: bool
) -> GatewrightError | None:
    if isinstance(error.orig, InexactNumber):
        return ValidationFailed("A number has more digits than this database keeps.")
    if not isinstance(error, DBAPIError):
        return None
    state, names = _state(error, table)
    if state == _UNIQUE:
        return Conflict(_taken(_shown(names, columns)))
    if state in (_REFERENCE, _RESTRICT):
        return Conflict("Other rows refer to this one." if deleting else _nowhere(_shown(names, columns)))
    if state in (_CHECK, _NOT_NULL) or state.startswith(_DATA):
        return ValidationFailed("A value is not one that its column takes.")
    return None


def _state(error: DBAPIError, table: sa.Table) -> tuple[str, list[str]]:
    """The SQLSTATE of *error*, and the columns that it is about as far as the database says."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        cause = getattr(error.orig, "__cause__", None)
        return str(state), _columns_of(getattr(cause, "constraint_name", None), table)
    match = _SQLITE.match(str(error.orig))
    if match is None:
        return "", []
    listed = (match[2] or "").split(", ") if match[1] == "UNIQUE" else []
    return _STATES[match[1]], [name.rpartition(".")[2] for name in listed]


def _columns_of(constraint_name: str | None, table: sa.Table) -> list[str]:
    constraints: Iterable[Any] = (*table.constraints, *table.indexes)
    for constraint in constraints:
        if constraint.name == constraint_name:
            return [column.name for column in constraint.columns]
    return []


def _shown(names: Iterable[str], columns: ShownColumns) -> list[str]:
    """What clients call the columns; nothing when one of them is hidden."""
    known = {column.column.name: column.name for column in columns.values()}
    found = [known.get(name) for name in names]
    return [name for name in found if name is not None] if None not in found else []


def _taken(names: list[str]) -> str:
    if not names:
        return "A value that has to be unique is taken."
    return f"There is a row with this {' and '.join(names)} already."


def _nowhere(names: list[str]) -> str:
    return f"{' and '.join(names) or 'A reference'} names a row that does not exist."
