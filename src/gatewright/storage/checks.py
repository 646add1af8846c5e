"""What the database checks of a column's values, beside what the schemas of requests do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa

from gatewright.design.document import Column
from gatewright.design.sql_names import quoted_name, quoted_table

__all__ = ["conditions_of", "quoted_name", "quoted_table", "sql_text", "text_literal"]

_PARAMETER = re.compile(r"(?<![:\w]):(?=\w+(?![:\w]))")  # as the class `TextClause` of SQLAlchemy finds it


def conditions_of(column: Column) -> Iterator[tuple[str, str]]:
    """The SQL conditions on *column*, each with what names it: `title_min_length`, `length(title) >= 3`."""
    name = quoted_name(column.database_name)
    if column.enum_values:
        yield column.database_name, f"{name} IN ({', '.join(map(text_literal, column.enum_values))})"
    shortest, longest = column.stored_limits
    for bound, limit, condition in (
        ("min_length", shortest, f"length({name}) >= {shortest}"),
        ("max_length", longest, f"length({name}) <= {longest}"),
        ("min_value", column.min_value, f"{name} >= {column.min_value!r}"),
        ("max_value", column.max_value, f"{name} <= {column.max_value!r}"),
    ):
        if limit is not None:
            yield f"{column.database_name}_{bound}", condition


def text_literal(text: str) -> str:
    r"""*text* as a literal of standard SQL.

    SQLAlchemy reads `:name` in the text of a condition as a parameter and `\:` as a colon, so these come in parts.
    """
    return re.sub(r"([\\:])", r"\1' || '", "'" + text.replace("'", "''") + "'")


def sql_text(sql: str) -> sa.TextClause:
    """*sql* as it stands, in which SQLAlchemy would read `:name` as a parameter."""
    # Escapes where none is needed would stand in revisions, which people read.
    return sa.text(sql.replace(":", "\\:") if "\\" in sql else _PARAMETER.sub("\\\\:", sql))
