"""`as_user` of the pytest plugin, in an app whose design adds columns to `User`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from gatewright import Account, CurrentAccount, Gatewright
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings
from tests.migrations.apps import App

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
NEEDED: list[dict[str, Any]] = [
    {"name": "company", "type": "String"},
    {"name": "staffNumber", "type": "Int", "isUnique": True, "minValue": 100},
    {"name": "phone", "type": "String", "isUnique": True, "minLength": 20, "maxLength": 20},
    {"name": "badgeKey", "type": "Uuid", "isUnique": True},
    {"name": "size", "type": "Enum", "enumValues": ["S", "M"]},
    {"name": "born", "type": "Date"},
    {"name": "plate", "type": "String", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
]
OTHERS: list[dict[str, Any]] = [
    {"name": "pin", "type": "Int", "isHidden": True},
    {"name": "rate", "type": "Decimal", "precision": 6, "scale": 2},
    {"name": "weight", "type": "Float"},
    {"name": "plan", "type": "String", "defaultValue": "free"},
    {"name": "seal", "type": "Bytes"},
    {"name": "tags", "type": "Json"},
]


@pytest.fixture
def auth_app(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    app = App(tmp_path, database_url)
    needed = [{**column, "isRequired": True, "isInput": True} for column in NEEDED]
    app.write({"name": "User", "columns": [ID, *needed, *OTHERS]})
    app.make("start")
    monkeypatch.chdir(tmp_path)
    auth = Gatewright(make_settings(database_url))
    host = FastAPI(lifespan=auth.lifespan)
    auth.install(host)

    @host.get("/me")
    async def me(account: CurrentAccount) -> Account:
        return account

    return host


def test_a_users_columns_are_given_by_their_names(as_user: AsUser) -> None:
    """As the design has them or as Python does; those that no client may set too, in JSON's form or in Python's."""
    ada = as_user(company="ACME", staff_number=117, born=date(2000, 2, 29), plan="paid", seal=b"\xff")
    bob = as_user(staffNumber=118, born="2000-02-29", rate="12.50", weight=1.5, pin=1234, tags=["a"])
    eve = as_user(rate=Decimal("12.5"))
    mine, his, hers = (user.get("/me").json() for user in (ada, bob, eve))
    assert [mine[name] for name in ("company", "staffNumber", "plan", "seal")] == ["ACME", 117, "paid", "/w=="]
    assert mine["born"] == his["born"] == "2000-02-29"
    assert (his["staffNumber"], his["plan"], his["tags"]) == (118, "free", ["a"])
    assert his["weight"] == 1.5
    assert float(his["rate"]) == float(hers["rate"]) == 12.5


def test_what_a_column_needs_is_made_up(as_user: AsUser) -> None:
    """Each value by the design's rules, and another one for each user where it is unique."""
    ada, bob = as_user().get("/me").json(), as_user().get("/me").json()
    for name in ("staffNumber", "phone", "badgeKey"):
        assert ada[name] != bob[name]
    assert len(ada["phone"]) == 20
    assert ada["size"] == "S"


def test_what_the_design_lacks_is_named(as_user: AsUser) -> None:
    """As Python does for an argument that a function lacks."""
    for columns, says in (
        ({"compny": "ACME"}, "no column 'compny'; did you mean 'company'\\?"),
        ({"is_email_verified": False}, "no column 'is_email_verified'"),
        ({"staff_number": 5}, "staffNumber does not take this value"),
        ({"size": "XL"}, "size does not take this value"),
        ({"born": "tomorrow"}, "born does not take this value"),
    ):
        with pytest.raises(TypeError, match=says):
            as_user(**columns)
