"""The relations of a completed design: the rows that each row leads to, by the names that code and the API know.

Each reference gives two: `author` on the row that refers, and `posts` on the one that it refers to. A ManyToMany gives
one at each end. A relationship of the design may choose a name; the others follow from the names of columns and tables.
"""

from __future__ import annotations

import itertools
import keyword
from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.design.document import Column, Design, Reference, Relationship, RelationshipType, Table
from gatewright.design.naming import camel_case, plural, relation_name, snake_case
from gatewright.design.relationships import Resolved, resolve
from gatewright.design.soft_deletion import is_of_live_rows
from gatewright.design.words import CLASS_MEMBERS

_Place = tuple[str, str]
"""A reference: its table and its column."""


@dataclass(frozen=True, slots=True)
class Through:
    """A join table, and its columns for this end and for the other."""

    table: Table
    here: Column
    there: Column


@dataclass(frozen=True, slots=True)
class Relation:
    """What one row leads to.

    Attributes:
        name: `author`, `blogPosts`.
        table: Where it starts.
        target: Where it leads.
        column: The column of *table* that has the value which rows of *target* are found by.
        target_column: The column of *target* with the same value.
        is_list: Whether it leads to many rows.
        refers: Whether *column* is the reference.
        through: The join table of a ManyToMany.
        back: The name of the relation that leads back; None for a ManyToMany.
    """

    name: str
    table: Table
    target: Table
    column: Column
    target_column: Column
    is_list: bool
    refers: bool = False
    through: Through | None = None
    back: str | None = None

    @property
    def is_optional(self) -> bool:
        """Whether it may lead to no row."""
        return not (self.refers and self.column.is_not_null)

    @property
    def is_shown(self) -> bool:
        """Whether clients see the columns that it follows; they would learn the values of hidden ones from it."""
        through = [] if self.through is None else [self.through.here, self.through.there]
        return not any(column.is_hidden for column in (self.column, self.target_column, *through))


def relations_of(design: Design) -> dict[str, tuple[Relation, ...]]:
    """The relations of each table of a completed *design*, by the table's name."""
    return _Relations(design).found()


