"""Hot statements: written once with SQLAlchemy Core, compiled once, run on the driver itself.

SQLAlchemy costs more than the database does when a statement finds one row by its key (architecture.md has the
figures). The few statements that every request or every login waits for are therefore compiled to the
driver's own SQL when they are first used, and run without SQLAlchemy from then on. Everything else uses
SQLAlchemy as usual.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import JSON, Column, Dialect, Executable, Float, Numeric
from sqlalchemy.sql import ClauseElement, Select
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

from gatewright.storage.rows import RowType, row_maker
from gatewright.storage.schema import Schema

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class HotStatement(Generic[RowType]):
    """A statement worth compiling: `build` makes it for a schema, with a `bindparam` for each value.

    It has to be a select, or an insert or update with `RETURNING`, of at most one row.

    Attributes:
        row: What its row becomes: a dataclass with a field for each column, or `Row`.
        shares_commits: Whether calls that wait at the same moment may be committed together, where a database has one
            writer and each commit waits for the disk. Each is there when its caller goes on, all the same.
    """

    name: str
    build: Callable[[Schema], Executable]
    row: type[RowType]
    shares_commits: bool = False


@dataclass(frozen=True)
class CompiledStatement(Generic[RowType]):
    """A hot statement in the words of one driver."""

    sql: str
    writes: bool
    _parameters: tuple[tuple[str, _Processor | None], ...]
    _processors: tuple[_Processor | None, ...]
    _make: Callable[[Iterable[Any]], RowType]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the SQL's placeholders, as the driver takes them."""
        return [values[name] if process is None else process(values[name]) for name, process in self._parameters]

    def row(self, record: Iterable[Any]) -> RowType:
        """What the driver returned, as a row of Python values."""
        if not self._processors:
            return self._make(record)
        return self._make(
            [
                value if process is None else process(value)
                for process, value in zip(self._processors, record, strict=True)
            ]
        )


def compile_statement(statement: HotStatement[RowType], schema: Schema, dialect: Dialect) -> CompiledStatement[RowType]:
    """Put *statement* into the words of *dialect*, with the conversions that its values need."""
    built = statement.build(schema)
    assert isinstance(built, ReturnsRows)
    assert isinstance(built, ClauseElement)
    compiled = built.compile(dialect=dialect)
    names: Sequence[str] = getattr(compiled, "positiontup", None) or ()
    binds = getattr(compiled, "binds", {})
    columns = built.exported_columns
    processors = tuple(_result_processor(column, dialect) for column in columns)
    return CompiledStatement(
        sql=str(compiled),
        writes=not isinstance(built, Select),
        _parameters=tuple((name, _bind_processor(binds[name].type, dialect)) for name in names),
        _processors=processors if any(processors) else (),
        _make=row_maker(statement.row, tuple(column.key for column in columns)),
    )


def _bind_processor(type_: TypeEngine[Any], dialect: Dialect) -> _Processor | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _result_processor(column: Column[Any], dialect: Dialect) -> _Processor | None:
    processor = column.type.dialect_impl(dialect).result_processor(dialect, _driver_type(column.type))
    if processor is None and isinstance(column.type, JSON):
        # asyncpg gives the text, unless each connection is taught otherwise, as SQLAlchemy teaches its own.
        return _read_json
    return processor


def _read_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _driver_type(type_: TypeEngine[Any]) -> int | None:
    """The number of a column's type in PostgreSQL's catalogue, by which SQLAlchemy chooses how to read numbers."""
    if isinstance(type_, Float):
        return 701
    return 1700 if isinstance(type_, Numeric) else None
