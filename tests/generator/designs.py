"""Designs that several tests of the generator start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gatewright.core.engine_tables import engine_tables
from gatewright.design.completion import complete
from gatewright.design.document import Design, Table
from gatewright.design.reading import read_design

ID: dict[str, Any] = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}


def fragments() -> list[Table]:
    """The engine's part of a design."""
    return engine_tables()


def completed(*tables: dict[str, Any]) -> Design:
    """The design of *tables*, with the engine's."""
    engine = fragments()
    return complete(read_design(json.dumps({"tables": tables}), engine=engine), engine)


def write(app: Path, *tables: dict[str, Any]) -> None:
    """Make an app's folder at *app*, or change its design."""
    (app / "app").mkdir(parents=True, exist_ok=True)
    (app / "app/__init__.py").touch()
    (app / "db.design.json").write_text(json.dumps({"tables": tables}), encoding="utf-8")


def post(**keys: object) -> dict[str, Any]:
    """The tutorial's next table."""
    columns = [
        ID,
        {"name": "title", "type": "String", "isRequired": True, "maxLength": 120},
        {"name": "body", "type": "Text"},
        {"name": "authorId", "type": "String", "isRequired": True, "references": "User"},
    ]
    return {"name": "Post", "columns": columns, **keys}


OWNED = {
    "list": "owner",
    "read": ["owner", "role:EDITOR"],
    "create": "authenticated",
    "update": "owner",
    "delete": "role:EDITOR",
    "ownerColumn": "ownerId",
}

