# Written by "gatewright generate" from db.design.json. Tests of yours belong in tests/.
"""Each table's resource does what the design says: who may make which call, on which rows, with which columns."""

from __future__ import annotations

import pytest
from gatewright.testing import AsUser, check_resource

TABLES = [
    "Comment",
    "EmailVerification",
    "Paper",
    "RefreshToken",
    "User",
]


@pytest.mark.parametrize("table", TABLES)
def test_the_resource_of(table: str, as_user: AsUser) -> None:
    """A failure names the rule that is broken, and the call that broke it."""
    check_resource(as_user, table)
