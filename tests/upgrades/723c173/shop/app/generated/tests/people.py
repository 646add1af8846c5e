# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""Who makes the calls of a test."""

from __future__ import annotations

import datetime
import itertools
import uuid
from typing import Any, NamedTuple

from gatewright.testing.clients import AsUser, SignedInClient
from starlette.testclient import TestClient


class Made(NamedTuple):
    """A row that was made, and where it is."""

    row: dict[str, Any]
    url: str


class People:
    """Clients of the app, each made when it is first asked for."""

    def __init__(self, nobody: TestClient, as_user: AsUser, *, prefix: str) -> None:
        self.prefix = prefix
        self._nobody = nobody
        self._as_user = as_user
        self._clients: dict[str, SignedInClient] = {}
        self._numbers = itertools.count(1)

    def __call__(self, who: str) -> TestClient:
        """The client of `nobody`, of `owner` or `stranger`, who are plain users, or of somebody with a role."""
        return self._nobody if who == "nobody" else self._signed_in(who)

    def user(self, who: str) -> dict[str, Any]:
        """Somebody's account."""
        return self._signed_in(who).user

    def another(self) -> dict[str, Any]:
        """The account of somebody new."""
        return self._as_user().user

    def number(self) -> int:
        """Another number each time."""
        return next(self._numbers)

    def day(self) -> str:
        """Another day each time."""
        return (datetime.date(2026, 1, 1) + datetime.timedelta(self.number())).isoformat()

    def uuid(self) -> str:
        """Another UUID each time."""
        return str(uuid.uuid4())

    def make(self, path: str, body: dict[str, Any], who: str) -> Made:
        """Have somebody, who need not be able to read it, make a row of *body*."""
        answer = self(who).post(self.prefix + path, json=body)
        assert answer.status_code == 201, answer.text
        url = answer.headers["Location"]
        return Made(self("ADMIN").get(url).json(), url)

    def _signed_in(self, who: str) -> SignedInClient:
        if who not in self._clients:
            self._clients[who] = self._as_user(role="USER" if who in ("owner", "stranger") else who)
        return self._clients[who]
