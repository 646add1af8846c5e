"""Sending somebody elsewhere through a link of ours (CWE-601)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.attacks.conftest import mailed_server
from tests.attacks.mailed import VERIFY, Mailed, not_me_token
from tests.live import LiveServer, bearer, register

EVIL = "https://evil.example/"
NAMES = ("next", "redirect", "redirectTo", "redirect_uri", "return", "returnTo", "continue", "url", "goto", "base")
PAGES = ("verify-email", "reset-password", "not-me", "change-email", "undo-email-change", "invitation")
ODD_PATHS = (
    "//evil.example",
    "//evil.example/..",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/\\evil.example",
    "/auth/pages//evil.example",
    "/auth/pages/https:evil.example",
    "/auth/pages/verify-email//evil.example/%2e%2e",
    "/https://evil.example",
    "/auth/..//evil.example",
)
OWN = "https://app.example.com/account"


@pytest.fixture(scope="module", params=["sqlite"])
def linked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """A server whose links lead to the app's own pages."""
    folder = tmp_path_factory.mktemp("linked")
    with mailed_server(request, request.param, folder, MAIL_LINK_BASE=OWN) as mailed:
        yield mailed


def leads_away(answer: httpx2.Response) -> bool:
    """Whether anything in an answer would take a browser to another site."""
    if answer.is_redirect or "location" in answer.headers or "refresh" in answer.headers:
        return True
    attributes = (
        f'{name}="{start}' for name in ("href", "action", "src", "content", "formaction") for start in ("http", "//")
    )
    return "text/html" in answer.headers.get("content-type", "") and any(each in answer.text for each in attributes)


@pytest.mark.parametrize("page", PAGES)
def test_no_parameter_of_a_page_leads_away(mailed: Mailed, page: str) -> None:
    """In the query or in the form, with a token that counts for nothing: the page stays here."""
    query = {"token": EVIL, **dict.fromkeys(NAMES, EVIL)}
    with mailed.live.client() as client:
        for answer in (
            client.get(f"/auth/pages/{page}", params=query),
            client.post(f"/auth/pages/{page}", data=query),
            client.post(f"/auth/pages/{page}", data={"token": "x", "password": "an attacked passphrase"}, params=query),
        ):
            assert answer.status_code in (200, 400, 422)
            assert not leads_away(answer), answer.text
        # What could be a token leads to the page itself, and nothing of the query comes along.
        moved = client.get(f"/auth/pages/{page}", params={**query, "token": "x"}, headers={"Host": "evil.example"})
        assert (moved.status_code, moved.headers["Location"]) == (303, f"/auth/pages/{page}")
        assert "evil" not in str(moved.headers)


def test_a_page_that_has_done_its_work_stays_here(mailed: Mailed, new_email: Callable[[], str]) -> None:
    """With a good token and every name that a redirect ever had."""
    email = new_email()
    with mailed.live.client() as client:
        _, mail = mailed.registered(client, email)
        answer = client.post("/auth/pages/verify-email", data={"token": mail.token}, params=dict.fromkeys(NAMES, EVIL))
        assert answer.status_code == 200
        assert not leads_away(answer)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_no_path_leads_away(live: LiveServer, path: str) -> None:
    """What a browser would read as another host is not found, with or without a slash at its end."""
    with live.client() as client:
        for method in ("GET", "POST", "HEAD"):
            answer = client.request(method, f"{live.url}{path}")
            assert not leads_away(answer), (method, path)
            assert answer.status_code in (404, 405)


def test_the_api_sends_nobody_elsewhere(client: httpx2.Client, email: str) -> None:
    """Parameters that no call takes change no answer of those that sign somebody in or out."""
    tokens = register(client, email)
    query = dict.fromkeys(NAMES, EVIL)
    for answer in (
        client.post("/auth/logout", json={"refreshToken": "x"}, params=query),
        client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}, params=query),
        client.get("/users/profile", headers=bearer(tokens), params=query),
        client.post("/auth/logout-all", headers=bearer(tokens), params=query),
    ):
        assert answer.status_code == 200
        assert not leads_away(answer)
        assert "evil.example" not in answer.text


def test_links_keep_to_the_base_of_the_settings(linked: Mailed, new_email: Callable[[], str]) -> None:
    """`MAIL_LINK_BASE` and the page, with the token in the query and nothing else."""
    email = new_email()
    with linked.live.client() as client:
        client.headers["X-Forwarded-Host"] = "evil.example"
        tokens, mail = linked.registered(client, email)
        client.post("/auth/password/forgot", json={"email": email}, params=dict.fromkeys(NAMES, EVIL))
        linked.wait(email, count=2)
        client.post("/auth/email/change", json={"newEmail": f"new-{email}"}, headers=bearer(tokens))
        mails = [*linked.to(email), *linked.wait(f"new-{email}")]
        assert client.post("/auth/not-me", json={"token": not_me_token(mail)}).status_code == 200
    assert linked.to(email, VERIFY)
    assert {page_of(link) for each in mails for link in each.links} == {
        "verify-email",
        "not-me",
        "reset-password",
        "change-email",
    }


def page_of(link: str) -> str:
    """The page that a link leads to."""
    parts = urlsplit(link)
    base, _, page = f"{parts.scheme}://{parts.netloc}{parts.path}".rpartition("/")
    assert (base, list(parse_qs(parts.query)), parts.fragment) == (OWN, ["token"], "")
    return page
