"""What an export gives: the text, and what the format cannot hold, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatewright.design.document import Column, Design, ForeignKey, Index, Reference, Table
from gatewright.design.kinds import keys_of

Held = Mapping[type, frozenset[str]]
"""For each part of a design, the attributes that a format holds, beside its name and type."""

_STRUCTURE: Held = {
    Table: frozenset({"name", "columns", "indexes", "foreign_keys"}),
    Column: frozenset({"name", "type", "enum_values", "references"}),
    Reference: frozenset({"table", "column"}),
    ForeignKey: frozenset({"columns", "table", "to_columns"}),
    Index: frozenset({"columns"}),
}

# Of the engine's columns, an app may change the lengths at any time: the database does not check them.
_APPS_LENGTHS = frozenset({"min_length", "max_length"})


@dataclass(frozen=True, slots=True)
class Exported:
    """A design in another format.

    Attributes:
        text: The file.
        notes: What the file does not say, a sentence for each kind of thing.
    """

    text: str
    notes: tuple[str, ...] = ()


class Losses:
    """What a format cannot hold, by kind, with the places where the design has it."""

    def __init__(self, of_format: str) -> None:
        self._format = of_format
        self._places: dict[str, list[str]] = {}

    def add(self, what: str, place: str) -> None:
        """Note that *what*, such as `isHidden`, is left out at *place*, such as `User.password`."""
        places = self._places.setdefault(what, [])
        if place not in places:
            places.append(place)

    def add_unheld(self, design: Design, held: Held) -> None:
        """Note each key of *design* that is used and not *held*: a new word of the vocabulary is never dropped."""
        for part, place in _parts(design):
            made_of: type = part.__class__
            kept = _STRUCTURE[made_of] | held.get(made_of, frozenset())
            if isinstance(part, Column) and part.is_system:
                kept -= _APPS_LENGTHS
            for key in keys_of(made_of):
                value = getattr(part, key.field)
                if key.field not in kept and not key.engine_only and value is not None and value != key.default:
                    self.add(key.name, place)

    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind."""
        return tuple(f"{self._format} cannot hold {what}: {', '.join(at)}." for what, at in self._places.items())


def index_place(table: Table, columns: Iterable[str]) -> str:
    """Where an index or a key of several columns is: `Post (authorId, title)`."""
    return f"{table.name} ({', '.join(columns)})"


def _parts(design: Design) -> Iterator[tuple[Table | Column | Reference | Index | ForeignKey, str]]:
    for table in design.tables:
        yield table, table.name
        for column in table.columns:
            yield column, f"{table.name}.{column.name}"
            if column.references is not None:
                yield column.references, f"{table.name}.{column.name}"
        for index in table.indexes:
            yield index, index_place(table, index.columns)
        for key in table.foreign_keys:
            yield key, index_place(table, key.columns)
