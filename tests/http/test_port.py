"""The port in links and tokens on a developer's machine: the server's own, whichever that is."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright import Gatewright, GatewrightMiddleware
from gatewright.core import base64url
from gatewright.testing.mails import CapturedMails, deliver_all
from tests.conftest import example_app, make_settings

REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}
HOSTILE = {"Host": "evil.example:9", "X-Forwarded-Host": "evil.example:8", "X-Forwarded-Port": "7"}
PRODUCTION = {
    "environment": "production",
    "secret": "Jq7vXw2LmRk9TzBn4HsYp6DfGcUe8AaQ_x1-Vo3",
    "public_url": "https://example.com",
    "mail_url": "smtp://mail.example.com",
    "argon2": {"memory_kib": 19_456, "iterations": 2},
}


@pytest.fixture
def url(sqlite_template_copy: Path) -> str:
    return f"sqlite:///{sqlite_template_copy}"


class BehindServer:
    """An app behind a server that listens somewhere."""

    def __init__(self, app: ASGIApp, server: tuple[str, int | None] | None) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "server": self._server}, receive, send)


@asynccontextmanager
async def started(auth: Gatewright, server: tuple[str, int | None] | None) -> AsyncIterator[httpx2.AsyncClient]:
    app = example_app(auth)
    transport = httpx2.ASGITransport(BehindServer(app, server))
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://localhost:1") as client:
        yield client


async def register(client: httpx2.AsyncClient, **options: Any) -> httpx2.Response:
    answer = await client.post("/auth/register", json=REGISTRATION, headers=HOSTILE, **options)
    assert answer.status_code == 201, answer.text
    return answer


def claims(answer: httpx2.Response) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(base64url.decode(answer.json()["accessToken"].split(".")[1]))
    return payload


async def test_links_and_tokens_have_the_servers_port(url: str) -> None:
    """From the first request on, which is a registration here. No header of a client's has a say."""
    mails = CapturedMails()
    auth = Gatewright(make_settings(url), mail_sender=mails)
    async with started(auth, ("127.0.0.1", 8123)) as client:
        answer = await register(client)
        assert (claims(answer)["iss"], claims(answer)["aud"]) == ("http://localhost:8123",) * 2
        await deliver_all(auth.deliveries)
        assert mails.all[0].link.startswith("http://localhost:8123/auth/pages/")
        bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        assert (await client.get("/users/profile", headers=bearer)).status_code == 200


async def test_the_printed_address_of_the_inbox_has_the_servers_port(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page with the mails is on the server that runs."""
    auth = Gatewright(make_settings(url, api_prefix="/api"))
    app = example_app(auth)
    transport = httpx2.ASGITransport(BehindServer(app, ("127.0.0.1", 8123)))
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://localhost:1") as client:
        assert (await client.post("/api/auth/register", json=REGISTRATION)).status_code == 201
        await deliver_all(auth.deliveries)
    printed = capsys.readouterr().err
    assert "http://localhost:8123/api/auth/inbox?key=" in printed
    assert "localhost:3000" not in printed


async def test_pages_of_the_servers_port_may_use_cookies(url: str) -> None:
    """They are the server's own; those of the default port are not any more."""
    async with started(Gatewright(make_settings(url)), ("127.0.0.1", 8123)) as client:
        await register(client)
        body = {"email": "user@example.com", "password": "securepassword"}
        for port, status in ((8123, 200), (3000, 403)):
            page = {"Origin": f"http://localhost:{port}"}
            answer = await client.post("/auth/login?useCookies=true", json=body, headers=page)
            assert answer.status_code == status


async def test_a_second_port_changes_nothing(url: str) -> None:
    """A server with two ports keeps the first: tokens of one have to count at the other."""
    auth = Gatewright(make_settings(url))
    async with started(auth, ("::1", 8123)) as client:
        token = (await register(client)).json()["accessToken"]
        other = httpx2.ASGITransport(BehindServer(example_app(auth), ("127.0.0.1", 9999)))
        async with httpx2.AsyncClient(transport=other, base_url="http://localhost:1") as another:
            answer = await another.get("/users/profile", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200
        assert auth.prepared.public_url == "http://localhost:8123"


@pytest.mark.parametrize("changes", [PRODUCTION, {"public_url": "http://localhost:5000"}], ids=["production", "set"])
async def test_a_public_url_that_is_set_stays(url: str, changes: dict[str, Any]) -> None:
    """Whatever takes the requests, in production and in development."""
    auth = Gatewright(make_settings(url, **changes))
    async with started(auth, ("127.0.0.1", 8123)) as client:
        assert claims(await register(client))["iss"] == changes["public_url"]


@pytest.mark.parametrize("server", [None, ("/run/app.sock", None)], ids=["unknown", "socket"])
async def test_an_unknown_port_is_warned_of_once(
    url: str, server: tuple[str, None] | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The line says what the links begin with, and what to set."""
    with caplog.at_level(logging.WARNING, logger="gatewright.server"):
        async with started(Gatewright(make_settings(url)), server) as client:
            assert claims(await register(client))["iss"] == "http://localhost:3000"
            await client.get("/reports")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "gatewright.server"]
    assert "http://localhost:3000" in line
    assert "GATEWRIGHT_PUBLIC_URL" in line


async def test_other_processes_know_the_port(url: str, tmp_path: Path) -> None:
    """A command that sends a mail, and a worker that has had no request yet."""
    async with started(Gatewright(make_settings(url)), ("127.0.0.1", 8123)) as client:
        await client.get("/reports")
    assert Gatewright(make_settings(url)).prepared.public_url == "http://localhost:8123"
    for damage in ("", "x", "99999999", "8\n9", "\xe9"):
        (tmp_path / ".gatewright/port").write_text(damage, "latin-1")
        assert Gatewright(make_settings(url)).prepared.public_url == "http://localhost:3000"


async def test_the_middleware_learns_the_port_as_well(url: str) -> None:
    """Gatewright around any ASGI app, asked for one of the app's own paths."""

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    auth = Gatewright(make_settings(url))
    transport = httpx2.ASGITransport(BehindServer(GatewrightMiddleware(app, auth), ("127.0.0.1", 8123)))
    async with auth.lifespan(None), httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/")).status_code == 204
    assert auth.prepared.public_url == "http://localhost:8123"
