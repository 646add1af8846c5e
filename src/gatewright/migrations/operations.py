"""The operations from one set of tables to another, in an order that every database can follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gatewright.migrations.calls import Call, Value
from gatewright.migrations.conversions import Conversion
from gatewright.migrations.fills import Fill
from gatewright.migrations.tables import ColumnShape, ConstraintShape, Shapes, TableShape, in_schema, name_call
from gatewright.storage.checks import quoted_name, quoted_table


@dataclass(frozen=True, slots=True)
class Change:
    """A change within one table.

    Attributes:
        call: What makes it, on `batch`.
        dialect: The only database that it is for; empty for all.
    """

    call: Call
    dialect: str = ""

    @property
    def keeps_table(self) -> bool:
        """Whether SQLite can do it to the table as it is (Alembic's `SQLiteImpl.requires_recreate_in_batch`)."""
        if self.call.function == "batch.add_column":
            (column,) = self.call.arguments
            assert isinstance(column, Call)
            is_stored = any(
                isinstance(part, Call) and ("persisted", True) in part.keywords for part in column.arguments
            )
            return not is_stored and not isinstance(dict(column.keywords).get("server_default"), Call)
        return self.call.function in ("batch.create_index", "batch.drop_index")


@dataclass(frozen=True, slots=True)
class AlterTable:
    """Changes of one table that are made together.

    Attributes:
        before: What makes a copy of the table as it was, where SQLite has to rebuild it; else None.
    """

    table: str
    changes: tuple[Change, ...]
    before: Call | None = None


@dataclass(frozen=True, slots=True)
class FillRows:
    """Existing rows get a value."""

    table: TableShape
    fill: Fill


@dataclass(frozen=True, slots=True)
class RefuseEmptyRows:
    """Existing rows have no value for a column that becomes NOT NULL, and none is given.

    Attributes:
        is_new: Whether the table does not have the column yet.
    """

    table: str
    column: ColumnShape
    is_new: bool


@dataclass(frozen=True, slots=True)
class OnDatabase:
    """Calls that are made on one database only.

    Attributes:
        comment: Why, for readers of the revision.
    """

    dialect: str
    calls: tuple[Call, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """SQLite builds a table again, which gives its constraints the names that *table* has."""

    table: TableShape

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that it needs for itself."""
        return tuple(_computed_again(self.table, self.table))


@dataclass(frozen=True, slots=True)
class RefuseRows:
    """Rows that are there do not fit what a column becomes.

    Attributes:
        conditions: SQL that holds for such rows, by the database; one without a name is for all.
        key: The columns that name a row to a person, if clients may see them.
        words: What is wrong, behind the column, up to the number of rows.
    """

    table: str
    column: str
    conditions: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Convert:
    """The values of a column get another type.

    Attributes:
        column: Its name in the database.
    """

    column: str
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class Refuse:
    """It cannot be done."""

    words: str


Operation = Call | AlterTable | FillRows | RefuseEmptyRows | OnDatabase | Rebuild | RefuseRows | Refuse


def operations_between(
    old: Shapes,
    new: Shapes,
    fills: Mapping[str, Sequence[Fill]],
    conversions: Mapping[str, Sequence[Convert]] | None = None,
) -> Iterator[Operation]:
    """The operations from *old* to *new*.

    References to new tables or keys are added last; references are dropped first.

    Args:
        fills: By the table's name in the database.
        conversions: Likewise.
    """
    conversions = conversions or {}
    added = [table for name, table in new.items() if name not in old]
    changed = {name: (old[name], new[name]) for name in new if name in old and is_changed(old[name], new[name])}
    created, late = _in_order(added)
    for table in added:
        late[table.name] |= _to_what_comes(table, changed) | _to_own_index(table)
    for before, after in changed.values():
        late[after.name] = _to_what_comes(after, changed) - set(before.references)
    removed = {name: table for name, table in old.items() if name not in new}
    early = {name: _to_what_goes(table, changed) for name, table in removed.items()}
    for table in created:
        yield from _create(table.without(late[table.name]))
    for name, references in early.items():
        yield from _alter(old[name], old[name].without(references))
    for before, after in sorted(changed.values(), key=lambda pair: not _loses_reference(*pair)):
        later = after.without(late[after.name])
        converted = conversions.get(after.name, ())
        yield from _convert(before, later, converted)
        yield from _alter(_converted(before, later, converted), later, fills.get(after.name, ()))
    for name, references in late.items():
        yield from _alter(new[name].without(references), new[name])
    yield from _drop([table.without(early[name]) for name, table in removed.items()])


def is_changed(before: TableShape, after: TableShape) -> bool:
    """Whether the two differ in more than the order of their parts."""
    return next(_changes(before, after), None) is not None


def _create(table: TableShape) -> Iterator[Call]:
    name, schema = in_schema(table.name)
    yield Call("op.create_table", (name, *table.parts), schema, spread=True)
    yield from (index.create_call(table.name) for index in table.indexes)


def _drop(tables: Iterable[TableShape]) -> Iterator[Operation]:
    order, circular = _in_order(list(tables))
    for table in order:
        yield from _alter(table, table.without(circular[table.name]))
    for table in reversed(order):
        name, schema = in_schema(table.name)
        yield Call("op.drop_table", (name,), schema)


def _alter(before: TableShape, after: TableShape, fills: Sequence[Fill] = ()) -> Iterator[Operation]:
    filled = {fill.column.database_name for fill in fills}
    for column in after.columns:
        if column.computed is not None or column.nullable or column.name in filled:
            continue
        former = before.column(column.name)
        is_new = former is None or _goes(former, column)
        if former is None or is_new or former.nullable:
            yield RefuseEmptyRows(before.name, column, is_new=is_new)
    if due := [fill for fill in fills if not _fills_itself(before, after, fill)]:
        between = _before_fills(before, after, {fill.column.database_name for fill in due})
        yield from _alter_at_once(before, between)
        yield from (FillRows(after, fill) for fill in due)
        before = between
    yield from _alter_at_once(before, after)


def _convert(before: TableShape, after: TableShape, conversions: Sequence[Convert]) -> Iterator[Operation]:
    """Other types for columns, and nothing else but that what would be in the way goes."""
    if not conversions:
        return
    names = {each.column for each in conversions}
    bare = _without_types(before, after, names)
    yield from _alter_at_once(before, bare)
    typed = _converted(before, after, conversions)
    on_sqlite = {each.column: each.conversion.sqlite for each in conversions}
    if updates := tuple(_updates(before, on_sqlite)):
        yield OnDatabase("sqlite", updates, "SQLite keeps values as they are, whatever type a column gets.")
    same = {each.name for each in before.columns if each in typed.columns}
    on_postgresql = {each.column: each.conversion.postgresql for each in conversions if each.column in same}
    if updates := tuple(_updates(before, on_postgresql)):
        yield OnDatabase("postgresql", updates, "PostgreSQL converts values only where the type is another.")
    using = {each.column: each.conversion.postgresql for each in conversions}
    changes = (
        Change(_alter_type(one, other, using[one.name]))
        for one, other in zip(bare.columns, typed.columns, strict=True)
        if one.type != other.type
    )
    if altered := tuple(changes):
        yield AlterTable(before.name, altered, copy_of(typed))


def _updates(table: TableShape, values: Mapping[str, str]) -> Iterator[Call]:
    """The statements that give columns of all rows other *values*, by the columns' names."""
    for column, value in values.items():
        if value != quoted_name(column):
            statement = f"UPDATE {quoted_table(table.name)} SET {quoted_name(column)} = {value}"  # noqa: S608
            yield Call("op.execute", (statement,))


def _without_types(before: TableShape, after: TableShape, names: set[str]) -> TableShape:
    """*before* without the defaults and checks that may not fit another type of the columns *names*."""
    columns = tuple(replace(each, default=None) if each.name in names else each for each in before.columns)
    return replace(
        before, columns=columns, constraints=tuple(each for each in before.constraints if each in after.constraints)
    )


def _converted(before: TableShape, after: TableShape, conversions: Sequence[Convert]) -> TableShape:
    if not conversions:
        return before
    bare = _without_types(before, after, {each.column for each in conversions})
    types = {each.column: column.type for each in conversions if (column := after.column(each.column)) is not None}
    return replace(bare, columns=tuple(replace(each, type=types.get(each.name, each.type)) for each in bare.columns))


def _alter_type(former: ColumnShape, column: ColumnShape, using: str) -> Call:
    keywords: tuple[tuple[str, Value], ...] = (
        ("existing_type", former.type),
        ("type_", column.type),
        ("existing_nullable", column.nullable),
    )
    using_ = () if using == quoted_name(column.name) else (("postgresql_using", using),)
    return Call("batch.alter_column", (column.name,), (*keywords, *using_))


def _fills_itself(before: TableShape, after: TableShape, fill: Fill) -> bool:
    """Whether the database fills the column, with its default, when it makes it."""
    column = after.column(fill.column.database_name)
    assert column is not None
    is_new = before.column(column.name) is None
    return is_new and column.default is not None and fill.value == fill.column.default_value


def _before_fills(before: TableShape, after: TableShape, filled: set[str]) -> TableShape:
    """*after* without the changes that have to wait until the rows are filled."""
    return replace(
        after,
        columns=tuple(replace(each, nullable=True) if each.name in filled else each for each in after.columns),
        constraints=tuple(each for each in after.constraints if each in before.constraints),
        indexes=tuple(each for each in after.indexes if each in before.indexes),
    )


def _alter_at_once(before: TableShape, after: TableShape) -> Iterator[AlterTable]:
    changes = tuple(_changes(before, after))
    copy = None if all(change.keeps_table for change in changes) else copy_of(before)
    if copy is not None:
        changes += tuple(_computed_again(before, after))
    if changes:
        yield AlterTable(before.name, changes, copy)


def copy_of(table: TableShape) -> Call:
    """The call that makes a description of *table* for Alembic."""
    indexes = (index.call for index in table.indexes)
    name, schema = in_schema(table.name)
    return Call("sa.Table", (name, Call("sa.MetaData"), *table.parts, *indexes), schema, spread=True)


def _changes(before: TableShape, after: TableShape) -> Iterator[Change]:
    """The changes of a table: drops before additions; references are dropped first and added last."""
    gone = [each for each in before.constraints if each not in after.constraints]
    yield from (_drop_constraint(each) for each in gone if each.kind == "foreignkey")
    for index in before.indexes:
        if index not in after.indexes:
            yield Change(Call("batch.drop_index", (name_call(index.name),)))
    yield from (_drop_constraint(each) for each in gone if each.kind != "foreignkey")
    yield from _column_changes(before, after)
    new = [each for each in after.constraints if each not in before.constraints]
    yield from (Change(each.create_call, each.dialect) for each in new if each.kind != "foreignkey")
    yield from (Change(index.create_call()) for index in after.indexes if index not in before.indexes)
    yield from (Change(each.create_call) for each in new if each.kind == "foreignkey")


def _drop_constraint(each: ConstraintShape) -> Change:
    return Change(Call("batch.drop_constraint", (name_call(each.name),), (("type_", each.kind),)), each.dialect)


def _column_changes(before: TableShape, after: TableShape) -> Iterator[Change]:
    """What is computed goes before what it may be computed from, and comes after that."""
    for column in sorted(before.columns, key=lambda column: column.computed is None):
        if _goes(column, after.column(column.name)):
            yield Change(Call("batch.drop_column", (column.name,)))
    for column in sorted(after.columns, key=lambda column: column.computed is not None):
        former = before.column(column.name)
        if former is None or _goes(former, column):
            yield Change(Call("batch.add_column", (column.call,)))
        elif former != column:
            yield Change(_alter_column(former, column))


def _goes(former: ColumnShape, column: ColumnShape | None) -> bool:
    """Whether the column is dropped, or made again since the database has to compute something else."""
    return column is None or former.computed != column.computed


def _computed_again(before: TableShape, after: TableShape) -> Iterator[Change]:
    """SQLite copies the rows when it rebuilds a table, and takes no values in a column that it computes."""
    for column in after.columns:
        if column.computed is not None and (former := before.column(column.name)) and not _goes(former, column):
            yield Change(Call("batch.drop_column", (column.name,)), "sqlite")
            yield Change(Call("batch.add_column", (column.call,)), "sqlite")


def _alter_column(former: ColumnShape, column: ColumnShape) -> Call:
    type_ = () if column.type == former.type else (("type_", column.type),)
    nullable = "nullable" if column.nullable != former.nullable else "existing_nullable"
    default = "server_default" if column.default != former.default else "existing_server_default"
    is_named = column.default != former.default or column.default is not None
    return Call(
        "batch.alter_column",
        (column.name,),
        (
            ("existing_type", former.type),
            *type_,
            (nullable, column.nullable),
            *(((default, column.default),) if is_named else ()),
        ),
    )


def _in_order(tables: Sequence[TableShape]) -> tuple[list[TableShape], dict[str, set[ConstraintShape]]]:
    """*tables* so that each follows those it refers to, and the references for which that can't be."""
    waiting = list(tables)
    done: list[TableShape] = []
    late: dict[str, set[ConstraintShape]] = {table.name: set() for table in tables}
    while waiting:
        names = {table.name for table in waiting}
        ready = next((table for table in waiting if not _unmet(table, names)), waiting[0])
        late[ready.name] = _unmet(ready, names)
        waiting.remove(ready)
        done.append(ready)
    return done, late


def _unmet(table: TableShape, names: set[str]) -> set[ConstraintShape]:
    return {each for each in table.references if each.target in names and each.target != table.name}


def _to_what_comes(table: TableShape, changed: Mapping[str, tuple[TableShape, TableShape]]) -> set[ConstraintShape]:
    """The references to a column, or a unique constraint, that another table gets in this change."""
    others = [each for each in table.references if each.target in changed and each.target != table.name]
    return {each for each in others if _comes(each, *changed[each.target])}


def _to_own_index(table: TableShape) -> set[ConstraintShape]:
    """The references to columns of the same table that only an index makes unique: it follows the table."""
    keys = [set(each.columns) for each in table.constraints if each.kind in ("primary", "unique")]
    own = (each for each in table.references if each.target == table.name)
    return {each for each in own if set(each.target_columns) not in keys}


def _to_what_goes(table: TableShape, changed: Mapping[str, tuple[TableShape, TableShape]]) -> set[ConstraintShape]:
    """The references to a unique constraint that another table loses."""
    others = [each for each in table.references if each.target in changed]
    return {each for each in others if _comes(each, *reversed(changed[each.target]))}


def _comes(reference: ConstraintShape, before: TableShape, after: TableShape) -> bool:
    def can_be_target(table: TableShape) -> bool:
        keys = [set(each.columns) for each in table.constraints if each.kind in ("primary", "unique")]
        keys += [set(each.columns) for each in table.indexes if each.unique and not each.where]
        return set(reference.target_columns) in keys

    return not can_be_target(before) and can_be_target(after)


def _loses_reference(before: TableShape, after: TableShape) -> bool:
    return not set(before.references) <= set(after.references)
