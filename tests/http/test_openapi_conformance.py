"""The OpenAPI document and the running server never disagree: schemathesis tries every operation of a real server.

Every check is on, for every route. What a check cannot know is said here, next to it:
- e-mail addresses that the document's `format: email` allows and Gatewright refuses (see `_email`), since JSON Schema
  has no words for them;
- names and passwords that are made of what nobody can type, and passwords that are too short: a password's rules are
  settings, which the document does not repeat.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gatewright import Gatewright, Settings
from gatewright.server import create
from tests.conftest import SECRET

PASSWORD = "a passphrase for tests"

_LABEL = st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True)


def _email() -> st.SearchStrategy[str]:
    return st.builds(lambda local, name: f"{local}@{name}.example", _LABEL, _LABEL)


schemathesis.openapi.format("email", _email())
schemathesis.openapi.format("password", st.text(st.characters(exclude_categories=["C"]), min_size=12, max_size=40))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    """The stand-alone server, in a process of its own."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GATEWRIGHT_ENVIRONMENT": "development",
        "GATEWRIGHT_SECRET": SECRET,
        "GATEWRIGHT_ARGON2__MEMORY_KIB": "7168",
        "GATEWRIGHT_ARGON2__ITERATIONS": "1",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "gatewright.server:create", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, folder / "log")
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def email(server: str) -> str:
    """The address of an account that every case signs in to."""
    address = f"{secrets.token_hex(8)}@example.com"
    body = {"email": address, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
    httpx2.post(f"{server}/auth/register", json=body).raise_for_status()
    return address


def _document() -> dict[str, Any]:
    given = Settings(environment="development", secret=SECRET, database_url="sqlite:///nowhere.db")
    return create(Gatewright(given)).openapi()


schema = schemathesis.openapi.from_dict(_document())


def test_the_server_serves_this_document(server: str) -> None:
    """What is tried below is what the server says of itself."""
    assert httpx2.get(f"{server}/openapi.json").json() == schema.raw_schema


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_does_what_the_document_says(case: schemathesis.Case, server: str, email: str) -> None:
    """Answers have the documented statuses, types, headers and shapes; bad requests are refused, good ones are not."""
    # A session of its own for each case, since some of them end all there are.
    login = httpx2.post(f"{server}/auth/login", json={"email": email, "password": PASSWORD}).raise_for_status()
    case.call_and_validate(base_url=server, headers={"Authorization": f"Bearer {login.json()['accessToken']}"})


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server does not answer:\n{log.read_text()}")
