"""The design document as plain typed data: what a database holds, and who may do what with its rows.

Everything here is immutable, compares by value and knows no file format and no SQL. `reading.py` makes these objects
from a document, and everything behind it (tables, migrations, generated code) is made from them.

These classes are the one declaration of the vocabulary: each attribute names its key, the kind of its value and what it
means. The order of the attributes is the order in which keys are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TypeVar

from gatewright.design.kinds import (
    COUNT,
    DATABASE_NAME,
    DATABASE_TYPE,
    FLAG,
    ID,
    NAME,
    NUMBER,
    TEXT,
    VALUE,
    Choice,
    Constant,
    Key,
    ListOf,
    Part,
)
from gatewright.design.naming import snake_case, snake_plural
from gatewright.design.rules import CALLS, Access, CallName, Rule, RuleKind

__all__ = [
    "CALLS",
    "SCHEMA_REFERENCE",
    "USER",
    "VERSION",
    "Access",
    "CallName",
    "Check",
    "Column",
    "ColumnType",
    "Computed",
    "DefaultFunction",
    "DefaultValue",
    "Design",
    "ForeignKey",
    "Index",
    "OnDelete",
    "Reference",
    "Relationship",
    "RelationshipType",
    "Rule",
    "RuleKind",
    "Table",
]

VERSION = 1

SCHEMA_REFERENCE = "./.gatewright/design.schema.json"

# The table of accounts.
USER = "User"


class ColumnType(StrEnum):
    """The types that a column can have."""

    STRING = "String"
    TEXT = "Text"
    INT = "Int"
    BIG_INT = "BigInt"
    FLOAT = "Float"
    DECIMAL = "Decimal"
    BOOLEAN = "Boolean"
    DATE_TIME = "DateTime"
    DATE = "Date"
    TIME = "Time"
    JSON = "Json"
    BYTES = "Bytes"
    UUID = "Uuid"
    ENUM = "Enum"


class DefaultFunction(StrEnum):
    """Defaults that are worked out for each new row."""

    CUID = "cuid()"
    UUID = "uuid()"
    UUID7 = "uuid7()"
    ULID = "ulid()"
    NOW = "now()"
    AUTOINCREMENT = "autoincrement()"


DefaultValue = DefaultFunction | str | int | float | bool


class OnDelete(StrEnum):
    """What happens to a row when the row that it refers to is deleted (or, as `on_update`, gets another key)."""

    CASCADE = "cascade"
    RESTRICT = "restrict"
    SET_NULL = "setNull"
    SET_DEFAULT = "setDefault"
    NO_ACTION = "noAction"


class RelationshipType(StrEnum):
    """How many rows of one table belong to how many of the other."""

    ONE_TO_ONE = "OneToOne"
    ONE_TO_MANY = "OneToMany"
    MANY_TO_MANY = "ManyToMany"


_TYPE = Choice(ColumnType, "type")
_ACTION = Choice(OnDelete, "action")
_RELATIONSHIP_TYPE = Choice(RelationshipType, "relationship type")
_NAMES = ListOf(NAME)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column's reference to a column of another table, or of its own.

    Attributes:
        on_delete: `None` for the default; `Column.on_delete` gives the action in force.
        any_row: Clients may name rows that they may not read.
    """

    table: Annotated[str, Key(NAME, "The referenced table.")]
    column: Annotated[str, Key(NAME, "The referenced column; default: id.")] = "id"
    on_delete: Annotated[OnDelete | None, Key(_ACTION, "What happens when the referenced row is deleted.")] = None
    on_update: Annotated[OnDelete | None, Key(_ACTION, "What happens when the referenced key changes.")] = None
    any_row: Annotated[bool, Key(FLAG, "Clients can set it to rows that they may not read.")] = False


@dataclass(frozen=True, slots=True)
class Computed:
    """The expression that the database computes a column from, in the SQL of one database."""

    expression: Annotated[str, Key(TEXT, "The expression, in the SQL of the database.")]
    is_stored: Annotated[bool, Key(FLAG, "Stored when a row is written; otherwise computed when it is read.")] = False


