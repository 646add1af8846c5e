"""PostgreSQL, by asyncpg: hot statements on connections of their own, everything else through SQLAlchemy."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain
from typing import Any
from weakref import WeakSet

import asyncpg
from sqlalchemy import Connection, Table, bindparam, event, text
from sqlalchemy.dialects.postgresql import OID, Insert, insert
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles

from gatewright.errors import SetupError, Unavailable
from gatewright.storage.checks import quoted_table
from gatewright.storage.database import Result, Transaction, Work
from gatewright.storage.dialects.on_conflict import OnConflictDatabase
from gatewright.storage.dialects.postgresql_connections import HotConnections
from gatewright.storage.dialects.postgresql_dates import keep_dates_exact
from gatewright.storage.dialects.postgresql_errors import (
    as_setup_error,
    cause_of,
    concerns_only_writes,
    is_lost,
    is_unavailable,
    may_be_retried,
    words_of,
)
from gatewright.storage.dialects.postgresql_fitness import (
    LOOK,
    RIGHTS,
    faults_of,
    refuse_unfit,
    refused_migration,
)
from gatewright.storage.dialects.postgresql_online import finish_steps, has_steps, leave_steps
from gatewright.storage.dialects.postgresql_poolers import refuse_unsafe_pooler
from gatewright.storage.dialects.postgresql_server import PostgresqlServer, engine_arguments
from gatewright.storage.hot import HotStatement
from gatewright.storage.migration_lock import TRY_EVERY_SECONDS, MigrationWait
from gatewright.storage.rows import RowType
from gatewright.storage.schema import Schema
from gatewright.storage.time_limit import within_time_limit
from gatewright.storage.types import database_now, row_digest
from gatewright.storage.violations import Rule, Violation

_STATEMENT_SECONDS = 10.0
_ACQUIRE_SECONDS = 5.0
_FETCH_SECONDS = _ACQUIRE_SECONDS + _STATEMENT_SECONDS
_COLD_POOL_SIZE = 5
_MIGRATION_LOCK = 0x6761746577726967
_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock({_MIGRATION_LOCK})")
_LOCK_HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND classid = :high AND objid = :low "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(
    bindparam("high", _MIGRATION_LOCK >> 32, OID),
    bindparam("low", _MIGRATION_LOCK & 0xFFFFFFFF, OID),
)
_ATTEMPTS = 5
_LONGEST_PAUSE_SECONDS = 0.1
_DROP_SECONDS = 0.25
"""How often all connections are dropped at most: while a database takes no writes, each of them fails with that."""

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

    def __init__(
        self,
        server: PostgresqlServer,
        schema: Schema,
        *,
        pool_size: int,
        migration_server: PostgresqlServer,
        lock_seconds: float,
    ) -> None:
        super().__init__(schema)
        self._server = server
        # As through a pooler, whether there is one or not: a migration has time.
        self._migration_server = replace(migration_server, pgbouncer=True)
        self._lock_seconds = lock_seconds
        self._pool_size = pool_size
        self._hot: HotConnections | None = None
        self._engine: AsyncEngine | None = None
        # The connections of both pools that may be used again.
        self._current: WeakSet[Any] = WeakSet()
        self._lost = False
        self._dropped_at = float("-inf")

    async def start(self) -> None:
        self._server.log_left_out()
        try:
            with as_setup_error(self._server.setting):
                await self._open_hot()
                refuse_unfit(await self._look(self.schema.engine_tables), setting=self._server.setting)
        except BaseException:
            await self.stop()
            raise
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            **engine_arguments(self._connect_cold, pgbouncer=self._server.pgbouncer),
            pool_size=_COLD_POOL_SIZE,
            max_overflow=self._pool_size,
            pool_timeout=_ACQUIRE_SECONDS,
            # What a statement was given, password hashes among it, is kept out of errors and so out of logs.
            hide_parameters=True,
        )
        engine = self._engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._observe_cursor)
        event.listen(engine, "handle_error", _mark_lost)
        event.listen(engine, "checkout", self._refuse_dropped)

    async def _open_hot(self) -> None:
        self._hot = HotConnections(
            self._connect, self._pool_size, patience=_ACQUIRE_SECONDS, is_current=self._is_current
        )
        first = await self._hot.open_first()
        if not self._server.pgbouncer:
            await refuse_unsafe_pooler(first, self._connect, setting=self._server.setting)

    async def _look(self, tables: Iterable[Table], seconds: float | None = None) -> dict[str, Any]:
        assert self._hot is not None
        names = [quoted_table(table.fullname) for table in tables]
        seen = await self._hot.fetchrow(LOOK, [names, RIGHTS], seconds=seconds or _FETCH_SECONDS)
        assert seen is not None
        return dict(seen)

    async def find_faults(self, tables: Iterable[Table]) -> list[str]:
        return faults_of(await self._attempt(lambda seconds: self._look(tables, seconds), writes=False))

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
        return await self._run(work, writes=False)

    async def write(self, work: Work[Result]) -> Result:
        # A transaction that has begun is finished, also for a client that went away meanwhile.
        return await asyncio.shield(self._run(work, writes=True))

    async def fetch(self, statement: HotStatement[RowType], /, **values: Any) -> RowType | None:
        compiled = self.compiled(statement)
        self.observe(compiled.sql)
        hot, arguments = self._hot, compiled.arguments(values)
        assert hot is not None

        async def run(seconds: float | None) -> asyncpg.Record | None:
            return await hot.fetchrow(compiled.sql, arguments, seconds=min(seconds or _FETCH_SECONDS, _FETCH_SECONDS))

        record = await self._attempt(run, writes=compiled.writes)
        return None if record is None else compiled.row(record.values())

    def _insert(self, table: Table) -> Insert:
        return insert(table)

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        self._migration_server.log_left_out()
        wait = MigrationWait(self._lock_seconds)
        async with self._migration_engine() as engine:
            while True:
                async with engine.begin() as connection:
                    # The transaction's first statement, so that what follows sees what the former migration has done.
                    if await connection.scalar(_TRY_LOCK):
                        return await self._migrate_on(connection, work)
                    holder = await connection.scalar(_LOCK_HOLDER)
                wait.go_on(
                    f"another migration (pid {holder})" if holder else "another migration",
                    f"If none is running, end that connection: SELECT pg_terminate_backend({holder});",
                )
                await asyncio.sleep(TRY_EVERY_SECONDS)

    async def migrate_online(self, work: Callable[[Connection], Result]) -> Result:
        async with self._migration_engine() as engine:
            # What an earlier one has left, which this one may build on.
            await finish_steps(engine, self._lock_seconds)
            result = await self.migrate(lambda connection: leave_steps(connection, work))
            await finish_steps(engine, self._lock_seconds)
            return result

    def has_steps(self, connection: Connection) -> bool:
        return has_steps(connection)

    async def _migrate_on(self, connection: AsyncConnection, work: Callable[[Connection], Result]) -> Result:
        seen = dict((await connection.exec_driver_sql(LOOK, ([], RIGHTS))).mappings().one())
        refuse_unfit(seen, setting=self._migration_server.setting)
        try:
            return await connection.run_sync(work)
        except (DBAPIError, SetupError) as error:
            refused = refused_migration(seen, error)
            if refused is None:
                raise
            raise refused from error

    def violation_of(self, error: DBAPIError, table: Table) -> Violation | None:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        rule = _RULES.get(state) or (Rule.VALUE if state.startswith(_DATA_EXCEPTION) else None)
        if rule is None:
            return None
        name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        return Violation(rule, () if name is None else _columns_of(name, table), name or "")

    async def _run(self, work: Work[Result], *, writes: bool) -> Result:
        engine = self._engine
        assert engine is not None

        async def run(seconds: float | None) -> Result:
            async with asyncio.timeout(seconds), engine.begin() as connection:
                return await connection.run_sync(lambda plain: work(Transaction(plain, self.schema)))

        return await self._attempt(run, writes=writes)

    async def _attempt(self, run: Callable[[float | None], Awaitable[Result]], *, writes: bool) -> Result:
        """Run a transaction, again where the database asks for it, within the time that the request has left."""
        for attempt in range(_ATTEMPTS):
            try:
                result = await within_time_limit(run)
            except Exception as error:
                cause = cause_of(error)
                if may_be_retried(cause) and attempt + 1 < _ATTEMPTS:
                    await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311 (no secret)
                    continue
                if not is_unavailable(cause) and not getattr(error, "connection_invalidated", False):
                    raise
                self._note_failure(cause, writes=writes)
                raise Unavailable from error
            if self.availability.is_impaired:
                self._note_success(writes=writes)
            return result
        raise AssertionError("the last attempt returns or raises")

    def _note_failure(self, cause: BaseException, *, writes: bool) -> None:
        if is_lost(cause):
            self._lost = True
            now = asyncio.get_running_loop().time()
            if now - self._dropped_at >= _DROP_SECONDS:
                self._dropped_at = now
                self._drop_connections()
        self.availability.failed(words_of(cause), only_writes=writes and concerns_only_writes(cause))

    def _note_success(self, *, writes: bool) -> None:
        self.availability.succeeded(writes=writes)
        if self._lost and not self.availability.is_impaired:
            self._lost = False
            # Those that were opened meanwhile stay as the server was then: read-only, for one.
            self._drop_connections()

    def _drop_connections(self) -> None:
        """Let no connection of either pool be used again that is open now."""
        self._current.clear()
        if self._hot is not None:
            self._hot.drop_idle()

    def _is_current(self, connection: Any) -> bool:
        return connection in self._current and not connection.is_closed()

    def _refuse_dropped(self, adapted: Any, _record: Any, _proxy: Any) -> None:
        if not self._is_current(adapted.driver_connection):
            # The pool opens another in its place.
            raise DisconnectionError

    async def _connect(self) -> asyncpg.Connection[asyncpg.Record]:
        connection = await self._server.connect(command_seconds=_STATEMENT_SECONDS)
        self._current.add(connection)
        return connection

    async def _connect_cold(self) -> asyncpg.Connection[asyncpg.Record]:
        connection = await self._connect()
        try:
            await keep_dates_exact(connection)
        except BaseException:
            # Nothing else knows of it yet; a time limit may end this too.
            connection.terminate()
            raise
        return connection

    @asynccontextmanager
    async def _migration_engine(self) -> AsyncIterator[AsyncEngine]:
        async def connect() -> asyncpg.Connection[asyncpg.Record]:
            with as_setup_error(self._migration_server.setting):
                return await self._migration_server.connect(command_seconds=None)

        engine = create_async_engine("postgresql+asyncpg://", **engine_arguments(connect, pgbouncer=True))
        try:
            yield engine
        finally:
            await engine.dispose()

    def _observe_cursor(self, _connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        self.observe(sql)


def _mark_lost(context: ExceptionContext) -> None:
    if is_lost(cause_of(context.sqlalchemy_exception or context.original_exception)):
        context.is_disconnect = True
        # The others are looked at when they are taken from the pool.
        context.invalidate_pool_on_disconnect = False


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
