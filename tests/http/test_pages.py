"""The product's own pages: taken from every browser, and answered with pages, refusals too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.errors import Unavailable
from gatewright.features.password import replacing
from gatewright.server import create
from tests.conftest import make_settings

PAGE = "/auth/pages/verify-email"
REGISTRATION = {"email": "user@example.com", "password": "a long passphrase", "firstName": "John", "lastName": "Doe"}
OURS = {"Origin": "http://localhost:3000"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def library(auth: Gatewright) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    return app


@pytest.fixture(params=[library, create])
def client(request: pytest.FixtureRequest, sqlite_template_copy: Path) -> Iterator[TestClient]:
    """A browser that is signed in by cookies, in front of an app of somebody's own and of the stand-alone server."""
    app = request.param(Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", api_prefix="/api")))
    with TestClient(app, base_url="http://localhost:3000", raise_server_exceptions=False) as client:
        client.post("/api/auth/register?useCookies=true", json=REGISTRATION, headers=OURS)
        yield client


def test_a_form_of_ours_is_taken_from_a_browser_that_hides_its_origin(client: TestClient) -> None:
    """`Referrer-Policy: no-referrer` makes it `null`, and not every browser sends `Sec-Fetch-Site` beside it."""
    answer = client.post(f"/api{PAGE}", data={"token": "gwm_none"}, headers={"Origin": "null"})
    assert answer.status_code == 400, "the token decides, and not where the form was"
    assert "valid" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_a_form_elsewhere_is_refused_on_a_page(client: TestClient, headers: dict[str, str]) -> None:
    """A browser that says where the form was is believed; what it shows then is a page."""
    answer = client.post(f"/api{PAGE}", data={"token": "gwm_none"}, headers=headers)
    assert answer.status_code == 403
    assert_is_page(answer)
    assert "must not make this call" in answer.text


def test_a_hidden_origin_opens_nothing_but_the_pages(client: TestClient) -> None:
    """What the cookies alone are enough for stays closed to a sandboxed frame."""
    for path in ("/api/auth/logout", "/api/auth/logout-all", "/api/auth/refresh", "/api/auth/refresh/auth/pages/x"):
        assert client.post(path, headers={"Origin": "null"}).status_code in (403, 404)
    assert client.get("/api/users/profile").status_code == 200


def test_every_refusal_on_a_page_is_a_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person looks at it: an unknown page, a wrong form, too much of one, and a fault of ours."""
    refused = {
        404: client.get("/api/auth/pages/nothing"),
        413: client.post(f"/api{PAGE}", content=b"a" * 70_000, headers={**OURS, **FORM}),
        415: client.post(f"/api{PAGE}", json={"token": "a"}, headers=OURS),
    }

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret ingredient")

    async def be_gone(*_: object, **__: object) -> None:
        raise Unavailable

    for status, replaced in ((500, fail), (503, be_gone)):
        monkeypatch.setattr(replacing, "reset", replaced)
        form = {"token": "gwm_none", "password": "a long passphrase"}
        refused[status] = client.post("/api/auth/pages/reset-password", data=form, headers=OURS)
    for status, answer in refused.items():
        assert answer.status_code == status
        assert_is_page(answer)
        assert "secret ingredient" not in answer.text


def assert_is_page(answer: object) -> None:
    headers, text = answer.headers, answer.text  # type: ignore[attr-defined]
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert text.startswith("<!doctype html>")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
