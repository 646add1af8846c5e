"""Addresses that look like another's: no second account for a mailbox, no mail but to the stored address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import pytest

from gatewright.addresses import InvalidAddress, address_key, parse_address
from tests.attacks.mailed import CHANGE, Mailed
from tests.attacks.test_register_races import spellings
from tests.live import PASSWORD, bearer, code, log_in, register

NAMES = {"password": PASSWORD, "firstName": "Test", "lastName": "User"}


@pytest.fixture
def client(mailed: Mailed) -> Iterator[httpx2.Client]:
    with mailed.live.client() as client:
        yield client


@pytest.fixture
def name(new_email: Callable[[], str]) -> str:
    return "k" + new_email().partition("@")[0]


def same(name: str) -> list[str]:
    """The address `<name>@<name>-bücher.example` in other words."""
    others = [f" {name}@{name}-b\u00fccher.example\u00a0", f"\u3000{name}@{name}-b\u00fccher.example"]
    kelvin = name.replace("k", "\u212a") + f"@{name}-b\u00fccher.example"
    long_s = f"{name}@{name}-b\u00fccher.example".upper()
    return [*spellings(name), *others, kelvin, long_s]


def others(name: str) -> list[str]:
    """Addresses that are not that one, however they look or however a mailbox's own server reads them."""
    domain = f"{name}-b\u00fccher.example"
    return [
        f"{name}+tag@{domain}",
        f"{name[:3]}.{name[3:]}@{domain}",
        name.replace("k", "\u043a") + f"@{domain}",
        f"{name}@{name}-bucher.example",
        f"{name}@{name}-b\u00fccher.example.com",
        f"\u03bf{name}@{domain}",
    ]


def no_addresses(name: str) -> list[str]:
    """Text that is no address at all, though folding might make one of it."""
    domain = f"{name}-b\u00fccher.example"
    return [
        f"{name}\uff20{domain}",
        f"{name}\ufe6b{domain}",
        f"{name}@{domain}..",
        f"{name}@{domain}.",
        f"{name}.@{domain}",
        f".{name}@{domain}",
        f"{name}..x@{domain}",
        f"{name} @{domain}",
        f"{name}@ {domain}",
        f"{name[:4]} {name[4:]}@{domain}",
        f"{name}\u200b@{domain}",
        f"{name}\u00ad@{domain}",
        f"{name}\u202e@{domain}",
        f"{name}@{domain}\u200b",
        f"{name}@@{domain}",
        f"{name}\x00@{domain}",
        f"{name}\ud800@{domain}",
        f'"{name}"@{domain}',
        f"{name}@{domain}\n",
    ]


async def test_one_mailbox_has_one_account(mailed: Mailed, client: httpx2.Client, name: str) -> None:
    """Every spelling finds the same account, and makes no other."""
    stored, *more = same(name)
    user = register(client, stored)["user"]
    for spelling in more:
        assert code(client.post("/auth/register", json={"email": spelling, **NAMES})) == (409, "email_taken"), spelling
        assert log_in(client, spelling)["user"]["id"] == user["id"]
    (row,) = await mailed.live.rows("User", email_key=address_key(stored))
    assert row["email"] == stored


async def test_mails_go_to_the_stored_address_only(mailed: Mailed, client: httpx2.Client, name: str) -> None:
    """However somebody spells it who asks: the stored form gets the mail, and no address that was submitted."""
    plain, *more = same(name)
    stored = plain.capitalize()
    register(client, stored)
    for spelling in [plain, *more[:2], *more[-4:]]:
        for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
            assert client.post(path, json={"email": spelling}).status_code == 202
    for look_alike in [*others(name), *no_addresses(name)]:
        for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
            assert client.post(path, json={"email": look_alike.encode(errors="replace").decode()}).status_code in (
                202,
                422,
            )
    await mailed.is_quiet()
    assert {to for to in mailed.mails.recipients if name[1:6] in to} == {parse_address(stored).sendable}
    assert len(mailed.to(stored)) == 6


def test_other_addresses_are_other_accounts(mailed: Mailed, client: httpx2.Client, name: str) -> None:
    """A tag, a dot or a letter of another script makes another address, whose mails go there and nowhere else."""
    user = register(client, same(name)[0])["user"]
    for other in others(name):
        assert register(client, other)["user"]["id"] != user["id"], other
        assert client.post("/auth/password/forgot", json={"email": other}).status_code == 202
        mailed.wait(other, count=2)
    assert len(mailed.to(same(name)[0])) <= 1


def test_what_is_no_address_gets_no_account(client: httpx2.Client, name: str) -> None:
    """It is refused by every call that would keep it or mail to it, and is nobody's at a login."""
    tokens = register(client, same(name)[0])
    for text in no_addresses(name):
        if "\ud800" in text:
            continue
        assert code(client.post("/auth/register", json={"email": text, **NAMES})) == (422, "validation_failed"), text
        assert client.post("/auth/email/change", json={"newEmail": text}, headers=bearer(tokens)).status_code == 422
        login = client.post("/auth/login", json={"email": text, "password": PASSWORD})
        assert code(login) == (401, "invalid_credentials")


def test_folding_twice_changes_nothing(name: str) -> None:
    """A key is the key of itself, so that no address takes the place of another by being folded again."""
    for text in [*same(name), *others(name)]:
        key = parse_address(text).key
        assert parse_address(key).key == key
    for text in no_addresses(name):
        with pytest.raises(InvalidAddress):
            parse_address(text)


async def test_a_change_of_address_takes_no_other_spelling_of_a_taken_one(
    mailed: Mailed, client: httpx2.Client, name: str, new_email: Callable[[], str]
) -> None:
    """Neither at the asking, nor when another account gets it between asking and confirming."""
    tokens = register(client, new_email())
    wanted, *spelled = same(name)
    asked = client.post("/auth/email/change", json={"newEmail": spelled[0]}, headers=bearer(tokens))
    assert asked.status_code == 202
    token = mailed.wait(spelled[0], CHANGE)[0].token
    register(client, wanted)
    assert code(client.post("/auth/email/change/confirm", json={"token": token})) == (409, "email_taken")
    for spelling in spelled[1:]:
        asked = client.post("/auth/email/change", json={"newEmail": spelling}, headers=bearer(tokens))
        assert asked.status_code == 202
    await mailed.is_quiet()
    asked_for = [parse_address(text).sendable for text in (wanted, spelled[0])]
    assert [to for to in mailed.mails.recipients if name in to and to not in asked_for] == []
