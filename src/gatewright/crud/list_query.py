"""What a client can ask a list for: page or cursor, sort, search, filters. Read from the query, checked, and typed.

Columns are looked up among those that clients see, so a hidden one is as unknown as one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import sqlalchemy as sa

from gatewright.crud.columns import BadValue, ShownColumn, ShownColumns
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.schemas import MOST_PROBLEMS, escaped

DEFAULT_LIMIT = 20
MOST_ROWS = 100
FARTHEST_ROW = 100_000
MOST_FILTERS = 20
MOST_CHOICES = 100
MOST_SORTS = 5
LONGEST_VALUE = 1000
LONGEST_SEARCH = 200

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "isNull"]

_FILTER = re.compile(r"filter\[([^\[\]]+)\](?:\[([^\[\]]+)\])?")
_NUMBER = re.compile(r"-?[0-9]+")
_LONGEST_NUMBER = 10
_OF_ORDER: tuple[Operator, ...] = ("gt", "gte", "lt", "lte")
_OF_EQUALITY: tuple[Operator, ...] = ("eq", "ne", "in")


@dataclass(frozen=True, slots=True)
class Sort:
    """One column to sort by."""

    column: ShownColumn
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.column.name}" if self.descending else self.column.name


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a column.

    Attributes:
        value: Of the column's type; a tuple of such for `in`, a bool for `isNull`.
    """

    column: ShownColumn
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What to list.

    Attributes:
        page: Page number, starting at 1.
        limit: The most rows of a page.
        sort: The columns to sort by, in order of precedence; the key is added behind them.
        search: A text to look for in all text columns, ignoring case; empty for none.
        filters: All of them have to hold.
        cursor: Where to continue, from an earlier answer; empty for the beginning; None to count pages instead.
        conditions: Further ones, which no client writes.
    """

    page: int = 1
    limit: int = DEFAULT_LIMIT
    sort: tuple[Sort, ...] = ()
    search: str = ""
    filters: tuple[Filter, ...] = ()
    cursor: str | None = None
    conditions: tuple[sa.ColumnElement[bool], ...] = ()


def operators_of(column: ShownColumn) -> tuple[Operator, ...]:
    """The operators that a filter on *column* can have."""
    if column.is_opaque:
        return ("isNull",)
    of_order = _OF_ORDER if column.is_ordered else ()
    of_text: tuple[Operator, ...] = ("contains",) if column.is_text else ()
    return (*_OF_EQUALITY, *of_order, *of_text, "isNull")


def read_list_query(parameters: Sequence[tuple[str, str]], columns: ShownColumns) -> ListQuery:
    """The list that the query *parameters* ask for.

    Raises:
        ValidationFailed: Something in them is unknown or out of bounds; each parameter at fault is named.
    """
    reader = _Reader(columns)
    for name, text in parameters:
        reader.read(name, text)
    return reader.finish()


def read_deleted(texts: Sequence[str]) -> bool:
    """What the values of the parameter `deleted` ask for.

    Raises:
        ValidationFailed: There are several, or it is neither true nor false.
    """
    if len(texts) > 1:
        raise ValidationFailed(errors=[FieldProblem("/deleted", "invalid_format", "Must be given once.")])
    if texts and texts[0] not in ("true", "false"):
        raise ValidationFailed(errors=[FieldProblem("/deleted", "invalid_choice", "Must be true or false.")])
    return list(texts) == ["true"]


class _Reader:
    """Reads one parameter after the other, and notes what is wrong."""

    def __init__(self, columns: ShownColumns) -> None:
        self._columns = columns
        self._problems: list[FieldProblem] = []
        self._found: dict[str, Any] = {}
        self._filters: dict[str, Filter] = {}

    def read(self, name: str, text: str) -> None:
        """Take in one parameter."""
        try:
            if name.startswith("filter["):
                self._read_filter(name, text)
            elif name in self._found:
                _refuse("invalid_format", "Must be given once.")
            elif name in _READERS:
                self._found[name] = _READERS[name](self, text)
            else:
                _refuse("unknown_field", "Unknown parameter.")
        except BadValue as problem:
            self._note(name, problem)

    def finish(self) -> ListQuery:
        """The whole query."""
        if len(self._filters) > MOST_FILTERS:
            self._note("filter", BadValue("too_long", f"At most {MOST_FILTERS} filters are taken."))
        if "page" in self._found and "cursor" in self._found:
            self._note("cursor", BadValue("invalid_format", "Use either page or cursor, not both."))
        if self._problems:
            raise ValidationFailed(errors=self._problems)
        query = ListQuery(**self._found, filters=tuple(self._filters.values()))
        if (query.page - 1) * query.limit > FARTHEST_ROW:
            message = f"Pages end at row {FARTHEST_ROW}. Narrow the list with filters, or go through it with cursor=."
            raise ValidationFailed(errors=[FieldProblem("/page", "out_of_range", message)])
        return query

    def page(self, text: str) -> int:
        """Page number, starting at 1."""
        return _whole_number(text, 1, FARTHEST_ROW)

    def limit(self, text: str) -> int:
        """Rows on a page: 1 to `MOST_ROWS`."""
        return _whole_number(text, 1, MOST_ROWS)

    def search(self, text: str) -> str:
        """A text that databases can look for."""
        if len(text) > LONGEST_SEARCH:
            _refuse("too_long", f"Must be at most {LONGEST_SEARCH} characters.")
        if "\0" in text:
            _refuse("invalid_characters", "Must not contain NUL.")
        return text

    def cursor(self, text: str) -> str:
        """Checked when the sort is known."""
        return text

    def sort(self, text: str) -> tuple[Sort, ...]:
        """`-createdAt,title`."""
        names = text.split(",") if text else []
        if len(names) > MOST_SORTS:
            _refuse("too_long", f"Must be at most {MOST_SORTS} columns.")
        sorts = tuple(self._sort(name) for name in names)
        if len({sort.column.name for sort in sorts}) < len(sorts):
            _refuse("invalid_format", "Must name each column once.")
        return sorts

    def _sort(self, name: str) -> Sort:
        column = self._column(name.removeprefix("-"))
        if column.is_opaque:
            _refuse("invalid_choice", "Rows cannot be sorted by this column.")
        return Sort(column, descending=name.startswith("-"))

    def _read_filter(self, name: str, text: str) -> None:
        match = _FILTER.fullmatch(name)
        if match is None:
            _refuse("invalid_format", "A filter is filter[column]=value or filter[column][operator]=value.")
        column = self._column(match[1])
        operator: Any = match[2] or "eq"
        if operator not in operators_of(column):
            _refuse("invalid_choice", f"The column takes {', '.join(operators_of(column))}.")
        known = self._filters.get(f"{column.name} {operator}")
        if known is not None and operator != "in":
            _refuse("invalid_format", "Must be given once.")
        value = _filter_value(column, operator, text)
        if known is not None:
            value = _bounded((*known.value, *value))
        self._filters[f"{column.name} {operator}"] = Filter(column, operator, value)

    def _column(self, name: str) -> ShownColumn:
        if name not in self._columns:
            _refuse("unknown_field", "Unknown column.")
        return self._columns[name]

    def _note(self, name: str, problem: BadValue) -> None:
        if len(self._problems) >= MOST_PROBLEMS:
            return
        self._problems.append(FieldProblem(f"/{escaped(name[:LONGEST_SEARCH])}", problem.code, problem.message))


_READERS = {
    "page": _Reader.page,
    "limit": _Reader.limit,
    "sort": _Reader.sort,
    "search": _Reader.search,
    "cursor": _Reader.cursor,
}


def _filter_value(column: ShownColumn, operator: Operator, text: str) -> Any:
    if operator == "in":
        return _bounded(tuple(_value(column, part) for part in text.split(",", MOST_CHOICES)))
    if operator == "isNull":
        if text not in ("true", "false"):
            _refuse("invalid_choice", "Must be true or false.")
        return text == "true"
    return _value(column, text)


def _value(column: ShownColumn, text: str) -> Any:
    if len(text) > LONGEST_VALUE:
        _refuse("too_long", f"Must be at most {LONGEST_VALUE} characters.")
    return column.parse(text)


def _bounded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > MOST_CHOICES:
        _refuse("too_long", f"Must be at most {MOST_CHOICES} values.")
    return values


def _whole_number(text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text):
        _refuse("invalid_type", "Must be a whole number.")
    # A longer value is never valid.
    if len(text) > _LONGEST_NUMBER or not least <= int(text) <= most:
        _refuse("out_of_range", f"Must be from {least} to {most}.")
    return int(text)


def _refuse(code: str, message: str) -> NoReturn:
    raise BadValue(code, message)
