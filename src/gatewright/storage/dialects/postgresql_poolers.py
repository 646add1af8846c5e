"""Poolers in transaction mode, such as PgBouncer, Supavisor or Odyssey, between us and PostgreSQL.

There each transaction may run on another connection of the server. A statement that was prepared is then missing, or
it is another client's statement of the same name, which is worse. Newer poolers keep prepared statements for each
client (PgBouncer from 1.21 on, with `max_prepared_statements`); through those nothing is different.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from gatewright.errors import SetupError

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    _Base = asyncpg.Connection[asyncpg.Record]
else:
    _Base = asyncpg.Connection

LOST_STATEMENTS = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
"""A prepared statement is there already, or is not there: another client uses the server's connection, too."""
_ROUNDS = 4


class TransactionConnection(_Base):
    """A connection through a pooler in transaction mode.

    A statement is prepared and run in two steps. Only in a transaction do both reach the same connection of the server.
    """

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None, **options: Any) -> Any:
        """Run one statement in a transaction of its own; its first row."""
        async with asyncio.timeout(timeout):
            await self.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            try:
                record = await super().fetchrow(query, *args, **options)
            except (asyncpg.PostgresError, ValueError):
                # Refused by the server, or by the driver before it was sent. After all else, the connection is dropped.
                await self.execute("ROLLBACK")
                raise
            await self.execute("COMMIT")
            return record


async def refuse_unsafe_pooler(
    connection: Connection, connect: Callable[[], Awaitable[Connection]], *, setting: str
) -> None:
    """Refuse a pooler that loses prepared statements. Without a pooler, this costs one statement.

    Args:
        connection: A connection that nothing else uses.
        connect: Opens another one.
        setting: The setting that leads there, for the message.

    Raises:
        SetupError: There is one.
    """
    async with connection.transaction():
        process = await (await connection.prepare("SELECT pg_backend_pid()", name="")).fetchval()
    # A pooler gives out numbers of its own for cancelling, since a client has no process on the server.
    if process == connection.get_server_pid():
        return
    other = await connect()
    try:
        is_safe = await _keeps_statements(connection, other)
    finally:
        await other.close()
    if not is_safe:
        raise SetupError(
            f"{setting} leads to a pooler in transaction mode without prepared statements. "
            "Set GATEWRIGHT_DATABASE__PGBOUNCER=true, or add ?pgbouncer=true to the URL."
        )


async def _keeps_statements(one: Connection, other: Connection) -> bool:
    """Whether two clients can each prepare a statement of the same name, and still have their own afterwards."""
    name = f"gatewright_{secrets.token_hex(8)}"
    try:
        first, second = await one.prepare("SELECT 1", name=name), await other.prepare("SELECT 2", name=name)
        for _ in range(_ROUNDS):
            if await second.fetchval() != 2 or await first.fetchval() != 1:
                return False
    except LOST_STATEMENTS:
        return False
    return True
