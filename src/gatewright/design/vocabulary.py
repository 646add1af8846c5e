"""The vocabulary of the design document, in one place.

Reading, canonical writing and the JSON Schema are all made from these tables, so that they can't come apart. The order
of the keys is the order in which they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

VERSION = 1
MAX_NAME = 63
MAX_TEXT = 10_000
NAME_PATTERN = "^[A-Za-z](_?[A-Za-z0-9])*$"
DATABASE_NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$"
ID_PATTERN = "^[A-Za-z](_?[A-Za-z0-9])*(-[0-9]+)?$"
DATABASE_TYPE_PATTERN = r"^[A-Za-z][A-Za-z0-9_ ]*(\([0-9]+(, ?[0-9]+)?\))?[A-Za-z ]*(\[\])?$"
RULE_PATTERN = "^(none|public|authenticated|owner|role:[A-Za-z][A-Za-z0-9_-]*|permission:[A-Za-z][A-Za-z0-9_.:-]*)$"


class Kind(Enum):
    """What the value of a key may be."""

    ACCESS = auto()
    ACTION = auto()
    COLUMNS = auto()
    COUNT = auto()
    DATABASE_NAME = auto()
    DATABASE_TYPE = auto()
    FLAG = auto()
    ID = auto()
    INDEXES = auto()
    NAME = auto()
    NAMES = auto()
    NUMBER = auto()
    REFERENCE = auto()
    RELATIONSHIP_TYPE = auto()
    RELATIONSHIPS = auto()
    RULES = auto()
    TABLES = auto()
    TEXT = auto()
    TEXTS = auto()
    TYPE = auto()
    VALUE = auto()
    VERSION = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object of the document.

    Attributes:
        name: As it is written.
        field: The attribute that holds it.
        engine_only: Known in the engine's fragments and in snapshots, not in a document.
    """

    name: str
    field: str
    kind: Kind
    description: str
    required: bool = False
    engine_only: bool = False


DOCUMENT = (
    Key("$schema", "schema", Kind.TEXT, "The JSON Schema of this document, for editors."),
    Key("version", "version", Kind.VERSION, "Version of the format."),
    Key(
        "holdsTypes",
        "holds_types",
        Kind.FLAG,
        "The tables in SQLite check the types of their values.",
        engine_only=True,
    ),
    Key("tables", "tables", Kind.TABLES, "The tables.", required=True),
)

TABLE = (
    Key("name", "name", Kind.NAME, "Name of the table, in the singular: BlogPost.", required=True),
    Key("id", "id", Kind.ID, "Identity of the table, which stays when its name changes."),
    Key(
        "renamedFrom",
        "renamed_from",
        Kind.NAME,
        "The previous name; can be removed once a migration contains the rename.",
    ),
    Key("dbName", "db_name", Kind.DATABASE_NAME, "Name in the database, instead of the plural in snake_case."),
    Key("description", "description", Kind.TEXT, "What a row represents."),
    Key("example", "example", Kind.VALUE, "An example of a row."),
    Key("columns", "columns", Kind.COLUMNS, "The columns.", required=True),
    Key("indexes", "indexes", Kind.INDEXES, "Indexes over several columns, or over some rows."),
    Key("relationships", "relationships", Kind.RELATIONSHIPS, "Relations with other tables."),
    Key("access", "access", Kind.ACCESS, "Who may make which call; without rules, only ADMIN."),
    Key("softDelete", "soft_delete", Kind.FLAG, "Deleted rows are marked as deleted and kept."),
    Key("isSystem", "is_system", Kind.FLAG, "The table is one of the engine's.", engine_only=True),
)

