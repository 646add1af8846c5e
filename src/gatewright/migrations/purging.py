"""Deleting for good the rows that a table kept as deleted, when it keeps such rows no longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatewright.design.difference import TableChange
from gatewright.design.document import Column, Design, OnDelete, Table
from gatewright.design.soft_deletion import DELETED_AT, Link, links_to
from gatewright.migrations.calls import Call
from gatewright.migrations.losses import purged
from gatewright.storage.checks import quoted_name, quoted_table, sql_text


def purge(change: TableChange, between: Design) -> Iterator[Call]:
    """The statements that delete the rows which *change* would bring back to life; none for most changes.

    SQLite migrates without the actions of references, so these are statements too.

    Args:
        between: The old design, by the names in the database that it has with the new one.
    """
    if purged(change) is not None:
        table = between.table(change.old.name)
        yield from (
            Call("op.execute", (sql_text(statement).text,))
            for statement in _deletions(between, table, _is_marked(table), (table.name,))
        )


def _deletions(design: Design, table: Table, condition: str, seen: tuple[str, ...]) -> Iterator[str]:
    links = list(links_to(design, table))
    for link in links:
        if link.table == table and link.on_delete is OnDelete.CASCADE:
            condition = _with_descendants(link, condition)
    for link in links:
        if link.table == table and link.on_delete is OnDelete.SET_NULL:
            yield _emptied(link, _refers(link, condition))
        elif link.table.name not in seen:
            yield from _of_link(design, link, condition, (*seen, link.table.name))
    yield f"DELETE FROM {quoted_table(table.full_name)} WHERE {condition}"  # noqa: S608 (names of the design)


def _of_link(design: Design, link: Link, condition: str, seen: tuple[str, ...]) -> Iterator[str]:
    """What becomes of the rows that refer to those which go. Rows that keep others are left for the database."""
    refers = _refers(link, condition)
    match link.on_delete:
        case OnDelete.CASCADE:
            yield from _deletions(design, link.table, refers, seen)
        case OnDelete.SET_NULL:
            yield _emptied(link, refers)
        case _ if link.table.soft_delete:
            # They are deleted as well, and could never be restored.
            yield from _deletions(design, link.table, f"{_is_marked(link.table)} AND {refers}", seen)


def _emptied(link: Link, refers: str) -> str:
    values = ", ".join(f"{name} = NULL" for name in _names(link.columns))
    return f"UPDATE {quoted_table(link.table.full_name)} SET {values} WHERE {refers}"  # noqa: S608 (as above)


def _with_descendants(link: Link, condition: str) -> str:
    """*condition*, or that a row refers to one that meets it, at any depth."""
    table, key = quoted_table(link.table.full_name), _names(link.table.key_columns)
    ends = list(zip(_names(link.columns), _names(link.to_columns), strict=True))
    # The columns that rows are found by, and those that other rows refer to.
    kept = list(dict.fromkeys([*key, *(there for _, there in ends)]))
    joined = " AND ".join(f"below.{here} = gone.{there}" for here, there in ends)
    below = ", ".join(f"below.{name}" for name in kept)
    return (
        f"({', '.join(key)}) IN (WITH RECURSIVE gone ({', '.join(kept)}) AS ("  # noqa: S608 (as above)
        f"SELECT {', '.join(kept)} FROM {table} WHERE {condition} "
        f"UNION SELECT {below} FROM {table} AS below JOIN gone ON {joined}) SELECT {', '.join(key)} FROM gone)"
    )


def _refers(link: Link, condition: str) -> str:
    there, rows = ", ".join(_names(link.to_columns)), f"FROM {quoted_table(link.target.full_name)} WHERE {condition}"
    return f"({', '.join(_names(link.columns))}) IN (SELECT {there} {rows})"


def _names(columns: Sequence[Column]) -> list[str]:
    return [quoted_name(column.database_name) for column in columns]


def _is_marked(table: Table) -> str:
    return f"{quoted_name(table.column(DELETED_AT).database_name)} IS NOT NULL"
