"""The design document as plain typed data: what a database holds, and who may do what with its rows.

Everything here is immutable, compares by value and knows no file format and no SQL. `reading.py` makes these objects
from a document, and everything behind it (tables, migrations, generated code) is made from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, get_args

from gatewright.design.naming import snake_case, snake_plural

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
    """What becomes of a row when the row that it refers to goes (or, as `on_update`, gets another key)."""

    CASCADE = "cascade"
    RESTRICT = "restrict"
    SET_NULL = "setNull"


CallName = Literal["list", "read", "create", "update", "delete"]
CALLS: tuple[CallName, ...] = get_args(CallName)
"""The five calls of a resource."""


class RuleKind(StrEnum):
    """Whom an access rule lets in."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    OWNER = "owner"
    ROLE = "role"
    PERMISSION = "permission"


class RelationshipType(StrEnum):
    """How many rows of one table belong to how many of the other."""

    ONE_TO_ONE = "OneToOne"
    ONE_TO_MANY = "OneToMany"
    MANY_TO_MANY = "ManyToMany"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column's reference to a column of another table, or of its own.

    Attributes:
        on_delete: `None` leaves it to the default; `Column.on_delete` says what holds.
        any_row: Clients may name rows that they may not read.
    """

    table: str
    column: str = "id"
    on_delete: OnDelete | None = None
    on_update: OnDelete | None = None
    any_row: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        default_value: A `DefaultFunction`, or a literal in the form that fits the type: `bool`, `int` and `float` for
            Boolean, Int, BigInt and Float; for all others a string (Decimal: digits, Bytes: base64, Json: JSON text,
            dates and times: ISO 8601).
        example: A literal in the same form.
        is_required: Whether every row has a value; None where the design does not say so in so many words.
        is_hidden: No answer holds it, and clients can't set it unless `is_input` is set.
        is_input: On `User`: clients may set it at register and in their profile. On other tables: clients may set
            the hidden column.
        is_system: The engine needs this column and writes it.
        is_nullable: Set by the engine's fragments only: decides over NULL whatever else the column says.
        id: What the column is known by when its name changes; `None` while that is its name.
    """

    name: str
    type: ColumnType
    is_primary_key: bool = False
    is_required: bool | None = None
    is_unique: bool = False
    is_indexed: bool = False
    is_updated_at: bool = False
    default_value: DefaultValue | None = None
    references: Reference | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    pattern: str | None = None
    precision: int | None = None
    scale: int | None = None
    enum_values: tuple[str, ...] = ()
    db_type: str | None = None
    is_hidden: bool = False
    is_read_only: bool = False
    is_input: bool = False
    db_name: str | None = None
    description: str | None = None
    example: str | int | float | bool | None = None
    id: str | None = None
    renamed_from: str | None = None
    is_system: bool = False
    is_nullable: bool | None = None

    @property
    def database_name(self) -> str:
        """What the column is called in the database."""
        return self.db_name or snake_case(self.name)

    @property
    def identity(self) -> str:
        """What the column is known by when designs are compared."""
        return self.id or self.name

    @property
    def is_not_null(self) -> bool:
        """Whether the database refuses NULL here."""
        if self.is_primary_key:
            return True
        if self.is_nullable is not None:
            return not self.is_nullable
        return bool(self.is_required) or self.default_value is not None or self.is_updated_at

    @property
    def stored_limits(self) -> tuple[int | None, int | None]:
        """The lengths that the database checks too: none of the engine's columns, whose lengths an app may change."""
        return (None, None) if self.is_system else (self.min_length, self.max_length)

    @property
    def on_delete(self) -> OnDelete | None:
        """What becomes of the row when the one that it refers to goes; `None` without a reference."""
        if self.references is None:
            return None
        return self.references.on_delete or (OnDelete.RESTRICT if self.is_not_null else OnDelete.SET_NULL)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over one column or several.

    Attributes:
        where: An SQL condition that limits the index to some rows.
    """

    columns: tuple[str, ...]
    is_unique: bool = False
    name: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to be let in.

    Attributes:
        name: The role's or the permission's; empty for other kinds.
    """

    kind: RuleKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may make which call on a table's resource. Any one rule lets in; without a rule, ADMIN alone may.

    Attributes:
        owner_column: The reference to `User` that makes a row somebody's.
    """

    list: tuple[Rule, ...] = ()
    read: tuple[Rule, ...] = ()
    create: tuple[Rule, ...] = ()
    update: tuple[Rule, ...] = ()
    delete: tuple[Rule, ...] = ()
    owner_column: str | None = None

    def rules(self, call: CallName) -> tuple[Rule, ...]:
        """The rules for *call*."""
        rules: tuple[Rule, ...] = getattr(self, call)
        return rules

    @property
    def roles(self) -> set[str]:
        """The roles that some rule names."""
        return {rule.name for call in CALLS for rule in self.rules(call) if rule.kind is RuleKind.ROLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A relation of two tables, told from one of them."""

    name: str
    type: RelationshipType
    to_table: str
    from_table: str | None = None
    from_column: str | None = None
    to_column: str | None = None
    on_delete: OnDelete | None = None
    on_update: OnDelete | None = None
    through_table: str | None = None
    through_from_column: str | None = None
    through_to_column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes:
        is_system: The table is one of the engine's: read by ADMIN only, written by the engine only.
        id: What the table is known by when its name changes; `None` while that is its name.
    """

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    access: Access = field(default_factory=Access)
    relationships: tuple[Relationship, ...] = ()
    soft_delete: bool = False
    db_name: str | None = None
    description: str | None = None
    example: str | None = None
    id: str | None = None
    renamed_from: str | None = None
    is_system: bool = False

    @property
    def database_name(self) -> str:
        """What the table is called in the database."""
        return self.db_name or snake_plural(self.name)

    @property
    def identity(self) -> str:
        """What the table is known by when designs are compared."""
        return self.id or self.name

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The columns of the primary key, in their order."""
        return tuple(column for column in self.columns if column.is_primary_key)

    def index_name(self, index: Index) -> str:
        """What *index* is called in the database."""
        if index.name is not None:
            return index.name
        columns = (self.column(name).database_name for name in index.columns)
        return "_".join(["uq" if index.is_unique else "ix", self.database_name, *columns])

    def column(self, name: str) -> Column:
        """The column called *name* in the design.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Design:
    """A whole design.

    Attributes:
        version: Of the document's form.
        schema: What the document names as its JSON Schema.
        holds_types: Whether tables on SQLite keep values to the types of their columns. Snapshots of earlier versions
            do not say so: their tables have no such checks.
    """

    tables: tuple[Table, ...]
    version: int = 1
    schema: str | None = SCHEMA_REFERENCE
    holds_types: bool = False

    def table(self, name: str) -> Table:
        """The table called *name* in the design.

        Raises:
            KeyError: There is none.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
