"""Rows as dataclasses: their fields are the columns that a statement gives, by name and in order.

A type checker then knows what a row has. A mapping stays for columns that a design adds, which no code can name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table

Row = dict[str, Any]
"""A row whose columns depend on the design: the database's column names and Python values."""

RowType = TypeVar("RowType")

_MAKE_OTHERS = "make others"
_makers: dict[tuple[type[Any], tuple[str, ...]], Callable[[Iterable[Any]], Any]] = {}


def others_as(make: Callable[[Row], Any]) -> dict[str, Any]:
    """The metadata of a last field that holds what *make* makes of the columns behind those of the other fields."""
    return {_MAKE_OTHERS: make}


def columns_of(table: Table, row: type[Any], /, **others: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """What a statement gives for the fields of *row*: each is a column of *table*, or one of *others*, by name."""
    names = [each.name for each in fields(row) if not each.metadata]
    return [others[name].label(name) if name in others else table.c[name] for name in names]


def row_maker(row: type[RowType], names: tuple[str, ...]) -> Callable[[Iterable[Any]], RowType]:
    """What makes a row of the values of columns with these *names*.

    Args:
        row: A dataclass, or what is made of a mapping, as `Row` is.

    Raises:
        TypeError: The statement gives other columns than the class has fields.
    """
    if not is_dataclass(row):
        make: Callable[[Row], Any] = row
        return lambda values: make(dict(zip(names, values, strict=True)))
    maker = _makers.get((row, names))
    if maker is None:
        maker = _makers[row, names] = _dataclass_maker(row, names)
    return maker


def _dataclass_maker(row: type[Any], names: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    declared = fields(row)
    make_others = declared[-1].metadata.get(_MAKE_OTHERS)
    number = len(declared) if make_others is None else len(declared) - 1
    expected = tuple(each.name for each in declared[:number])
    if names[:number] != expected or (make_others is None and len(names) > number):
        raise TypeError(f"The statement gives the columns {names}, and {row.__name__} has the fields {expected}.")
    if make_others is None:
        return lambda values: row(*values)

    def with_others(values: Iterable[Any]) -> Any:
        record = tuple(values)
        return row(*record[:number], make_others(dict(zip(names[number:], record[number:], strict=True))))

    return with_others
