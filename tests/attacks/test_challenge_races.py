"""Answers to one challenge at the same time, and answers while the account changes: on each database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from gatewright import Gatewright, Settings
from gatewright.core.context import Context
from gatewright.core.second_factor import Answer
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.features.admin import service as admin
from gatewright.features.login import second_factors
from gatewright.features.login import service as login
from gatewright.features.login.errors import InvalidMfaToken
from gatewright.features.login.proof import Proof
from gatewright.features.login.second_factors import Challenge
from gatewright.features.password import service as password
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import SessionRefused
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from tests.attacks.test_login_races import waits_for_a_lock
from tests.conftest import add_account, make_settings
from tests.features.login import word

EMAIL, PASSWORD, OTHER_PASSWORD = "user@example.com", "securepassword", "another attacked passphrase"
RIGHT, WRONG = Answer("swordfish"), Answer("wrong")


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    """With the factor, and without limits, which would refuse most calls before the challenge is looked at."""
    added = {"add": [f"{word.__name__}:FEATURE"]}
    return make_settings(migrated_url, rate_limit_enabled=False, features=added)


@pytest.fixture
async def account(running: Gatewright) -> Account:
    """An account with a second factor."""
    made = await add_account(running.context(), EMAIL)
    await word.WORD.enrol(running.context(), made.id, "swordfish")
    return made


async def prove(context: Context) -> Proof:
    return await password.check_password(context, EMAIL, PASSWORD)


async def challenge(context: Context) -> Challenge:
    asked = await login.complete(context, await prove(context))
    assert isinstance(asked, Challenge)
    return asked


async def outcomes(context: Context, asked: Challenge, answers: list[Answer]) -> Counter[type[Any]]:
    """What answers get that are given at once."""
    calls = [login.answer(context, asked.token, "word", each, from_cookie=False) for each in answers]
    return Counter(type(each) for each in await asyncio.gather(*calls, return_exceptions=True))


async def test_of_many_right_answers_at_once_one_signs_in(running: Gatewright, account: Account) -> None:
    """A challenge succeeds once."""
    context = running.context()
    found = await outcomes(context, await challenge(context), [RIGHT] * 20)
    assert found == {login.Login: 1, InvalidMfaToken: 19}
    assert len(await sessions.list_live(context, account.id)) == 1


async def test_of_many_wrong_answers_at_once_five_are_looked_at(running: Gatewright, account: Account) -> None:
    """Guessing in parallel gives no more guesses, and the right answer comes too late."""
    context = running.context()
    asked = await challenge(context)
    assert await outcomes(context, asked, [WRONG] * 12) == {InvalidCode: 5, InvalidMfaToken: 7}
    assert await outcomes(context, asked, [RIGHT]) == {InvalidMfaToken: 1}


async def test_a_change_after_the_proof_makes_no_challenge(running: Gatewright, account: Account) -> None:
    """The account is looked at again in the statement that inserts the row."""
    context = running.context()
    proof = await prove(context)
    await admin.set_password(context, EMAIL, OTHER_PASSWORD)
    with pytest.raises(SessionRefused):
        await login.complete(context, proof)


async def test_a_change_after_the_answer_starts_no_session(
    running: Gatewright, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the answer proves counts for the password of that moment."""
    context = running.context()
    asked = await challenge(context)
    redeem = second_factors.redeem

    async def slowly(*given: Any, **more: Any) -> Proof:
        proof = await redeem(*given, **more)
        await admin.set_password(context, EMAIL, OTHER_PASSWORD)
        return proof

    monkeypatch.setattr(second_factors, "redeem", slowly)
    assert await outcomes(context, asked, [RIGHT]) == {SessionRefused: 1}
    assert await sessions.list_live(context, account.id) == []


# SQLite writes one transaction after the other.
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", ["disabled_at = now()", "password = 'another'", "email_key = 'new@example.com'"])
async def test_a_challenge_waits_for_a_change_under_way(
    running: Gatewright, account: Account, migrated_url: str, change: str
) -> None:
    """A change that has voided the challenges already, and is not committed yet, finds no new one behind its back."""
    context = running.context()
    proof = await prove(context)
    connection = await asyncpg.connect(migrated_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"UPDATE users SET {change} WHERE id = $1", account.id)
        asking = asyncio.create_task(login.complete(context, proof))
        await waits_for_a_lock(connection, asking)
        await transaction.commit()
    finally:
        await connection.close()
    with pytest.raises(SessionRefused):
        await asking


async def test_a_stronger_hash_of_the_same_password_ends_no_challenge(running: Gatewright, account: Account) -> None:
    """Another login upgrades it; the password is the same."""
    context = running.context()
    asked, stored = await challenge(context), (await prove(context)).password_hash
    upgraded = await context.passwords.hash(PASSWORD)
    now = context.clock.now()
    assert await context.db.write(lambda tx: users.replace_hash(tx, account.id, old=stored, new=upgraded, at=now))
    assert await outcomes(context, asked, [RIGHT]) == {login.Login: 1}
