"""Writes what this version of Gatewright leaves in a database, for the versions after it to upgrade.

    python record.py shop|built_in DATABASE_URL FILE.json

Run it in an app's folder (`shop`) or in an empty one, with the version to record installed. It registers users, signs
them in, and notes in FILE.json what they hold. Dump the database beside it: SQLite by `iterdump`, PostgreSQL by
`pg_dump --no-owner --no-privileges --inserts`, without comments and psql's own commands.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.testing.clock import FakeClock
from gatewright.testing.mails import CapturedMails, deliver_all

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = {
    "ENVIRONMENT": "development",
    "SECRET": "a secret of tests: 0123456789 abcdefghijklmnop",
    "ARGON2__MEMORY_KIB": "7168",
    "ARGON2__ITERATIONS": "1",
    "RATE_LIMIT_ENABLED": "false",
}
ADA, BOB = "ada@example.com", "bob@example.com"


def record(kind: str, url: str) -> dict[str, Any]:
    """Use an app as two people would, and return what they hold at the end."""
    os.environ.update({f"GATEWRIGHT_{name}": value for name, value in {**SETTINGS, "DATABASE_URL": url}.items()})
    if kind == "shop":
        sys.path.insert(0, str(Path.cwd()))
        auth: Gatewright = importlib.import_module("app.main").auth
        app = importlib.import_module("app.main").app
    else:
        auth = Gatewright()
        app = auth.create_app()
    clock, mails = FakeClock(AT), CapturedMails()
    auth.clock, auth.mail_sender = clock, mails
    with TestClient(app, headers={"User-Agent": "Old Browser"}) as client:
        portal = client.portal
        assert portal is not None
        mails.deliver_by(lambda: portal.call(deliver_all, auth.deliveries))
        return _use(client, clock, mails, own={"company": "ACME"} if kind == "shop" else {})


def _use(client: TestClient, clock: FakeClock, mails: CapturedMails, *, own: dict[str, str]) -> dict[str, Any]:
    people = {
        email: _post(
            client, "/auth/register", email=email, password="securepassword", firstName=name, lastName="Doe", **own
        )
        for email, name in ((ADA, "Ada"), (BOB, "Bob"))
    }
    verify_tokens = {email: mails.to(email)[-1].token for email in people}
    _post(client, "/auth/password/forgot", email=BOB)
    reset_tokens = {BOB: mails.to(BOB)[-1].token}
    clock.advance(30)
    spent = people[ADA]["refreshToken"]
    people[ADA] |= _post(client, "/auth/refresh", refreshToken=spent)
    rows = _add_rows(client, people) if own else {}
    # Its mail stays in the outbox.
    _post(client, "/auth/verify-email/resend", email=BOB)
    return {
        "at": clock.now().isoformat(),
        "people": people,
        "spentRefreshToken": spent,
        "verifyTokens": verify_tokens,
        "resetTokens": reset_tokens,
        "rows": rows,
    }


def _add_rows(client: TestClient, people: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ada, bob = (people[email]["accessToken"] for email in (ADA, BOB))
    paper = _post(client, "/papers", ada, title="Notes on the Analytical Engine", dueOn="2027-01-31")
    return {
        "paper": paper,
        "comment": _post(client, "/comments", ada, text="First", paperId=paper["id"]),
        **_add_comment_of_a_stranger(client, bob, paper),
    }


def _add_comment_of_a_stranger(client: TestClient, bob: str, paper: dict[str, Any]) -> dict[str, Any]:
    """723c173 took a reference to a row that its author cannot read; later versions refuse it."""
    body = {"text": "Mine", "paperId": paper["id"]}
    answer = client.post("/comments", json=body, headers={"Authorization": f"Bearer {bob}"})
    return {"strangersComment": answer.json()} if answer.status_code == 201 else {}


def _post(client: TestClient, path: str, access_token: str | None = None, /, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
    answer = client.post(path, json=body, headers=headers)
    answer.raise_for_status()
    answered: dict[str, Any] = answer.json()
    return answered


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(record(sys.argv[1], sys.argv[2]), indent=2))
