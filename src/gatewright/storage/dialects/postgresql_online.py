"""Migrations that other transactions need not wait for: what takes long is done outside the transaction.

The transaction adds constraints as NOT VALID and leaves out indexes of tables that are there. What is left is written
down in it, as steps that can be repeated, and done after it: CREATE INDEX CONCURRENTLY and VALIDATE CONSTRAINT. Who
does them holds a row of `gatewright_migration_lock` with a lease, since no lock of a transaction would last.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import AddConstraint, CreateIndex

from gatewright.errors import SetupError
from gatewright.storage.database import Result
from gatewright.storage.migration_lock import TRY_EVERY_SECONDS, MigrationWait

LEASE_SECONDS = 60.0

_TABLES = (
    "CREATE TABLE IF NOT EXISTS gatewright_migration_steps "
    "(number bigserial PRIMARY KEY, index_name text, statement text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS gatewright_migration_lock "
    "(id int PRIMARY KEY CHECK (id = 1), holder text, expires_at timestamptz NOT NULL)",
    "INSERT INTO gatewright_migration_lock (id, expires_at) VALUES (1, '-infinity') ON CONFLICT DO NOTHING",
)
_ADD = text("INSERT INTO gatewright_migration_steps (index_name, statement) VALUES (:index_name, :statement)")
_EXISTS = text("SELECT to_regclass('gatewright_migration_steps') IS NOT NULL")
_NEXT = text("SELECT number, index_name, statement FROM gatewright_migration_steps ORDER BY number LIMIT 1")
_DONE = text("DELETE FROM gatewright_migration_steps WHERE number = :number")
_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_TAKE = text(
    "UPDATE gatewright_migration_lock "
    "SET holder = :holder, expires_at = clock_timestamp() + make_interval(secs => :seconds) "
    "WHERE expires_at < clock_timestamp() OR holder = :holder RETURNING id"
)
_RELEASE = text("UPDATE gatewright_migration_lock SET holder = NULL, expires_at = '-infinity' WHERE holder = :holder")

_CHECKED = (sa.ForeignKeyConstraint, sa.CheckConstraint)


@dataclass(frozen=True, slots=True)
class _Step:
    """What is left to do.

    Attributes:
        table: What it is about.
        columns: Those of an index; none for a constraint.
        index: The index, as a statement names it.
    """

    statement: str
    table: sa.Table
    columns: frozenset[str] = frozenset()
    index: str | None = None


def leave_steps(connection: Connection, work: Callable[[Connection], Result]) -> Result:
    """Run *work*, a migration, and write down what of it is left for `finish_steps`, in the same transaction."""
    steps: list[_Step] = []
    with _put_off(connection, steps):
        result = work(connection)
    _refuse_lost(connection, steps)
    if steps:
        for statement in _TABLES:
            connection.exec_driver_sql(statement)
        rows = [{"index_name": step.index, "statement": step.statement} for step in steps]
        connection.execute(_ADD, rows)
    return result


def _refuse_lost(connection: Connection, steps: Iterable[_Step]) -> None:
    """Refuse what a later migration of the same run has changed: the step would not find it."""
    inspector = sa.inspect(connection)
    for step in steps:
        table, schema = step.table.name, step.table.schema
        there = inspector.has_table(table, schema=schema)
        names = {column["name"] for column in inspector.get_columns(table, schema=schema)} if there else set()
        if not there or step.columns - names:
            raise SetupError(
                f"One of the migrations changes {table} again, so that its indexes and constraints cannot wait. "
                "Nothing was changed. Run: gatewright migrate apply"
            )


def has_steps(connection: Connection) -> bool:
    """Whether an online migration of this database is not finished."""
    return bool(connection.scalar(_EXISTS)) and connection.execute(_NEXT).first() is not None


async def finish_steps(engine: AsyncEngine, lock_seconds: float) -> None:
    """Do the steps that are left, each outside a transaction, when no other process does.

    Args:
        lock_seconds: How long to wait for another process.

    Raises:
        SetupError: A step failed, or another process does not come to an end. The steps that are left can be done by
            another call.
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.run_sync(has_steps):
            return
        async with _lease(engine, connection, lock_seconds):
            while (step := (await connection.execute(_NEXT)).first()) is not None:
                await _do(connection, step.index_name, step.statement)
                await connection.execute(_DONE, {"number": step.number})


