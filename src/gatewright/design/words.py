"""Words that cannot be names in a design, because they have a meaning where the name is used."""

from __future__ import annotations

# Reserved by PostgreSQL, or by both MariaDB and SQLite. Names that only one of them reserves are quoted where needed.
# fmt: off
SQL_WORDS = frozenset(
    {
        "add", "all", "alter", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
        "authorization", "before", "between", "binary", "both", "by", "cascade", "case", "cast", "check",
        "collate", "column", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
        "current_schema", "current_time", "current_timestamp", "current_user", "database", "default",
        "deferrable", "delete", "desc", "distinct", "do", "drop", "each", "else", "end", "except", "exists",
        "explain", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having",
        "if", "ignore", "ilike", "in", "index", "initially", "inner", "insert", "intersect", "into", "is",
        "isnull", "join", "key", "leading", "left", "like", "limit", "localtime", "localtimestamp", "match",
        "natural", "new", "not", "notnull", "null", "of", "off", "offset", "old", "on", "only", "or", "order",
        "outer", "over", "overlaps", "placing", "primary", "raise", "references", "rename", "replace",
        "restrict", "returning", "right", "select", "session_user", "set", "similar", "some", "symmetric",
        "table", "then", "to", "trailing", "trigger", "true", "union", "unique", "update", "user", "using",
        "values", "variadic", "verbose", "when", "where", "window", "with",
    }
)

# What the classes that generated models and schemas derive from keep for themselves (SQLAlchemy, pydantic).
CLASS_MEMBERS = frozenset(
    {
        "construct", "copy", "dict", "from_orm", "json", "metadata", "model_computed_fields", "model_config",
        "model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields",
        "model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild",
        "model_validate", "model_validate_json", "model_validate_strings", "parse_file", "parse_obj",
        "parse_raw", "registry", "schema", "schema_json", "update_forward_refs", "validate",
    }
)
# fmt: on

# Folders beside those that are named after a table in the generated code, and those that Windows can't make.
FOLDERS = frozenset({"base", "routers", "tests"}) | {"aux", "con", "nul", "prn"}

# First parts of paths that are the server's own.
PATHS = frozenset({"admin", "auth", "docs", "health", "metrics"})

# Prefixes of tables and indexes that belong to no design: Gatewright's own, SQLite's and PostgreSQL's.
PREFIXES = ("gatewright_", "sqlite_", "pg_")

# Prefixes of PostgreSQL's own schemas.
SCHEMAS = ("pg_", "information_schema")
DEFAULT_SCHEMA = "public"

# Columns that every table has already: in PostgreSQL, and in MariaDB.
COLUMNS = frozenset(
    {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin", "db_row_id", "db_trx_id", "db_roll_ptr", "fts_doc_id"}
)

# Where Alembic keeps its version.
TABLES = frozenset({"alembic_version"})
