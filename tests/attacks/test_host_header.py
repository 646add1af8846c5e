"""Requests that name another host: no link, no redirect and no token follows them (OWASP WSTG-INPV-17)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gatewright.testing.mails import SentMail
from tests.attacks.mailed import CHANGE, VERIFY, Mailed
from tests.attacks.test_paths_and_methods import Raw, send_raw
from tests.live import LiveServer, register

EVIL = "evil.example"
PATHS = (
    "/auth/pages/verify-email",
    "/auth/pages/verify-email/",
    "/auth/pages/reset-password?token=x",
    "/auth/sessions/",
    "/auth",
    "/.well-known/jwks.json",
    "/openapi.json",
    "/docs",
    "/docs/",
    "/health/live/",
    "//evil.example/auth/pages",
    "/auth/inbox",
)


def heads(live: LiveServer) -> list[tuple[str, list[str]]]:
    """Where a request claims to go: what stands before its path, and its headers."""
    own = f"Host: localhost:{live.port}"
    return [
        ("", [f"Host: {EVIL}"]),
        ("", [f"Host: {EVIL}:{live.port}"]),
        ("", [f"Host: localhost:{live.port}@{EVIL}"]),
        ("", [f"Host: localhost:{live.port}.{EVIL}"]),
        ("", [own, f"X-Forwarded-Host: {EVIL}", f"X-Host: {EVIL}", f"X-Original-Host: {EVIL}"]),
        ("", [own, f"Forwarded: host={EVIL};proto=https", f"X-Forwarded-Server: {EVIL}"]),
        ("", [own, "X-Forwarded-Proto: javascript", "X-Forwarded-Scheme: http", "X-Forwarded-Port: 1"]),
        ("", [own, f"X-Original-URL: http://{EVIL}/", f"X-Rewrite-URL: //{EVIL}/", f"X-Forwarded-Prefix: //{EVIL}"]),
        ("", [own, f"Origin: https://{EVIL}", f"Referer: https://{EVIL}/"]),
        (f"http://{EVIL}", [own]),
        (f"http://{EVIL}", [f"Host: {EVIL}"]),
        ("", [own, f"Host: {EVIL}"]),
    ]


def call(live: LiveServer, method: str, path: str, head: tuple[str, list[str]], body: object = None) -> Raw | None:
    before, headers = head
    content = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {before}{path} HTTP/1.1",
        *headers,
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return send_raw(live, "\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def is_ours(mail: SentMail, live: LiveServer) -> bool:
    """Whether every link leads to where the settings say that the server is."""
    public = f"http://localhost:{live.port}/auth/pages/"
    return bool(mail.links) and all(link.startswith(public) for link in mail.links) and EVIL not in mail.html


def test_links_in_mails_follow_the_settings(mailed: Mailed, new_email: Callable[[], str]) -> None:
    """Whatever a request says of its host: registering, asking for another password, and asking again."""
    for head in heads(mailed.live):
        email = new_email()
        with mailed.live.client() as client:
            register(client, email)
        confirm = mailed.wait(email, VERIFY)
        answers = [
            call(mailed.live, "POST", path, head, {"email": email})
            for path in ("/auth/password/forgot", "/auth/verify-email/resend")
        ]
        # A request with two hosts may be refused as a whole (RFC 9112 section 3.2).
        if all(answer is not None and answer.status == 202 for answer in answers):
            mails = mailed.wait(email, count=3)
            assert [mail.subject for mail in mails if not is_ours(mail, mailed.live)] == [], head
        assert all(is_ours(mail, mailed.live) for mail in confirm)


def test_a_registration_and_a_change_of_address_follow_the_settings(
    mailed: Mailed, new_email: Callable[[], str]
) -> None:
    """The mails that carry an account away if their links do not lead home."""
    for head in heads(mailed.live):
        email, other = new_email(), new_email()
        body = {"email": email, "password": "an attacked passphrase", "firstName": "Al", "lastName": "Bo"}
        answer = call(mailed.live, "POST", "/auth/register", head, body)
        if answer is None or answer.status != 201:
            assert answer is None or answer.status == 400, answer
            continue
        assert is_ours(mailed.wait(email, VERIFY)[0], mailed.live), head
        tokens = json.loads(answer.body)
        signed_in = (head[0], [*head[1], f"Authorization: Bearer {tokens['accessToken']}"])
        asked = call(mailed.live, "POST", "/auth/email/change", signed_in, {"newEmail": other})
        assert asked is not None
        assert asked.status == 202
        assert is_ours(mailed.wait(other, CHANGE)[0], mailed.live), head


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_repeats_the_host(mailed: Mailed, path: str) -> None:
    """Neither a redirect, nor a page, a document or a cookie."""
    for head in heads(mailed.live):
        answer = call(mailed.live, "GET", path, head)
        if answer is None:
            continue
        if answer.status == 303:
            # The token leaves the address, and nothing else does.
            assert (answer.headers["location"], "token=" in path) == (path.partition("?")[0], True), head
        else:
            assert not 300 <= answer.status < 400, (head, answer)
        own = answer.body.replace(path.encode(), b"")
        assert EVIL.encode() not in own, head
        assert EVIL not in " ".join(f"{name}: {value}" for name, value in answer.headers.items()), head
