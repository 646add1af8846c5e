"""New names for what stays: tables, columns, and the constraints, indexes and sequences that are called after them.

A rename comes before every other change, and leaves the design with its new names and all else as it was. A dropped
item whose name something else gets is renamed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import IdentifierPreparer
from sqlalchemy.sql.elements import conv

from gatewright.design.difference import pairs_of
from gatewright.design.document import Column, Design, Table
from gatewright.migrations.calls import Call
from gatewright.migrations.operations import OnDatabase, Operation, Rebuild
from gatewright.migrations.tables import Shapes, in_schema, name_call, shapes_of
from gatewright.storage.checks import conditions_of, quoted_name, quoted_table, sql_text
from gatewright.storage.column_types import type_constraints
from gatewright.storage.schema import DIALECT, Schema, schema_of

_Item = TypeVar("_Item", Table, Column)
_WORD = re.compile(r"""'(?:[^']|'')*'|"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[A-Za-z_]\w*)""")
_LONGEST_NAME = 63
_MOVED = "gatewright_moved"


def with_new_names(old: Design, new: Design) -> Design:
    """*old* with the names that its tables and columns have in the database with *new*."""
    columns = {before.name: partial(_columns, new=after) for before, after in pairs_of(old.tables, new.tables)}
    names = _names(old.tables, new.tables)
    tables = (
        _renamed(table, name, columns.get(table.name, lambda before: before.columns)(table))
        for table, name in zip(old.tables, names, strict=True)
    )
    return replace(old, tables=tuple(tables))


def renames_between(old: Design, renamed: Design) -> Iterator[Operation]:
    """The operations that give the tables of *old* the names that they have in *renamed*, what `with_new_names` made.

    References from other tables follow by themselves: both databases keep them by what they mean.
    """
    pairs = list(zip(old.tables, renamed.tables, strict=True))
    for table, name in _in_order({a.full_name: b.full_name for a, b in pairs}):
        yield from _renamed_table(table, name)
    for before, after in pairs:
        columns = zip(before.columns, after.columns, strict=True)
        for column, name in _in_order({a.database_name: b.database_name for a, b in columns}):
            table, schema = in_schema(after.full_name)
            yield Call("op.alter_column", (table, column), (("new_column_name", name), *schema))
    yield from _renamed_parts(old, renamed)


def schemas_between(old: Design, new: Design) -> Iterator[Operation]:
    """What makes the schemas of PostgreSQL that *new* has and *old* lacks. None is dropped: others may use it too."""
    had = {table.db_schema for table in old.tables}
    added = dict.fromkeys(table.db_schema for table in new.tables if table.db_schema not in had)
    statements = (f"CREATE SCHEMA IF NOT EXISTS {quoted_name(name)}" for name in added if name is not None)
    if calls := tuple(map(_execute, statements)):
        yield OnDatabase("postgresql", calls)


def name_of(item: Table | Column) -> str:
    """The name in the database; of a table with its schema."""
    return item.full_name if isinstance(item, Table) else item.database_name


def _renamed_table(old: str, new: str) -> Iterator[Operation]:
    """A rename, or a move to another schema: with another name as well, by way of a name that is free in both."""
    (name, schema), (new_name, new_schema) = in_schema(old), in_schema(new)
    if schema == new_schema:
        yield Call("op.rename_table", (name, new_name), schema)
        return
    if name != new_name:
        yield Call("op.rename_table", (name, _MOVED), schema)
    moved = name if name == new_name else _MOVED
    yield OnDatabase("postgresql", (_execute(_move(_aside(old, moved), new_schema)),))
    if name != new_name:
        yield Call("op.rename_table", (_MOVED, new_name), new_schema)


def _move(table: str, schema: tuple[tuple[str, str], ...]) -> str:
    """The statement that moves *table* with its rows, indexes, constraints and sequences."""
    if schema:
        return f"ALTER TABLE {quoted_table(table)} SET SCHEMA {quoted_name(schema[0][1])}"
    # The default schema is the one that search_path says.
    words = quoted_table(table).replace("'", "''")
    move = f"EXECUTE format('ALTER TABLE %s SET SCHEMA %I', '{words}', current_schema())"
    return f"DO $move$ BEGIN {move}; END $move$"


def _execute(statement: str) -> Call:
    return Call("op.execute", (sql_text(statement).text,))


