"""Documents that several tests of the design start from."""

from __future__ import annotations

import json
from typing import Any

from gatewright.design.document import Design, Table
from gatewright.design.problems import DesignError
from gatewright.design.reading import parse_table, read_design

# The tutorial's three tables, typed as it types them.
TUTORIAL = """
[
  {
    name: "User",
    columns: [
      { name: "id", type: "String", isPrimaryKey: true, defaultValue: "cuid()" },
      { name: "email", type: "String", isRequired: true, isUnique: true },
      { name: "password", type: "String", isRequired: true },
      { name: "firstName", type: "String", isRequired: true },
      { name: "lastName", type: "String", isRequired: true },
      { name: "isEmailVerified", type: "Boolean", defaultValue: "false" },
      { name: "role", type: "String", defaultValue: "USER" },
      { name: "createdAt", type: "DateTime", defaultValue: "now()" },
      { name: "updatedAt", type: "DateTime", isUpdatedAt: true }
    ]
  },
  {
    name: "RefreshToken",
    columns: [
      { name: "id", type: "String", isPrimaryKey: true, defaultValue: "cuid()" },
      { name: "token", type: "String", isRequired: true, isUnique: true },
      { name: "userId", type: "String", isRequired: true, references: "User" },
      { name: "expiresAt", type: "DateTime", isRequired: true },
      { name: "createdAt", type: "DateTime", defaultValue: "now()" }
    ]
  },
  {
    name: "EmailVerification",
    columns: [
      { name: "id", type: "String", isPrimaryKey: true, defaultValue: "cuid()" },
      { name: "token", type: "String", isRequired: true, isUnique: true },
      { name: "userId", type: "String", isRequired: true, references: "User" },
      { name: "expiresAt", type: "DateTime", isRequired: true },
      { name: "createdAt", type: "DateTime", defaultValue: "now()" }
    ]
  }
]
"""

ID: dict[str, Any] = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}

# Fragments like the engine's, small enough to see through.
USER: Table = parse_table(
    {
        "name": "User",
        "description": "An account.",
        "columns": [
            ID,
            {"name": "email", "type": "String", "isRequired": True, "isUnique": True},
            {"name": "emailKey", "type": "String", "isRequired": True, "isUnique": True, "isHidden": True},
            {"name": "password", "type": "String", "isHidden": True, "isReadOnly": True},
            {
                "name": "firstName",
                "type": "String",
                "minLength": 2,
                "maxLength": 50,
                "isInput": True,
                "isNullable": True,
            },
            {
                "name": "lastName",
                "type": "String",
                "minLength": 2,
                "maxLength": 50,
                "isInput": True,
                "isNullable": True,
            },
            {"name": "isEmailVerified", "type": "Boolean", "defaultValue": "false"},
            {"name": "role", "type": "String", "defaultValue": "USER", "isReadOnly": True},
            {"name": "createdAt", "type": "DateTime", "defaultValue": "now()"},
            {"name": "updatedAt", "type": "DateTime", "isUpdatedAt": True},
        ],
    }
)
REFRESH_TOKEN: Table = parse_table(
    {
        "name": "RefreshToken",
        "columns": [
            ID,
            {"name": "token", "type": "String", "isRequired": True, "isUnique": True, "isHidden": True},
            {
                "name": "userId",
                "type": "String",
                "isRequired": True,
                "references": {"table": "User", "onDelete": "cascade"},
            },
            {"name": "generation", "type": "Int", "defaultValue": 0},
            {"name": "expiresAt", "type": "DateTime", "isRequired": True},
            {"name": "createdAt", "type": "DateTime", "defaultValue": "now()"},
        ],
        "indexes": [{"columns": ["userId", "createdAt"]}],
    }
)
ENGINE = (USER, REFRESH_TOKEN)


def table(name: str, *columns: dict[str, Any], **keys: object) -> dict[str, Any]:
    """A raw table with a key and *columns*."""
    return {"name": name, "columns": [ID, *columns], **keys}


def column(name: str, column_type: str = "String", **keys: object) -> dict[str, Any]:
    """A raw column."""
    return {"name": name, "type": column_type, **keys}


def text(*tables: object, **keys: object) -> str:
    """The text of a document with *tables*."""
    return json.dumps({"tables": list(tables), **keys})


def design(*tables: object) -> Design:
    """The design of *tables*."""
    return read_design(text(*tables))


def problems_of(*tables: object, engine: tuple[Table, ...] = ()) -> list[str]:
    """What reading a document with *tables* complains of, one text each."""
    try:
        read_design(text(*tables), engine=engine)
    except DesignError as error:
        return [str(problem) for problem in error.problems]
    return []
