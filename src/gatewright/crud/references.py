"""The rows that a caller names in references: those that they may read, and no others.

A row that the caller may not read is refused like one that does not exist. Otherwise users could refer to the rows of
others, which could then not be deleted, and could learn which keys exist (ASVS 5.0, 8.2.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatewright.core.principal import Principal
from gatewright.crud.access import Access
from gatewright.design.document import USER, Column, Reference, Table
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.errors import InsufficientRole, NotAuthenticated
from gatewright.http.schemas import escaped
from gatewright.roles import ADMIN
from gatewright.storage.database import Transaction
from gatewright.storage.schema import Schema

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row that a caller names in a reference.

    Attributes:
        field: What the column is called in the request's body.
        column: The column's name in the database.
        condition: There is such a row, and the caller may read it.
    """

    field: str
    column: str
    condition: Condition

    @property
    def problem(self) -> FieldProblem:
        """The same for a row that is missing and for one that the caller may not read."""
        return FieldProblem(f"/{escaped(self.field)}", "invalid_choice", "Names no row that you may read.")


@dataclass(frozen=True, slots=True)
class References:
    """All that a caller names in the references of one row."""

    rows: tuple[NamedRow, ...] = ()

    @property
    def conditions(self) -> list[Condition]:
        """The conditions under which the row is written."""
        return [row.condition for row in self.rows]

    def problems(self, tx: Transaction) -> list[FieldProblem]:
        """The references that can't be set. One statement, or none."""
        if not self.rows:
            return []
        answers = tx.connection.execute(sa.select(*(row.condition for row in self.rows))).one()
        return [row.problem for row, is_readable in zip(self.rows, answers, strict=True) if not is_readable]

    def refusal(self, tx: Transaction) -> ValidationFailed:
        """Why a row was not written: the conditions that did not hold."""
        # Another transaction may have made the row readable since; the statement decided before.
        return ValidationFailed(errors=self.problems(tx) or [row.problem for row in self.rows])

    def missing(self, columns: Collection[str]) -> ValidationFailed | None:
        """The refusal for a row that was deleted meanwhile, when the database names these columns."""
        found = [row.problem for row in self.rows if row.column in columns]
        return ValidationFailed(errors=found) if found else None


@dataclass(frozen=True, slots=True)
class WriteTransaction(Transaction):
    """The transaction of a caller's write."""

    references: References


def named_rows(
    schema: Schema,
    user: Principal | None,
    table: sa.Table,
    named: Mapping[str, tuple[str, Any]],
    new_row: Mapping[str, Any] | None = None,
) -> References:
    """What *user* names in the references of a row of *table*.

    Args:
        named: Each column that the user sets, by its name in the database: what the body calls it, and its value. A
            reference without a value names nothing.
        new_row: All values of a row that is created, by the columns' names in the database: it may refer to itself.
    """
    rows = []
    for name, (field, value) in named.items():
        reference = None if value is None else _reference(schema, table, name)
        if reference is None:
            continue
        is_own = new_row is not None and schema.design.table(reference.table).database_name == table.name
        if not (is_own and _is_itself(schema, user, reference, value, new_row or {})):
            rows.append(NamedRow(field, name, _readable(schema, user, reference, value)))
    return References(tuple(rows))


def _readable(schema: Schema, user: Principal | None, reference: Reference, value: Any) -> Condition:
    """Whether there is a row that *reference* names by *value* and that *user* may name."""
    table = schema.design.table(reference.table)
    rows = schema[table.name].alias()
    readable = {} if reference.any_row else readable_rows(table, user)
    if readable is None:
        return sa.false()
    # A list, since both may be about one column: an account by its id, and that id has to be the caller's.
    wanted = [(table.column(reference.column).database_name, value), *readable.items()]
    conditions = [rows.c[name] == each for name, each in wanted]
    return sa.exists(sa.select(sa.literal(1)).select_from(rows).where(*conditions))


def _is_itself(
    schema: Schema, user: Principal | None, reference: Reference, value: Any, row: Mapping[str, Any]
) -> bool:
    """Whether *reference* names the new *row* of its own table, which *user* may read once it is there."""
    table = schema.design.table(reference.table)
    readable = {} if reference.any_row else readable_rows(table, user)
    if readable is None or row.get(table.column(reference.column).database_name) != value:
        return False
    return all(row.get(name) == each for name, each in readable.items())


def readable_rows(table: Table, user: Principal | None) -> dict[str, Any] | None:
    """Values, by database columns, that select the rows of *table* that *user* may read; None when there are none."""
    if table.name == USER and user is not None and user.role != ADMIN:
        # The engine's table, whose rules name ADMIN alone; but users read their own account, in their profile.
        return {"id": user.id}
    try:
        scope = Access.of(table.access, "read").scope("read", user)
    except (NotAuthenticated, InsufficientRole):
        return None
    if scope.owner is None:
        return {}
    assert table.access.owner_column is not None, "a design with the rule owner names a column for it"
    return {table.column(table.access.owner_column).database_name: scope.owner}


def _reference(schema: Schema, table: sa.Table, column: str) -> Reference | None:
    """The table of the design that a column of a model refers to; None if the design does not have it."""
    for key in table.c[column].foreign_keys:
        # Several columns together lead to tables whose rows the caller may all read (`design/checks/foreign_keys.py`).
        if key.constraint is not None and len(key.constraint.elements) > 1:
            continue
        name, _, referred_name = key.target_fullname.rpartition(".")
        target = schema.designed(name)
        if target is None:
            continue
        referred = next((each for each in target.columns if each.database_name == referred_name), None)
        if referred is not None:
            return Reference(target.name, referred.name, any_row=_is_open(schema.designed(table.name), column))
    return None


def _is_open(table: Table | None, name: str) -> bool:
    columns: tuple[Column, ...] = () if table is None else table.columns
    return any(c.references is not None and c.references.any_row for c in columns if c.database_name == name)
