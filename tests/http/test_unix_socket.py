"""A server behind a Unix socket, as systemd and nginx are often set up: real uvicorn, and a real socket."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlalchemy import select

from gatewright import Gatewright
from tests.conftest import example_app, make_settings

PERSON = {"password": "a passphrase for tests", "firstName": "Ada", "lastName": "Lovelace"}


@asynccontextmanager
async def served(database: Path, trusted: str, **changes: Any) -> AsyncIterator[tuple[Gatewright, httpx2.AsyncClient]]:
    settings = make_settings(f"sqlite:///{database}", trusted_proxies=trusted.split(), **changes)
    auth = Gatewright(settings)
    # Not in pytest's folder: the path of a Unix socket has at most 107 bytes.
    with tempfile.TemporaryDirectory() as folder:
        config = uvicorn.Config(example_app(auth), uds=f"{folder}/app.sock", log_config=None)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        transport = httpx2.AsyncHTTPTransport(uds=f"{folder}/app.sock")
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            yield auth, client
        await server.shutdown()


async def register(client: httpx2.AsyncClient, email: str, **headers: str) -> httpx2.Response:
    return await client.post("/auth/register", json={**PERSON, "email": email}, headers=headers)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "through a Unix socket" in record.message]


async def test_a_trusted_proxy_names_the_client(sqlite_template_copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    """For sessions, the audit log and the limits; no header of the client's own gets a say."""
    limits = {"registrations_per_minute": 1}
    async with served(sqlite_template_copy, "unix", limits=limits) as (auth, client):
        first = await register(client, "ada@example.com", **{"X-Forwarded-For": "192.0.2.66, 198.51.100.7"})
        bearer = {"Authorization": f"Bearer {first.json()['accessToken']}", "X-Forwarded-For": "198.51.100.7"}
        sessions = (await client.get("/auth/sessions", headers=bearer)).json()["data"]
        again = await register(client, "bob@example.com", **{"X-Forwarded-For": "198.51.100.7"})
        other = await register(client, "cyd@example.com", **{"X-Forwarded-For": "198.51.100.8"})
        events = await auth.database.read(lambda tx: tx.all(select(tx.table("gatewright_audit_events"))))
    assert [session["ipAddress"] for session in sessions] == ["198.51.100.7"]
    assert {"198.51.100.7"} <= {event["ip_address"] for event in events} <= {"198.51.100.7", "198.51.100.8"}
    assert (first.status_code, again.status_code, other.status_code) == (201, 429, 201)
    assert warnings(caplog) == []


async def test_requests_without_an_address_share_one_limit_and_a_warning(
    sqlite_template_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is unlimited because the proxy is not named, and nothing that it sends is believed."""
    async with served(sqlite_template_copy, "", limits={"registrations_per_minute": 2}) as (_, client):
        answers = [
            (await register(client, f"user{number}@example.com", **{"X-Forwarded-For": f"198.51.100.{number}"}))
            for number in range(3)
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        wrong = {"email": "user1@example.com", "password": "not the password"}
        logins = [(await client.post("/auth/login", json=wrong)).status_code for _ in range(6)]
        assert logins == [401] * 5 + [429]
        bearer = {"Authorization": f"Bearer {answers[0].json()['accessToken']}"}
        assert (await client.get("/auth/sessions", headers=bearer)).json()["data"][0]["ipAddress"] is None
    (warning,) = warnings(caplog)
    assert warning.endswith("Set GATEWRIGHT_TRUSTED_PROXIES=unix, and configure the proxy to send X-Forwarded-For.")


async def test_a_trusted_proxy_that_names_nobody_is_warned_of(
    sqlite_template_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At the first request, of whatever route: the header is missing in the proxy's own settings."""
    async with served(sqlite_template_copy, "unix") as (_, client):
        await client.get("/maybe")
        await client.get("/maybe")
    (warning,) = warnings(caplog)
    assert warning.endswith("share one limit. Configure the proxy to send X-Forwarded-For.")
