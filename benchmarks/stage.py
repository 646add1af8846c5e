"""What every question is asked of: the database, the server, the floor and the users, set up once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import asyncpg

from benchmarks import calls, floor, server
from benchmarks.cores import Cores
from benchmarks.server import Server
from tests.services import postgres

USERS = 32
PASSWORD = "a passphrase of the benchmark"


@dataclass(frozen=True, slots=True)
class Stage:
    """A prepared server with its users.

    Attributes:
        floor: A server that answers without doing anything, on the same core.
        emails: The users' addresses; all of them have `PASSWORD`, and the role ADMIN.
        tokens: An access token for each user.
        seconds: How long one measured run lasts.
    """

    cores: Cores
    database_url: str
    secret: str
    server: Server
    floor: Server
    emails: tuple[str, ...]
    tokens: tuple[str, ...]
    seconds: float

    def log_in(self) -> list[str]:
        """A fresh refresh token for each user."""
        return [_log_in(self.server.port, email)["refreshToken"] for email in self.emails]


@contextmanager
def prepared(cores: Cores, seconds: float) -> Iterator[Stage]:
    """Set everything up, and take it down in the end."""
    with ExitStack() as stack:
        service = postgres.start(durable=True)
        stack.callback(service.stop)
        database_url = postgres.create_database(service.url)
        server.migrate(database_url)
        secret = secrets.token_urlsafe(48)
        tested = server.gatewright(database_url, cores.server, secret)
        stack.callback(tested.stop)
        bare = floor.start(cores.server)
        stack.callback(bare.stop)
        emails = tuple(f"user-{number}@example.com" for number in range(USERS))
        for email in emails:
            _register(tested.port, email)
        asyncio.run(_make_administrators(database_url))
        tokens = tuple(_log_in(tested.port, email)["accessToken"] for email in emails)
        yield Stage(cores, database_url, secret, tested, bare, emails, tokens, seconds)


def credentials(email: str) -> dict[str, str]:
    """The body of a login."""
    return {"email": email, "password": PASSWORD}


def _register(port: int, email: str) -> None:
    calls.call(port, "POST", "/auth/register", body={**credentials(email), "firstName": "John", "lastName": "Doe"})


def _log_in(port: int, email: str) -> dict[str, str]:
    return calls.call(port, "POST", "/auth/login", body=credentials(email))


async def _make_administrators(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE users SET role = 'ADMIN'")
    finally:
        await connection.close()
