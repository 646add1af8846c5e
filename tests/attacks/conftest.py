"""What the attacks are made on: a server with two workers, once on each kind of database."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.attacks.mailed import Mailed
from tests.live import SECRET, LiveServer
from tests.services import postgres
from tests.smtp import mail_server

_NOT_FOR_A_LOG = re.compile(rf"attacked|{re.escape(SECRET)}|argon2id|gwr_[\w-]{{20}}|eyJ[\w-]{{20,}}\.|PRIVATE KEY")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A running server with two workers, shared by all attacks; its log is searched in the end."""
    folder = tmp_path_factory.mktemp("live")
    with migrated_copy(request, request.param, folder) as url:
        server = LiveServer(url, folder)
        with running_server(server):
            yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def mailed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """A running server with two workers and a mail server, shared by all attacks on mails."""
    with mailed_server(request, request.param, tmp_path_factory.mktemp("mailed")) as mailed:
        yield mailed


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of each kind, for servers that a test starts itself."""
    with migrated_copy(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def client(live: LiveServer) -> Iterator[httpx2.Client]:
    """A client of the server, with one connection."""
    with live.client() as client:
        yield client


@pytest.fixture
def new_email() -> Callable[[], str]:
    """Makes addresses that nobody has."""
    return lambda: f"{secrets.token_hex(6)}@example.com"


@pytest.fixture
def email(new_email: Callable[[], str]) -> str:
    """An address that nobody has."""
    return new_email()


@contextmanager
def migrated_copy(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """A database of this kind with the built-in design's tables."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "live.db")
        yield f"sqlite:///{folder / 'live.db'}"
        return
    service = request.getfixturevalue("postgres_service")
    url = postgres.create_database(service, request.getfixturevalue("postgres_template"))
    try:
        yield url
    finally:
        postgres.drop_database(service, url)


@contextmanager
def mailed_server(request: pytest.FixtureRequest, kind: str, folder: Path, **settings: Any) -> Iterator[Mailed]:
    """A server with two workers on such a database, whose mails a mail server of its own takes."""
    with mail_server() as mails, migrated_copy(request, kind, folder) as url:
        server = LiveServer(url, folder, MAIL_URL=mails.url, **settings)
        with running_server(server):
            yield Mailed(server, mails)


@contextmanager
def running_server(server: LiveServer) -> Iterator[LiveServer]:
    """*server*, started; when it has been stopped, its log is searched for what no log may hold."""
    try:
        server.start()
        yield server
    finally:
        server.stop()
    assert secrets_in(server.log) == []


def secrets_in(log: str) -> list[str]:
    """The lines of a log that hold a secret, a password, a hash or a token."""
    return [line for line in log.splitlines() if _NOT_FOR_A_LOG.search(line)]
