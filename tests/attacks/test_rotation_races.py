"""Refreshing with one token from everywhere at once, and coming back with a spent one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx2
from sqlalchemy import select

from gatewright.core.context import Context
from tests.live import Answer, LiveServer, Order, bearer, code, log_in, refresh, register, storm, until

WITHIN_SECONDS = 1.0
MACHINE_SECONDS = 0.5
"""What a busy test machine may add to the second that the contract gives."""


async def rows(context: Context, table: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of *table* with these values."""

    def work(tx: Any) -> list[dict[str, Any]]:
        found = tx.table(table)
        rows: list[dict[str, Any]] = tx.all(
            select(found).where(*(found.c[name] == value for name, value in values.items()))
        )
        return rows

    return await context.db.read(work)


def refreshes(live: LiveServer, token: str, times: int) -> list[Order]:
    return [Order("POST", f"{live.url}/auth/refresh", {"refreshToken": token})] * times


def successor_in(answers: list[Answer]) -> str:
    """The one refresh token that all of them were given."""
    assert {answer.status for answer in answers} == {200}
    (successor,) = {answer.body["refreshToken"] for answer in answers}
    return str(successor)


async def test_a_hundred_parallel_refreshes_leave_one_live_successor(
    live: LiveServer, client: httpx2.Client, email: str
) -> None:
    """All hundred are honest, all get the same bytes, and nobody is logged out; so it goes on with the successor."""
    user = register(client, email)
    first = successor_in(storm(refreshes(live, user["refreshToken"], 100)))
    answers = storm(refreshes(live, first, 100))
    second = successor_in(answers)
    assert len({user["refreshToken"], first, second}) == 3

    for tokens in (user, *(answer.body for answer in answers[:10])):
        assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200
    async with live.beside() as context:
        (session,) = await rows(context, "RefreshToken", user_id=user["user"]["id"])
        assert (session["generation"], session["ended_at"]) == (2, None)
        assert not await rows(context, "gatewright_audit_events", event="session.refresh_token_reused", session_id=session["id"])
    assert refresh(client, {"refreshToken": second})["refreshToken"] not in (first, second)


async def test_a_token_older_than_the_predecessor_ends_the_session(
    live: LiveServer, client: httpx2.Client, email: str
) -> None:
    """Whoever brings it, thief or owner: nothing of that session counts a second later, and the audit log says why."""
    stolen = register(client, email)
    spent = refresh(client, stolen)
    owner = refresh(client, spent)
    other_session = log_in(client, email)

    with live.client_of_each_worker() as workers:
        assert code(client.post("/auth/refresh", json={"refreshToken": stolen["refreshToken"]})) == (
            401,
            "invalid_refresh_token",
        )
        for worker in workers:
            until(refused(worker, owner), seconds=WITHIN_SECONDS + MACHINE_SECONDS, what="the end of the session")
            for tokens in (stolen, spent, owner):
                assert code(worker.get("/users/admin", headers=bearer(tokens))) == (401, "invalid_token")
                body = {"refreshToken": tokens["refreshToken"]}
                assert code(worker.post("/auth/refresh", json=body)) == (401, "invalid_refresh_token")
    assert client.get("/users/profile", headers=bearer(other_session)).status_code == 200
    async with live.beside() as context:
        (event,) = await rows(context, "gatewright_audit_events", event="session.refresh_token_reused", subject_id=owner_id(stolen))
    assert (event["outcome"], event["details"]) == ("failure", {"generation": 0, "ended": 1})


async def test_a_logout_wins_over_refreshes_at_the_same_time(
    live: LiveServer, client: httpx2.Client, email: str
) -> None:
    """What a refresh gave just before the logout is worth nothing after it."""
    user = register(client, email)
    orders = refreshes(live, user["refreshToken"], 40)
    orders.insert(20, Order("POST", f"{live.url}/auth/logout", {"refreshToken": user["refreshToken"]}))
    answers = storm(orders)

    assert answers.pop(20).status == 200
    assert {answer.status for answer in answers} <= {200, 401}
    given = [answer.body for answer in answers if answer.status == 200]
    with live.client_of_each_worker() as workers:
        for worker in workers:
            until(refused(worker, user), seconds=WITHIN_SECONDS + MACHINE_SECONDS, what="the logout")
            for tokens in given:
                assert code(worker.get("/users/admin", headers=bearer(tokens))) == (401, "invalid_token")
                body = {"refreshToken": tokens["refreshToken"]}
                assert code(worker.post("/auth/refresh", json=body)) == (401, "invalid_refresh_token")
