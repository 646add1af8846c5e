"""PostgreSQL, by asyncpg: hot statements on connections of their own, everything else through SQLAlchemy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import chain
from typing import Any

import asyncpg
from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles

from gatewright.errors import SetupError, Unavailable
from gatewright.storage.database import Result, Transaction, Work
from gatewright.storage.dialects.on_conflict import OnConflictDatabase
from gatewright.storage.dialects.postgresql_connections import HotConnections
from gatewright.storage.hot import HotStatement, Row
from gatewright.storage.schema import Schema
from gatewright.storage.types import database_now, row_digest
from gatewright.storage.violations import Rule, Violation

_CONNECT_SECONDS = 5.0
_STATEMENT_SECONDS = 10.0
_ACQUIRE_SECONDS = 5.0
_COLD_POOL_SIZE = 5
_MIGRATION_LOCK = 0x6761746577726967
_RETRIES = 5
_RETRY_STATES = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the same work may succeed when it runs again."""

_RULES = {
    "23505": Rule.UNIQUE,
    "23503": Rule.REFERENCE,
    "23001": Rule.REFERENCE,
    "23502": Rule.VALUE,
    "23514": Rule.VALUE,
}
"""SQLSTATEs of class 23, integrity constraint violation."""
_DATA_EXCEPTION = "22"


class PostgresqlDatabase(OnConflictDatabase):
    """A PostgreSQL server, version 13 or newer."""

    dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]

    def __init__(self, url: str, schema: Schema, *, pool_size: int, migration_url: str | None) -> None:
        super().__init__(schema)
        self._url = url
        self._migration_url = migration_url or url
        self._pool_size = pool_size
        self._hot: HotConnections | None = None
        self._engine: AsyncEngine | None = None

    async def start(self) -> None:
        with _told_plainly():
            self._hot = HotConnections(self._connect, self._pool_size, patience=_ACQUIRE_SECONDS)
            await self._hot.open_first()
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=_COLD_POOL_SIZE,
            max_overflow=self._pool_size,
            pool_timeout=_ACQUIRE_SECONDS,
            # What a statement was given, password hashes among it, is kept out of errors and so out of logs.
            hide_parameters=True,
        )
        event.listen(self._engine.sync_engine, "before_cursor_execute", self._observe_cursor)

    async def stop(self) -> None:
        engine, self._engine = self._engine, None
        hot, self._hot = self._hot, None
        try:
            if engine is not None:
                await engine.dispose()
        finally:
            if hot is not None:
                await hot.close()

    async def read(self, work: Work[Result]) -> Result:
        return await self._run(work)

    async def write(self, work: Work[Result]) -> Result:
        # A transaction that has begun is finished, also for a client that went away meanwhile.
        return await asyncio.shield(self._run(work))

    async def fetch(self, statement: HotStatement, /, **values: Any) -> Row | None:
        compiled = self.compiled(statement)
        self.observe(compiled.sql)
        assert self._hot is not None
        try:
            record = await self._hot.fetchrow(compiled.sql, compiled.arguments(values))
        except _GONE as error:
            raise Unavailable from error
        return None if record is None else compiled.row(record.values())

    def _insert(self, table: Table) -> Insert:
        return insert(table)

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        with _told_plainly():
            lock = await asyncpg.connect(self._migration_url, timeout=_CONNECT_SECONDS)
        try:
            # Outside a transaction: waiting for it must not hold back the clean-up of old rows.
            await lock.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
            async with self._migration_engine() as engine, engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await lock.close()

    def violation_of(self, error: DBAPIError, table: Table) -> Violation | None:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        rule = _RULES.get(state) or (Rule.VALUE if state.startswith(_DATA_EXCEPTION) else None)
        if rule is None:
            return None
        name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        return Violation(rule, () if name is None else _columns_of(name, table))

    async def _run(self, work: Work[Result]) -> Result:
        assert self._engine is not None
        for attempt in range(_RETRIES):
            try:
                with _unavailable_when_gone():
                    async with self._engine.begin() as connection:
                        return await connection.run_sync(lambda plain: work(Transaction(plain, self.schema)))
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RETRY_STATES or attempt == _RETRIES - 1:
                    raise
        raise Unavailable

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        return await asyncpg.connect(self._url, timeout=_CONNECT_SECONDS, command_timeout=_STATEMENT_SECONDS)

    @asynccontextmanager
    async def _migration_engine(self) -> AsyncIterator[AsyncEngine]:
        async def connect() -> asyncpg.Connection[asyncpg.Record]:
            return await asyncpg.connect(self._migration_url, timeout=_CONNECT_SECONDS)

        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
        try:
            yield engine
        finally:
            await engine.dispose()

    def _observe_cursor(self, _connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        self.observe(sql)


def _columns_of(constraint: str, table: Table) -> tuple[str, ...]:
    parts: Iterator[Any] = chain(table.constraints, table.indexes)
    return next((tuple(column.name for column in part.columns) for part in parts if part.name == constraint), ())


@compiles(database_now, "postgresql")
def _database_now(_element: database_now, _compiler: Any, **_: Any) -> str:
    # The time as it is now, not as it was when the transaction began.
    return "clock_timestamp()"


@compiles(row_digest, "postgresql")
def _row_digest(element: row_digest, compiler: Any, **options: Any) -> str:
    row = compiler.process(element.clauses, **options)
    return f"left(encode(sha256(convert_to(CAST(ROW({row}) AS text), 'UTF8')), 'hex'), 32)"


_GONE = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.InterfaceError,
    # The driver has read the server's farewell, and not yet that the connection is closed.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # It answers, and takes no connection of ours: the database or the role is away, or its password was changed.
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InvalidAuthorizationSpecificationError,
    # It takes no writes: another server has become the primary.
    asyncpg.ReadOnlySQLTransactionError,
)
"""The server is gone, restarting, full, not ours for the moment, or does not answer in time."""


@contextmanager
def _unavailable_when_gone() -> Iterator[None]:
    try:
        yield
    except _GONE as error:
        raise Unavailable from error
    except DBAPIError as error:
        cause = None if error.orig is None else error.orig.__cause__
        if error.connection_invalidated or isinstance(cause, _GONE):
            raise Unavailable from error
        raise


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (OSError, TimeoutError) as error:
        raise SetupError(f"DATABASE_URL: PostgreSQL does not answer: {str(error) or 'timed out'}.") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise SetupError(f"DATABASE_URL: PostgreSQL refuses the connection: {error}.") from error
    except ValueError:
        # Without its text, which quotes what it could not read: with a # in the password, a part of that.
        raise SetupError(
            "DATABASE_URL: cannot be read. In a user name or password, write special characters as %23 and the like."
        ) from None