def _names(old: Iterable[_Item], new: Iterable[_Item]) -> list[str]:
    """The names in the database that the items of *old* have with *new*; for dropped items, a free name."""
    items, follow = list(old), {before.name: name_of(after) for before, after in pairs_of(list(old), list(new))}
    taken = {name.lower() for name in follow.values()}
    return [
        follow.get(item.name)
        or (_aside(name_of(item), f"gatewright_dropped_{i}") if name_of(item).lower() in taken else name_of(item))
        for i, item in enumerate(items)
    ]


def _aside(name: str, other: str) -> str:
    """*other* in the schema of *name*."""
    schema, dot, _ = name.rpartition(".")
    return f"{schema}{dot}{other}"


def _columns(old: Table, *, new: Table) -> tuple[Column, ...]:
    names = _names(old.columns, new.columns)
    return tuple(_with_name(column, name) for column, name in zip(old.columns, names, strict=True))


def _with_name(item: _Item, name: str) -> _Item:
    if name_of(item) == name:
        return item
    if isinstance(item, Column):
        return replace(item, db_name=name)
    schema, _, alone = name.rpartition(".")
    return replace(item, db_name=alone, db_schema=schema or None)


def _renamed(table: Table, name: str, columns: tuple[Column, ...]) -> Table:
    """*table* as the database has it after a rename, in the SQL of the design too."""
    pairs = zip(table.columns, columns, strict=True)
    names = {a.database_name: b.database_name for a, b in pairs if a.database_name != b.database_name}
    table = replace(_with_name(table, name), columns=columns)
    if not names:
        return table
    follow = partial(_with_names, names=names)
    return replace(
        table,
        columns=tuple(
            replace(column, computed=replace(column.computed, expression=follow(column.computed.expression)))
            if column.computed
            else column
            for column in columns
        ),
        indexes=tuple(replace(index, where=index.where and follow(index.where)) for index in table.indexes),
        checks=tuple(replace(check, expression=follow(check.expression)) for check in table.checks),
    )


