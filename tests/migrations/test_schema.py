"""The revisions make the tables that the code works with, on every database."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Constraint, inspect

from gatewright import Gatewright
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.schema import DIALECT

_VERSION_TABLES = {history.version_table for history in HISTORIES}


def _is_compared(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    return not (kind == "table" and name in _VERSION_TABLES)


async def test_the_revisions_make_the_tables_that_the_code_works_with(running: Gatewright) -> None:
    """Tables, columns, types, keys, references, indexes and server defaults: there is no difference."""

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": _is_compared}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, running.database.schema.metadata))

    assert await running.database.read(lambda tx: compare(tx.connection)) == []


async def test_the_constraints_have_the_names_that_the_code_gives_them(running: Gatewright) -> None:
    """A later migration finds a constraint by its name; Alembic's comparison does not look at those of keys."""

    def names(connection: Connection) -> dict[str, set[str | None]]:
        inspector = inspect(connection)
        tables = running.database.schema.metadata.tables
        return {
            table: {
                inspector.get_pk_constraint(table)["name"],
                *(key["name"] for key in inspector.get_foreign_keys(table)),
                *(key["name"] for key in inspector.get_unique_constraints(table)),
                *(check["name"] for check in inspector.get_check_constraints(table)),
            }
            for table in tables
        }

    def _is_here(constraint: Constraint) -> bool:
        here = running.database.dialect.name
        return bool(constraint.info.get(DIALECT, here) == here)

    expected = {
        name: {str(each.name) for each in table.constraints if each.name is not None and _is_here(each)}
        for name, table in running.database.schema.metadata.tables.items()
    }
    assert await running.database.read(lambda tx: names(tx.connection)) == expected
