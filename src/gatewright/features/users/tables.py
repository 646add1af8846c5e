"""The `User` table: the tutorial's columns, and what the engine adds."""

# Clients set it; an account that was made without one has none, whatever the design asks for at register.
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
