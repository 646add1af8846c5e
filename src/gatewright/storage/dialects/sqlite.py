"""SQLite: one writer and a few readers, each on a thread of its own.

SQLite lets one connection write at a time. Pooled connections that fight for that lock had a 99th percentile
of 105 to 230 ms with 16 writers; one thread that writes for all of them had 9 to 20 ms. Other processes are
waited for by SQLite itself (`BEGIN IMMEDIATE` and the busy timeout), and then answered with 503.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles

from gatewright.errors import SetupError, Unavailable
from gatewright.settings.database_urls import SqliteUrl, read_sqlite_url
from gatewright.storage.database import Result, Transaction, Work
from gatewright.storage.dialects.on_conflict import OnConflictDatabase
from gatewright.storage.dialects.sqlite_commits import SharedCommits
from gatewright.storage.dialects.sqlite_files import SqliteFiles
from gatewright.storage.dialects.sqlite_references import Reference, broken_references
from gatewright.storage.dialects.sqlite_values import StrictSqliteDialect, wrong_values
from gatewright.storage.hot import CompiledStatement, HotStatement
from gatewright.storage.migration_lock import TRY_EVERY_SECONDS, MigrationWait
from gatewright.storage.rows import RowType
from gatewright.storage.schema import Schema
from gatewright.storage.time_limit import within_time_limit
from gatewright.storage.types import database_now, row_digest
from gatewright.storage.violations import Rule, Violation

_BUSY_SECONDS = 5.0
_MIGRATION_BUSY_SECONDS = 120.0
_READERS = 4
_log = logging.getLogger("gatewright.database")
_DIGEST = "gatewright_row_digest"
_MOST_ARGUMENTS = 100  # of a function

_REFUSAL = re.compile(r"(UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed(?:: (.+))?")
_RULES = {"UNIQUE": Rule.UNIQUE, "FOREIGN KEY": Rule.REFERENCE, "NOT NULL": Rule.VALUE, "CHECK": Rule.VALUE}


class SqliteDatabase(OnConflictDatabase):
    """A SQLite file in WAL mode."""

    dialect = StrictSqliteDialect()
    needs_its_loop = False

    def __init__(self, url: SqliteUrl, schema: Schema, *, lock_seconds: float) -> None:
        super().__init__(schema)
        self._path = url.path
        self._files = SqliteFiles(self._path)
        self._busy_seconds = _BUSY_SECONDS if url.busy_seconds is None else url.busy_seconds
        self._lock_seconds = lock_seconds
        self._connections: list[Connection] = []
        self._make_threads()

    def _make_threads(self) -> None:
        """Threads that have not begun, and what belongs to them: those of an earlier start have ended for good."""
        self._threads = threading.local()
        self._shared = SharedCommits(self._fetch, lambda: _driver(self._own_connection()))
        self._engine = self._new_engine(busy_seconds=self._busy_seconds)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="gatewright-sqlite-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="gatewright-sqlite-reader")

    async def start(self) -> None:
        self._make_threads()
        await asyncio.get_running_loop().run_in_executor(self._writer, self._open_file)

    def _open_file(self) -> None:
        # SQLite would make an empty one, also for a command that only looks, or for a wrong path.
        if not self._path.exists():
            raise SetupError(f"The database {self._path} does not exist yet. Run: gatewright migrate apply")
        self._files.forget()
        with _translate_errors(self._path):
            journal = _use_write_ahead_log(self._own_connection())
        if journal != "wal":
            raise SetupError(f"DATABASE_URL: {self._path} cannot use write-ahead logging. Put it on a local disk.")
        # The first read makes the log and its index.
        self._own_connection().exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        self._files.remember()

    @property
    def files(self) -> Sequence[Path]:
        return self._files.paths

    def keep_private(self) -> None:
        self._files.keep_private()

    def find_damage(self, tx: Transaction) -> list[str]:
        broken = [
            f"{number} row(s) of {each} reference missing rows of {each.parent}. {each.remedy}"
            for each, number in broken_references(tx.connection).items()
        ]
        return [*broken, *wrong_values(tx.connection, tx.schema.design.tables, with_texts=True)]

    async def stop(self) -> None:
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._engine.dispose()

    async def read(self, work: Work[Result]) -> Result:
        return await self._in_thread(self._readers, self._run, work, "BEGIN", writes=False)

    async def write(self, work: Work[Result]) -> Result:
        # A transaction that has begun is finished, also for a client that went away meanwhile.
        return await asyncio.shield(self._in_thread(self._writer, self._run, work, "BEGIN IMMEDIATE", writes=True))

    async def fetch(self, statement: HotStatement[RowType], /, **values: Any) -> RowType | None:
        compiled = self.compiled(statement)
        self.observe(compiled.sql)
        if statement.shares_commits:
            call = self._shared.add(compiled, values)
            return await self._in_thread(self._writer, self._shared.finish, call, writes=True)
        thread = self._writer if compiled.writes else self._readers
        return await self._in_thread(thread, self._fetch, compiled, values, writes=compiled.writes)

    def _insert(self, table: Table) -> Insert:
        return insert(table)

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        return await asyncio.to_thread(self._migrate, work)

    def violation_of(self, error: DBAPIError, table: Table) -> Violation | None:
        match = _REFUSAL.match(str(error.orig))
        if match is None:
            return None
        # The others name their rule there, or a column of which there is nothing more to say.
        listed = (match[2] or "").split(", ") if match[1] == "UNIQUE" else []
        check = (match[2] or "") if match[1] == "CHECK" else ""
        return Violation(_RULES[match[1]], tuple(name.rpartition(".")[2] for name in listed), check)

    async def _in_thread(
        self, pool: ThreadPoolExecutor, function: Callable[..., Result], *arguments: Any, writes: bool
    ) -> Result:
        async def run(seconds: float | None) -> Result:
            # A call whose turn has not come in time is not made at all.
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(pool, function, *arguments)

        try:
            result = await within_time_limit(run)
        except (OperationalError, sqlite3.OperationalError, TimeoutError) as error:
            cause = error.orig if isinstance(error, OperationalError) else error
            self.availability.failed(str(cause) or "another process has locked it", only_writes=writes)
            raise Unavailable from error
        if self.availability.is_impaired:
            self.availability.succeeded(writes=writes)
        return result

    def _run(self, work: Work[Result], begin: str) -> Result:
        self._files.check()
        connection = self._own_connection()
        connection.exec_driver_sql(begin)
        try:
            result = work(Transaction(connection, self.schema))
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            if _driver(connection).in_transaction:
                connection.exec_driver_sql("ROLLBACK")
            raise
        return result

    def _fetch(self, compiled: CompiledStatement[RowType], values: dict[str, Any]) -> RowType | None:
        # Polls and writes check the files themselves; a read by key relies on their result.
        if compiled.writes:
            self._files.check()
        elif self._files.is_lost:
            raise Unavailable
        cursor = _driver(self._own_connection()).execute(compiled.sql, compiled.arguments(values))
        # To the end, since an insert or update with RETURNING is committed only then.
        records = cursor.fetchall()
        return compiled.row(records[0]) if records else None

    def _migrate(self, work: Callable[[Connection], Result]) -> Result:
        self._files.make()
        engine = self._new_engine(busy_seconds=_MIGRATION_BUSY_SECONDS)
        with _translate_errors(self._path), engine.connect() as connection:
            # A table that is rebuilt would take the rows that refer to it along (ON DELETE CASCADE), and this
            # switch has no effect inside a transaction.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            self._begin_migration(connection)
            try:
                broken = broken_references(connection)
                result = work(connection)
                _refuse_broken(broken_references(connection) - broken)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                if _driver(connection).in_transaction:
                    connection.exec_driver_sql("ROLLBACK")
                raise
        engine.dispose()
        return result

    def _begin_migration(self, connection: Connection) -> None:
        """Begin to write; while another process does, try again, so that waiting has its line and its limit."""
        connection.exec_driver_sql(f"PRAGMA busy_timeout={TRY_EVERY_SECONDS * 1000:.0f}")
        wait = MigrationWait(self._lock_seconds)
        while not _begins_to_write(connection):
            wait.go_on(
                f"another migration, or a long write, in {self._path}", "End the process that has the file open."
            )
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_MIGRATION_BUSY_SECONDS * 1000:.0f}")

    def _own_connection(self) -> Connection:
        """The calling thread's connection, opened when it first asks."""
        connection: Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            # SQLite would make an empty file where there is none any more.
            self._files.check()
            connection = self._threads.connection = self._engine.connect()
            self._connections.append(connection)
        return connection

    def _new_engine(self, *, busy_seconds: float) -> Engine:
        # autocommit: transactions begin and end where this file says so. Python's own begin at the first
        # write would come too late for BEGIN IMMEDIATE.
        engine = create_engine(
            # Not as text, in which % and ? would mean something.
            URL.create("sqlite", database=str(self._path)),
            poolclass=NullPool,
            connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_seconds},
            isolation_level="AUTOCOMMIT",
            # What a statement was given, password hashes among it, is kept out of errors and so out of logs.
            hide_parameters=True,
        )
        engine.dialect.colspecs = StrictSqliteDialect.colspecs
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "before_cursor_execute", self._observe_cursor)
        return engine

    def _observe_cursor(self, _connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if self.observers and not sql.startswith(("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")):
            self.observe(sql)


def open_sqlite(url: str, schema: Schema, *, migration_url: str | None, lock_seconds: float) -> SqliteDatabase:
    """The SQLite file that *url* names, not yet started.

    Raises:
        SetupError: One of the URLs cannot be read, or they name two files.
    """
    read = _read("DATABASE_URL", url)
    if migration_url is not None and _read("MIGRATION_DATABASE_URL", migration_url).path != read.path:
        raise SetupError(
            "MIGRATION_DATABASE_URL names another file than DATABASE_URL. Remove it, since SQLite has no roles."
        )
    if read.left_out:
        _log.warning("DATABASE_URL: ignored %s, which have no effect on SQLite files.", ", ".join(read.left_out))
    return SqliteDatabase(read, schema, lock_seconds=lock_seconds)


def _read(setting: str, url: str) -> SqliteUrl:
    try:
        return read_sqlite_url(url)
    except ValueError as error:
        raise SetupError(f"{setting}: {error}.") from None


@compiles(database_now, "sqlite")
def _database_now(_element: database_now, _compiler: Any, **_: Any) -> str:
    # To the millisecond, written as SQLAlchemy writes moments: with six digits.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(row_digest, "sqlite")
def _row_digest(element: row_digest, compiler: Any, **options: Any) -> str:
    columns = [compiler.process(column, **options) for column in element.clauses]
    digest = f"{_DIGEST}({', '.join(columns[:_MOST_ARGUMENTS])})"
    for start in range(_MOST_ARGUMENTS, len(columns), _MOST_ARGUMENTS - 1):
        digest = f"{_DIGEST}({digest}, {', '.join(columns[start : start + _MOST_ARGUMENTS - 1])})"
    return digest


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def _prepare_connection(connection: sqlite3.Connection, _record: Any) -> None:
    connection.create_function(_DIGEST, -1, _digest, deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")
    # An answered write has to outlive a power failure, which NORMAL does not promise in WAL mode.
    connection.execute("PRAGMA synchronous=FULL")


def _refuse_broken(references: Counter[Reference]) -> None:
    """Refuse what the migration broke. References that were broken before stay as they are."""
    if references:
        broken = "; ".join(f"{number} of {each} to {each.parent}" for each, number in references.items())
        raise SetupError(f"The migration would leave rows that reference missing rows: {broken}. Nothing was changed.")


def _use_write_ahead_log(connection: Connection) -> str | None:
    # Workers that start together all ask for it, and here SQLite does not wait for a lock by itself. Once the first
    # has it, the others have nothing to change.
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begins_to_write(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        # The lowest byte, without what SQLite adds to it (https://sqlite.org/rescode.html).
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise SetupError(f"DATABASE_URL: the SQLite file {path} cannot be used: {error.orig}.") from error