# Every column type, with every limit that it can have.
EVERY_TYPE: dict[str, Any] = {
    "name": "Specimen",
    "description": "One of everything.",
    "columns": [
        {"name": "id", "type": "Uuid", "isPrimaryKey": True, "defaultValue": "uuid7()"},
        {"name": "string", "type": "String", "isRequired": True, "minLength": 2, "maxLength": 40, "isUnique": True},
        {"name": "text", "type": "Text", "description": 'With "quotes" and \\ backslashes.'},
        {"name": "code", "type": "String", "isRequired": True, "pattern": "^[A-Z]{3}-[0-9]{2}$", "example": "ABC-12"},
        {"name": "int", "type": "Int", "isRequired": True, "minValue": -3, "maxValue": 300},
        {"name": "bigInt", "type": "BigInt", "defaultValue": "9000000000"},
        {"name": "float", "type": "Float", "minValue": 0.5},
        {"name": "decimal", "type": "Decimal", "precision": 12, "scale": 3, "defaultValue": "1.5"},
        {"name": "decimalOfAnySize", "type": "Decimal"},
        {"name": "boolean", "type": "Boolean", "isRequired": True, "defaultValue": "false"},
        {"name": "dateTime", "type": "DateTime", "defaultValue": "2026-01-31T12:00:00Z"},
        {"name": "madeAt", "type": "DateTime", "defaultValue": "now()", "isReadOnly": True},
        {"name": "changedAt", "type": "DateTime", "isUpdatedAt": True},
        {"name": "date", "type": "Date", "isRequired": True},
        {"name": "today", "type": "Date", "defaultValue": "now()"},
        {"name": "time", "type": "Time"},
        {"name": "jsonValue", "type": "Json", "defaultValue": {"a": [1, None, "x"]}},
        {"name": "bytes", "type": "Bytes", "minLength": 1, "maxLength": 20, "defaultValue": "AAEC"},
        {"name": "uuid", "type": "Uuid", "defaultValue": "uuid()", "isIndexed": True},
        {"name": "str", "type": "String", "defaultValue": "ulid()"},
        {"name": "enum", "type": "Enum", "enumValues": ["red", "dark green", "it's"], "defaultValue": "red"},
        {"name": "hidden", "type": "String", "isHidden": True, "defaultValue": "secret"},
        {"name": "hiddenInput", "type": "String", "isHidden": True, "isInput": True},
        {"name": "readOnly", "type": "Int", "isReadOnly": True},
        {"name": "renamed", "type": "String", "dbName": "other_name"},
    ],
    "indexes": [{"columns": ["int", "date"], "isUnique": True}, {"columns": ["enum"], "name": "by_enum"}],
    "access": {"list": "public", "read": "public", "create": "role:EDITOR", "update": "role:EDITOR"},
}
TYPES: list[dict[str, Any]] = [
    EVERY_TYPE,
    # Names that the generated code uses itself.
    {
        "name": "Session",
        "columns": [
            {"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
            *(
                {"name": name, "type": kind}
                for name, kind in (
                    *(("datetime", "DateTime"), ("date", "Date"), ("time", "Time"), ("decimal", "Decimal")),
                    *(("uuid", "Uuid"), ("str", "String"), ("int", "Int"), ("bool", "Boolean"), ("bytes", "Bytes")),
                    *(("float", "Float"), ("crud", "String"), ("sa", "String"), ("orm", "String"), ("typing", "Json")),
                    *(("pydantic", "String"), ("model", "String"), ("modelName", "String"), ("service", "String")),
                    *(("hash", "String"), ("list", "Json"), ("type", "String"), ("self", "String")),
                )
            ),
        ],
        "access": dict.fromkeys(("list", "read", "create", "update", "delete"), "authenticated"),
    },
]
RULES: list[dict[str, Any]] = [
    {"name": "Closed", "columns": [ID, {"name": "title", "type": "String", "isRequired": True}]},
    {
        "name": "Open",
        "dbName": "open_things",
        "columns": [ID, {"name": "title", "type": "String"}],
        "access": dict.fromkeys(("list", "read", "create", "update", "delete"), "public"),
    },
    # Whoever writes need not be able to read.
    {
        "name": "Report",
        "columns": [ID, {"name": "title", "type": "String", "isRequired": True}],
        "access": {"create": "public", "read": "role:EDITOR", "update": "authenticated"},
    },
    {
        "name": "Letter",
        "columns": [
            ID,
            {"name": "title", "type": "String"},
            {"name": "ownerId", "type": "String", "isRequired": True, "references": "User"},
        ],
        "access": {"create": "authenticated", "update": ["owner", "role:EDITOR"], "ownerColumn": "ownerId"},
    },
    {
        "name": "Note",
        "columns": [
            ID,
            {"name": "title", "type": "String", "isRequired": True, "maxLength": 80},
            {"name": "ownerId", "type": "String", "isRequired": True, "references": "User"},
        ],
        "access": OWNED,
    },
    {
        "name": "Draft",
        "columns": [
            ID,
            {"name": "title", "type": "String"},
            {"name": "ownerId", "type": "String", "references": {"table": "User", "onDelete": "cascade"}},
        ],
        "access": {**OWNED, "list": ["owner", "authenticated"], "delete": "owner", "create": "owner"},
    },
]
KEYS: list[dict[str, Any]] = [
    {
        "name": "Category",
        "columns": [
            {"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
            {"name": "name", "type": "String", "isRequired": True, "isUnique": True, "maxLength": 30},
            {"name": "parentId", "type": "Int", "references": {"table": "Category", "onDelete": "setNull"}},
        ],
    },
    {
        "name": "Membership",
        "description": "A key of two columns, one of them somebody's.",
        "columns": [
            {"name": "noteId", "type": "String", "isPrimaryKey": True, "references": "Note"},
            {"name": "ownerId", "type": "String", "isPrimaryKey": True, "references": "User"},
            {"name": "level", "type": "Int", "defaultValue": 1},
        ],
        "access": {**OWNED, "create": "owner", "delete": "owner"},
    },
    # References to rows of others, closed and open, needed and not.
    {
        "name": "Comment",
        "columns": [
            ID,
            {"name": "noteId", "type": "String", "isRequired": True, "references": "Note"},
            {"name": "letterId", "type": "String", "references": "Letter"},
            {"name": "readerId", "type": "String", "references": "User"},
            {"name": "otherId", "type": "String", "references": {"table": "Note", "anyRow": True}},
        ],
        "access": {"list": "authenticated", "read": "authenticated", "create": ["public", "role:EDITOR"]},
    },
    {
        "name": "Badge",
        "columns": [
            ID,
            {"name": "userId", "type": "String", "isRequired": True, "isUnique": True, "references": "User"},
        ],
        "access": {"create": ["authenticated", "role:EDITOR"], "delete": "authenticated"},
    },
    {
        "name": "Reading",
        "columns": [
            {"name": "sensor", "type": "String", "isPrimaryKey": True, "maxLength": 20},
            {"name": "takenOn", "type": "Date", "isPrimaryKey": True},
            {"name": "value", "type": "Float", "isRequired": True},
        ],
        "access": {"list": "authenticated", "read": "authenticated"},
    },
    {
        "name": "Price",
        "columns": [
            ID,
            {
                "name": "code",
                "type": "String",
                "isRequired": True,
                "references": {"table": "Specimen", "column": "string"},
            },
        ],
    },
]
# What a design says in the database's own words.
OWN_WORDS: list[dict[str, Any]] = [
    {
        "name": "Slot",
        "dbName": "the slots (100%)",
        "columns": [
            ID,
            {"name": "room", "type": "Int", "isRequired": True},
            {"name": "hour", "type": "Int", "isRequired": True, "dbName": "hour of the day"},
            {"name": "label", "type": "Text", "computed": {"expression": "'at: ' || id", "isStored": True}},
            {"name": "code", "type": "String", "dbType": "varchar(30)"},
            {"name": "notes", "type": "Json", "dbType": "jsonb"},
            {"name": "address", "type": "String", "dbType": "inet", "example": "192.0.2.0/24"},
            {"name": "small", "type": "Int", "dbType": "smallint", "maxValue": 30000},
        ],
        "indexes": [
            {"columns": ["room", "hour"], "isUnique": True},
            {"columns": ["code"], "where": "room > 0 AND code <> 'a:b'", "name": "some codes"},
        ],
        "checks": [{"name": "room number", "expression": "room > 0"}],
        "access": {"list": "authenticated", "read": "authenticated", "create": "role:EDITOR"},
    },
    {
        "name": "Booking",
        "columns": [
            ID,
            {"name": "hour", "type": "Int"},
            {"name": "room", "type": "Int"},
            {"name": "slotId", "type": "String", "references": {"table": "Slot", "onDelete": "noAction"}},
        ],
        "foreignKeys": [
            {"columns": ["room", "hour"], "table": "Slot", "toColumns": ["room", "hour"], "onDelete": "setNull"}
        ],
        "access": {"list": "authenticated", "read": "authenticated", "create": "authenticated"},
    },
]
USER: dict[str, Any] = {
    "name": "User",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {"name": "phone", "type": "String", "isInput": True, "maxLength": 20},
        {"name": "theme", "type": "Enum", "enumValues": ["light", "dark"], "defaultValue": "light", "isInput": True},
    ],
}
WHOLE = [*TYPES, *RULES, *KEYS, *OWN_WORDS, USER]
