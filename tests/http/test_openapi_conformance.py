"""The OpenAPI document and the running server never disagree: schemathesis tries every operation of a real server.

Every check is on, for every route. What a check cannot know is said here, next to it:
- e-mail addresses that the document's `format: email` allows and Gatewright refuses (see `_email`), since JSON Schema
  has no words for them;
- names and passwords that are made of what nobody can type, and passwords that are too short: a password's rules are
  settings, which the document does not repeat.
"""

from __future__ import annotations

import secrets
import shutil
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
from tests.live import LiveServer

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
    database = shutil.copy(sqlite_template, folder / "gatewright.db")
    live = LiveServer(f"sqlite:///{database}", folder, workers=1)
    live.start()
    try:
        yield live.url
    finally:
        live.stop()


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
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_does_what_the_document_says(case: schemathesis.Case[Any], server: str, email: str) -> None:
    """Answers have the documented statuses, types, headers and shapes; bad requests are refused, good ones are not."""
    # A session of its own for each case, since some of them end all there are.
    login = httpx2.post(f"{server}/auth/login", json={"email": email, "password": PASSWORD}).raise_for_status()
    case.call_and_validate(base_url=server, headers={"Authorization": f"Bearer {login.json()['accessToken']}"})
