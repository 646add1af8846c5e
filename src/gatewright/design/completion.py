"""Joining a design with the engine's tables.

The engine declares its tables as fragments in the vocabulary of the document. A design may hold the same tables, as the
tutorial's does: then both have to agree on every column that both have, and what the design lacks is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gatewright.design.document import USER, Access, Column, ColumnType, DefaultFunction, Design, Index, Table
from gatewright.design.kinds import keys_of
from gatewright.design.naming import camel_case, snake_case
from gatewright.design.problems import Problems, quoted
from gatewright.design.relationships import resolved_design
from gatewright.design.soft_deletion import with_soft_deletion
from gatewright.design.values import json_of

_Form = tuple[str, str]

_FIELDS = {key.name: key.field for key in keys_of(Column)}
_PLAIN = Column(name="", type=ColumnType.STRING)
# Keys that a design may leave out, but not contradict.
_LEFT_TO_ENGINE = (
    *("dbType", "dbName", "enumValues", "precision", "scale", "defaultValue", "isUpdatedAt"),
    *("minLength", "maxLength", "minValue", "maxValue", "pattern", "isInput"),
)
# Keys that a design decides for engine columns that clients set: the lengths of names.
_LEFT_TO_DESIGN = frozenset({"minLength", "maxLength"})
# Keys that a design must repeat: the tables that a reader sees are the tables in the database.
_REPEATED = ("type", "isPrimaryKey", "isUnique")


def complete(design: Design, fragments: Sequence[Table]) -> Design:
    """The design with all that the engine needs, as databases, migrations and generated code have it.

    It is what `with_engine` gives, and a table with `softDelete` gets the column `deletedAt`, and rules of uniqueness
    over the rows that are not deleted.

    Raises:
        DesignError: The design contradicts the engine about a column that both have.
    """
    return with_soft_deletion(with_engine(design, fragments))


def with_engine(design: Design, fragments: Sequence[Table]) -> Design:
    """The design with the engine's tables and columns, as a document may have it.

    Relationships become references and join tables. Tables and columns that *design* lacks are added; columns that
    both have are the engine's, with the design's description, example and index, and hidden and read-only where either
    says so. NULL is the engine's to decide. Every column of a fragment is marked `is_system`, and so is its table.

    Raises:
        DesignError: The design contradicts the engine about a column that both have.
    """
    problems = Problems()
    design = resolved_design(design, fragments)
    check_agreement(design, fragments, problems)
    problems.raise_if_any()
    design = replace(design, tables=tuple(map(_with_null, design.tables)))
    tables = {table.name: table for table in design.tables}
    for fragment in fragments:
        own = tables.get(fragment.name)
        tables[fragment.name] = _system_table(fragment) if own is None else _joined(own, fragment)
    return replace(design, tables=tuple(tables.values()), holds_types=True)


def _with_null(table: Table) -> Table:
    """*table* with `isNullable` where it holds: snapshots of earlier versions lack it, and mean NOT NULL there."""
    if not any(column.is_nullable_although_filled for column in table.columns):
        return table
    columns = (
        replace(column, is_nullable=True) if column.is_nullable_although_filled else column for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def check_agreement(design: Design, fragments: Sequence[Table], problems: Problems) -> None:
    """Note where *design* contradicts the engine's *fragments*."""
    for fragment in fragments:
        for i, table in enumerate(design.tables):
            if table.name == fragment.name:
                _check_table(table, fragment, f"tables[{i}]", problems)


def _check_table(table: Table, fragment: Table, path: str, problems: Problems) -> None:
    for key, message in _table_clashes(table, fragment):
        if not problems.touch(f"{path}.{key}"):
            problems.add(f"{path}.{key}", message)
    needed = {column.name: column for column in fragment.columns}
    taken = {form: column.name for column in fragment.columns for form in _forms(column)}
    for j, column in enumerate(table.columns):
        here = f"{path}.columns[{j}]"
        if problems.touch(f"{here}.name") or problems.touch(f"{here}.type"):
            continue
        name = f"{table.name}.{column.name}"
        if column.name in needed:
            clashes = _column_clashes(name, column, needed[column.name])
        else:
            clashes = _addition_clashes(name, column, table, taken)
        for key, message in clashes:
            if not problems.touch(f"{here}.{key}"):
                problems.add(f"{here}.{key}", message)


