"""Keys of the vocabulary that Gatewright does not support yet: refused, never ignored.

This is the only place that lists it. A line goes when the feature comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import Design
from gatewright.design.problems import DesignError, Problem


def refuse_unbuilt(design: Design) -> None:
    """Refuse a design that uses what is not built yet.

    Raises:
        DesignError: It does; each place is named.
    """
    problems = [Problem(path, f"{what} is not built yet; leave it out") for path, what in _uses(design)]
    if problems:
        raise DesignError(problems)


def _uses(design: Design) -> Iterator[tuple[str, str]]:
    for i, table in enumerate(design.tables):
        path = f"tables[{i}]"
        yield from _name(table.db_name, f"{path}.dbName")
        yield from _name(table.db_schema, f"{path}.dbSchema")
        if "'" in (table.db_schema or ""):
            # Alembic puts it into a text of SQL as it is quoted for one already.
            yield f"{path}.dbSchema", "a schema with an apostrophe"
        for j, column in enumerate(table.columns):
            yield from _name(column.db_name, f"{path}.columns[{j}].dbName")
        for j, key in enumerate(table.foreign_keys):
            yield from _name(key.name, f"{path}.foreignKeys[{j}].name")


def _name(name: str | None, path: str) -> Iterator[tuple[str, str]]:
    # SQLAlchemy and Alembic split what a reference leads to at its dots, and misread double quotes in SQLite.
    if name is not None and ("." in name or '"' in name):
        yield path, "a name with a dot or a double quote"
