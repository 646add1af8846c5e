"""What has ended or changed counts on every worker within a second, for tokens that were signed before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from gatewright.features.admin import service as admin
from gatewright.features.sessions import service as sessions
from tests.live import LiveServer, bearer, code, log_in, refresh, refused_by, register, until


@dataclass(frozen=True)
class SignedIn:
    """A user with a session, and clients on both workers."""

    live: LiveServer
    client: httpx2.Client
    workers: list[httpx2.Client]
    email: str
    tokens: dict[str, Any]

    def statuses(self) -> list[int]:
        """What the workers answer to the token on the administrators' route, which reads nothing from the database."""
        return [worker.get("/users/admin", headers=bearer(self.tokens)).status_code for worker in self.workers]


@pytest.fixture
def user(live: LiveServer, client: httpx2.Client, email: str) -> Iterator[SignedIn]:
    with live.client_of_each_worker() as workers:
        found = SignedIn(live, client, workers, email, register(client, email))
        assert found.statuses() == [403, 403]
        yield found


async def _log_out(user: SignedIn) -> None:
    user.client.post("/auth/logout", json={"refreshToken": user.tokens["refreshToken"]}).raise_for_status()


async def _log_out_everywhere(user: SignedIn) -> None:
    user.client.post("/auth/logout-all", headers=bearer(log_in(user.client, user.email))).raise_for_status()


async def _end_from_the_list(user: SignedIn) -> None:
    other = log_in(user.client, user.email)
    listed = user.client.get("/auth/sessions", headers=bearer(other)).json()["data"]
    (first,) = [session["id"] for session in listed if not session["current"]]
    assert user.client.delete(f"/auth/sessions/{first}", headers=bearer(other)).status_code == 204


async def _disable(user: SignedIn) -> None:
    async with user.live.beside() as context:
        assert await admin.disable(context, user.email, reason="a test") == 1


async def _set_password(user: SignedIn) -> None:
    async with user.live.beside() as context:
        assert await admin.set_password(context, user.email, "another attacked passphrase") == 1


async def _disable_and_enable(user: SignedIn) -> None:
    async with user.live.beside() as context:
        await admin.disable(context, user.email, reason="a test")
        await admin.enable(context, user.email)


async def _end_all(user: SignedIn) -> None:
    async with user.live.beside() as context:
        assert await sessions.end_all(context) >= 1


@pytest.mark.parametrize(
    "end", [_log_out, _log_out_everywhere, _end_from_the_list, _disable, _set_password, _disable_and_enable, _end_all]
)
@pytest.mark.both_databases
async def test_an_ended_session_is_refused_on_every_worker(
    user: SignedIn, end: Callable[[SignedIn], Awaitable[None]]
) -> None:
    """However it was ended: within a second neither of its tokens counts anywhere, and it stays so."""
    await end(user)
    until(refused_by(user.workers, user.tokens), what="the end of the session")
    for worker in user.workers:
        assert code(worker.get("/users/profile", headers=bearer(user.tokens))) == (401, "invalid_token")
        answer = worker.post("/auth/refresh", json={"refreshToken": user.tokens["refreshToken"]})
        assert code(answer) == (401, "invalid_refresh_token")


async def test_ending_one_session_leaves_the_others(user: SignedIn) -> None:
    """Only the session that was named ends."""
    other = log_in(user.client, user.email)
    await _log_out(user)
    until(refused_by(user.workers, user.tokens), what="the logout")
    for worker in user.workers:
        assert worker.get("/users/profile", headers=bearer(other)).status_code == 200


@pytest.mark.both_databases
async def test_another_role_counts_for_tokens_that_are_out(user: SignedIn) -> None:
    """The old token answers by the new role, up and down, and at no time with 401."""
    seen: set[int] = set()

    def answers_are(status: int) -> Callable[[], bool]:
        def ask() -> bool:
            statuses = user.statuses()
            seen.update(statuses)
            return set(statuses) == {status}

        return ask

    async with user.live.beside() as context:
        for role, status in [("ADMIN", 200), ("USER", 403), ("ADMIN", 200)]:
            await admin.set_role(context, user.email, role)
            until(answers_are(status), what=f"the role {role}")
    assert seen == {200, 403}
    assert user.client.get("/users/profile", headers=bearer(user.tokens)).json()["role"] == "ADMIN"
    user.tokens.update(refresh(user.client, user.tokens))
    assert user.statuses() == [200, 200]
