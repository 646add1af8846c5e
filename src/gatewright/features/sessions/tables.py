"""The `RefreshToken` table: one row for each signed-in session, with its live refresh token, hashed."""

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
