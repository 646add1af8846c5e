"""A fault of ours shows nothing of itself: neither in the answer, nor of the user's secrets in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from gatewright.features.password import service as password
from gatewright.features.sessions import service as sessions
from gatewright.features.users import queries
from gatewright.storage.database import Database, Transaction
from gatewright.testing.clients import AsUser
from tests.attacks.conftest import secrets_in
from tests.attacks.test_paths_and_methods import SECURITY_HEADERS
from tests.live import PASSWORD

REGISTRATION = {"email": "user@example.com", "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}


async def _fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("attacked: a detail that is nobody's business")


def _is_a_plain_fault(answer: Any) -> bool:
    problem = answer.json()
    assert SECURITY_HEADERS.items() <= answer.headers.items()
    return bool(
        problem
        == {
            "type": "about:blank",
            "title": "Unexpected error on the server.",
            "status": 500,
            "detail": "Unexpected error on the server.",
            "code": "internal_error",
            "requestId": answer.headers["X-Request-Id"],
        }
    )


def test_a_fault_is_a_problem_document(
    auth_client: TestClient, as_user: AsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On routes of either kind: 500 `internal_error` with the request's id, and nothing else."""
    user = as_user()
    monkeypatch.setattr(password, "check_password", _fails)
    monkeypatch.setattr(sessions, "refresh", _fails)
    monkeypatch.setattr(sessions, "list_live", _fails)
    answers = [
        auth_client.post("/auth/login", json={"email": "user@example.com", "password": PASSWORD}),
        auth_client.post("/auth/refresh", json={"refreshToken": "gwr_attacked"}),
        user.get("/auth/sessions"),
    ]
    assert all(_is_a_plain_fault(answer) for answer in answers)


@pytest.mark.both_databases
def test_a_fault_of_the_database_is_logged_without_what_was_sent(
    auth_client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the request's id and the statement, and neither the password's hash nor the address."""

    def add(_db: Database, tx: Transaction, values: dict[str, Any]) -> None:
        tx.run(insert(tx.table("User")).values({**values, "first_name": object()}))

    monkeypatch.setattr(queries, "add", add)
    with caplog.at_level(logging.DEBUG):
        answer = auth_client.post("/auth/register", json=REGISTRATION)
    assert _is_a_plain_fault(answer)
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "INSERT INTO" in caplog.text
    assert secrets_in(caplog.text) == []
    assert "user@example.com" not in caplog.text
