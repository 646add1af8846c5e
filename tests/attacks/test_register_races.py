"""Many people want one address at the same moment."""

from __future__ import annotations

import pytest

from gatewright.addresses import address_key
from tests.live import PASSWORD, LiveServer, Order, storm

pytestmark = pytest.mark.both_databases

NAMES = {"password": PASSWORD, "firstName": "Test", "lastName": "User"}


def spellings(name: str) -> list[str]:
    """One address, as people, keyboards and attackers write it."""
    domain = f"{name}-b\u00fccher.example"
    return [
        f"{name}@{domain}",
        f"{name.upper()}@{domain}",
        f"{name}@{domain.upper()}",
        f"  {name}@{domain} ",
        f"{name.title()}@{domain}",
        f"{name}@{domain.encode('idna').decode()}",
        f"{name}@{domain.encode('idna').decode().upper()}",
        f"{name}@{name}-bu\u0308cher.example",
        "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() else letter for letter in name) + f"@{domain}",
        f"{name}@{domain.replace('.', chr(0x3002))}",
    ]


async def test_of_many_registrations_of_one_address_one_wins(live: LiveServer) -> None:
    """In whatever spelling: one account with one session, and 409 `email_taken` for all others."""
    for name in ("strasse", "user"):
        clients = spellings(name) * 2
        answers = storm([Order("POST", f"{live.url}/auth/register", {"email": each, **NAMES}) for each in clients])
        outcomes = sorted((answer.status, answer.body.get("code")) for answer in answers)
        assert outcomes == [(201, None)] + [(409, "email_taken")] * 19
        assert {answer.body["detail"] for answer in answers if answer.status == 409} == {
            "User with this email already exists"
        }
        (winner,) = [answer.body["user"] for answer in answers if answer.status == 201]
        (row,) = await live.rows("User", email_key=address_key(clients[0]))
        assert row["id"] == winner["id"]
        assert len(await live.rows("RefreshToken", user_id=row["id"])) == 1


async def test_registrations_of_different_addresses_all_win(live: LiveServer) -> None:
    """Whoever wants an address of their own gets it, also in the crowd."""
    bodies = [{"email": f"crowd{number}@example.com", **NAMES} for number in range(20)]
    answers = storm([Order("POST", f"{live.url}/auth/register", body) for body in bodies])
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["user"]["id"] for answer in answers}) == 20
