"""Other sites' pages: what they make a browser send counts for nothing, and signs nobody in or out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.live import PASSWORD, LiveServer, bearer, code, log_in, refresh, register, until

FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
    {"Origin": "http://localhost"},
    {"Referer": "http://localhost/"},
]
NAMES = ("gatewright_access", "gatewright_refresh", "gatewright_device")
COUNTED = re.compile(r"\{[^}]+\}")


@pytest.fixture
def ours(live: LiveServer) -> dict[str, str]:
    """What a browser says of the server's own pages."""
    return {"Origin": f"http://localhost:{live.port}"}


@pytest.fixture
def browser(client: httpx2.Client, email: str, ours: dict[str, str]) -> httpx2.Client:
    """A client that holds the cookies of a new account."""
    body = {"email": email, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
    answer = client.post("/auth/register?useCookies=true", json=body, headers=ours)
    assert answer.status_code == 201, answer.text
    assert set(client.cookies) == set(NAMES)
    return client


def unsafe_calls(client: httpx2.Client) -> Iterator[tuple[str, str]]:
    """Every call of the server that may change something."""
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in {"post", "put", "patch", "delete"} & set(operations):
            yield method.upper(), COUNTED.sub("some", path)


def test_no_call_changes_anything_for_a_foreign_page(browser: httpx2.Client) -> None:
    """Whatever the call: with the cookies, or only one of them, and without a word of ours it is refused."""
    calls = list(unsafe_calls(browser))
    assert len(calls) > 8
    cookies = dict(browser.cookies)
    browser.cookies.clear()
    for method, path in calls:
        for headers in FOREIGN:
            whole = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
            answer = browser.request(method, path, headers=whole, json={})
            assert code(answer) == (403, "cross_site_request"), (method, path, headers)
            assert "set-cookie" not in answer.headers
        for name, value in cookies.items():
            alone = browser.request(method, path, headers={"Cookie": f"{name}={value}"}, json={})
            assert code(alone) == (403, "cross_site_request"), (method, path, name)
    still = {"Cookie": f"gatewright_access={cookies['gatewright_access']}"}
    assert browser.get("/users/profile", headers=still).status_code == 200


@pytest.mark.parametrize("path", ["/auth/login", "/auth/register", "/auth/refresh"])
def test_no_foreign_page_signs_anybody_in(
    client: httpx2.Client, new_email: Callable[[], str], ours: dict[str, str], path: str
) -> None:
    """Login CSRF: no cookie has to be there for that, so asking for cookies is enough to be checked."""
    tokens, known = register(client, address := new_email()), {"email": address, "password": PASSWORD}
    body = {
        "/auth/login": known,
        "/auth/register": {**known, "email": new_email(), "firstName": "Al", "lastName": "Bo"},
        "/auth/refresh": {"refreshToken": tokens["refreshToken"]},
    }[path]
    for headers in FOREIGN:
        answer = client.post(f"{path}?useCookies=true", json=body, headers=headers)
        assert code(answer) == (403, "cross_site_request"), headers
        assert "set-cookie" not in answer.headers
    allowed = client.post(f"{path}?useCookies=true", json=body, headers=ours)
    assert allowed.status_code in (200, 201)
    assert client.cookies["gatewright_access"]


def test_no_foreign_page_signs_anybody_out(client: httpx2.Client, email: str) -> None:
    """A call that came without cookies leaves the browser's cookies alone, whatever it logs out of."""
    tokens = register(client, email)
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for answer in (
        client.post("/auth/logout", json={"refreshToken": "gwr_attacked"}, headers=foreign),
        client.post("/auth/logout", json={"refreshToken": tokens["refreshToken"]}, headers=foreign),
        client.post("/auth/logout-all", headers={**foreign, **bearer(log_in(client, email))}),
    ):
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", FOREIGN)
def test_clients_without_cookies_are_not_hindered(live: LiveServer, email: str, headers: dict[str, str]) -> None:
    """A token in the header is nothing that a foreign page could make a browser send."""
    with live.client() as plain:
        plain.headers.update(headers)
        tokens = refresh(plain, register(plain, email))
        changed = plain.patch("/users/profile", json={"firstName": "Al"}, headers=bearer(tokens))
        assert changed.status_code == 200
        assert plain.post("/auth/logout", json={"refreshToken": tokens["refreshToken"]}).status_code == 200
        assert not plain.cookies


def test_a_bearer_token_does_not_make_up_for_the_cookies_beside_it(browser: httpx2.Client, email: str) -> None:
    """The contract's word is `carries`; a page that may call says so."""
    with httpx2.Client(base_url=browser.base_url) as plain:
        tokens = log_in(plain, email)
    answer = browser.post("/auth/logout-all", headers=bearer(tokens))
    assert code(answer) == (403, "cross_site_request")


def test_a_login_over_somebody_elses_cookies_is_a_session_of_its_own(
    live: LiveServer, new_email: Callable[[], str], ours: dict[str, str]
) -> None:
    """Session fixation: planted cookies are replaced, all of them, and the session that they belong to ends."""
    with live.client() as attacker, live.client() as victim:
        register(victim, address := new_email())
        planted = _sign_in_with_cookies(attacker, new_email(), ours)
        header = "; ".join(f"{name}={value}" for name, value in planted.items())
        login = victim.post(
            "/auth/login?useCookies=true",
            json={"email": address, "password": PASSWORD},
            headers={**ours, "Cookie": header},
        )
        assert login.json()["user"]["email"] == address
        fresh = dict(victim.cookies)
        assert set(fresh) == set(NAMES)
        assert all(fresh[name] != planted[name] for name in NAMES)
        assert victim.get("/users/profile").json()["email"] == address
        assert attacker.post("/auth/refresh", headers=ours).status_code == 401
        assert victim.post("/auth/refresh", headers=ours).status_code == 200


def test_the_cookies_of_an_ended_session_are_refused_by_every_worker(
    live: LiveServer, browser: httpx2.Client, ours: dict[str, str]
) -> None:
    """Within a second, though the cookie with the access token goes on for a quarter of an hour."""
    header = {"Cookie": f"gatewright_access={browser.cookies['gatewright_access']}"}
    with live.client_of_each_worker() as workers:
        assert all(each.get("/users/admin", headers=header).status_code == 403 for each in workers)
        assert browser.post("/auth/logout", headers=ours).status_code == 200
        until(
            lambda: all(each.get("/users/admin", headers=header).status_code == 401 for each in workers),
            what="the refusal by every worker",
        )


def _sign_in_with_cookies(client: httpx2.Client, email: str, ours: dict[str, str]) -> dict[str, Any]:
    body = {"email": email, "password": PASSWORD, "firstName": "Mal", "lastName": "Lory"}
    assert client.post("/auth/register?useCookies=true", json=body, headers=ours).status_code == 201
    return dict(client.cookies)
