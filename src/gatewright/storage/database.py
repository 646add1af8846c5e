"""What the rest of Gatewright sees of a database: short functions that run in a transaction, and hot statements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Executable, Table
from sqlalchemy.exc import DBAPIError

from gatewright.errors import SetupError
from gatewright.storage.availability import Availability
from gatewright.storage.hot import CompiledStatement, HotStatement, compile_statement
from gatewright.storage.rows import Row, RowType, row_maker
from gatewright.storage.schema import Schema
from gatewright.storage.violations import Violation

Result = TypeVar("Result")
StatementObserver = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction, handed to the function that `Database.read` or `Database.write` runs.

    It is used from that function only, which runs whole and without an await: on SQLite it runs in the
    thread of the connection.
    """

    connection: Connection
    schema: Schema

    def table(self, name: str) -> Table:
        """The table that the design calls *name*."""
        return self.schema[name]

    @overload
    def one(self, statement: Executable) -> Row | None: ...
    @overload
    def one(self, statement: Executable, row: type[RowType]) -> RowType | None: ...
    def one(self, statement: Executable, row: type[Any] = Row) -> Any:
        """The first row that *statement* gives, or None.

        Args:
            row: What it becomes: a dataclass with a field for each column, or `Row`.
        """
        found = self.connection.execute(statement)
        make = row_maker(row, tuple(found.keys()))
        first = found.first()
        return None if first is None else make(first)

    @overload
    def all(self, statement: Executable) -> list[Row]: ...
    @overload
    def all(self, statement: Executable, row: type[RowType]) -> list[RowType]: ...
    def all(self, statement: Executable, row: type[Any] = Row) -> Any:
        """Every row that *statement* gives, as `one` gives the first."""
        found = self.connection.execute(statement)
        make = row_maker(row, tuple(found.keys()))
        return [make(each) for each in found]

    def value(self, statement: Executable) -> Any:
        """The first column of the first row that *statement* gives, or None."""
        return self.connection.execute(statement).scalar()

    def values(self, statement: Executable) -> list[Any]:
        """The first column of every row that *statement* gives."""
        return list(self.connection.execute(statement).scalars())

    def exists(self, statement: Executable) -> bool:
        """Whether *statement* gives a row."""
        return self.connection.execute(statement).first() is not None

    def run(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run *statement*, which gives no rows; the number of rows it touched."""
        return self.connection.execute(statement, values).rowcount

    def compiled(self, statement: CompiledStatement[RowType], values: Mapping[str, Any]) -> list[RowType]:
        """Every row that a statement gives which `Database.compiled` has made."""
        records = self.connection.exec_driver_sql(statement.sql, tuple(statement.arguments(values)))
        return [statement.row(record) for record in records]


Work = Callable[[Transaction], Result]


class Database(ABC):
    """A database in use. One class for each kind, in `storage.dialects`.

    Attributes:
        schema: The tables, made from the design.
        observers: Called with the SQL of every statement that runs (tests count them, the studio shows them).
        availability: Logs when the database becomes unavailable, and when it is back.
        needs_its_loop: Whether it can be used only from the event loop that started it.
    """

    dialect: Dialect
    needs_its_loop: bool = True

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.observers: list[StatementObserver] = []
        self.availability = Availability()
        self._compiled: dict[HotStatement[Any], CompiledStatement[Any]] = {}

    @abstractmethod
    async def start(self) -> None:
        """Open the database.

        Raises:
            SetupError: It is not there or cannot be opened; the message says why.
        """

    @property
    def files(self) -> Sequence[Path]:
        """The files that it consists of, if those are ours to keep; some may be missing."""
        return ()

    def keep_private(self) -> None:  # noqa: B027 (a server keeps its files itself)
        """Let only their owner read the files of the database, where it is files of ours."""

    def find_damage(self, tx: Transaction) -> list[str]:
        """Invalid content of the tables, each in a sentence with the fix; for `gatewright doctor`.

        Nothing where the database itself keeps references whole and values to their types.
        """
        return []

    @abstractmethod
    async def stop(self) -> None:
        """Close every connection and thread."""

    @abstractmethod
    async def read(self, work: Work[Result]) -> Result:
        """Run *work* in a transaction that only reads, and give back what it returns.

        Raises:
            Unavailable: The database does not answer.
        """

    @abstractmethod
    async def write(self, work: Work[Result]) -> Result:
        """Run *work* in a transaction, commit, and give back what it returns; an exception rolls back.

        *work* may run again when the database asks for a retry (SQLSTATE 40001), so it changes nothing
        but the database.

        Raises:
            Unavailable: The database does not answer, or stayed locked by other writers.
        """

    @abstractmethod
    async def fetch(self, statement: HotStatement[RowType], /, **values: Any) -> RowType | None:
        """Run a single hot statement, in a transaction of its own; its row, or None.

        Raises:
            Unavailable: The database does not answer.
        """

    @abstractmethod
    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        """Run *work* on a connection of its own, while no other process can migrate. Needs no `start`.

        A database that is a file is made when it is not there.

        Raises:
            SetupError: The database cannot be opened or the lock is not to be had.
        """

    async def migrate_online(self, work: Callable[[Connection], Result]) -> Result:
        """As `migrate`, while other transactions go on: what takes long is done after the transaction, in steps.

        When it is ended in the middle, the next call does the steps that are left.

        Raises:
            SetupError: As `migrate`; or the database has no such migrations, or a step failed.
        """
        raise SetupError(
            f"--online works on PostgreSQL only, and this database is {self.dialect.name}. "
            "Run: gatewright migrate apply"
        )

    def has_steps(self, connection: Connection) -> bool:
        """Whether steps of `migrate_online` are left, in the migration that *connection* is in."""
        return False

    @abstractmethod
    def upsert(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        changes: Mapping[str, ColumnElement[Any]],
        condition: ColumnElement[bool],
        *,
        returning: Sequence[ColumnElement[Any]] = (),
    ) -> Executable:
        """A statement that inserts *rows*, and changes those that are there already where they meet *condition*.

        It gives the primary key of each row that it has inserted or changed. Of rows that are there, all are locked,
        in the order of *rows*.

        Args:
            changes: Made of the columns of *table* as they are before.
            returning: What it gives instead, as it is afterwards.
        """

    @abstractmethod
    def insert_unless_taken(
        self, values: Mapping[str, Any], unique: Column[Any], returning: Sequence[ColumnElement[Any]]
    ) -> Executable:
        """A statement that inserts *values* and gives the columns *returning*, or nothing when *unique* has its value.

        Another value that has to be unique and is taken still fails (`violation_of`).
        """

    @abstractmethod
    def violation_of(self, error: DBAPIError, table: Table) -> Violation | None:
        """The constraint that a statement on *table* violated when it failed with *error*; None for other failures."""

    async def find_faults(self, tables: Iterable[Table]) -> list[str]:
        """What the server denies us of *tables*, each in a sentence that says what to grant or to change.

        Raises:
            Unavailable: The database does not answer.
        """
        return []

    def compiled(self, statement: HotStatement[RowType]) -> CompiledStatement[RowType]:
        """*statement* in the words of this database's driver; compiled at its first use."""
        found = self._compiled.get(statement)
        if found is None:
            found = self._compiled[statement] = compile_statement(statement, self.schema, self.dialect)
        return found

    def observe(self, sql: str) -> None:
        """Tell the observers that *sql* runs."""
        for observer in self.observers:
            observer(sql)
