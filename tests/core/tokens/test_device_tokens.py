"""A device credential counts for one account, for a time, and cannot be made by anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gatewright.core import base64url
from gatewright.core.tokens.device_tokens import DeviceTokens

NOW = datetime(2026, 1, 1, 12, 0, 0, 500, tzinfo=UTC)
YEAR = timedelta(days=365)
FIRST, SECOND = b"the first secret: 0123456789 abcdef", b"the second secret: 0123456789 abcde"
KEY = "user@example.com"


@pytest.fixture
def tokens() -> DeviceTokens:
    return DeviceTokens([FIRST], YEAR)


def test_a_credential_counts_for_its_account_alone(tokens: DeviceTokens) -> None:
    """Else one account of one's own would open the way to all others."""
    text = tokens.issue(KEY, NOW)
    assert tokens.read(text, KEY, NOW) is not None
    assert tokens.read(text, "other@example.com", NOW) is None
    assert tokens.read(text, "", NOW) is None


def test_a_credential_ends(tokens: DeviceTokens) -> None:
    """After a year, by default."""
    text = tokens.issue(KEY, NOW)
    assert tokens.read(text, KEY, NOW + YEAR - timedelta(seconds=1)) is not None
    assert tokens.read(text, KEY, NOW + YEAR) is None


def test_a_credential_ends_with_its_epoch(tokens: DeviceTokens) -> None:
    """One that was made before the account had an epoch counts until it gets one, and none counts in another."""
    first, second = tokens.issue(KEY, NOW), tokens.issue(KEY, NOW, epoch="one")
    assert tokens.read(first, KEY, NOW) is not None
    assert tokens.read(first, KEY, NOW, epoch="one") is None
    assert tokens.read(second, KEY, NOW, epoch="one") is not None
    assert tokens.read(second, KEY, NOW, epoch="two") is None
    assert tokens.read(second, KEY, NOW) is None


def test_a_device_keeps_its_identity(tokens: DeviceTokens) -> None:
    """So that its delay stays with it, however often it signs in; another device has another."""
    device = tokens.read(tokens.issue(KEY, NOW), KEY, NOW)
    later = NOW + timedelta(days=300)
    continued = tokens.issue(KEY, later, device)
    assert tokens.read(continued, KEY, later + timedelta(days=300)) == device
    assert tokens.read(tokens.issue(KEY, NOW), KEY, NOW) != device


def test_a_credential_tells_nobody_whose_it_is(tokens: DeviceTokens) -> None:
    """It lies in browsers for a year."""
    raw = base64url.decode(tokens.issue(KEY, NOW).removeprefix("gwd_"))
    assert KEY.encode() not in raw
    assert len(raw) == 53


def test_every_listed_secret_verifies_and_the_first_makes() -> None:
    """So that a new secret makes no device a stranger."""
    old, both = DeviceTokens([FIRST], YEAR), DeviceTokens([SECOND, FIRST], YEAR)
    assert both.read(old.issue(KEY, NOW), KEY, NOW) is not None
    assert old.read(both.issue(KEY, NOW), KEY, NOW) is None
    assert DeviceTokens([SECOND], YEAR).read(both.issue(KEY, NOW), KEY, NOW) is not None


def test_a_credential_with_any_bit_changed_is_nothing(tokens: DeviceTokens) -> None:
    """Neither another device nor another date."""
    raw = base64url.decode(tokens.issue(KEY, NOW).removeprefix("gwd_"))
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        assert tokens.read("gwd_" + base64url.encode(bytes(changed)), KEY, NOW) is None


@pytest.mark.parametrize(
    "text", [None, "", "gwd_", "gwd_" + "A" * 71, "gwd_" + "A" * 72, "gwd_" + "\u00e9" * 71, "x" * 10**6]
)
def test_garbage_is_nothing(tokens: DeviceTokens, text: str | None) -> None:
    """And never an error."""
    assert tokens.read(text, KEY, NOW) is None


def test_a_credential_is_not_shown_by_accident(tokens: DeviceTokens) -> None:
    """What makes them does not show its keys."""
    assert FIRST.hex() not in repr(tokens)
    assert not hasattr(tokens, "__dict__")
