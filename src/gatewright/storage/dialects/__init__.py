"""The databases that Gatewright runs on: one file each, and the only imports of their drivers."""

from __future__ import annotations

from gatewright.errors import SetupError
from gatewright.settings.database_urls import kind_of
from gatewright.storage.database import Database
from gatewright.storage.schema import Schema


def open_database(
    url: str,
    schema: Schema,
    *,
    pool_size: int = 10,
    migration_url: str | None = None,
    pgbouncer: bool = False,
    lock_seconds: float = 300.0,
) -> Database:
    """The database behind *url*, not yet started.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.
        schema: The tables to work with.
        pool_size: The most connections that hot statements use at once.
        migration_url: Where migrations connect to instead, when a pooler stands before *url*.
        pgbouncer: Whether *url* leads through a pooler in transaction mode, where it does not say so itself.
        lock_seconds: How long a migration waits for another one.

    Raises:
        SetupError: The kind of database is not known, the URL cannot be read, the driver is not installed, or the
            design has tables in schemas, which SQLite does not have.
    """
    kind = kind_of(url)
    if migration_url is not None and kind_of(migration_url) != kind:
        raise SetupError("MIGRATION_DATABASE_URL must name the same kind of database as DATABASE_URL.")
    if kind == "sqlite":
        _refuse_schemas(schema)
        from gatewright.storage.dialects.sqlite import open_sqlite

        return open_sqlite(url, schema, migration_url=migration_url, lock_seconds=lock_seconds)
    if kind == "postgresql":
        try:
            from gatewright.storage.dialects.postgresql import PostgresqlDatabase
            from gatewright.storage.dialects.postgresql_server import server_of
        except ModuleNotFoundError as missing:
            if missing.name != "asyncpg":
                raise
            raise SetupError(
                "The driver for PostgreSQL (DATABASE_URL) is not installed. Run: pip install 'gatewright[postgres]'"
            ) from None
        server = server_of(url, setting="DATABASE_URL", pgbouncer=pgbouncer)
        migrations = server if migration_url is None else server_of(migration_url, setting="MIGRATION_DATABASE_URL")
        return PostgresqlDatabase(
            server, schema, pool_size=pool_size, migration_server=migrations, lock_seconds=lock_seconds
        )
    raise SetupError(f"DATABASE_URL: {kind!r} is not a supported database. Use sqlite:///FILE or postgresql://….")


def _refuse_schemas(schema: Schema) -> None:
    """To leave dbSchema out would let two tables be one; Prisma refuses it for SQLite too."""
    placed = [f"{table.name} ({table.db_schema})" for table in schema.design.tables if table.db_schema is not None]
    if placed:
        raise SetupError(
            f"SQLite has no schemas, and db.design.json puts tables into some: {', '.join(placed)}. "
            "Set DATABASE_URL to a PostgreSQL database, or leave dbSchema out."
        )
