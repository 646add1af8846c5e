"""Filters and searches as SQL conditions. Values are always bound, never written into a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from gatewright.crud.columns import ShownColumns
from gatewright.crud.list_query import Filter, ListQuery, Operator

Condition = sa.ColumnElement[bool]


def conditions_of(query: ListQuery, columns: ShownColumns) -> Iterator[Condition]:
    """The condition for rows that *query* lists."""
    yield from query.conditions
    yield from (_filtered(each) for each in query.filters)
    if query.search:
        yield _searched(query.search, columns)


def _filtered(each: Filter) -> Condition:
    return _CONDITIONS[each.operator](each.column.attribute, each.value)


def _searched(text: str, columns: ShownColumns) -> Condition:
    found = [_contains(column.attribute, text) for column in columns.values() if column.is_searched]
    # Without a column to search, no row matches.
    return sa.or_(sa.false(), *found)


def _contains(column: Any, text: str) -> Condition:
    """Case is ignored (on SQLite for ASCII letters only); the wildcards of LIKE are plain characters."""
    condition: Condition = column.icontains(text, autoescape=True)
    return condition


def _is_null(column: Any, wanted: bool) -> Condition:
    condition: Condition = column.is_(None) if wanted else column.is_not(None)
    return condition


_CONDITIONS: dict[Operator, Callable[[Any, Any], Condition]] = {
    "eq": lambda column, value: column == value,
    # What has no value is not equal to one.
    "ne": lambda column, value: column.is_distinct_from(value),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "in": lambda column, values: column.in_(values),
    "contains": _contains,
    "isNull": _is_null,
}
