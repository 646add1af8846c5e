"""The relation fields of Prisma's models: every link needs one on each side, and each a name of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gatewright.design.document import Design, OnDelete, Table
from gatewright.design.exporters.links import Link, link_name, links_of
from gatewright.design.exporters.names import Names
from gatewright.design.naming import camel_case, plural, relation_name, snake_case

ACTIONS = {
    OnDelete.CASCADE: "Cascade",
    OnDelete.RESTRICT: "Restrict",
    OnDelete.SET_NULL: "SetNull",
    OnDelete.SET_DEFAULT: "SetDefault",
    OnDelete.NO_ACTION: "NoAction",
}


Field = tuple[str, str, str]
"""A field of a model: its name, its type, its attributes."""


@dataclass(slots=True)
class Relations:
    """The relation fields of each model of *design*."""

    design: Design
    _fields: dict[str, list[Field]] = field(default_factory=dict)
    _names: dict[str, Names] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.design.tables:
            self._fields[table.name] = []
            self._names[table.name] = Names(column.name for column in table.columns)
        links = links_of(self.design)
        pairs = Counter(_pair(link.table.name, link.to_table.name) for link in links)
        for link in links:
            self._add_link(link, is_named=pairs[_pair(link.table.name, link.to_table.name)] > 1)

    def fields(self, table: Table) -> list[Field]:
        """The relation fields of *table*."""
        return self._fields[table.name]

    def _add_link(self, link: Link, *, is_named: bool) -> None:
        here, there = link.table.name, link.to_table.name
        is_named = is_named or here == there
        field_name = self._names[here].free(relation_name(link.columns[0]))
        name = [f'"{here}_{"_".join(link.columns)}"'] if is_named else []
        arguments = ", ".join([*name, *_arguments(link)])
        optional = "?" if link.is_optional else ""
        self._fields[here].append((field_name, f"{there}{optional}", f"@relation({arguments})"))
        back = camel_case(here) if link.is_unique else camel_case(plural(snake_case(here)))
        back_name = self._names[there].free(back)
        relation = f"@relation({name[0]})" if is_named else ""
        self._fields[there].append((back_name, f"{here}{'?' if link.is_unique else '[]'}", relation))


def _pair(one: str, other: str) -> frozenset[str]:
    return frozenset({one, other})


def _arguments(link: Link) -> Iterator[str]:
    yield f"fields: [{', '.join(link.columns)}]"
    yield f"references: [{', '.join(link.to_columns)}]"
    yield f"onDelete: {ACTIONS[link.on_delete]}"
    # Written, since Prisma's own default is to cascade.
    yield f"onUpdate: {ACTIONS[link.on_update or OnDelete.NO_ACTION]}"
    if link.name != link_name(link.table, link.columns):
        yield f"map: {_quoted(link.name)}"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
