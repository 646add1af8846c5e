"""The tables that the kernel reads and every design has: `User`, `RefreshToken`, `EmailVerification`.

They are fragments in the vocabulary of `db.design.json`: the tutorial's design names all three, and an app adds columns
to them. What a feature needs besides is a table of the kernel (`Feature.tables`), so that an upgrade of the package
never asks an app for a migration.
"""

from __future__ import annotations

from pathlib import Path

from gatewright.design.completion import complete
from gatewright.design.document import Design, Table
from gatewright.design.files import design_file, load_complete_design
from gatewright.design.reading import parse_table

# Clients set it; an account made without one has none, even if the design requires it at register.
_NAME = {"isInput": True, "isNullable": True}

USER = {
    "name": "User",
    "description": "An account.",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {
            "name": "email",
            "type": "String",
            "isRequired": True,
            "isUnique": True,
            "isReadOnly": True,
            "description": "The address as it was typed; mail goes there.",
        },
        {
            "name": "emailKey",
            "type": "String",
            "isRequired": True,
            "isUnique": True,
            "isHidden": True,
            "isReadOnly": True,
            "description": "The address in the form that addresses are compared by.",
        },
        # Without a password there are other ways in.
        {"name": "password", "type": "String", "isHidden": True, "isReadOnly": True},
        {"name": "firstName", "type": "String", "minLength": 2, "maxLength": 50, **_NAME},
        {"name": "lastName", "type": "String", "minLength": 2, "maxLength": 50, **_NAME},
        {"name": "isEmailVerified", "type": "Boolean", "defaultValue": "false", "isReadOnly": True},
        {"name": "role", "type": "String", "defaultValue": "USER", "isReadOnly": True},
        {"name": "disabledAt", "type": "DateTime", "isReadOnly": True, "isHidden": True},
        {"name": "createdAt", "type": "DateTime", "defaultValue": "now()", "isReadOnly": True},
        {"name": "updatedAt", "type": "DateTime", "isUpdatedAt": True, "isReadOnly": True},
    ],
}

REFRESH_TOKEN = {
    "name": "RefreshToken",
    "description": "A signed-in session and its refresh token; hashed.",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {
            "name": "token",
            "type": "String",
            "isRequired": True,
            "isUnique": True,
            "isHidden": True,
            "isReadOnly": True,
        },
        {
            "name": "userId",
            "type": "String",
            "isRequired": True,
            "references": {"table": "User", "onDelete": "cascade"},
        },
        {
            "name": "generation",
            "type": "Int",
            "defaultValue": "0",
            "description": "How often the refresh token has been replaced.",
        },
        {"name": "rotatedAt", "type": "DateTime"},
        {"name": "lastUsedAt", "type": "DateTime", "isRequired": True},
        {"name": "endedAt", "type": "DateTime"},
        {"name": "authTime", "type": "DateTime", "isRequired": True},
        {
            "name": "amr",
            "type": "String",
            "isRequired": True,
            "description": "How the user signed in: RFC 8176 names with spaces between them.",
        },
        {"name": "ipAddress", "type": "String"},
        {"name": "userAgent", "type": "String"},
        # Not indexed: it changes with every refresh, and old rows are found by createdAt.
        {"name": "expiresAt", "type": "DateTime", "isRequired": True},
        {"name": "createdAt", "type": "DateTime", "defaultValue": "now()", "isIndexed": True},
    ],
}

EMAIL_VERIFICATION = {
    "name": "EmailVerification",
    "description": "A single-use token that was mailed; hashed.",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {
            "name": "token",
            "type": "String",
            "isRequired": True,
            "isUnique": True,
            "isHidden": True,
            "isReadOnly": True,
        },
        # Empty while the address that it was mailed to has no account.
        {"name": "userId", "type": "String", "references": {"table": "User", "onDelete": "cascade"}},
        {"name": "purpose", "type": "String", "isRequired": True},
        {"name": "email", "type": "String", "isRequired": True},
        {"name": "attempts", "type": "Int", "defaultValue": "0"},
        {"name": "usedAt", "type": "DateTime"},
        {"name": "expiresAt", "type": "DateTime", "isRequired": True, "isIndexed": True},
        {"name": "createdAt", "type": "DateTime", "defaultValue": "now()"},
    ],
}


def engine_tables() -> list[Table]:
    """The engine's part of every design."""
    return [parse_table(table) for table in (USER, REFRESH_TOKEN, EMAIL_VERIFICATION)]


def built_in_design() -> Design:
    """The design of an app that has none of its own: the engine's tables alone."""
    return complete(Design(tables=()), engine_tables())


def design_of(folder: Path) -> Design:
    """The design of the app in *folder*, with all that the engine needs; the built-in one without `db.design.json`.

    Raises:
        DesignError: Something is wrong with it, or it uses what is not built yet.
    """
    if not design_file(folder).exists():
        return built_in_design()
    return load_complete_design(folder, engine_tables())
