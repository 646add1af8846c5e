"""A design as the SQL that makes its tables: the statements that a first migration runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Check, Column, Computed, Design, ForeignKey, Index, Reference, Table
from gatewright.design.exporters.exported import Exported, Held, Losses
from gatewright.storage.checks import quoted_name
from gatewright.storage.schema import Schema

DIALECTS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg"}
"""The databases that SQL can be written for, each with what SQLAlchemy calls it."""

_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_WITH_PYTHON = frozenset({"pattern", "is_updated_at"})
_HELD: Held = {
    Table: frozenset({"db_name", "db_schema", "checks", "soft_delete"}),
    Column: frozenset(
        {"db_name", "db_type", "precision", "scale", "is_primary_key", "is_required", "is_unique", "is_indexed"}
        | {"default_value", "min_length", "max_length", "min_value", "max_value", "computed"}
    ),
    Reference: frozenset({"on_delete", "on_update"}),
    ForeignKey: frozenset({"name", "on_delete", "on_update"}),
    Index: frozenset({"is_unique", "name", "where"}),
    Check: frozenset({"name", "expression"}),
    Computed: frozenset({"expression", "is_stored"}),
}


def export_sql(design: Design, dialect: str) -> Exported:
    """The SQL that makes the tables of *design*, without the kernel's own tables.

    Args:
        dialect: A key of `DIALECTS`.
    """
    losses = Losses(f"SQL for {_TITLES[dialect]}")
    has_schemas = dialect == "postgresql"
    losses.add_unheld(design, _HELD if has_schemas else {**_HELD, Table: _HELD[Table] - {"db_schema"}})
    schema = Schema(design if has_schemas else _without_schemas(design))
    for table in design.tables:
        for column in table.columns:
            built = schema[table.name].c[column.database_name]
            if column.default_value is not None and built.server_default is None and not built.identity:
                _add_default(losses, f"{table.name}.{column.name}", column)
    statements = _statements(schema, [schema[table.name] for table in design.tables], dialect)
    schemas = dict.fromkeys(table.schema for table in schema.metadata.tables.values() if table.schema is not None)
    statements = [*(f"CREATE SCHEMA IF NOT EXISTS {quoted_name(name)}" for name in schemas), *statements]
    return Exported("\n".join(f"{statement};\n" for statement in statements), losses.notes())


def _without_schemas(design: Design) -> Design:
    """*design* in one schema; of two tables with one name the later has its schema in its name."""
    taken = {table.database_name for table in design.tables if table.db_schema is None}
    tables = []
    for table in design.tables:
        name = table.database_name
        if table.db_schema is not None:
            name = f"{table.db_schema}_{name}" if name in taken else name
            taken.add(name)
        tables.append(table if table.db_schema is None else replace(table, db_name=name, db_schema=None))
    return replace(design, tables=tuple(tables))


def _add_default(losses: Losses, place: str, column: Column) -> None:
    if str(column.default_value) != "autoincrement()":
        losses.add(f"the default {column.default_value}", place)


def _statements(schema: Schema, tables: list[sa.Table], dialect: str) -> list[str]:
    statements: list[str] = []

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        text = str(statement.compile(dialect=engine.dialect)).strip()
        statements.append("\n".join(line.rstrip() for line in text.expandtabs(4).splitlines()))

    engine = sa.create_mock_engine(f"{DIALECTS[dialect]}://", keep)
    schema.metadata.create_all(engine, tables=tables, checkfirst=False)
    return statements
