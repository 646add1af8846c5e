"""The PostgreSQL server of the test run: fresh databases, no privileges, no traces."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.services import binaries, postgres

_REPOSITORY = Path(__file__).parents[2]
_PARENT = """
import sys
from tests.services import postgres

service = postgres.start()
print(service.keeper.pid, service.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server() -> Iterator[postgres.PostgresService]:
    if binaries.find() is None:
        pytest.skip("no PostgreSQL server is installed here")
    service = postgres.start()
    yield service
    service.stop()


async def _data_folder(url: str) -> Path:
    connection = await asyncpg.connect(url)
    try:
        return Path(await connection.fetchval("SHOW data_directory"))
    finally:
        await connection.close()


def _wait_for_end(process: int, *, seconds: float) -> bool:
    """Whether *process*, which need not be a child of ours, ends within *seconds*."""
    handle = os.pidfd_open(process)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


async def test_two_databases_are_separate(postgres_url: str, postgres_service: str) -> None:
    """A table made in one database is not in the next."""
    other_url = postgres.create_database(postgres_service)
    one, other = await asyncpg.connect(postgres_url), await asyncpg.connect(other_url)
    try:
        await one.execute("CREATE TABLE note (body text)")
        assert await other.fetchval("SELECT to_regclass('note')") is None
    finally:
        await one.close()
        await other.close()
        postgres.drop_database(postgres_service, other_url)


async def test_a_database_can_be_copied_from_a_template(postgres_url: str, postgres_service: str) -> None:
    """A database made from another one holds its tables."""
    template = await asyncpg.connect(postgres_url)
    await template.execute("CREATE TABLE note (body text)")
    await template.close()

    copy_url = postgres.create_database(postgres_service, template=postgres_url)
    copy = await asyncpg.connect(copy_url)
    try:
        assert await copy.fetchval("SELECT to_regclass('note')::text") == "note"
    finally:
        await copy.close()
        postgres.drop_database(postgres_service, copy_url)


async def test_a_dropped_database_is_gone_with_its_connections(postgres_url: str, postgres_service: str) -> None:
    """Dropping ends open connections, so that a test which leaks one leaves nothing behind."""
    leaked = await asyncpg.connect(postgres_url)
    postgres.drop_database(postgres_service, postgres_url)
    try:
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(postgres_url)
    finally:
        leaked.terminate()


def test_only_databases_of_the_tests_are_dropped() -> None:
    """The user's own database, named by mistake, is refused before anything connects."""
    with pytest.raises(ValueError, match="not made by the tests"):
        postgres.drop_database("postgresql://localhost:1/x", "postgresql://localhost:1/customers")


async def test_postgresql_does_not_run_as_root(server: postgres.PostgresService) -> None:
    """The server's process and its folder belong to a user without privileges."""
    folder = await _data_folder(server.url)
    process = int((folder / "postmaster.pid").read_text().splitlines()[0])
    assert folder.stat().st_uid != 0
    assert Path(f"/proc/{process}").stat().st_uid == folder.stat().st_uid


async def test_postgresql_asks_for_its_password(server: postgres.PostgresService) -> None:
    """Another user of the machine cannot connect without the password of this run."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url, password="a guess")


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process by its descriptor, which is Linux's")
async def test_postgresql_ends_with_a_parent_that_was_killed() -> None:
    """A test run that is killed leaves neither a server nor its folder."""
    if binaries.find() is None:
        pytest.skip("no PostgreSQL server is installed here")
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], cwd=_REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        keeper, url = parent.stdout.readline().split()
        folder = await _data_folder(url)
        parent.kill()

    assert _wait_for_end(int(keeper), seconds=60)
    assert not folder.parent.exists()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncpg.connect(url)
