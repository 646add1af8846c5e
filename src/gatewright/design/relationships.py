"""What `relationships` stand for: a reference, or a join table with two of them.

The short `references` of a column is the same as a OneToMany. A ManyToMany makes its join table, unless the design has
one of that name; both columns are its key, and a row goes with either of the rows that it joins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatewright.design.document import (
    Column,
    Design,
    OnDelete,
    Reference,
    Relationship,
    RelationshipType,
    Table,
)
from gatewright.design.naming import camel_case, pascal_case
from gatewright.design.problems import quoted

Tables = Mapping[str, Table]
_Naming = Callable[[Table], str]


class Unresolved(ValueError):
    """A relationship that does not fit the tables.

    Attributes:
        key: Which of its keys is at fault; empty for the relationship as a whole.
    """

    def __init__(self, key: str, message: str, near: str = "", among: Collection[str] = ()) -> None:
        super().__init__(message)
        self.key = key
        self.near = near
        self.among = among


@dataclass(frozen=True, slots=True)
class Resolved:
    """A relationship, found in the tables.

    Attributes:
        one: The table whose rows are referenced.
        many: The table with the column that refers to them; of a ManyToMany the join table.
        column: That column.
        reference: What it refers to.
        second: The other reference of a join table: its column, and what that refers to.
    """

    one: Table
    many: Table
    column: Column
    reference: Reference
    second: tuple[Column, Reference] | None = None


def resolved_design(design: Design, engine: Sequence[Table] = ()) -> Design:
    """*design* with the references and join tables that its relationships stand for.

    Relationships that don't fit are passed over; `checks/relationships.py` notes them.

    Args:
        engine: Tables that the design may refer to without holding them.
    """
    if not any(table.relationships for table in design.tables):
        return design
    tables = {table.name: table for table in (*engine, *design.tables)}
    own = {table.name for table in design.tables}
    for table in design.tables:
        for relationship in table.relationships:
            try:
                found = resolve(relationship, tables[table.name], tables)
            except Unresolved:
                continue
            own.add(found.many.name)
            tables[found.many.name] = _with_references(found, is_one=relationship.type is RelationshipType.ONE_TO_ONE)
    made = [table for name, table in tables.items() if name in own]
    order = {table.name: place for place, table in enumerate(design.tables)}
    return replace(design, tables=tuple(sorted(made, key=lambda table: order.get(table.name, len(order)))))


def resolve(relationship: Relationship, table: Table, tables: Tables) -> Resolved:
    """The columns that *relationship*, of *table*, connects.

    Raises:
        Unresolved: It does not fit the tables.
    """
    first = _table(relationship.from_table or table.name, "fromTable", tables)
    second = _table(relationship.to_table, "toTable", tables)
    if table.name not in (first.name, second.name):
        raise Unresolved("fromTable", f"neither end is {quoted(table.name)}, which the relationship is in")
    if relationship.type is RelationshipType.MANY_TO_MANY:
        return _many_to_many(relationship, first, second, tables)
    if any((relationship.through_table, relationship.through_from_column, relationship.through_to_column)):
        raise Unresolved("", "only a ManyToMany has a throughTable; leave it out")
    return _to_one(relationship, first, second)


def through_name(relationship: Relationship, first: Table, second: Table) -> str:
    """The name of the join table, the same from either end."""
    return relationship.through_table or _through_name(relationship, (first, second), _name)


def _to_one(relationship: Relationship, first: Table, second: Table) -> Resolved:
    one, many = (first, relationship.from_column, "from"), (second, relationship.to_column, "to")
    if relationship.type is RelationshipType.ONE_TO_ONE and _refers_from(one[:2], many[:2]):
        one, many = many, one
    target = _target(one[0], one[1], f"{one[2]}Column")
    column = _holding(many[0], many[1], one[0], f"{many[2]}Column")
    if relationship.type is RelationshipType.ONE_TO_MANY and _is_reversed(one[0], target, many[0], column):
        message = f"{many[0].name}.{column.name} is the one side; swap fromTable and toTable, and their columns"
        raise Unresolved("fromTable", message)
    return Resolved(one[0], many[0], column, _reference(relationship, one[0], target, column))


def _refers_from(first: tuple[Table, str | None], second: tuple[Table, str | None]) -> bool:
    """Whether the column of a OneToOne that refers is at its first end: either may name the key."""
    (holding, name), (other, other_name) = first, second
    known = {column.name: column for column in holding.columns}
    if name is None or name not in known or _is_key(known[name], holding):
        return False
    return other_name is None or any(column.name == other_name and _is_key(column, other) for column in other.columns)


def _is_reversed(one: Table, target: Column, many: Table, column: Column) -> bool:
    return not (_is_key(target, one) or target.is_unique) and _is_key(column, many)


def _is_key(column: Column, table: Table) -> bool:
    return table.key_columns == (column,)


def _reference(relationship: Relationship, one: Table, target: Column, column: Column) -> Reference:
    """What the column refers to; what the column says itself counts where the relationship does not say."""
    own = column.references
    if own is None:
        return Reference(one.name, target.name, relationship.on_delete, relationship.on_update)
    if (own.table, own.column) != (one.name, target.name):
        raise Unresolved("", f"{column.name} references {own.table}.{own.column}, not {one.name}.{target.name}")
    for key, mine, theirs in (
        ("onDelete", relationship.on_delete, own.on_delete),
        ("onUpdate", relationship.on_update, own.on_update),
    ):
        if None not in (mine, theirs) and mine != theirs:
            raise Unresolved(key, f"{column.name} has the {key} {quoted(str(theirs))}; leave one of them out")
    return replace(
        own, on_delete=own.on_delete or relationship.on_delete, on_update=own.on_update or relationship.on_update
    )


def _many_to_many(relationship: Relationship, first: Table, second: Table, tables: Tables) -> Resolved:
    targets = (
        _target(first, relationship.from_column, "fromColumn"),
        _target(second, relationship.to_column, "toColumn"),
    )
    name = through_name(relationship, first, second)
    names = relationship.through_from_column, relationship.through_to_column
    through = tables.get(name)
    if through is None:
        through = _join_table(relationship, (first, second), targets)
    columns = _joining(through, (first, second), names)
    references = [
        _reference(relationship, table, target, column)
        for table, target, column in zip((first, second), targets, columns, strict=True)
    ]
    return Resolved(first, through, columns[0], references[0], (columns[1], references[1]))


def _joining(through: Table, ends: tuple[Table, Table], names: tuple[str | None, str | None]) -> tuple[Column, Column]:
    """The columns of a join table that refer to each of its *ends*."""
    if ends[0].name == ends[1].name and None in names:
        referring = [c for c in through.columns if c.references is not None and c.references.table == ends[0].name]
        named = [name for name in names if name is not None]
        left = [column for column in referring if column.name not in named]
        if len(left) != names.count(None):
            message = (
                f"which columns of {quoted(through.name)} are the two ends? Add throughFromColumn and throughToColumn"
            )
            raise Unresolved("throughTable", message)
        names = tuple(left.pop(0).name if name is None else name for name in names)  # type: ignore[assignment]
    return (
        _holding(through, names[0], ends[0], "throughFromColumn"),
        _holding(through, names[1], ends[1], "throughToColumn"),
    )


def _join_table(relationship: Relationship, ends: tuple[Table, Table], targets: tuple[Column, Column]) -> Table:
    """The join table that a ManyToMany makes. What its ends are known by names it too, so that it follows a rename."""
    own = relationship.through_from_column, relationship.through_to_column
    columns = [_joining_column(relationship, ends, i, target, own[i]) for i, target in enumerate(targets)]
    if ends[0].identity > ends[1].identity:
        # The same table from either end.
        columns.reverse()
    name = through_name(relationship, *ends)
    if relationship.through_table is not None:
        return Table(name=name, columns=tuple(columns))
    names = {naming: _through_name(relationship, ends, naming) for naming in (_identity, _former_name)}
    return Table(name=name, columns=tuple(columns), **_known_as(name, names[_identity], names[_former_name]))


def _joining_column(
    relationship: Relationship, ends: tuple[Table, Table], end: int, target: Column, own_name: str | None
) -> Column:
    name, identity, former = (
        own_name or _joining_name(ends, end, naming) for naming in (_name, _identity, _former_name)
    )
    action = relationship.on_delete or OnDelete.CASCADE
    return Column(
        name=name,
        type=target.type,
        db_type=target.db_type,
        enum_values=target.enum_values,
        precision=target.precision,
        scale=target.scale,
        max_length=target.max_length,
        is_primary_key=True,
        is_required=True,
        references=Reference(ends[end].name, target.name, action, relationship.on_update),
        **_known_as(name, identity, former),
    )


def _known_as(name: str, identity: str, former: str) -> dict[str, Any]:
    return {"id": None if identity == name else identity, "renamed_from": None if former == name else former}


def _name(table: Table) -> str:
    return table.name


def _identity(table: Table) -> str:
    return table.identity


def _former_name(table: Table) -> str:
    return table.renamed_from or table.name


def _through_name(relationship: Relationship, ends: tuple[Table, Table], naming: _Naming) -> str:
    if ends[0].name == ends[1].name:
        return naming(ends[0]) + pascal_case(relationship.name)
    return "".join(naming(table) for table in sorted(ends, key=_identity))


def _joining_name(ends: tuple[Table, Table], end: int, naming: _Naming) -> str:
    name = naming(ends[end])
    return ("from", "to")[end] + f"{name}Id" if ends[0].name == ends[1].name else f"{camel_case(name)}Id"


def _with_references(found: Resolved, *, is_one: bool) -> Table:
    """The table that refers, with its references."""
    references = {found.column.name: found.reference}
    if found.second is not None:
        references[found.second[0].name] = found.second[1]
    columns = [
        replace(column, references=references.get(column.name, column.references)) for column in found.many.columns
    ]
    if is_one:
        columns = [replace(c, is_unique=True) if c.name in references and not c.is_primary_key else c for c in columns]
    return replace(found.many, columns=tuple(columns))


def _table(name: str, key: str, tables: Tables) -> Table:
    if name not in tables:
        raise Unresolved(key, f"no table {quoted(name)}", name, tables)
    return tables[name]


def _target(table: Table, name: str | None, key: str) -> Column:
    """The column of *table* that others refer to."""
    if name is not None:
        return _column(table, name, key)
    if len(table.key_columns) != 1:
        raise Unresolved(key, f"{quoted(table.name)} has no key of one column; name a unique column here")
    return table.key_columns[0]


def _holding(table: Table, name: str | None, target: Table, key: str) -> Column:
    """The column of *table* that refers to *target*."""
    if name is not None:
        return _column(table, name, key)
    referring = [c for c in table.columns if c.references is not None and c.references.table == target.name]
    usual = [column for column in table.columns if column.name == f"{camel_case(target.name)}Id"]
    if len(found := referring or usual) != 1:
        raise Unresolved(key, f"which column of {quoted(table.name)} refers to {quoted(target.name)}? Name it here")
    return found[0]


def _column(table: Table, name: str, key: str) -> Column:
    found = next((column for column in table.columns if column.name == name), None)
    if found is None:
        message = f"no column {quoted(name)} in {quoted(table.name)}"
        raise Unresolved(key, message, name, [column.name for column in table.columns])
    return found
