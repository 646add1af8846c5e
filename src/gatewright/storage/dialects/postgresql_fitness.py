"""What a PostgreSQL database needs before it can be worked with: its encoding, a schema, and rights on the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gatewright.errors import SetupError
from gatewright.storage.dialects.postgresql_errors import cause_of, is_unavailable, words_of

_MOST_TABLES_NAMED = 3
_INSUFFICIENT_PRIVILEGE = "42501"

RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"]
"""What the role needs on each table."""

LOOK = """
    SELECT
      quote_ident(current_user) AS role,
      current_database() AS database,
      quote_ident(current_schema()) AS schema,
      current_setting('server_encoding') AS encoding,
      current_setting('search_path') AS search_path,
      to_regclass('gatewright_version') IS NOT NULL AS sees_tables,
      ARRAY(
        SELECT quote_ident(nspname)::text FROM pg_namespace
        WHERE NOT has_schema_privilege(oid, 'USAGE') AND nspname = ANY (regexp_split_to_array(
            replace(replace(current_setting('search_path'), '"', ''), '$user', current_user), '\\s*,\\s*'))
      ) AS closed_schemas,
      ARRAY(
        SELECT t.needed || ' ON ' || c.oid::regclass::text FROM (
          SELECT name, needed FROM unnest($1::text[]) name, unnest($2::text[]) needed
          UNION SELECT quote_ident(relname), 'SELECT' FROM pg_class
            WHERE relname LIKE 'gatewright%version' AND relkind = 'r' AND pg_table_is_visible(oid)
        ) t JOIN pg_class c ON c.oid = to_regclass(t.name)
        WHERE NOT has_table_privilege(c.oid, t.needed)
        ORDER BY c.relname, array_position($2::text[], t.needed)
      ) AS missing
"""
"""Looks at the database with the names of tables, as SQL, and `RIGHTS`."""


def refuse_unfit(seen: Mapping[str, Any], *, setting: str) -> None:
    """Refuse a database that cannot be worked with.

    Args:
        seen: What `LOOK` gave.
        setting: The setting that names the database, for the message.

    Raises:
        SetupError: Something is missing; the message says what to grant or to change.
    """
    if faults := faults_of(seen):
        raise SetupError(f"{setting}: {faults[0]}")


def faults_of(seen: Mapping[str, Any]) -> list[str]:
    """What is missing by what `LOOK` gave, each in a sentence or two that say what to grant or to change."""
    return list(_faults_of(seen))


def _faults_of(seen: Mapping[str, Any]) -> Iterator[str]:
    role, path = seen["role"], seen["search_path"]
    if seen["encoding"] != "UTF8":
        yield (
            f"the database {seen['database']} has the encoding {seen['encoding']}, which cannot store every name. "
            f"Make one in UTF8 (createdb --encoding=UTF8 --template=template0 NAME), and move the data there."
        )
    if seen["closed_schemas"] and not seen["sees_tables"]:
        names = ", ".join(seen["closed_schemas"])
        grant = f"GRANT USAGE ON SCHEMA {names} TO {role}"
        yield f"the role {role} lacks rights on the schema {names}. As its owner, run: {grant}"
    elif seen["schema"] is None:
        yield (
            f"no schema of search_path ({path}) exists. Run CREATE SCHEMA for one of them, or set another: "
            f"ALTER ROLE {role} SET search_path = public"
        )
    if seen["missing"]:
        yield _about_rights(role, seen["schema"], seen["missing"])


def _about_rights(role: str, schema: str, missing: Sequence[str]) -> str:
    rights: dict[str, list[str]] = {}
    for each in missing:
        right, _, table = each.partition(" ON ")
        rights.setdefault(table, []).append(right)
    if len(rights) > _MOST_TABLES_NAMED:
        lacks = f"{', '.join(list(rights)[:_MOST_TABLES_NAMED])} and {len(rights) - _MOST_TABLES_NAMED} more tables"
        grants = f"GRANT {', '.join(RIGHTS)} ON ALL TABLES IN SCHEMA {schema} TO {role}"
    else:
        lacks = ", ".join(rights)
        grants = "; ".join(f"GRANT {', '.join(those)} ON {table} TO {role}" for table, those in rights.items())
    return f"the role {role} lacks rights on {lacks}. As their owner, run: {grants}"


def refused_migration(seen: Mapping[str, Any], error: BaseException) -> SetupError | None:
    """The sentence for a migration that the server refused for reasons of its own; None for another failure.

    Args:
        seen: What `LOOK` gave before.
        error: What the migration failed with.
    """
    cause = cause_of(error.__cause__ if isinstance(error, SetupError) and error.__cause__ else error)
    if not is_unavailable(cause):
        return None
    advice = ""
    if getattr(cause, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE:
        advice = (
            f" Migrate as the tables' owner (GATEWRIGHT_MIGRATION_DATABASE_URL); the owner of the schema may run: "
            f"GRANT USAGE, CREATE ON SCHEMA {seen['schema']} TO {seen['role']}"
        )
    return SetupError(f"PostgreSQL refuses the migration, and the database is as it was: {words_of(cause)}.{advice}")
