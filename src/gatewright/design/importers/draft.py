"""The tables of a file that is imported, in the words of databases: what every importer of files fills."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DraftDefault:
    """A default: a literal text, or an expression in SQL."""

    text: str
    is_expression: bool


@dataclass(slots=True, kw_only=True)
class DraftColumn:
    """A column.

    Attributes:
        type: In SQL, such as `varchar(20)`.
        name: In the database.
        wanted_name: In the design, where the file has a name of its own for it.
        extra: Keys of the design that the file says in so many words.
    """

    name: str
    type: str
    wanted_name: str | None = None
    is_not_null: bool = False
    is_key: bool = False
    is_unique: bool = False
    is_counted: bool = False
    default: DraftDefault | None = None
    enum_values: tuple[str, ...] = ()
    comment: str | None = None
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class DraftIndex:
    """An index; the primary key is one as well."""

    columns: tuple[str, ...]
    name: str | None = None
    is_unique: bool = False
    is_key: bool = False


@dataclass(slots=True, kw_only=True)
class DraftKey:
    """A foreign key, by names in the database. Without an action it has the databases' own: no action."""

    columns: tuple[str, ...]
    to_table: tuple[str | None, str]
    to_columns: tuple[str, ...]
    name: str | None = None
    on_delete: str = "noAction"
    on_update: str = "noAction"


@dataclass(slots=True, kw_only=True)
class DraftCheck:
    """A condition in SQL."""

    expression: str
    name: str | None = None


@dataclass(slots=True, kw_only=True)
class DraftTable:
    """A table.

    Attributes:
        wanted_name: In the design, where the file has a name of its own for it.
    """

    name: str
    schema: str | None = None
    wanted_name: str | None = None
    comment: str | None = None
    columns: list[DraftColumn] = field(default_factory=list)
    indexes: list[DraftIndex] = field(default_factory=list)
    foreign_keys: list[DraftKey] = field(default_factory=list)
    checks: list[DraftCheck] = field(default_factory=list)

    @property
    def place(self) -> tuple[str | None, str]:
        """What others refer to it by."""
        return self.schema, self.name

    def column(self, name: str) -> DraftColumn | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(slots=True)
class Draft:
    """All tables of a file, with the notes that were made when it was read."""

    tables: list[DraftTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Note what cannot be held, once, on one line."""
        plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if plain not in self.notes:
            self.notes.append(plain)

    def table(self, place: tuple[str | None, str]) -> DraftTable | None:
        """The table that others refer to by *place*."""
        return next((table for table in self.tables if table.place == place), None)