def _table_clashes(table: Table, fragment: Table) -> Iterator[tuple[str, str]]:
    if table.access != Access():
        yield "access", f"{table.name} is an engine table, which ADMIN reads and the engine writes; leave access out"
    if table.soft_delete and not fragment.soft_delete:
        yield "softDelete", f"the engine deletes the rows of {table.name}; leave softDelete out"
    if table.audit:
        yield "audit", f"the engine records its own events for {table.name}; leave audit out"
    if table.db_schema is not None:
        yield "dbSchema", f"the engine needs {table.name} in the default schema; leave dbSchema out"
    if table.db_name not in (None, fragment.db_name):
        yield (
            "dbName",
            f"the engine needs the name {fragment.database_name} in the database for {table.name}; leave dbName out",
        )


def _column_clashes(name: str, column: Column, needed: Column) -> Iterator[tuple[str, str]]:
    for key in _REPEATED:
        mine, theirs = getattr(column, _FIELDS[key]), getattr(needed, _FIELDS[key])
        if mine != theirs:
            remedy = f'write "{key}": {quoted(theirs)}' if theirs else f"leave {key} out"
            yield key, f"the engine needs {name} {_wanted(key, theirs)}; {remedy}"
    for key in _LEFT_TO_ENGINE:
        mine, theirs = getattr(column, _FIELDS[key]), getattr(needed, _FIELDS[key])
        default = getattr(_PLAIN, _FIELDS[key])
        if needed.is_input and key in _LEFT_TO_DESIGN:
            continue
        if mine not in (default, theirs):
            remedy = f", or write {_shown(needed, theirs)}" if theirs != default else ""
            yield key, f"{name} is an engine column; leave {key} out{remedy}"
    yield from _length_clashes(name, column, needed)
    yield from _reference_clashes(name, column, needed)


def _length_clashes(name: str, column: Column, needed: Column) -> Iterator[tuple[str, str]]:
    """One length of the design that does not fit the engine's other one. Two of the design's are checked elsewhere."""
    if not needed.is_input or needed.min_length is None or needed.max_length is None:
        return
    if column.max_length is None and (column.min_length or 0) > needed.max_length:
        yield "minLength", f"{name} has at most {needed.max_length} characters; write maxLength as well"
    if column.min_length is None and column.max_length is not None and column.max_length < needed.min_length:
        yield "maxLength", f"{name} has at least {needed.min_length} characters; write minLength as well"


def _wanted(key: str, value: object) -> str:
    if key == "type":
        return f"as {value}"
    what = "the primary key" if key == "isPrimaryKey" else "unique"
    return f"to be {what}" if value else f"not to be {what}"


def _shown(column: Column, value: object) -> str:
    return quoted(list(value) if isinstance(value, tuple) else json_of(value, column.type))  # type: ignore[arg-type]


def _reference_clashes(name: str, column: Column, needed: Column) -> Iterator[tuple[str, str]]:
    mine, theirs = column.references, needed.references
    if theirs is None:
        if mine is not None:
            yield "references", f"{name} is an engine column without a reference; leave references out"
        return
    if mine is None or (mine.table, mine.column) != (theirs.table, theirs.column):
        target = f'"{theirs.table}"' if theirs.column == "id" else f"{theirs.table}.{theirs.column}"
        yield "references", f'the engine needs {name} to reference {target}; write "references": "{theirs.table}"'
        return
    for key, own, engine in (
        ("onDelete", mine.on_delete, theirs.on_delete),
        ("onUpdate", mine.on_update, theirs.on_update),
        ("anyRow", mine.any_row or None, theirs.any_row),
    ):
        if own not in (None, engine):
            yield f"references.{key}", f"{name} is an engine column, and the engine sets {key}; leave it out"


