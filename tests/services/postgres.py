"""A PostgreSQL server for one test run, and fresh databases in it."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from tests.services import binaries

_NAME_PREFIX = "gatewright_test_"


@dataclass(frozen=True, slots=True)
class PostgresService:
    """A running server.

    Attributes:
        url: Its maintenance database, for the superuser; the password is this run's own.
        keeper: The process that stops the server and removes its folder once we are gone.
    """

    url: str
    keeper: subprocess.Popen[str]

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.keeper.communicate()


def start(*, durable: bool = False) -> PostgresService:
    """Start a server of our own, as an unprivileged user, on a free loopback port.

    Args:
        durable: Whether a commit is on the disk before it is answered, as on a real server. Slower.

    Raises:
        PostgresUnavailable: The server is not installed, and cannot be installed by us.
        RuntimeError: It is installed but does not start.
    """
    command = [sys.executable, str(Path(__file__).with_name("keeper.py")), str(binaries.find_or_install())]
    if durable:
        command.append("durable")
    # In a session of its own, Ctrl-C reaches the tests but not the server under them.
    keeper = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    url = keeper.stdout.readline().strip()
    if not url:
        _, errors = keeper.communicate()
        raise RuntimeError(f"PostgreSQL did not start: {errors.strip()}")
    return PostgresService(url, keeper)


def create_database(service_url: str, template: str | None = None) -> str:
    """Make a database of its own for one test.

    Args:
        service_url: A database on the same server, whose user may create databases.
        template: URL of a database to copy, which nobody may be connected to. Empty, when left out.

    Returns:
        The URL of the new database.
    """
    name = _NAME_PREFIX + secrets.token_hex(8)
    source = _database_name(template) if template else "template0"
    _execute(service_url, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    return urlsplit(service_url)._replace(path=f"/{name}").geturl()


def drop_database(service_url: str, url: str) -> None:
    """Remove a database that `create_database` made, and end the connections to it."""
    name = _database_name(url)
    if not name.startswith(_NAME_PREFIX):
        raise ValueError(f"{name} was not made by the tests")
    _execute(service_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _database_name(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))


def _execute(url: str, statement: str) -> None:
    # On a thread of its own: asyncio.run would leave the caller's thread without its event loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _execute_once(url, statement)).result()


async def _execute_once(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
