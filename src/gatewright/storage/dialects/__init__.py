"""The databases that Gatewright runs on: one file each, and the only imports of their drivers."""

from __future__ import annotations

from gatewright.errors import SetupError
from gatewright.storage.database import Database
from gatewright.storage.schema import Schema


def open_database(url: str, schema: Schema, *, pool_size: int = 10, migration_url: str | None = None) -> Database:
    """The database behind *url*, not yet started.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.
        schema: The tables to work with.
        pool_size: The most connections that hot statements use at once.
        migration_url: Where migrations connect to instead, when a pooler stands before *url*.

    Raises:
        SetupError: The kind of database is not known, or its driver is not installed.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from gatewright.storage.dialects.sqlite import SqliteDatabase

        return SqliteDatabase(url, schema)
    if scheme in ("postgresql", "postgres"):
        try:
            from gatewright.storage.dialects.postgresql import PostgresqlDatabase
        except ModuleNotFoundError as missing:
            if missing.name != "asyncpg":
                raise
            raise SetupError(
                "DATABASE_URL names PostgreSQL, whose driver is not installed: pip install 'gatewright[postgres]'."
            ) from None
        return PostgresqlDatabase(url, schema, pool_size=pool_size, migration_url=migration_url)
    raise SetupError(f"DATABASE_URL: {scheme!r} is not a known kind of database; use sqlite:///FILE or postgresql://….")
