"""How Alembic reaches the database.

`gatewright migrate` hands over a connection of its own. The `alembic` command has none: it connects to
`DATABASE_URL`, or to what `gatewright.toml` names. This file is yours.
"""

import asyncio
import os
import tomllib
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

# For `alembic revision --autogenerate`: the metadata of your models, such as app.generated.base.Base.metadata.
target_metadata = None


def run(connection: Connection) -> None:
    """Run the revisions on *connection*."""
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        # Gatewright's own tables have a history of their own.
        include_name=lambda name, kind, _: not (kind == "table" and str(name).startswith("gatewright_")),
    )
    with context.begin_transaction():
        context.run_migrations()


def database_url() -> str:
    """Where the data is."""
    for name in ("MIGRATION_DATABASE_URL", "DATABASE_URL"):
        if url := os.environ.get(f"GATEWRIGHT_{name}") or os.environ.get(name):
            return url
    settings = Path("gatewright.toml")
    told = tomllib.loads(settings.read_text("utf-8")) if settings.exists() else {}
    return str(told.get("migration_database_url") or told.get("database_url") or "sqlite:///gatewright.db")


def run_on_sqlite(url: str) -> None:
    """Run them on a SQLite file, as a whole or not at all."""
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"isolation_level": None}, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        # A table that is rebuilt would otherwise take the rows that refer to it along.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        run(connection)
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError(f"Rows of {broken[0]} would refer to missing rows.")
        connection.exec_driver_sql("COMMIT")


async def run_on_postgresql(url: str) -> None:
    """Run them on a PostgreSQL server, as a whole or not at all."""
    import asyncpg

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    async with engine.begin() as connection:
        # The lock that `gatewright migrate` takes.
        await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7449363237792016743)")
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif (url := database_url()).startswith("sqlite:"):
    run_on_sqlite(url)
else:
    asyncio.run(run_on_postgresql(url))
