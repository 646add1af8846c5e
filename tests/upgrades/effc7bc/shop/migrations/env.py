"""How Alembic reaches the database.

`gatewright migrate` hands over a connection of its own. The `alembic` command has none: it connects as `gatewright
migrate` does, by the same settings. Where Gatewright is not installed any more, it connects to `DATABASE_URL`. This
file is yours.
"""

import asyncio
import os
import sys
from collections import Counter
from importlib.util import find_spec

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text
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


def run_with_gatewright() -> None:
    """Run them as `gatewright migrate` does, one migration at a time."""
    from gatewright.app import Settings, open_database_of
    from gatewright.errors import GatewrightError, SetupError

    try:
        asyncio.run(open_database_of(Settings()).migrate(run))
    except (GatewrightError, SetupError) as error:
        sys.exit(f"error: {error}")


def run_on_sqlite(url: str) -> None:
    """Run them on a SQLite file, as a whole or not at all."""
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"isolation_level": None}, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        # A table that is rebuilt would otherwise take the rows that refer to it along.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        before = broken_references(connection)
        run(connection)
        if broken := broken_references(connection) - before:
            raise RuntimeError(f"Rows of {', '.join(broken)} would refer to missing rows.")
        connection.exec_driver_sql("COMMIT")


def broken_references(connection: Connection) -> Counter[str]:
    """How many rows of each table refer to a row that is missing."""
    return Counter(row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))


async def run_on_postgresql(url: str) -> None:
    """Run them on a PostgreSQL server, as a whole or not at all, one migration at a time."""
    import asyncpg

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    for _ in range(1200):
        async with engine.begin() as connection:
            # The lock of `gatewright migrate`. A statement that waits for it would hold up CREATE INDEX CONCURRENTLY.
            if await connection.scalar(text("SELECT pg_try_advisory_xact_lock(7449363237792016743)")):
                return await connection.run_sync(run)
        await asyncio.sleep(0.25)
    sys.exit("error: Another migration has held the lock for five minutes.")


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif find_spec("gatewright"):
    run_with_gatewright()
elif (url := os.environ.get("DATABASE_URL", "sqlite:///gatewright.db")).startswith("sqlite:"):
    run_on_sqlite(url)
else:
    asyncio.run(run_on_postgresql(url))