async def _do(connection: AsyncConnection, index: str | None, statement: str) -> None:
    try:
        if index is not None:
            is_valid = await connection.scalar(_IS_VALID, {"name": index})
            if is_valid:
                return
            if is_valid is False:
                # It was ended in the middle; what it left has to be made again.
                await connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY {index}")
        await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        raise SetupError(
            f"The migration is applied, but for steps that are left. {statement} failed: {error.orig}. "
            "Remove the cause, and run: gatewright migrate apply --online"
        ) from error


@asynccontextmanager
async def _lease(engine: AsyncEngine, connection: AsyncConnection, lock_seconds: float) -> AsyncIterator[None]:
    """Hold the row of the lock, and go on holding it."""
    mine = {"holder": secrets.token_hex(8), "seconds": LEASE_SECONDS}
    wait = MigrationWait(lock_seconds)
    while await connection.scalar(_TAKE, mine) is None:
        wait.go_on("the steps of another online migration", "If none is running, its lease ends after a minute.")
        await asyncio.sleep(TRY_EVERY_SECONDS)
    renewal = asyncio.create_task(_renew(engine, mine))
    try:
        yield
    finally:
        renewal.cancel()
        await connection.execute(_RELEASE, {"holder": mine["holder"]})


async def _renew(engine: AsyncEngine, mine: dict[str, Any]) -> None:
    while True:
        await asyncio.sleep(LEASE_SECONDS / 3)
        async with engine.begin() as connection:
            await connection.execute(_TAKE, mine)


@contextmanager
def _put_off(connection: Connection, steps: list[_Step]) -> Iterator[None]:
    """Add to *steps* what takes long on the tables that are there now, in place of doing it."""
    known = {
        (None if schema == connection.dialect.default_schema_name else schema, name)
        for schema in sa.inspect(connection).get_schema_names()
        for name in sa.inspect(connection).get_table_names(schema)
    }

    def change(_connection: Any, clause: Any, multi: Any, params: Any, _options: Any) -> Any:
        if isinstance(clause, CreateIndex) and _is_of(clause.element.table, known) and not clause.element.unique:
            steps.append(_index_step(connection, clause))
            return sa.text("SELECT 1"), (), {}
        is_checked = isinstance(clause, AddConstraint) and isinstance(clause.element, _CHECKED)
        if is_checked and _is_of(clause.element.table, known):
            steps.append(_validation_step(connection, clause.element))
        return clause, multi, params

    event.listen(connection, "before_execute", change, retval=True)
    try:
        yield
    finally:
        event.remove(connection, "before_execute", change)


def _index_step(connection: Connection, clause: CreateIndex) -> _Step:
    index, preparer = clause.element, connection.dialect.identifier_preparer
    assert index.table is not None
    index.dialect_options["postgresql"]["concurrently"] = True
    name, schema = preparer.format_index(index), index.table.schema
    full = f"{preparer.quote(schema)}.{name}" if schema else name
    return _Step(str(clause.compile(connection)), index.table, frozenset(index.columns.keys()), full)


def _validation_step(connection: Connection, constraint: sa.Constraint) -> _Step:
    constraint.dialect_options["postgresql"]["not_valid"] = True
    preparer = connection.dialect.identifier_preparer
    table, name = preparer.format_table(constraint.table), preparer.format_constraint(constraint)
    return _Step(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", constraint.table)


def _is_of(table: Any, known: set[Any]) -> bool:
    return (table.schema, table.name) in known
