"""The pytest plugin: an app's routes, called by anonymous clients and by users.

An app says in its `conftest.py` what is tested, on a database of its own::

    @pytest.fixture
    def auth_app(tmp_path, monkeypatch):
        monkeypatch.setenv("GATEWRIGHT_ENVIRONMENT", "development")
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/test.db")
        from shop.main import make_app
        return make_app()

and its tests ask for `auth_client`, `as_user`, `auth_mails` and `auth_clock`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from gatewright.app import Gatewright
    from gatewright.testing.clients import AsUser
    from gatewright.testing.clock import FakeClock
    from gatewright.testing.mails import CapturedMails


@pytest.fixture
def auth_app() -> Starlette:
    """The app under test. Every project says in its own `conftest.py` which one that is."""
    raise pytest.UsageError("Define a fixture `auth_app` in conftest.py that returns the app with auth.install(app).")


@pytest.fixture
def auth_gatewright(auth_app: Starlette) -> Gatewright:
    """The `Gatewright` that is installed in the app under test."""
    from gatewright.app import Gatewright

    found = getattr(auth_app.state, "gatewright", None)
    if not isinstance(found, Gatewright):
        raise pytest.UsageError("The app of the fixture `auth_app` has no Gatewright: call auth.install(app).")
    return found


@pytest.fixture
def auth_clock(auth_gatewright: Gatewright) -> FakeClock:
    """The app's clock, which stands still until `auth_clock.advance(seconds)` moves it."""
    from gatewright.testing.clock import FakeClock

    fake = FakeClock()
    auth_gatewright.clock = fake
    return fake


@pytest.fixture
def auth_mails(auth_gatewright: Gatewright) -> CapturedMails:
    """The mails that the app sends: `auth_mails.to("user@example.com")[-1].token`. None leaves the test."""
    from gatewright.testing.mails import CapturedMails

    mails = CapturedMails()
    auth_gatewright.mail_sender = mails
    return mails


@pytest.fixture
def auth_client(
    auth_app: Starlette, auth_gatewright: Gatewright, auth_clock: FakeClock, auth_mails: CapturedMails
) -> Iterator[TestClient]:
    """A client of the running app that is not signed in."""
    from starlette.testclient import TestClient

    from gatewright.testing.mails import deliver_all

    with TestClient(auth_app) as client:
        portal = client.portal
        assert portal is not None
        auth_mails.deliver_by(lambda: portal.call(deliver_all, auth_gatewright.deliveries))
        yield client


@pytest.fixture
def as_user(auth_client: TestClient, auth_gatewright: Gatewright) -> AsUser:
    """Makes users and signs them in: `as_user(role="ADMIN").get("/reports")`."""
    from gatewright.testing.clients import AsUser

    return AsUser(auth_client, auth_gatewright)
