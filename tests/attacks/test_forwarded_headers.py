"""Headers that say where a request comes from, sent by somebody who is no proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.attacks.conftest import migrated_copy, running_server
from tests.live import LiveServer, Order, bearer, register, storm

_CLAIMS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that limits, and trusts a proxy elsewhere."""
    folder = tmp_path_factory.mktemp("untrusting")
    with migrated_copy(request, request.param, folder) as url:
        server = LiveServer(url, folder, RATE_LIMIT_ENABLED="true", TRUSTED_PROXIES="192.0.2.1")
        with running_server(server):
            yield server


def claims(number: int) -> dict[str, str]:
    """Every header that a proxy might send, naming another client each time."""
    address = f"198.51.100.{number}"
    return {name: f"for={address}" if name == "Forwarded" else address for name in _CLAIMS}


def test_nobody_gets_more_tries_by_claiming_to_be_many(limited: LiveServer, new_email: Callable[[], str]) -> None:
    """All come from one address, whatever they say."""
    orders = [
        Order("POST", f"{limited.url}/auth/login", {"email": new_email(), "password": "attacked"}, claims(number))
        for number in range(60)
    ]
    assert sum(answer.status == 401 for answer in storm(orders)) == 10


def test_nobody_is_recorded_under_anothers_address(limited: LiveServer, email: str) -> None:
    """In the list of one's sessions stands where they really came from."""
    with limited.client() as client:
        client.headers.update(claims(7))
        tokens = register(client, email)
        assert addresses(client, tokens) == ["127.0.0.1"]


def addresses(client: httpx2.Client, tokens: dict[str, Any]) -> list[str]:
    return [each["ipAddress"] for each in client.get("/auth/sessions", headers=bearer(tokens)).json()["data"]]