COLUMN = (
    Key("name", "name", Kind.NAME, "Name of the column: authorId.", required=True),
    Key("id", "id", Kind.ID, "Identity of the column, which stays when its name changes."),
    Key(
        "renamedFrom",
        "renamed_from",
        Kind.NAME,
        "The previous name; can be removed once a migration contains the rename.",
    ),
    Key("type", "type", Kind.TYPE, "Type of the values.", required=True),
    Key("dbType", "db_type", Kind.DATABASE_TYPE, "Type in the database, instead of the default for the type."),
    Key("dbName", "db_name", Kind.DATABASE_NAME, "Name in the database, instead of the name in snake_case."),
    Key("enumValues", "enum_values", Kind.TEXTS, "The values of an Enum."),
    Key("precision", "precision", Kind.COUNT, "Total number of digits of a Decimal."),
    Key("scale", "scale", Kind.COUNT, "Digits of a Decimal after the point."),
    Key("isPrimaryKey", "is_primary_key", Kind.FLAG, "Primary key, or part of it."),
    Key("isRequired", "is_required", Kind.FLAG, "Every row has a value."),
    Key("isUnique", "is_unique", Kind.FLAG, "No two rows have the same value."),
    Key("isIndexed", "is_indexed", Kind.FLAG, "Add an index."),
    Key("isUpdatedAt", "is_updated_at", Kind.FLAG, "Set to the current time at every change."),
    Key("defaultValue", "default_value", Kind.VALUE, "A literal, or cuid(), uuid(), now(), autoincrement() …"),
    Key("references", "references", Kind.REFERENCE, "The table, or table and column, that the value references."),
    Key("minLength", "min_length", Kind.COUNT, "Minimum length in characters (Bytes: in bytes)."),
    Key("maxLength", "max_length", Kind.COUNT, "Maximum length in characters (Bytes: in bytes)."),
    Key("minValue", "min_value", Kind.NUMBER, "Minimum."),
    Key("maxValue", "max_value", Kind.NUMBER, "Maximum."),
    Key("pattern", "pattern", Kind.TEXT, "Regular expression that must match some part of the text."),
    Key("isHidden", "is_hidden", Kind.FLAG, "Never in a response; clients cannot set it unless isInput is true."),
    Key("isReadOnly", "is_read_only", Kind.FLAG, "Clients cannot set it."),
    Key(
        "isInput",
        "is_input",
        Kind.FLAG,
        "Clients can set it: on User at registration and in the profile; elsewhere although it is hidden.",
    ),
    Key("description", "description", Kind.TEXT, "What the value means."),
    Key("example", "example", Kind.VALUE, "An example of a value."),
    Key("isSystem", "is_system", Kind.FLAG, "The engine needs and writes it.", engine_only=True),
    Key(
        "isNullable",
        "is_nullable",
        Kind.FLAG,
        "Whether the column allows NULL, whatever other keys say.",
        engine_only=True,
    ),
)

REFERENCE = (
    Key("table", "table", Kind.NAME, "The referenced table.", required=True),
    Key("column", "column", Kind.NAME, "The referenced column; default: id."),
    Key("onDelete", "on_delete", Kind.ACTION, "What happens when the referenced row is deleted."),
    Key("onUpdate", "on_update", Kind.ACTION, "What happens when the referenced key changes."),
    Key("anyRow", "any_row", Kind.FLAG, "Clients can set it to rows that they may not read."),
)

INDEX = (
    Key("columns", "columns", Kind.NAMES, "The columns, in order.", required=True),
    Key("isUnique", "is_unique", Kind.FLAG, "No two rows have the same values."),
    Key("name", "name", Kind.DATABASE_NAME, "Name in the database."),
    Key("where", "where", Kind.TEXT, "SQL condition for the rows in the index."),
)

ACCESS = (
    Key("list", "list", Kind.RULES, "Who may list rows."),
    Key("read", "read", Kind.RULES, "Who may read a row."),
    Key("create", "create", Kind.RULES, "Who may create a row."),
    Key("update", "update", Kind.RULES, "Who may change a row."),
    Key("delete", "delete", Kind.RULES, "Who may delete a row."),
    Key("ownerColumn", "owner_column", Kind.NAME, "The reference to User that names the owner of a row."),
)

RELATIONSHIP = (
    Key("name", "name", Kind.NAME, "Name of the relation.", required=True),
    Key("type", "type", Kind.RELATIONSHIP_TYPE, "Cardinality.", required=True),
    Key("fromTable", "from_table", Kind.NAME, "The table it starts from; default: this table."),
    Key("fromColumn", "from_column", Kind.NAME, "The column there."),
    Key("toTable", "to_table", Kind.NAME, "The table it leads to.", required=True),
    Key("toColumn", "to_column", Kind.NAME, "The column there."),
    Key("onDelete", "on_delete", Kind.ACTION, "What happens when the row is deleted."),
    Key("onUpdate", "on_update", Kind.ACTION, "What happens when the key changes."),
    Key("throughTable", "through_table", Kind.NAME, "The join table of a ManyToMany."),
    Key("throughFromColumn", "through_from_column", Kind.NAME, "Its column for the first table."),
    Key("throughToColumn", "through_to_column", Kind.NAME, "Its column for the second table."),
)

OBJECTS = {
    Kind.ACCESS: ACCESS,
    Kind.COLUMNS: COLUMN,
    Kind.INDEXES: INDEX,
    Kind.REFERENCE: REFERENCE,
    Kind.RELATIONSHIPS: RELATIONSHIP,
    Kind.TABLES: TABLE,
}
