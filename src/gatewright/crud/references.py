"""The rows that a caller names in references: those that they may read, and no others.

A row that the caller may not read is refused like one that does not exist. Otherwise users could refer to the rows of
others, which could then not be deleted, and could learn which keys exist (ASVS 5.0, 8.2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatewright.core.principal import Principal
from gatewright.crud.access import Access, Call, Scope
from gatewright.design.document import USER, Column, Reference, Table
from gatewright.design.soft_deletion import deleted_at
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.errors import InsufficientRole, NotAuthenticated
from gatewright.http.schemas import escaped
from gatewright.roles import ADMIN
from gatewright.storage.database import Transaction
from gatewright.storage.owner_paths import owner_path
from gatewright.storage.schema import Schema

Condition = sa.ColumnElement[bool]
Value = Callable[[str], sa.ColumnElement[Any]]
"""Gives the value that a row has in a column, by the column's name in the database."""


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


NO_REFERENCES = References()


@dataclass(frozen=True, slots=True)
class WriteTransaction(Transaction):
    """The transaction of a caller's write.

    Attributes:
        references: What the caller names in references.
        call: Who writes, for the audit log; None where the app itself does.
    """

    references: References
    call: Call | None = None


def for_caller(tx: Transaction, call: Call, references: References = NO_REFERENCES) -> WriteTransaction:
    """*tx*, in which a repository records changes as those of *call*'s user.

    An app's own code passes its transaction through here, so that the audit log of a table with `audit` knows the user.
    """
    return WriteTransaction(tx.connection, tx.schema, references, call)


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
        target = schema.design.table(reference.table)
        if new_row is not None and target.full_name == table.fullname and _is_itself(target, reference, value, new_row):
            rows.append(NamedRow(field, name, _new_row_is_readable(schema, user, reference, new_row)))
        else:
            rows.append(NamedRow(field, name, _readable(schema, user, reference, value)))
    return References(tuple(rows))


def _readable(schema: Schema, user: Principal | None, reference: Reference, value: Any) -> Condition:
    """Whether there is a row that *reference* names by *value* and that *user* may name."""
    table = schema.design.table(reference.table)
    rows = schema[table.name].alias()
    find = rows.c.__getitem__
    conditions = live_rows(table, find) if reference.any_row else readable_rows(schema, table, user, find)
    if conditions is None:
        return sa.false()
    is_named = rows.c[table.column(reference.column).database_name] == value
    named = sa.select(sa.literal(1)).select_from(rows).where(is_named, *conditions)
    if table.soft_delete:
        # No row is marked as deleted while another begins to refer to it (`crud/soft_deletion.py`).
        named = named.with_for_update(read=True, key_share=True)
    return sa.exists(named)


def _is_itself(table: Table, reference: Reference, value: Any, row: Mapping[str, Any]) -> bool:
    """Whether *reference* names the new *row*, of its own *table*."""
    return bool(row.get(table.column(reference.column).database_name) == value)


def _new_row_is_readable(
    schema: Schema, user: Principal | None, reference: Reference, row: Mapping[str, Any]
) -> Condition:
    """Whether *user* may read the new *row* once it is there."""
    table = schema.design.table(reference.table)
    columns = schema[table.name].c

    def value(name: str) -> sa.ColumnElement[Any]:
        found = row.get(name)
        return found if isinstance(found, sa.ColumnElement) else sa.literal(found, columns[name].type)

    conditions = [] if reference.any_row else readable_rows(schema, table, user, value)
    return sa.false() if conditions is None else sa.and_(sa.true(), *conditions)


def readable_rows(schema: Schema, table: Table, user: Principal | None, value: Value) -> list[Condition] | None:
    """The conditions for the rows of *table* that *user* may read; None when there are none.

    Args:
        value: Gives a row's value by the name of its column in the database.
    """
    scope = reading_scope(table, user)
    if scope is None:
        return None
    live = live_rows(table, value)
    if scope.owner is None:
        return live
    if table.name == USER:
        return [value("id") == scope.owner]
    owner = table.access.owner_column
    assert owner is not None, "a design with the rule owner names a column for it"
    path = owner_path(schema, table, owner)
    if path is not None:
        return [*live, path.leads_to(value(path.column), scope.owner)]
    return [*live, value(table.column(owner).database_name) == scope.owner]


def live_rows(table: Table, value: Value) -> list[Condition]:
    """The condition for the rows of *table* that are not marked as deleted; nothing where no row is.

    Args:
        value: As in `readable_rows`.
    """
    column = deleted_at(table)
    return [] if column is None else [value(column.database_name).is_(None)]


def reading_scope(table: Table, user: Principal | None) -> Scope | None:
    """The rows of *table* that *user* may read; None when there are none."""
    if table.name == USER and user is not None and user.role != ADMIN:
        # The engine's table, whose rules name ADMIN alone; but users read their own account, in their profile.
        return Scope(user.id)
    try:
        return Access.of(table.access, "read").scope("read", user)
    except (NotAuthenticated, InsufficientRole):
        return None


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
            return Reference(target.name, referred.name, any_row=_is_open(schema.designed(table.fullname), column))
    return None


def _is_open(table: Table | None, name: str) -> bool:
    columns: tuple[Column, ...] = () if table is None else table.columns
    return any(c.references is not None and c.references.any_row for c in columns if c.database_name == name)
