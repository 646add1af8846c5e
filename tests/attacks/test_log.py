"""The server's log: it helps whoever runs the server, and nobody who reads it."""

from __future__ import annotations

import httpx2

from tests.attacks.conftest import secrets_in
from tests.attacks.test_paths_and_methods import request, send_raw
from tests.live import PASSWORD, LiveServer, bearer, log_in, refresh, register


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


def test_nobody_writes_a_line_of_their_own(live: LiveServer) -> None:
    """Line breaks in paths, headers and bodies end up in no line of the log."""
    for hostile in ("%0aFORGED", "%0d%0aFORGED", "%1b[2JFORGED"):
        send_raw(live, request(f"GET /auth/sessions/{hostile} HTTP/1.1", f"X-Request-Id: {hostile}"))
    send_raw(live, request("GET / HTTP/1.1", "User-Agent: a\x1b[2JFORGED"))
    assert not [line for line in live.log.splitlines() if line.startswith("FORGED")]
    assert "\x1b" not in live.log
