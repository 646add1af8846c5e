"""Tokens of mailed links leave the address at once: where they go, and how two links keep apart."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.http.access_log import LOGGER, keep_tokens_out
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser
from gatewright.testing.mails import CapturedMails
from tests.conftest import example_app, make_settings

PAGES = ("verify-email", "not-me", "change-email", "undo-email-change", "reset-password", "invitation")
FIELD = re.compile(r'name="token" value="([^"]*)"')
FIRST, SECOND = "a" * 43, "b" * 43


@pytest.fixture
def auth_app(sqlite_template_copy: object) -> FastAPI:
    return example_app(Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}")))


def path_of(page: str, token: str | None = None) -> str:
    return f"/auth/pages/{page}" + ("" if token is None else f"?token={token}")


def open_link(client: TestClient, page: str, token: str) -> str:
    """Open a link as a browser does, as far as the page's own address."""
    answer = client.get(path_of(page, token), follow_redirects=False)
    assert answer.status_code == 303
    assert token not in answer.headers["Location"]
    return answer.headers["Location"]


def token_on(client: TestClient, address: str) -> str | None:
    """The token that a page's form would send."""
    found = FIELD.search(client.get(address, follow_redirects=False).text)
    return None if found is None else found[1]


def test_a_token_leaves_the_address(auth_client: TestClient) -> None:
    """For a cookie of ten minutes that no script reads and no other site's form sends; on every page."""
    for page in PAGES:
        answer = auth_client.get(path_of(page, FIRST), follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, path_of(page))
        assert answer.headers.get_list("Set-Cookie") == [
            f"gatewright_link_{page}={FIRST}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"
        ]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.content == b""
        assert token_on(auth_client, path_of(page)) == FIRST


def test_two_links_to_one_page_keep_apart(auth_client: TestClient) -> None:
    """Whichever tab is reloaded shows its own link, and another page shows none of them."""
    first, second = (open_link(auth_client, "reset-password", token) for token in (FIRST, SECOND))
    assert first == path_of("reset-password")
    assert urlsplit(second).path == first
    assert second != first
    for _ in range(2):
        assert token_on(auth_client, first) == FIRST
        assert token_on(auth_client, second) == SECOND
    assert open_link(auth_client, "reset-password", FIRST) == first
    assert token_on(auth_client, path_of("verify-email")) is None


def test_a_page_elsewhere_cannot_fill_the_browser_with_cookies(auth_client: TestClient) -> None:
    """Of many links that are opened, the first and the last few are kept; none shows another's token."""
    addresses = {token * 43: open_link(auth_client, "verify-email", token * 43) for token in "abcdefghijklm"}
    assert len(auth_client.cookies) <= 4
    for token, address in addresses.items():
        assert token_on(auth_client, address) in (token, None)
    assert token_on(auth_client, addresses["m" * 43]) == "m" * 43


NO_TOKENS = ("x; Path=/; Domain=example.com", "x\r\nSet-Cookie: y=z", '"><script>alert(1)</script>', "x" * 129, "\0")


def test_what_is_no_token_sets_no_cookie(auth_client: TestClient) -> None:
    """And its page shows neither it nor the token of another link."""
    open_link(auth_client, "verify-email", FIRST)
    for token in NO_TOKENS:
        answer = auth_client.get("/auth/pages/verify-email", params={"token": token}, follow_redirects=False)
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers
        assert "no longer valid" in answer.text
        assert token not in answer.text
        assert FIRST not in answer.text


def test_a_key_names_no_other_cookie(auth_client: TestClient) -> None:
    """What stands in the address chooses among the links of its page alone."""
    open_link(auth_client, "verify-email", FIRST)
    for key in ("", "x", "../access", "a" * 12, "%00"):
        answer = auth_client.get(f"/auth/pages/verify-email?link={key}")
        assert "Open the link again" in answer.text
        assert FIRST not in answer.text


def test_a_form_without_its_field_goes_by_the_cookie_of_its_own_page(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser
) -> None:
    """And of none that another site sends it from: a browser would bring the cookie along."""
    as_user(email="user@example.com", verified=False)
    auth_client.post("/auth/verify-email/resend", json={"email": "user@example.com"})
    (mail,) = auth_mails.to("user@example.com")
    page = open_link(auth_client, "verify-email", mail.token)
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        refused = auth_client.post(page, data={"a": "b"}, headers=headers)
        assert (refused.status_code, refused.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    done = auth_client.post(page, data={"a": "b"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert done.status_code == 200
    assert done.headers.get_list("Set-Cookie") == [
        "gatewright_link_verify-email=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    ]
    assert "Open the link again" in auth_client.get(page).text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_neither_a_preview_nor_a_prefetch_redeems(
    auth_client: TestClient, auth_mails: CapturedMails, as_user: AsUser, auth_clock: FakeClock, method: str
) -> None:
    """Followed to its end: the token counts afterwards, for its whole time."""
    as_user(email="user@example.com", verified=False)
    auth_client.post("/auth/verify-email/resend", json={"email": "user@example.com"})
    (mail,) = auth_mails.to("user@example.com")
    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}):
        auth_client.request(method, path_of("verify-email", mail.token), headers=headers)
    auth_clock.advance(24 * 3600 - 1)
    assert auth_client.post("/auth/verify-email", json={"token": mail.token}).status_code == 200


class TestBehindHttps:
    """With an https address below a path, as behind a proxy that takes the path away."""

    @pytest.fixture
    def auth_app(self, sqlite_template_copy: object) -> FastAPI:
        return example_app(
            Gatewright(
                make_settings(
                    f"sqlite:///{sqlite_template_copy}", public_url="https://example.com/accounts", api_prefix="/api"
                )
            )
        )

    def test_the_cookie_is_this_hosts_alone(self, auth_client: TestClient) -> None:
        """`__Host-`, so that no other subdomain plants a link; and the way leads below the public path."""
        link = f"/api/auth/pages/reset-password?token={FIRST}"
        answer = auth_client.get(link, headers={"Host": "evil.example"}, follow_redirects=False)
        assert answer.headers["Location"] == "/accounts/api/auth/pages/reset-password"
        (cookie,) = answer.headers.get_list("Set-Cookie")
        assert cookie == (
            f"__Host-gatewright_link_reset-password={FIRST}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure"
        )

    def test_a_planted_twin_of_the_cookie_counts_for_nothing(self, auth_client: TestClient) -> None:
        """Of two cookies with one name nobody knows whose is whose."""
        name = "__Host-gatewright_link_reset-password"
        answer = auth_client.get(
            "/api/auth/pages/reset-password", headers={"Cookie": f"{name}={FIRST}; {name}={SECOND}"}
        )
        assert "Open the link again" in answer.text


def test_uvicorns_access_log_has_no_token(caplog: pytest.LogCaptureFixture, auth_client: TestClient) -> None:
    """As uvicorn writes it, also for a page of the app's own; and the filter is there once, however many start."""
    keep_tokens_out()
    logger = logging.getLogger(LOGGER)
    assert len(logger.filters) == 1
    with caplog.at_level(logging.INFO, LOGGER):
        for path in (path_of("verify-email", FIRST), f"/welcome?a=b&token={FIRST}&c=d", f"/x?inviteToken={FIRST}"):
            logger.info('%s - "%s %s HTTP/%s" %d', "192.0.2.1:4711", "GET", path, "1.1", 303)
    assert FIRST not in caplog.text
    assert '"GET /auth/pages/verify-email?token=[secret] HTTP/1.1" 303' in caplog.text
    assert "/welcome?a=b&token=[secret]&c=d" in caplog.text
