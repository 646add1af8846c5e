"""Guards for a host's routes that ask for more than a role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright, require_permission, require_recent, require_verified
from gatewright.roles import grants
from gatewright.testing import FakeClock
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings


@pytest.fixture
def auth_app(sqlite_template_copy: Path) -> FastAPI:
    roles = {"ALL": ["reports:*"], "BOTH": ["reports:read", "reports:write"], "ONE": ["reports:read", "report"]}
    settings = make_settings(
        f"sqlite:///{sqlite_template_copy}", roles={name: {"permissions": each} for name, each in roles.items()}
    )
    auth = Gatewright(settings)
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.post("/orders", dependencies=[Depends(require_verified)])
    async def order() -> dict[str, bool]:
        return {"done": True}

    @app.post("/payouts", dependencies=[Depends(require_recent)])
    def pay_out() -> dict[str, bool]:
        return {"done": True}

    @app.post("/reports", dependencies=[Depends(require_permission("reports:read", "reports:write"))])
    async def report() -> dict[str, bool]:
        return {"done": True}

    @app.post("/both", dependencies=[Depends(require_recent), Depends(require_verified)])
    async def both() -> dict[str, bool]:
        return {"done": True}

    return app


def call(client: TestClient, path: str) -> tuple[int, Any]:
    answer = client.post(path)
    return answer.status_code, answer.json().get("code", answer.json().get("done"))


def test_an_unverified_user_does_not_come_in_where_verified_ones_do(as_user: AsUser) -> None:
    """The row decides, so that it counts as soon as the address is proved."""
    assert call(as_user(verified=True), "/orders") == (200, True)
    assert call(as_user(verified=False), "/orders") == (403, "email_not_verified")
    assert call(as_user(verified=False), "/both") == (403, "email_not_verified")


def test_a_proof_of_yesterday_does_not_open_what_asks_for_a_recent_one(as_user: AsUser, auth_clock: FakeClock) -> None:
    """Five minutes by the default settings."""
    user = as_user()
    auth_clock.advance(299)
    assert call(user, "/payouts") == (200, True)
    auth_clock.advance(2)
    assert call(user, "/payouts") == (403, "reauthentication_required")
    assert call(user, "/both") == (403, "reauthentication_required")


def test_the_guards_ask_who_is_there_first(auth_client: TestClient) -> None:
    """Nobody is neither verified nor recent."""
    for path in ("/orders", "/payouts", "/both"):
        assert call(auth_client, path) == (401, "not_authenticated")


def test_all_permissions_that_a_route_names_are_needed(as_user: AsUser) -> None:
    """One by one, as a kind, or as an administrator; a role without one of them is refused."""
    found = {role: call(as_user(role=role), "/reports") for role in ("ALL", "BOTH", "ONE", "USER", "ADMIN")}
    refused = (403, "insufficient_permission")
    assert found == {"ALL": (200, True), "BOTH": (200, True), "ONE": refused, "USER": refused, "ADMIN": (200, True)}
    with pytest.raises(ValueError, match="at least one permission"):
        require_permission()


def test_a_permission_is_matched_part_by_part() -> None:
    """`*` stands for what follows a colon, and for no part of a word."""
    granted = ("posts:*", "notes:read", "a:b:*")
    for name in ("posts:write", "posts:read:all", "notes:read", "a:b:c"):
        assert grants(granted, name), name
    for name in ("posts", "post", "postscript:read", "notes:write", "notes", "a:b", "a:c", ""):
        assert not grants(granted, name), name
    assert grants(("*",), "anything:at:all")
