"""The server's log: it helps whoever runs the server, and nobody who reads it."""

from __future__ import annotations

import re

import httpx2

from tests.attacks.conftest import secrets_in
from tests.attacks.test_paths_and_methods import request, send_raw
from tests.live import PASSWORD, LiveServer, bearer, log_in, refresh, register

BEGINNING = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 \[(info|warning|error) +\] ")


def test_the_log_holds_no_secret_of_a_whole_life(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """Everything a user sends and gets, in right and wrong places; at its end the whole log is searched again."""
    user = register(client, email)
    tokens = refresh(client, log_in(client, email))
    for path in ("/users/profile", "/auth/sessions", "/users/admin", "/nowhere"):
        client.get(path, headers=bearer(tokens), params={"password": PASSWORD, "access_token": tokens["accessToken"]})
        client.get(path, headers={"Authorization": f"Bearer {tokens['refreshToken']}"})
    client.post("/auth/login", json={"email": PASSWORD, "password": email})
    client.post("/auth/login", content=f'{{"password":"{PASSWORD}"')
    client.post(f"/auth/{tokens['refreshToken']}")
    client.delete(f"/auth/sessions/{tokens['refreshToken']}", headers=bearer(tokens))
    client.post("/auth/refresh", json={"refreshToken": user["refreshToken"]})
    client.post("/auth/logout", json={"refreshToken": tokens["refreshToken"]})
    assert secrets_in(live.log) == []


def test_nobody_writes_a_line_of_their_own(live: LiveServer, client: httpx2.Client) -> None:
    """Line breaks in paths, headers and bodies end up in no line of the log; each begins as ours do."""
    for hostile in ("%0aFORGED", "%0d%0aFORGED", "%1b[2JFORGED"):
        send_raw(live, request(f"GET /auth/sessions/{hostile} HTTP/1.1", f"X-Request-Id: {hostile}"))
    send_raw(live, request("GET / HTTP/1.1", "User-Agent: a\x1b[2JFORGED"))
    agent = 'a", "event": "login.succeeded", "x": "\x85FORGED'.encode("latin-1")
    client.post("/auth/login", json={"email": "a@b.example", "password": "attacked"}, headers=[(b"User-Agent", agent)])
    assert not [line for line in live.log.splitlines() if line.startswith("FORGED")]
    assert "\x1b" not in live.log
    forged = [line for line in live.log.split("\n") if "FORGED" in line]
    assert forged
    assert [line for line in forged if not (BEGINNING.match(line) and line.isprintable())] == []


def test_every_event_has_the_id_of_its_request(live: LiveServer, client: httpx2.Client) -> None:
    """As the answer says it, so that both are found again."""
    answers = [client.post("/auth/login", json={"email": "a@b.example", "password": "attacked"}) for _ in range(3)]
    logged = [line for line in live.log.splitlines() if "login.failed" in line]
    for answer in answers:
        assert len([line for line in logged if answer.headers["X-Request-Id"] in line]) == 1
