"""Refreshing with one token from everywhere at once, and coming back with a spent one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from tests.live import Answer, LiveServer, Order, bearer, code, log_in, refresh, refused_by, register, storm, until

pytestmark = pytest.mark.both_databases

REUSED = "session.refresh_token_reused"


def refreshes(live: LiveServer, token: str, times: int) -> list[Order]:
    return [Order("POST", f"{live.url}/auth/refresh", {"refreshToken": token})] * times


def successor_in(answers: list[Answer]) -> str:
    """The one refresh token that all of them were given."""
    assert {answer.status for answer in answers} == {200}
    (successor,) = {answer.body["refreshToken"] for answer in answers}
    return str(successor)


def is_over(worker: httpx2.Client, tokens: Mapping[str, Any]) -> bool:
    """Whether neither token of a pair counts on this worker."""
    bearer_answer = worker.get("/users/admin", headers=bearer(tokens))
    refresh_answer = worker.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
    return [code(bearer_answer), code(refresh_answer)] == [(401, "invalid_token"), (401, "invalid_refresh_token")]


async def test_a_hundred_parallel_refreshes_leave_one_live_successor(
    live: LiveServer, client: httpx2.Client, email: str
) -> None:
    """All hundred are honest: all get the same bytes, and nobody is logged out. So it goes on with the successor."""
    user = register(client, email)
    first = successor_in(storm(refreshes(live, user["refreshToken"], 100)))
    answers = storm(refreshes(live, first, 100))
    second = successor_in(answers)
    assert len({user["refreshToken"], first, second}) == 3

    for tokens in (user, *(answer.body for answer in answers[:10])):
        assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200
    (session,) = await live.rows("RefreshToken", user_id=user["user"]["id"])
    assert (session["generation"], session["ended_at"]) == (2, None)
    assert await live.rows("gatewright_audit_events", event=REUSED, session_id=session["id"]) == []
    assert refresh(client, {"refreshToken": second})["refreshToken"] not in (first, second)


async def test_a_token_older_than_the_predecessor_ends_the_session(
    live: LiveServer, client: httpx2.Client, email: str
) -> None:
    """Thief or owner: nothing of that session counts a second later, on any worker, and the audit log says why."""
    stolen = register(client, email)
    spent = refresh(client, stolen)
    owner = refresh(client, spent)
    elsewhere = log_in(client, email)

    with live.client_of_each_worker() as workers:
        reuse = client.post("/auth/refresh", json={"refreshToken": stolen["refreshToken"]})
        assert code(reuse) == (401, "invalid_refresh_token")
        until(refused_by(workers, owner), what="the end of the session")
        assert all(is_over(worker, tokens) for worker in workers for tokens in (stolen, spent, owner))
    assert client.get("/users/profile", headers=bearer(elsewhere)).status_code == 200
    (event,) = await live.rows("gatewright_audit_events", event=REUSED, subject_id=stolen["user"]["id"])
    assert (event["outcome"], event["details"]) == ("failure", {"generation": 0, "ended": 1})
    assert event["request_id"] == reuse.headers["X-Request-Id"]


def test_a_logout_wins_over_refreshes_at_the_same_time(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """What a refresh gave just before the logout is worth nothing after it."""
    user = register(client, email)
    orders = refreshes(live, user["refreshToken"], 40)
    orders.insert(20, Order("POST", f"{live.url}/auth/logout", {"refreshToken": user["refreshToken"]}))
    answers = storm(orders)

    assert answers.pop(20).status == 200
    assert {answer.status for answer in answers} <= {200, 401}
    given = [user, *(answer.body for answer in answers if answer.status == 200)]
    with live.client_of_each_worker() as workers:
        until(refused_by(workers, user), what="the logout")
        assert all(is_over(worker, tokens) for worker in workers for tokens in given)
