"""How a relation is written: as an attribute of the model, and as what the resource shows of it."""

from __future__ import annotations

from collections.abc import Iterable

from gatewright.design.document import Column, Table
from gatewright.design.naming import snake_case
from gatewright.design.relations import Relation
from gatewright.generator import words
from gatewright.generator.imports import Imports
from gatewright.generator.literals import Code, literal, name


def related_attribute(relation: Relation, imports: Imports) -> Code:
    """The rest of the relation's line in the model: `orm.Mapped[User] = orm.relationship(…)`.

    What the database does when a row is deleted stays with the database. A list over a join table is for reading: rows
    of the join table say who joins what.
    """
    orm, target = imports("orm"), words.class_name(relation.target)
    if relation.is_list:
        type_ = f"{imports.type('list')}[{target}]"
    else:
        type_ = f"{target} | None" if relation.is_optional else target
    arguments = ", ".join([literal(target), *_options(relation)])
    return Code(f"{orm}.Mapped[{type_}] = {orm}.relationship({arguments})")


def related_rows(relation: Relation) -> Code:
    """What a resource has for the relation: `crud.ToMany("posts", PostRead)`."""
    kind = "ToMany" if relation.is_list else "ToOne"
    schema = f"{words.class_name(relation.target)}Read"
    return Code(f"crud.{kind}({literal(snake_case(relation.name))}, {schema})")


def attribute(relation: Relation) -> Code:
    """The relation's name in Python: `blog_posts`."""
    return name(snake_case(relation.name))


def targets(relations: Iterable[Relation]) -> list[Table]:
    """The tables that *relations* lead to, in the order of their folders."""
    found = {relation.target.name: relation.target for relation in relations}
    return sorted(found.values(), key=words.folder)


def _options(relation: Relation) -> list[str]:
    if relation.through is not None:
        return [*_joined(relation), "viewonly=True", _LAZY]
    holder, column = (relation.table, relation.column) if relation.refers else (relation.target, relation.target_column)
    options = [f"foreign_keys={literal(_path(holder, column))}", *_joined(relation)]
    if relation.back is not None:
        options.append(f"back_populates={literal(snake_case(relation.back))}")
    if not relation.refers:
        options.append('passive_deletes="all"')
    if not (relation.is_list or relation.refers):
        options.append("uselist=False")
    return [*options, _LAZY]


# A row is read without those that it leads to; a statement for each row has to be asked for.
_LAZY = 'lazy="raise_on_sql"'


def _joined(relation: Relation) -> list[str]:
    """How the rows are found, where foreign keys don't make that clear."""
    here, there = (relation.table, relation.column), (relation.target, relation.target_column)
    through = relation.through
    if through is not None:
        return [
            f"secondary=lambda: Base.metadata.tables[{literal(through.table.full_name)}]",
            f"primaryjoin={literal(f'{_path(*here)} == {_path(through.table, through.here)}')}",
            f"secondaryjoin={literal(f'{_path(*there)} == {_path(through.table, through.there)}')}",
        ]
    if relation.table.name == relation.target.name:
        first, second = _path(*here), _path(*there)
        if relation.refers:
            return [f"remote_side={literal(second)}"]
        return [f"remote_side={literal(_path(*there))}"] if first != second else []
    holder, other = (relation.table, relation.target) if relation.refers else (relation.target, relation.table)
    if any(key.table == other.name for key in holder.foreign_keys):
        return [f"primaryjoin={literal(f'{_path(*here)} == {_path(*there)}')}"]
    return []


def _path(table: Table, column: Column) -> str:
    return f"{words.class_name(table)}.{words.attribute(column)}"
