"""Running revisions and operations on a connection, with Alembic."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError

from gatewright.design.document import Design
from gatewright.errors import SetupError
from gatewright.migrations._compat import downgrade_to_base, upgrade_to_head
from gatewright.migrations.calls import NAMES, Call
from gatewright.migrations.engine_types import refuse_wrong_values
from gatewright.migrations.fills import fill_rows
from gatewright.migrations.histories import AppHistory, History
from gatewright.migrations.operations import AlterTable, FillRows, OnDatabase, Operation, Rebuild, copy_of
from gatewright.migrations.revisions import Revision
from gatewright.migrations.tables import in_schema, shapes_of
from gatewright.storage.column_types import CONSTRAINT


def upgrade_package(connection: Connection, history: History, revision: str | None) -> None:
    """Bring one of the package's own histories from *revision* to its head.

    Raises:
        SetupError: The database is at a revision that this version does not know.
    """
    try:
        _run_package(connection, history, upgrade_to_head, "head")
    except CommandError as error:
        raise SetupError(
            f"The database is at revision {revision} of the {history.name}, which this version of Gatewright "
            f"does not know. Use the version that made it, or a newer one. ({error})"
        ) from error


def downgrade_package(connection: Connection, history: History) -> None:
    """Take back all revisions of one of the package's histories, or of a feature's tables."""
    _run_package(connection, history, downgrade_to_base, "base")


def _run_package(
    connection: Connection, history: History, steps: Callable[[ScriptDirectory], Callable[[Any, Any], Any]], to: str
) -> None:
    scripts = ScriptDirectory(str(history.folder))
    with EnvironmentContext(_config(history), scripts, fn=steps(scripts), destination_rev=to) as environment:
        environment.configure(connection=connection, version_table=history.version_table)
        environment.run_migrations()


def upgrade_app(connection: Connection, history: AppHistory, pending: Sequence[Revision], at: Design) -> None:
    """Apply *pending* by the app's own `env.py`.

    Args:
        at: The design that the database has now.

    Raises:
        SetupError: A revision failed; the transaction has to be rolled back.
    """
    _run_app(connection, history, pending, at, run=command.upgrade, to=pending[-1].id)


def downgrade_app(connection: Connection, history: AppHistory, gone: Sequence[Revision], at: Design) -> None:
    """Take *gone*, the newest first, back by the app's own `env.py`.

    Args:
        at: The design that the database has now.

    Raises:
        SetupError: A revision failed; the transaction has to be rolled back.
    """
    _run_app(connection, history, gone, at, run=command.downgrade, to=gone[-1].parent or "base")


def run_operations(connection: Connection, operations: Sequence[Operation], at: Design) -> None:
    """Run operations that belong to no revision, as a revision would.

    The caller must refuse rows that would be left without a value first.

    Args:
        at: The design that the database has now.

    Raises:
        SetupError: An operation failed; the transaction has to be rolled back.
    """
    if any(isinstance(each, AlterTable | Rebuild) for each in operations):
        _refuse_unknown_columns(connection, at)
    with (
        _translate_errors(Path("<draft>")),
        _wrong_values_listed(connection, at),
        Operations.context(MigrationContext.configure(connection)) as op,
    ):
        for operation in operations:
            _run(op, operation, connection)


def _run(op: Operations, operation: Operation, connection: Connection) -> None:
    names: dict[str, Any] = {**NAMES, "op": op}
    match operation:
        case Call():
            operation.make(names)
        case FillRows(table, fill):
            fill_rows(connection, table, fill)
        case AlterTable(table, changes, before):
            copy = None if before is None else before.make(names)
            name, schema = in_schema(table)
            with op.batch_alter_table(name, copy_from=copy, schema=dict(schema).get("schema")) as batch:
                for change in changes:
                    if change.dialect in ("", connection.dialect.name):
                        change.call.make({**names, "batch": batch})
        case OnDatabase() | Rebuild():
            _run_on_database(op, operation, connection, names)


def _run_on_database(
    op: Operations, operation: OnDatabase | Rebuild, connection: Connection, names: dict[str, Any]
) -> None:
    match operation:
        case OnDatabase(dialect, calls) if dialect == connection.dialect.name:
            for call in calls:
                call.make(names)
        case Rebuild(table) if connection.dialect.name == "sqlite":
            with op.batch_alter_table(table.name, recreate="always", copy_from=copy_of(table).make(names)) as batch:
                for change in operation.changes:
                    change.call.make({**names, "batch": batch})


def set_revision(connection: Connection, history: History, revision: str | None) -> None:
    """Note that the database is at *revision*, in the table that Alembic would make."""
    version = Column("version_num", String(32), primary_key=True)
    table = Table(history.version_table, MetaData(), version)
    table.primary_key.name = f"{history.version_table}_pkc"
    table.create(connection, checkfirst=True)
    connection.execute(table.delete())
    if revision is not None:
        connection.execute(insert(table).values(version_num=revision))


def _run_app(
    connection: Connection,
    history: AppHistory,
    revisions: Sequence[Revision],
    at: Design,
    *,
    run: Callable[[Config, str], None],
    to: str,
) -> None:
    if any(rebuilds_tables(revision, run.__name__) for revision in revisions):
        _refuse_unknown_columns(connection, at)
    with _translate_errors(history.folder), _wrong_values_listed(connection, at):
        run(_config(history, connection), to)


def _config(history: History, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(history.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def rebuilds_tables(revision: Revision, function: str) -> bool:
    """Whether SQLite builds tables again in *function* of the script, which is `upgrade` or `downgrade`."""
    tree = ast.parse(revision.file.read_bytes())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    return any(isinstance(node, ast.keyword) and node.arg == "copy_from" for each in found for node in ast.walk(each))


def _refuse_unknown_columns(connection: Connection, at: Design) -> None:
    """Refuse to rebuild tables on SQLite that have columns unknown to the revisions, which would be dropped."""
    if connection.dialect.name != "sqlite":
        return
    inspector = inspect(connection)
    for table in shapes_of(at).values():
        known = {column.name for column in table.columns}
        strangers = [column["name"] for column in inspector.get_columns(table.name) if column["name"] not in known]
        if strangers:
            raise SetupError(
                f"The table {table.name} has columns that no design knows: {', '.join(strangers)}. SQLite would lose "
                "them when it rebuilds the table. Add them to db.design.json, or remove them."
            )


@contextmanager
def _wrong_values_listed(connection: Connection, at: Design) -> Iterator[None]:
    """List all rows that checks on types refuse; SQLite names the first of these checks alone."""
    try:
        yield
    except IntegrityError as error:
        if f"_{CONSTRAINT}" in str(error.orig):
            refuse_wrong_values(connection, at.tables)
        raise


@contextmanager
def _translate_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except SetupError:
        raise
    except Exception as error:
        # The database's own words: SQLAlchemy would add the statement and the values in it.
        what = error.orig if isinstance(error, DBAPIError) else error
        # A revision that refuses gives its own sentence.
        words = str(what) if type(what) is RuntimeError else f"{type(what).__name__}: {what}"
        if isinstance(error, AssertionError) and _is_raised_in("autocommit_block", error):
            words = "a run of migrations is one transaction, which autocommit_block would end; do that step by hand."
        raise SetupError(f"{_culprit(error, folder)} failed, and the database is as it was: {words}") from error


def _is_raised_in(function: str, error: Exception) -> bool:
    return any(frame.name == function for frame in traceback.extract_tb(error.__traceback__))


def _culprit(error: Exception, folder: Path) -> str:
    files = (Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__))
    return next((file.name for file in files if file.parent.parent == folder), "The migration")
