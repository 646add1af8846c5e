"""A design as the SQL that makes its tables: the statements that a first migration runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gatewright.design.document import Check, Column, Computed, Design, ForeignKey, Index, Reference, Table
from gatewright.design.exporters.exported import Exported, Held, Losses
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
    schema = Schema(design)
    losses = Losses(f"SQL for {_TITLES[dialect]}")
    losses.add_unheld(design, _HELD)
    for table in design.tables:
        for column in table.columns:
            built = schema[table.name].c[column.database_name]
            if column.default_value is not None and built.server_default is None and not built.identity:
                _add_default(losses, f"{table.name}.{column.name}", column)
    statements = _statements(schema, [schema[table.name] for table in design.tables], dialect)
    return Exported("\n".join(f"{statement};\n" for statement in statements), losses.notes())


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