@dataclass(frozen=True, slots=True)
class RenamedValue:
    """A value of an Enum under its new name."""

    value: Annotated[str, Key(TEXT, "The new name, which is one of enumValues.")]
    renamed_from: Annotated[str, Key(TEXT, "The previous name, which rows have until the migration.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        default_value: A `DefaultFunction`, or a literal in the form that fits the type: `bool`, `int` and `float` for
            Boolean, Int, BigInt and Float; for all others a string (Decimal: digits, Bytes: base64, Json: JSON text,
            dates and times: ISO 8601).
        example: A literal in the same form.
        is_required: Whether every row has a value; None where the design does not say: then a default makes it so.
        is_hidden: No answer holds it, and clients can't set it unless `is_input` is set.
        is_input: On `User`: clients may set it at register and in their profile. On other tables: clients may set
            the hidden column.
        is_system: The engine needs this column and writes it.
        is_nullable: Set by the engine's fragments and in snapshots only: overrides every other key about NULL.
        id: What the column is known by when its name changes; `None` while that is its name.
    """

    name: Annotated[str, Key(NAME, "Name of the column: authorId.")]
    id: Annotated[str | None, Key(ID, "Identity of the column, which stays when its name changes.")] = None
    renamed_from: Annotated[
        str | None, Key(NAME, "The previous name; can be removed once a migration contains the rename.")
    ] = None
    type: Annotated[ColumnType, Key(_TYPE, "Type of the values.")]
    db_type: Annotated[str | None, Key(DATABASE_TYPE, "Type in the database, instead of the default for the type.")] = (
        None
    )
    db_name: Annotated[str | None, Key(DATABASE_NAME, "Name in the database, instead of the name in snake_case.")] = (
        None
    )
    enum_values: Annotated[tuple[str, ...], Key(ListOf(TEXT), "The values of an Enum.")] = ()
    renamed_values: Annotated[
        tuple[RenamedValue, ...], Key(ListOf(Part(RenamedValue)), "New names of values, until a migration has them.")
    ] = ()
    precision: Annotated[int | None, Key(COUNT, "Total number of digits of a Decimal.")] = None
    scale: Annotated[int | None, Key(COUNT, "Digits of a Decimal after the point.")] = None
    is_primary_key: Annotated[bool, Key(FLAG, "Primary key, or part of it.")] = False
    is_required: Annotated[
        bool | None, Key(FLAG, "Every row has a value; false: NULL is allowed, also with a default.")
    ] = None
    is_unique: Annotated[bool, Key(FLAG, "No two rows have the same value.")] = False
    is_indexed: Annotated[bool, Key(FLAG, "Add an index.")] = False
    is_updated_at: Annotated[bool, Key(FLAG, "Set to the current time at every change.")] = False
    default_value: Annotated[
        DefaultValue | None, Key(VALUE, "A literal, or cuid(), uuid(), now(), autoincrement() …")
    ] = None
    computed: Annotated[Computed | None, Key(Part(Computed), "The database computes the value.")] = None
    references: Annotated[
        Reference | None,
        Key(Part(Reference, short="table"), "The table, or table and column, that the value references."),
    ] = None
    min_length: Annotated[int | None, Key(COUNT, "Minimum length in characters (Bytes: in bytes).")] = None
    max_length: Annotated[int | None, Key(COUNT, "Maximum length in characters (Bytes: in bytes).")] = None
    min_value: Annotated[int | float | None, Key(NUMBER, "Minimum.")] = None
    max_value: Annotated[int | float | None, Key(NUMBER, "Maximum.")] = None
    pattern: Annotated[str | None, Key(TEXT, "Regular expression that must match some part of the text.")] = None
    is_hidden: Annotated[bool, Key(FLAG, "Never in a response; clients cannot set it unless isInput is true.")] = False
    is_read_only: Annotated[bool, Key(FLAG, "Clients cannot set it.")] = False
    is_input: Annotated[
        bool,
        Key(FLAG, "Clients can set it: on User at registration and in the profile; elsewhere although it is hidden."),
    ] = False
    description: Annotated[str | None, Key(TEXT, "What the value means.")] = None
    example: Annotated[str | int | float | bool | None, Key(VALUE, "An example of a value.")] = None
    is_system: Annotated[bool, Key(FLAG, "The engine needs and writes it.", engine_only=True)] = False
    is_nullable: Annotated[
        bool | None, Key(FLAG, "Whether the column allows NULL, whatever other keys say.", engine_only=True)
    ] = None

    @property
    def database_name(self) -> str:
        """The column's name in the database."""
        return self.db_name or snake_case(self.name)

    @property
    def identity(self) -> str:
        """What the column is known by when designs are compared."""
        return self.id or self.name

    @property
    def counts_up(self) -> bool:
        """Whether the database numbers the rows."""
        return self.default_value is DefaultFunction.AUTOINCREMENT

    @property
    def is_not_null(self) -> bool:
        """Whether the database refuses NULL here."""
        if self.is_primary_key:
            return True
        if self.is_nullable is not None:
            return not self.is_nullable
        return self.is_filled if self.is_required is None else self.is_required

    @property
    def is_filled(self) -> bool:
        """Whether a row that is made without a value gets one, which makes the column NOT NULL by default."""
        return self.default_value is not None or self.is_updated_at

    @property
    def is_nullable_although_filled(self) -> bool:
        """Whether the design asks in so many words for NULL in a column that each new row gets a value for."""
        return self.is_required is False and self.is_filled and not self.is_primary_key

    @property
    def stored_limits(self) -> tuple[int | None, int | None]:
        """The lengths that the database checks too: none of the engine's columns, whose lengths an app may change."""
        return (None, None) if self.is_system else (self.min_length, self.max_length)

    @property
    def on_delete(self) -> OnDelete | None:
        """What happens to the row when the one that it refers to is deleted; `None` without a reference."""
        if self.references is None:
            return None
        return self.references.on_delete or (OnDelete.RESTRICT if self.is_not_null else OnDelete.SET_NULL)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over one column or several.

    Attributes:
        where: An SQL condition that limits the index to some rows.
    """

    columns: Annotated[tuple[str, ...], Key(_NAMES, "The columns, in order.", always=True)]
    is_unique: Annotated[bool, Key(FLAG, "No two rows have the same values.")] = False
    name: Annotated[str | None, Key(DATABASE_NAME, "Name in the database.")] = None
    where: Annotated[str | None, Key(TEXT, "SQL condition for the rows in the index.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A reference of several columns together.

    Attributes:
        on_delete: `None` leaves it to the default: restrict.
    """

    columns: Annotated[tuple[str, ...], Key(_NAMES, "The columns, in order.", always=True)]
    table: Annotated[str, Key(NAME, "The referenced table.")]
    to_columns: Annotated[tuple[str, ...], Key(_NAMES, "The referenced columns, in the same order.", always=True)]
    name: Annotated[str | None, Key(DATABASE_NAME, "Name in the database.")] = None
    on_delete: Annotated[OnDelete | None, Key(_ACTION, "What happens when the referenced row is deleted.")] = None
    on_update: Annotated[OnDelete | None, Key(_ACTION, "What happens when the referenced key changes.")] = None


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that the database checks for every row, in the SQL of one database."""

    name: Annotated[str, Key(DATABASE_NAME, "Name in the database, and in the error that a violation gives.")]
    expression: Annotated[str, Key(TEXT, "The condition, in the SQL of the database.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A relation of two tables, seen from one of them."""

    name: Annotated[str, Key(NAME, "Name of the relation.")]
    type: Annotated[RelationshipType, Key(_RELATIONSHIP_TYPE, "Cardinality.")]
    from_table: Annotated[str | None, Key(NAME, "The table it starts from; default: this table.")] = None
    from_column: Annotated[str | None, Key(NAME, "The column there.")] = None
    to_table: Annotated[str, Key(NAME, "The table it leads to.")]
    to_column: Annotated[str | None, Key(NAME, "The column there.")] = None
    on_delete: Annotated[OnDelete | None, Key(_ACTION, "What happens when the row is deleted.")] = None
    on_update: Annotated[OnDelete | None, Key(_ACTION, "What happens when the key changes.")] = None
    through_table: Annotated[str | None, Key(NAME, "The join table of a ManyToMany.")] = None
    through_from_column: Annotated[str | None, Key(NAME, "Its column for the first table.")] = None
    through_to_column: Annotated[str | None, Key(NAME, "Its column for the second table.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes:
        is_system: The table is one of the engine's: read by ADMIN only, written by the engine only.
        id: What the table is known by when its name changes; `None` while that is its name.
    """

    name: Annotated[str, Key(NAME, "Name of the table, in the singular: BlogPost.")]
    id: Annotated[str | None, Key(ID, "Identity of the table, which stays when its name changes.")] = None
    renamed_from: Annotated[
        str | None, Key(NAME, "The previous name; can be removed once a migration contains the rename.")
    ] = None
    db_name: Annotated[str | None, Key(DATABASE_NAME, "Name in the database, instead of the plural in snake_case.")] = (
        None
    )
    db_schema: Annotated[str | None, Key(DATABASE_NAME, "Schema in PostgreSQL, instead of the default one.")] = None
    description: Annotated[str | None, Key(TEXT, "What a row represents.")] = None
    example: Annotated[str | None, Key(VALUE, "An example of a row.")] = None
    columns: Annotated[tuple[Column, ...], Key(ListOf(Part(Column)), "The columns.", always=True)]
    indexes: Annotated[
        tuple[Index, ...], Key(ListOf(Part(Index)), "Indexes over several columns, or over some rows.")
    ] = ()
    foreign_keys: Annotated[
        tuple[ForeignKey, ...], Key(ListOf(Part(ForeignKey)), "References of several columns together.")
    ] = ()
    checks: Annotated[
        tuple[Check, ...], Key(ListOf(Part(Check)), "Conditions that the database checks for every row.")
    ] = ()
    relationships: Annotated[
        tuple[Relationship, ...], Key(ListOf(Part(Relationship)), "Relations with other tables.")
    ] = ()
    access: Annotated[Access, Key(Part(Access), "Who may make which call; without rules, only ADMIN.")] = field(
        default_factory=Access
    )
    soft_delete: Annotated[bool, Key(FLAG, "Deleted rows are marked as deleted and kept.")] = False
    audit: Annotated[bool, Key(FLAG, "The audit log records changes of rows, with before and after.")] = False
    is_system: Annotated[bool, Key(FLAG, "The table is one of the engine's.", engine_only=True)] = False
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    @property
    def database_name(self) -> str:
        """The table's name in the database."""
        return self.db_name or snake_plural(self.name)

    @property
    def full_name(self) -> str:
        """The table's name in the database with its schema, if it has one: `sales.orders`. No name has a dot."""
        return self.database_name if self.db_schema is None else f"{self.db_schema}.{self.database_name}"

    @property
    def identity(self) -> str:
        """What the table is known by when designs are compared."""
        return self.id or self.name

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The columns of the primary key, in their order."""
        return tuple(column for column in self.columns if column.is_primary_key)

    def index_name(self, index: Index) -> str:
        """The name of *index* in the database."""
        if index.name is not None:
            return index.name
        columns = (self.column(name).database_name for name in index.columns)
        return "_".join(["uq" if index.is_unique else "ix", self.database_name, *columns])

    def column(self, name: str) -> Column:
        """The column called *name* in the design.

        Raises:
            KeyError: There is none.
        """
        return self._by_name[name]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", _by_name(self.columns))


@dataclass(frozen=True, slots=True)
class Design:
    """A whole design.

    Attributes:
        schema: What the document names as its JSON Schema.
        version: Of the document's form.
        holds_types: Whether tables on SQLite keep values to the types of their columns. Snapshots of earlier versions
            do not say so: their tables have no such checks.
    """

    schema: Annotated[
        str | None, Key(TEXT, "The JSON Schema of this document, for editors.", name="$schema", always=True)
    ] = field(default=SCHEMA_REFERENCE, kw_only=True)
    version: Annotated[int, Key(Constant(VERSION), "Version of the format.", always=True)] = field(
        default=VERSION, kw_only=True
    )
    holds_types: Annotated[
        bool, Key(FLAG, "The tables in SQLite check the types of their values.", engine_only=True)
    ] = field(default=False, kw_only=True)
    tables: Annotated[tuple[Table, ...], Key(ListOf(Part(Table)), "The tables.", always=True)]
    _by_name: dict[str, Table] = field(init=False, repr=False, compare=False)

    def table(self, name: str) -> Table:
        """The table called *name* in the design.

        Raises:
            KeyError: There is none.
        """
        return self._by_name[name]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", _by_name(self.tables))


_Named = TypeVar("_Named", Column, Table)


def _by_name(items: Sequence[_Named]) -> dict[str, _Named]:
    """*items* by their names; of two with one name the first."""
    return {item.name: item for item in reversed(items)}
