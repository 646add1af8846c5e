# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""The fixtures of `tests/conftest.py`, and the people who make the calls."""

from __future__ import annotations

import pytest
from gatewright import Gatewright
from gatewright.testing.clients import AsUser
from starlette.testclient import TestClient

from app.generated.tests.people import People
from tests.conftest import *


@pytest.fixture
def people(auth_client: TestClient, as_user: AsUser, auth_gatewright: Gatewright) -> People:
    """Clients of the app that are signed in as different people."""
    return People(auth_client, as_user, prefix=auth_gatewright.settings.api_prefix)
