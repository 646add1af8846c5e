"""The tables of a database as its own words describe them: what dumps, live databases and models are read into."""

from __future__ import annotations

from dataclasses import dataclass, field

TableName = tuple[str | None, str]
"""The schema, if it is not the default one, and the name."""


@dataclass(slots=True)
class FoundColumn:
    """A column.

    Attributes:
        type: As the database spells it, with its length.
        default: The SQL of the default.
        computed: The expression that the database computes it from.
        enum_values: The labels, where the type is an enum of the database's own.
        is_updated_at: Whether the database sets the current time at every change.
    """

    name: str
    type: str
    is_not_null: bool = False
    default: str | None = None
    is_identity: bool = False
    computed: str | None = None
    is_stored: bool = False
    comment: str | None = None
    enum_values: tuple[str, ...] = ()
    is_updated_at: bool = False


@dataclass(slots=True)
class FoundKey:
    """A foreign key; without `to_columns` it references the primary key."""

    columns: tuple[str, ...]
    table: TableName
    to_columns: tuple[str, ...] = ()
    name: str | None = None
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"


@dataclass(slots=True)
class FoundIndex:
    """An index, or a unique constraint, over plain columns."""

    columns: tuple[str, ...]
    is_unique: bool = False
    name: str | None = None
    where: str | None = None


@dataclass(slots=True)
class FoundCheck:
    """A condition of the rows."""

    expression: str
    name: str | None = None


@dataclass(slots=True)
class FoundTable:
    """A table."""

    name: str
    schema: str | None = None
    columns: list[FoundColumn] = field(default_factory=list)
    key: tuple[str, ...] = ()
    indexes: list[FoundIndex] = field(default_factory=list)
    foreign_keys: list[FoundKey] = field(default_factory=list)
    checks: list[FoundCheck] = field(default_factory=list)
    comment: str | None = None

    @property
    def shown(self) -> str:
        """How notes name it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name