class _Relations:
    """Collects relations, and gives each a name that is free in its table."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._tables = {table.name: table for table in design.tables}
        self._taken = {table.name: {snake_case(column.name) for column in table.columns} for table in design.tables}
        self._found: dict[str, list[Relation]] = {table.name: [] for table in design.tables}
        self._names: dict[_Place, dict[bool, str]] = {}
        self._many: list[tuple[str, Relationship, Resolved]] = []

    def found(self) -> dict[str, tuple[Relation, ...]]:
        """All of them."""
        for table in self._design.tables:
            for relationship in table.relationships:
                self._read(table, relationship)
        references = [(table, column) for table in self._design.tables for column in table.columns if column.references]
        for table, column in references:
            self._name_reference(table, column)
        joining = {found.many.name for _, _, found in self._many if _only_joins(found)}
        for table, column in references:
            self._add_pair(table, column, has_back=table.name not in joining)
        self._add_many_to_many()
        return {name: tuple(relations) for name, relations in self._found.items()}

    def _read(self, table: Table, relationship: Relationship) -> None:
        """Keep the name that a relationship chooses."""
        found = resolve(relationship, table, self._tables)
        self._take(table.name, relationship.name)
        if relationship.type is RelationshipType.MANY_TO_MANY:
            self._many.append((table.name, relationship, found))
        else:
            refers = table.name == found.many.name != found.one.name
            self._names.setdefault((found.many.name, found.column.name), {})[refers] = camel_case(relationship.name)

    def _name_reference(self, table: Table, column: Column) -> None:
        names = self._names.setdefault((table.name, column.name), {})
        if True not in names:
            names[True] = self._free(table.name, relation_name(column.name), f"{relation_name(column.name)}Row")

    def _add_pair(self, table: Table, column: Column, *, has_back: bool) -> None:
        reference = column.references
        assert reference is not None, "only references are given"
        names = self._names[table.name, column.name]
        target = self._tables[reference.table]
        back = self._back_name(table, column, target, names) if has_back or False in names else None
        there = target.column(reference.column)
        self._found[table.name].append(
            Relation(names[True], table, target, column, there, is_list=False, refers=True, back=back)
        )
        if back is not None:
            is_list = not _is_alone(table, column)
            self._found[target.name].append(
                Relation(back, target, table, there, column, is_list=is_list, back=names[True])
            )

    def _back_name(self, table: Table, column: Column, target: Table, names: Mapping[bool, str]) -> str:
        if False in names:
            return names[False]
        one = snake_case(table.name)
        usual = camel_case(one if _is_alone(table, column) else plural(one))
        by = relation_name(column.name)
        return self._free(target.name, usual, f"{usual}By{by[:1].upper()}{by[1:]}", f"{usual}Rows")

    def _add_many_to_many(self) -> None:
        named = {
            (table, found.many.name, _ends(table, relationship, found)[0].name): relationship.name
            for table, relationship, found in self._many
        }
        added: set[tuple[str, str]] = set()
        for table, relationship, found in self._many:
            here, there = _ends(table, relationship, found)
            for start, end in ((here, there), (there, here)):
                if (found.many.name, start.name) in added:
                    continue
                added.add((found.many.name, start.name))
                assert start.references is not None, "resolve gives references"
                name = named.get((start.references.table, found.many.name, start.name))
                self._add_end(found.many, start, end, name or self._other_name(relationship, start.references, end))

    def _add_end(self, through: Table, start: Column, end: Column, name: str) -> None:
        first, second = start.references, end.references
        assert first is not None, "resolve gives references"
        assert second is not None, "resolve gives references"
        table, target = self._tables[first.table], self._tables[second.table]
        columns = table.column(first.column), target.column(second.column)
        joined = Through(through, start, end)
        self._found[table.name].append(
            Relation(camel_case(name), table, target, *columns, is_list=True, through=joined)
        )

    def _other_name(self, relationship: Relationship, start: Reference, end: Column) -> str:
        """The name at the end that no relationship names."""
        assert end.references is not None, "resolve gives references"
        if start.table == end.references.table:
            return self._free(
                start.table, f"{camel_case(relationship.name)}Of", f"{camel_case(relationship.name)}OfRows"
            )
        usual = camel_case(plural(snake_case(end.references.table)))
        return self._free(start.table, usual, f"{usual}By{relationship.name[:1].upper()}{relationship.name[1:]}")

    def _free(self, table: str, *candidates: str) -> str:
        """The first of *candidates* that nothing in the table's classes is called, which then is taken."""
        numbered = (f"{candidates[-1]}{number}" for number in itertools.count(2))
        name = next(name for name in itertools.chain(candidates, numbered) if self._is_free(table, snake_case(name)))
        self._take(table, name)
        return name

    def _is_free(self, table: str, attribute: str) -> bool:
        taken = self._taken[table]
        return attribute not in taken and attribute not in CLASS_MEMBERS and not keyword.iskeyword(attribute)

    def _take(self, table: str, name: str) -> None:
        self._taken[table].add(snake_case(name))


def _ends(table: str, relationship: Relationship, found: Resolved) -> tuple[Column, Column]:
    """The columns of the join table: the one for the table that the relationship is in, and the other."""
    assert found.second is not None, "a ManyToMany has two"
    starts_here = (relationship.from_table or table) == table
    return (found.column, found.second[0]) if starts_here else (found.second[0], found.column)


def _only_joins(found: Resolved) -> bool:
    """Whether the join table holds nothing else."""
    assert found.second is not None, "a ManyToMany has two"
    return {column.name for column in found.many.columns} == {found.column.name, found.second[0].name}


def _is_alone(table: Table, column: Column) -> bool:
    """Whether at most one row, of those that are not deleted, has a value of *column*."""
    alone = any(
        index.is_unique and index.columns == (column.name,) and (index.where is None or is_of_live_rows(index, table))
        for index in table.indexes
    )
    return column.is_unique or alone or table.key_columns == (column,)
