"""The `EmailVerification` table: every single-use token that a mail carries, hashed, with its purpose."""

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
        # Nobody yet, when a code is mailed to an address that has no account.
        {"name": "userId", "type": "String", "references": {"table": "User", "onDelete": "cascade"}},
        {"name": "purpose", "type": "String", "isRequired": True},
        {"name": "email", "type": "String", "isRequired": True},
        {"name": "attempts", "type": "Int", "defaultValue": "0"},
        {"name": "usedAt", "type": "DateTime"},
        {"name": "expiresAt", "type": "DateTime", "isRequired": True, "isIndexed": True},
        {"name": "createdAt", "type": "DateTime", "defaultValue": "now()"},
    ],
}
