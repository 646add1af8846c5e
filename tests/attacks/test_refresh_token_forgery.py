"""Refresh tokens made of other refresh tokens: each is refused, and none ends the session it names."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

import httpx2
import pytest

from gatewright import Gatewright, InvalidToken
from gatewright.addresses import parse_address
from gatewright.features.admin import service as admin
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.features.sessions.service import Tokens
from gatewright.testing import FakeClock
from tests.conftest import sign_in
from tests.live import PASSWORD, LiveServer, bearer, code, refresh, register

_GENERATION = slice(1, 5)
_STARTED = slice(5, 9)
_R = slice(9, 41)
_MAC = slice(-32, None)
_SESSION = slice(41, -32)


def raw(token: str) -> bytearray:
    text = token.removeprefix("gwr_")
    return bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def text(content: bytes | bytearray) -> str:
    return "gwr_" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def with_part(token: str, part: slice, content: bytes) -> str:
    changed = raw(token)
    changed[part] = content
    return text(changed)


def with_bit_flipped(token: str, position: int) -> str:
    changed = raw(token)
    changed[position] ^= 1
    return text(changed)


Forgery = Callable[[str, str], str]

FORGERIES: dict[str, Forgery] = {
    "the next generation": lambda own, _: with_part(own, _GENERATION, struct.pack(">I", 1)),
    "the last generation": lambda own, _: with_part(own, _GENERATION, b"\xff" * 4),
    "a later start": lambda own, _: with_part(own, _STARTED, b"\xff" * 4),
    "another version": lambda own, _: with_part(own, slice(0, 1), b"\x02"),
    "r of zeros": lambda own, _: with_part(own, _R, bytes(32)),
    "MAC of zeros": lambda own, _: with_part(own, _MAC, bytes(32)),
    "no MAC": lambda own, _: with_part(own, _MAC, b""),
    "half of the MAC": lambda own, _: with_part(own, _MAC, bytes(raw(own)[-32:-16])),
    "MAC of another session": lambda own, other: with_part(own, _MAC, bytes(raw(other)[_MAC])),
    "id of another session": lambda own, other: with_part(own, _SESSION, bytes(raw(other)[_SESSION])),
    "r of another session": lambda own, other: with_part(own, _R, bytes(raw(other)[_R])),
    "an id with a quote": lambda own, _: with_part(own, _SESSION, b"' OR ''='"),
    "no prefix": lambda own, _: own.removeprefix("gwr_"),
    "prefix in capitals": lambda own, _: own.replace("gwr_", "GWR_"),
    "padding": lambda own, _: own + "=",
    "a space": lambda own, _: own + " ",
    "a character more": lambda own, _: own + "A",
    "twice": lambda own, _: own + own,
    "empty": lambda *_: "",
    "the prefix alone": lambda *_: "gwr_",
    "very long": lambda own, _: own + "A" * 60_000,
    "NUL": lambda own, _: own + "\x00",
    **{f"MAC, byte {place}": lambda own, _, place=place: with_bit_flipped(own, place) for place in range(-32, 0)},  # type: ignore[misc]
}


def test_a_forged_refresh_token_is_refused_and_ends_nothing(
    client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """Nobody is logged out by what somebody else makes up: refresh and logout leave both sessions alone."""
    own, other = register(client, new_email()), register(client, new_email())
    accepted = []
    for name, forgery in FORGERIES.items():
        body = {"refreshToken": forgery(own["refreshToken"], other["refreshToken"])}
        answer = client.post("/auth/refresh", json=body)
        accepted += [] if code(answer) == (401, "invalid_refresh_token") else [name]
        farewell = client.post("/auth/logout", json=body)
        assert (farewell.status_code, farewell.json()) == (200, {"message": "Logged out successfully"})
        form = {"grant_type": "refresh_token", "refresh_token": body["refreshToken"]}
        refused = client.post("/auth/token", data=form)
        accepted += [] if refused.status_code == 400 else [name]
    assert accepted == []
    for tokens in (own, other):
        assert client.get("/users/profile", headers=bearer(tokens)).status_code == 200
        refresh(client, tokens)


@pytest.mark.usefixtures("without_background")
async def test_a_token_without_our_mac_costs_no_statement(running: Gatewright) -> None:
    """A flood of made-up tokens does not reach the database."""
    tokens = await _signed_in(running)
    seen: list[str] = []
    running.database.observers.append(seen.append)
    for forged in (with_bit_flipped(tokens.refresh_token, -1), "gwr_" + "A" * 130, "garbage"):
        with pytest.raises(InvalidRefreshToken):
            await sessions.refresh(running.context(), forged)
    assert seen == []


async def test_grace_covers_the_direct_predecessor_for_ten_seconds(running: Gatewright) -> None:
    """Within it a late twin gets the same bytes; a moment later it is a thief, and the session ends."""
    context, clock = running.context(), running.clock
    assert isinstance(clock, FakeClock)
    first = await _signed_in(running)
    successor = await sessions.refresh(context, first.refresh_token)
    clock.advance(10)
    twin = await sessions.refresh(context, first.refresh_token)
    assert twin.refresh_token == successor.refresh_token
    await running.verify(twin.access_token)

    clock.advance(0.001)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, first.refresh_token)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, successor.refresh_token)
    for tokens in (first, successor, twin):
        with pytest.raises(InvalidToken):
            await running.verify(tokens.access_token)


async def test_grace_does_not_reach_beyond_the_predecessor(running: Gatewright) -> None:
    """Two generations back is theft, also in the same second."""
    context = running.context()
    first = await _signed_in(running)
    second = await sessions.refresh(context, first.refresh_token)
    third = await sessions.refresh(context, second.refresh_token)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, first.refresh_token)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, third.refresh_token)


async def test_a_session_ends_after_seven_days_without_use_and_thirty_in_any_case(running: Gatewright) -> None:
    """Refreshing goes on for thirty days, and not a day without it for more than seven."""
    context, clock = running.context(), running.clock
    assert isinstance(clock, FakeClock)
    idle, tokens = await _signed_in(running), await _signed_in(running)
    for _ in range(4):
        clock.advance(7 * 86_400 - 1)
        tokens = await sessions.refresh(context, tokens.refresh_token)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, idle.refresh_token)
    clock.advance(2 * 86_400 + 4)
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(context, tokens.refresh_token)


async def test_the_database_and_a_spent_token_are_not_enough(running: Gatewright) -> None:
    """Who has read the whole row, and an old token in a log, still cannot make the live one."""
    first = await _signed_in(running)
    live = await sessions.refresh(running.context(), first.refresh_token)
    forged = with_part(first.refresh_token, _GENERATION, struct.pack(">I", 1))
    assert forged != live.refresh_token
    with pytest.raises(InvalidRefreshToken):
        await sessions.refresh(running.context(), forged)
    await sessions.refresh(running.context(), live.refresh_token)


async def _signed_in(auth: Gatewright) -> Tokens:
    context = auth.context()
    known = await auth.database.read(lambda tx: len(tx.all(tx.table("User").select())))
    email = parse_address(f"user{known}@example.com")
    account = await admin.create(context, email=email, password_text=PASSWORD, first_name="Test", last_name="User")
    return (await sign_in(context, account)).tokens


def test_a_forged_token_names_no_session_of_this_server(live: LiveServer, client: httpx2.Client, email: str) -> None:
    """The positive control: the layout that the forgeries are made by is the server's."""
    token = register(client, email)["refreshToken"]
    assert text(raw(token)) == token
    listed = raw(token)[_SESSION].decode()
    assert len(listed) == 24
    assert listed.isalnum()
