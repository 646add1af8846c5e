"""Keyset paging: a cursor names the row that a page ends with, by the values that the list is sorted by.

Unlike a page number it costs the same however far it is, and rows that come and go meanwhile are neither shown twice
nor left out. A null counts as more than any value, on every database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gatewright.crud.columns import BadValue, ShownColumns
from gatewright.crud.list_query import Sort
from gatewright.errors import FieldProblem, ValidationFailed

_CHECK_BYTES = 8
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a sorted list.

    Attributes:
        values: Those of the row there, in the order of the sort.
        backwards: The page ends before it, instead of beginning behind it.
    """

    values: tuple[Any, ...]
    backwards: bool = False


def complete_sort(sort: Sequence[Sort], columns: ShownColumns) -> tuple[Sort, ...]:
    """*sort*, with the rest of the key behind it, so that no two rows are in the same place."""
    named = {each.column.name for each in sort}
    return (*sort, *(Sort(column) for column in columns.key if column.name not in named))


def reversed_sort(sort: Sequence[Sort]) -> tuple[Sort, ...]:
    """The same sort from its end."""
    return tuple(Sort(each.column, not each.descending) for each in sort)


def order_of(sort: Sequence[Sort]) -> list[sa.UnaryExpression[Any]]:
    """The ORDER BY of *sort*. Nulls are sorted as PostgreSQL does by default, so that it can read an index in order."""
    return [_order(each) for each in sort]


def behind(sort: Sequence[Sort], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """The condition that a row follows the one with *values*."""
    equal: list[sa.ColumnElement[bool]] = []
    ways: list[sa.ColumnElement[bool]] = []
    for each, value in zip(sort, values, strict=True):
        ways.append(sa.and_(*equal, _is_behind(each, value)))
        equal.append(each.column.attribute.is_not_distinct_from(value))
    return sa.or_(*ways)


def write_cursor(sort: Sequence[Sort], position: Position) -> str:
    """*position* as a text that a client can hand back.

    Raises:
        ValidationFailed: The values there are too long for a URL.
    """
    values = [each.column.dump(value) for each, value in zip(sort, position.values, strict=True)]
    content = json.dumps([int(position.backwards), *values], separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(_check(sort, content) + content).rstrip(b"=").decode()
    if len(text) > _LONGEST:
        message = "Its values are too long for a cursor. Sort by another column, or use page=."
        raise ValidationFailed(errors=[FieldProblem("/sort", "too_long", message)])
    return text


def read_cursor(text: str, sort: Sequence[Sort]) -> Position:
    """The position that `write_cursor` wrote for the same sort.

    A cursor grants nothing: a forged one only names another place in a list that the caller may read.

    Raises:
        ValidationFailed: It is damaged, or belongs to another list or another sort.
    """
    try:
        backwards, *values = _content(text, sort)
        if len(values) == len(sort):
            pairs = zip(sort, values, strict=True)
            checked = tuple(None if value is None else each.column.restore(value) for each, value in pairs)
            return Position(checked, bool(backwards))
    except (ValueError, RecursionError, BadValue):
        pass
    message = "Must be a cursor that an answer to the same list, in the same sort, gave."
    raise ValidationFailed(errors=[FieldProblem("/cursor", "invalid_format", message)]) from None


def _content(text: str, sort: Sequence[Sort]) -> list[Any]:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError("no cursor")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("no base64") from None
    check, content = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if check != _check(sort, content):
        raise ValueError("damaged")
    decoded: Any = json.loads(content)
    if not isinstance(decoded, list) or not decoded:
        raise ValueError("no position")
    return decoded


def _check(sort: Sequence[Sort], content: bytes) -> bytes:
    """Detects damage, and cursors of other lists; no secret is needed for that."""
    table = sort[0].column.column.table.name
    return hashlib.sha256(f"{table} {','.join(map(str, sort))} ".encode() + content).digest()[:_CHECK_BYTES]


def _order(each: Sort) -> sa.UnaryExpression[Any]:
    attribute = each.column.attribute
    if not each.column.column.nullable:
        return attribute.desc() if each.descending else attribute.asc()
    return attribute.desc().nulls_first() if each.descending else attribute.asc().nulls_last()


def _is_behind(each: Sort, value: Any) -> sa.ColumnElement[bool]:
    attribute = each.column.attribute
    if value is None:
        return attribute.is_not(None) if each.descending else sa.false()
    # Bound as it is: SQLAlchemy would write true and false into the statement.
    bound = sa.literal(value, each.column.column.type)
    further: sa.ColumnElement[bool] = attribute < bound if each.descending else attribute > bound
    nulls_follow = each.column.column.nullable and not each.descending
    return sa.or_(further, attribute.is_(None)) if nulls_follow else further
