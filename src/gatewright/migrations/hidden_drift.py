"""Drift that Alembic does not look for: defaults, computed columns, checks, and conditions of indexes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector

from gatewright.storage.column_types import CONSTRAINT
from gatewright.storage.dialects.sqlite_rebuild import table_text

_UNIQUE_COLUMNS = """
SELECT listed.name, place.name, place.seqno
FROM pragma_index_list(?) listed, pragma_index_info(listed.name) place
WHERE listed.origin = 'u' ORDER BY 1, 3
"""


def find_hidden_drift(connection: Connection, metadata: sa.MetaData) -> Iterator[str]:
    """What is different in tables that are there, each in a sentence."""
    inspector = inspect(connection)
    schemas = {table.schema for table in metadata.tables.values()}
    there = {(schema, name) for schema in schemas for name in inspector.get_table_names(schema)}
    for table in metadata.tables.values():
        if (table.schema, table.name) in there:
            yield from _in_columns(connection, table, inspector.get_columns(table.name, table.schema))
            yield from _in_constraints(connection, table, inspector)


def _in_columns(connection: Connection, table: sa.Table, found: list[ReflectedColumn]) -> Iterator[str]:
    for each in found:
        column = table.c.get(each["name"])
        if column is None or column is table.autoincrement_column or str(each["default"]).startswith("nextval("):
            continue
        expected = column.server_default if isinstance(column.server_default, sa.Computed) else None
        if (expected is None) != ("computed" not in each) or _is_computed_otherwise(connection, expected, each):
            yield f"The column {table.fullname}.{column.name} differs in its expression."
        elif expected is None and _is_default_other(connection, column, each["default"]):
            yield f"The column {table.fullname}.{column.name} differs in its default."


def _is_computed_otherwise(connection: Connection, expected: sa.Computed | None, found: ReflectedColumn) -> bool:
    """Whether SQLite computes something else. PostgreSQL keeps an expression in words of its own."""
    if expected is None or connection.dialect.name != "sqlite":
        return False
    return _plain(_sql(connection, expected.sqltext)) != _plain(found["computed"]["sqltext"])


def _is_default_other(connection: Connection, column: sa.Column[Any], found: str | None) -> bool:
    """Whether the database has another default. Alembic's own way would run the design's text as SQL."""
    dialect = connection.dialect
    if found is None or column.server_default is None or dialect.name == "sqlite":
        expected = dialect.ddl_compiler(dialect, None).get_column_default_string(column)  # type: ignore[arg-type]
        return bool(found != expected)
    assert isinstance(column.server_default, sa.DefaultClause)
    default = column.server_default.arg
    text = default if isinstance(default, str) else str(default.compile(dialect=dialect))
    kind = column.type.compile(dialect=dialect)
    equal = f"CAST(({found}) AS text) = CAST(CAST(CAST($1 AS text) AS {kind}) AS text)"  # the database's own words
    return not connection.exec_driver_sql(f"SELECT {equal}", (text,)).scalar()


def _in_constraints(connection: Connection, table: sa.Table, inspector: Inspector) -> Iterator[str]:
    yield from _in_indexes(connection, table, inspector)
    checks = (each for each in table.constraints if isinstance(each, sa.CheckConstraint))
    names = _check_names(connection, table, inspector)
    for check in checks:
        name = connection.dialect.identifier_preparer.format_constraint(check)
        if not str(check.name).endswith(CONSTRAINT) and name not in names:
            yield f"{check.name} on {table.fullname} is missing."
    if connection.dialect.name == "sqlite":
        yield from _in_unique_columns(connection, table)


def _in_indexes(connection: Connection, table: sa.Table, inspector: Inspector) -> Iterator[str]:
    option = f"{connection.dialect.name}_where"
    found = {
        each["name"]: each.get("dialect_options", {}).get(option)
        for each in inspector.get_indexes(table.name, table.schema)
    }
    for index in table.indexes:
        expected = index.dialect_kwargs.get(option)
        if index.name not in found:
            continue
        where = found[index.name]
        if (expected is None) != (where is None) or _is_limited_otherwise(connection, expected, where):
            yield f"{index.name} on {table.fullname} differs in its condition."


def _is_limited_otherwise(connection: Connection, expected: object, found: object) -> bool:
    if not (isinstance(expected, sa.TextClause) and isinstance(found, sa.TextClause)):
        return False
    # SQLAlchemy gives what SQLite has as it stands there, without the backslashes that its own texts need.
    return _plain(_sql(connection, expected)) != _plain(found.text)


def _check_names(connection: Connection, table: sa.Table, inspector: Inspector) -> Collection[str]:
    """The names of the checks of *table*, quoted as in SQL."""
    preparer = connection.dialect.identifier_preparer
    if connection.dialect.name != "sqlite":
        checks = inspector.get_check_constraints(table.name, table.schema)
        return {preparer.quote(each["name"]) for each in checks if each["name"]}
    # SQLAlchemy reads the constraints of SQLite from the text of the table, and misreads names of odd characters.
    return re.findall(r"CONSTRAINT (\w+|\"(?:[^\"]|\"\")+\") CHECK", table_text(connection, table.name) or "")


def _in_unique_columns(connection: Connection, table: sa.Table) -> Iterator[str]:
    """As Alembic does on other databases; SQLAlchemy misreads such constraints, too."""
    columns: dict[str, list[str]] = {}
    for of, name, _ in connection.exec_driver_sql(_UNIQUE_COLUMNS, (table.name,)):
        columns.setdefault(of, []).append(name)
    found = set(map(tuple, columns.values()))
    expected = {
        tuple(column.name for column in each.columns): each.name
        for each in table.constraints
        if isinstance(each, sa.UniqueConstraint)
    }
    yield from (f"{name} on {table.fullname} is missing." for key, name in expected.items() if key not in found)
    for key in found - expected.keys():
        yield f"A unique constraint on {table.fullname} ({', '.join(key)}) is in no migration."


def _sql(connection: Connection, clause: Any) -> str:
    return str(clause.compile(dialect=connection.dialect))


def _plain(sql: str) -> str:
    """*sql* with single spaces, and without parentheses around the whole."""
    return " ".join(sql.split()).strip("()")