def _with_names(sql: str, *, names: Mapping[str, str]) -> str:
    """*sql* with new names of columns, outside its texts."""

    def follow(found: re.Match[str]) -> str:
        name = found["quoted"] or found["plain"]
        return quoted_name(names[name]) if name in names else found[0]

    return _WORD.sub(follow, sql)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a table that gets another name.

    Attributes:
        table: The table's name after its own rename, with its schema if it has one.
        kind: `CONSTRAINT`, `INDEX` or `SEQUENCE`.
        scope: What the names of such parts are unique in: the table, or its schema with a dot behind it.
        is_portable: Whether PostgreSQL has it too.
    """

    table: str
    kind: str
    scope: str
    old: str
    new: str
    is_portable: bool = True

    @property
    def statement(self) -> str:
        """What renames it on PostgreSQL."""
        old, new = _short(self.old), _short(self.new)
        if self.kind == "CONSTRAINT":
            return f"ALTER TABLE {quoted_table(self.table)} RENAME CONSTRAINT {old} TO {new}"
        condition = "IF EXISTS " if self.kind == "SEQUENCE" else ""
        schema, dot, _ = self.table.rpartition(".")
        return f"ALTER {self.kind} {condition}{quoted_name(schema) if dot else ''}{dot}{old} RENAME TO {new}"


def _renamed_parts(old: Design, renamed: Design) -> Iterator[Operation]:
    before, after = schema_of(old), schema_of(renamed)
    parts = [
        part
        for one, other in zip(old.tables, renamed.tables, strict=True)
        for part in (*_checks(one, other, before), *_parts(before[one.name], after[one.name]))
        if part.old != part.new
    ]
    portable = _ordered(filter(_is_portable, parts))
    statements = tuple(Call("op.execute", (sql_text(part.statement).text,)) for part in portable)
    if statements:
        yield OnDatabase("postgresql", statements)
    yield from _on_sqlite(parts, shapes_of(renamed))


def _is_portable(part: _Part) -> bool:
    return part.is_portable


def _checks(before: Table, after: Table, schema: Schema) -> Iterator[_Part]:
    """The checks of a table, but for those that the design names."""
    names = dict(zip(_check_names(before), _check_names(after), strict=True))
    for each in schema[before.name].constraints:
        if isinstance(each, sa.CheckConstraint):
            is_portable = each.info.get(DIALECT, "postgresql") == "postgresql"
            name, table = str(each.name), after.full_name
            yield _Part(table, "CONSTRAINT", table, name, names.get(name, name), is_portable)


def _check_names(table: Table) -> Iterator[str]:
    ends = [end for column in table.columns for end, _ in conditions_of(column)]
    yield from (f"ck_{table.database_name}_{end}" for end in (*ends, *(end for _, end, _ in type_constraints(table))))


def _parts(before: sa.Table, after: sa.Table) -> Iterator[_Part]:
    """The keys, references, indexes and sequences of a table."""
    schema = f"{after.schema or ''}."
    for one, other in zip(_by_columns(before, before.constraints), _by_columns(after, after.constraints), strict=True):
        scope = after.fullname if isinstance(one, sa.ForeignKeyConstraint) else schema
        yield _Part(after.fullname, "CONSTRAINT", scope, str(one.name), str(other.name))
    for first, second in zip(_by_columns(before, before.indexes), _by_columns(after, after.indexes), strict=True):
        yield _Part(after.fullname, "INDEX", schema, str(first.name), str(second.name))
    counted, counts = before.autoincrement_column, after.autoincrement_column
    if counted is not None and counts is not None:
        names = sequence_name(before.name, counted.name), sequence_name(after.name, counts.name)
        yield _Part(after.fullname, "SEQUENCE", schema, *names)


def _by_columns(table: sa.Table, parts: Iterable[sa.Constraint | sa.Index]) -> list[sa.Constraint | sa.Index]:
    """*parts* by the places of their columns, which are the same before and after a rename; without checks."""
    places = {column.name: i for i, column in enumerate(table.columns)}

    def place(part: sa.Constraint | sa.Index) -> tuple[str, list[int], bool, str]:
        assert isinstance(part, sa.Index | sa.PrimaryKeyConstraint | sa.UniqueConstraint | sa.ForeignKeyConstraint)
        is_unique = isinstance(part, sa.Index) and bool(part.unique)
        return type(part).__name__, [places[column.name] for column in part.columns], is_unique, str(part.name)

    return sorted((part for part in parts if not isinstance(part, sa.CheckConstraint)), key=place)


def sequence_name(table: str, column: str) -> str:
    """The name that PostgreSQL gives the sequence of a column that counts up (its function `makeObjectName`)."""
    while len(table) + len(column) + len("__seq") > _LONGEST_NAME:
        if len(table) > len(column):
            table = table[:-1]
        else:
            column = column[:-1]
    return f"{table}_{column}_seq"


def _short(name: str) -> str:
    """A name as SQL, shortened for PostgreSQL as SQLAlchemy does it."""
    return _POSTGRESQL.truncate_and_render_constraint_name(conv(name)) or name


# The preparer of the driver that runs the statements: another one writes each percent sign twice.
_POSTGRESQL: IdentifierPreparer = asyncpg.dialect().identifier_preparer  # type: ignore[no-untyped-call]


def _ordered(parts: Iterable[_Part]) -> Iterator[_Part]:
    by_scope: dict[str, dict[str, _Part]] = {}
    for part in parts:
        by_scope.setdefault(part.scope, {})[part.old] = part
    for named in by_scope.values():
        for old, new in _in_order({part.old: part.new for part in named.values()}):
            part = named.pop(old)
            named[new] = part
            yield replace(part, old=old, new=new)


def _on_sqlite(parts: Iterable[_Part], shapes: Shapes) -> Iterator[Operation]:
    """SQLite renames neither: indexes are made again, and a table with other names of constraints is built again."""
    parts = list(parts)
    rebuilt = {part.table for part in parts if part.kind == "CONSTRAINT"}
    indexes = [part for part in parts if part.kind == "INDEX"]
    new = {part.new for part in indexes if part.table not in rebuilt}
    gone = tuple(Call("op.drop_index", (name_call(part.old), part.table)) for part in indexes)
    made = (index.create_call(shape.name) for shape in shapes.values() for index in shape.indexes if index.name in new)
    if calls := (*gone, *made):
        yield OnDatabase("sqlite", calls, "SQLite renames no index.")
    yield from (Rebuild(shape) for name, shape in shapes.items() if name in rebuilt)


def _in_order(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The renames among *names*, so that each name is free when it is given; in a circle by way of another name."""
    waiting = {old: new for old, new in names.items() if old != new}
    while waiting:
        # For SQLite, names that differ only in case are the same.
        held = {old.lower() for old in waiting}
        ready = next((old for old, new in waiting.items() if new.lower() not in held), None)
        if ready is not None:
            yield ready, waiting.pop(ready)
            continue
        old = next(iter(waiting))
        aside = _aside(old, f"gatewright_renamed_{len(waiting)}")
        yield old, aside
        waiting[aside] = waiting.pop(old)