def _addition_clashes(name: str, column: Column, table: Table, taken: dict[_Form, str]) -> Iterator[tuple[str, str]]:
    if alike := [form for form in _forms(column) if form in taken]:
        where, form = alike[0]
        yield (
            "name",
            f"{name} is {form} in the {where}, like the engine column {table.name}.{taken[alike[0]]}; rename it",
        )
    elif column.is_primary_key:
        yield "isPrimaryKey", f"the engine sets the key of {table.name}; leave isPrimaryKey out"
    elif (
        column.is_not_null
        and column.default_value is None
        and not column.is_updated_at
        and not _is_asked(column, table)
    ):
        remedy = 'a defaultValue, or "isInput": true' if table.name == USER else "a defaultValue"
        yield "isRequired", f"the engine writes {table.name} and has no value for {name}; add {remedy}"
    elif table.name != USER and _is_computed(column):
        key = "isUpdatedAt" if column.is_updated_at else "defaultValue"
        yield key, f"the engine writes {table.name} and does not compute {name}; leave {key} out"


def _forms(column: Column) -> tuple[_Form, ...]:
    """The column's other names; no two columns of a table may share one."""
    in_code = (snake_case(column.name), camel_case(column.name))
    return ("database", column.database_name), *(("code", form) for form in in_code)


def _is_computed(column: Column) -> bool:
    """Whether each new row needs a value that the database does not fill in."""
    computed = isinstance(column.default_value, DefaultFunction) or column.is_updated_at
    return computed or (column.type is ColumnType.BYTES and column.default_value is not None)


def _is_asked(column: Column, table: Table) -> bool:
    return table.name == USER and column.is_input


def _system_table(fragment: Table) -> Table:
    columns = tuple(_system_column(column) for column in fragment.columns)
    return replace(fragment, columns=columns, is_system=True)


def _system_column(column: Column) -> Column:
    """The engine's column; what it hides, clients can't set either."""
    return replace(column, is_system=True, is_read_only=column.is_read_only or column.is_hidden)


def _joined(table: Table, fragment: Table) -> Table:
    needed = {column.name: column for column in _system_table(fragment).columns}
    columns = [
        _joined_column(column, needed[column.name]) if column.name in needed else column for column in table.columns
    ]
    own = {column.name for column in table.columns}
    columns += [column for name, column in needed.items() if name not in own]
    return replace(
        table,
        columns=tuple(columns),
        indexes=_joined_indexes(table.indexes, fragment.indexes),
        access=fragment.access,
        soft_delete=fragment.soft_delete,
        db_name=fragment.db_name,
        description=table.description or fragment.description,
        example=table.example or fragment.example,
        is_system=True,
    )


def _joined_column(column: Column, needed: Column) -> Column:
    return replace(
        _as_designed(column, needed) if needed.is_input else needed,
        is_indexed=column.is_indexed or needed.is_indexed,
        is_hidden=column.is_hidden or needed.is_hidden,
        is_read_only=column.is_read_only or needed.is_read_only,
        description=column.description or needed.description,
        example=needed.example if column.example is None else column.example,
        id=column.id,
        renamed_from=column.renamed_from,
    )


def _as_designed(column: Column, needed: Column) -> Column:
    """The engine's column with the design's lengths, and asked for as the design says; NULL stays the engine's."""
    return replace(
        needed,
        min_length=needed.min_length if column.min_length is None else column.min_length,
        max_length=needed.max_length if column.max_length is None else column.max_length,
        is_required=column.is_required,
    )


def _joined_indexes(own: tuple[Index, ...], needed: tuple[Index, ...]) -> tuple[Index, ...]:
    there = {(index.columns, index.is_unique, index.where) for index in needed}
    return tuple(index for index in own if (index.columns, index.is_unique, index.where) not in there) + needed
