"""Hot statements: written once with SQLAlchemy Core, compiled once, run on the driver itself.

SQLAlchemy costs more than the database does when a statement finds one row by its key (architecture.md has the
figures). The few statements that every request or every login waits for are therefore compiled to the
driver's own SQL when they are first used, and run without SQLAlchemy from then on. Everything else uses
SQLAlchemy as usual.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, Dialect, Executable, Float, Numeric
from sqlalchemy.sql import ClauseElement, Select
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.types import TypeEngine

from gatewright.storage.schema import Schema

Row = dict[str, Any]
"""One row: the database's column names and Python values."""

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class HotStatement:
    """A statement worth compiling: `build` makes it for a schema, with a `bindparam` for each value.

    It has to be a select, or an insert or update with `RETURNING`, of at most one row.

    Attributes:
        shares_commits: Whether calls that wait at the same moment may be committed together, where a database has one
            writer and each commit waits for the disk. Each is there when its caller goes on, all the same.
    """

    name: str
    build: Callable[[Schema], Executable]
    shares_commits: bool = False


@dataclass(frozen=True)
class CompiledStatement:
    """A hot statement in the words of one driver."""

    sql: str
    writes: bool
    _parameters: tuple[tuple[str, _Processor | None], ...]
    _columns: tuple[tuple[str, _Processor | None], ...]
    _plain: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_plain", not any(processor for _, processor in self._columns))

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the SQL's placeholders, as the driver takes them."""
        return [values[name] if process is None else process(values[name]) for name, process in self._parameters]

    def row(self, record: Iterable[Any]) -> Row:
        """What the driver returned, as Python values by column name."""
        if self._plain:
            return {name: value for (name, _), value in zip(self._columns, record, strict=True)}
        return {
            name: value if process is None else process(value)
            for (name, process), value in zip(self._columns, record, strict=True)
        }


def compile_statement(statement: HotStatement, schema: Schema, dialect: Dialect) -> CompiledStatement:
    """Put *statement* into the words of *dialect*, with the conversions that its values need."""
    built = statement.build(schema)
    assert isinstance(built, ReturnsRows)
    assert isinstance(built, ClauseElement)
    compiled = built.compile(dialect=dialect)
    names: Sequence[str] = getattr(compiled, "positiontup", None) or ()
    binds = getattr(compiled, "binds", {})
    return CompiledStatement(
        sql=str(compiled),
        writes=not isinstance(built, Select),
        _parameters=tuple((name, _bind_processor(binds[name].type, dialect)) for name in names),
        _columns=tuple((column.key, _result_processor(column, dialect)) for column in built.exported_columns),
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
