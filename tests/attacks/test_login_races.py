"""Signing in while the account is disabled or gets another password: no session survives that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import asyncpg
import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from gatewright import Gatewright
from gatewright.addresses import parse_address
from gatewright.core.context import Context
from gatewright.core.passwords.hashing_pool import HashingPool
from gatewright.features.admin import service as admin
from gatewright.features.login import service as login
from gatewright.features.password import service as password
from gatewright.features.password.errors import AccountDisabled, InvalidCredentials
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken, SessionRefused
from gatewright.features.users import queries as users
from gatewright.features.users.account import Account
from gatewright.storage.database import Transaction
from tests.live import PASSWORD, LiveServer

pytestmark = pytest.mark.both_databases

OTHER_PASSWORD = "another attacked passphrase"
EMAIL = "user@example.com"
ROUNDS = 14


async def _disable(context: Context, email: str) -> None:
    await admin.disable(context, email, reason="a test")


async def _set_password(context: Context, email: str) -> None:
    await admin.set_password(context, email, OTHER_PASSWORD)


async def _restore(context: Context, email: str) -> None:
    await admin.set_password(context, email, PASSWORD)
    await admin.enable(context, email)


Change = Callable[[Context, str], Awaitable[None]]


@pytest.mark.parametrize("change", [_disable, _set_password])
async def test_no_session_survives_a_change_at_the_same_time(live: LiveServer, email: str, change: Change) -> None:
    """Round after round, logins and refreshes on both workers while the account changes: none is left in the end."""
    async with live.beside() as context, httpx2.AsyncClient(base_url=live.url, timeout=30) as client:
        user = await _account(context, email)
        for number in range(ROUNDS):
            await _restore(context, email)
            before = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
            calls = [client.post("/auth/login", json={"email": email, "password": PASSWORD}) for _ in range(6)]
            calls.append(client.post("/auth/refresh", json={"refreshToken": before.json()["refreshToken"]}))
            answers = await _with_change_after(number % len(calls), calls, change(context, email))
            assert {answer.status_code for answer in answers} <= {200, 401, 403}
            assert await sessions.list_live(context, user.id) == []
            for answer in answers:
                if answer.is_success:
                    with pytest.raises(InvalidRefreshToken):
                        await sessions.refresh(context, answer.json()["refreshToken"])


async def _with_change_after(
    number: int, calls: Sequence[Coroutine[Any, Any, httpx2.Response]], change: Awaitable[None]
) -> list[httpx2.Response]:
    """Make all calls at once; when so many have been answered, make the change in the midst of the others."""
    answers = []
    for arrived, answer in enumerate(asyncio.as_completed(calls)):
        if arrived == number:
            changing = asyncio.ensure_future(change)
        answers.append(await answer)
    await changing
    return answers


@pytest.mark.parametrize("change", [_disable, _set_password])
async def test_a_change_after_the_proof_starts_no_session(running: Gatewright, change: Change) -> None:
    """The account is looked at again in the statement that begins the session."""
    context = running.context()
    user = await _account(context, EMAIL)
    proof = await password.check_password(context, EMAIL, PASSWORD)
    await change(context, EMAIL)
    with pytest.raises(SessionRefused):
        await login.complete(context, proof)
    assert await sessions.list_live(context, user.id) == []


# SQLite writes one transaction after the other.
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", ["disabled_at = now()", "password = 'another'"])
async def test_a_login_waits_for_a_change_under_way(running: Gatewright, migrated_url: str, change: str) -> None:
    """A change that is not committed yet, and has looked for sessions already, finds no new one behind its back."""
    context = running.context()
    user = await _account(context, EMAIL)
    proof = await password.check_password(context, EMAIL, PASSWORD)
    connection = await asyncpg.connect(migrated_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"UPDATE users SET {change} WHERE id = $1", user.id)
        signing_in = asyncio.create_task(login.complete(context, proof))
        await waits_for_a_lock(connection, signing_in)
        await transaction.commit()
    finally:
        await connection.close()
    with pytest.raises(SessionRefused):
        await signing_in
    assert await sessions.list_live(context, user.id) == []


async def waits_for_a_lock(connection: asyncpg.Connection[asyncpg.Record], task: asyncio.Task[Any]) -> None:
    """Wait until somebody in the connection's database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await connection.fetchval(query):
            assert not task.done(), "it did not wait"
            await asyncio.sleep(0.01)


async def test_two_logins_may_upgrade_one_hash(running: Gatewright) -> None:
    """A hash of older parameters is made anew by one of many logins, and none of them is refused for it."""
    context = running.context()
    user = await _account(context, EMAIL)
    await _store(running, user.id, await _old_hash())
    done = await asyncio.gather(*(_sign_in(context) for _ in range(5)))
    assert len({each.refresh_token for each in done}) == 5


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
async def test_a_right_password_is_never_refused_for_its_upgrade(
    running: Gatewright, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying and hashing are one job, which a queue lets in or refuses once; one that has to look again is in."""
    context = running.context()
    user = await _account(context, EMAIL)
    await _store(running, user.id, await _old_hash())
    jobs: list[bool] = []
    run, replace = HashingPool.run, users.replace_hash

    async def counted(pool: HashingPool, *given: Any, refuse: bool = True) -> Any:
        jobs.append(refuse)
        return await run(pool, *given, refuse=refuse)

    monkeypatch.setattr(HashingPool, "run", counted)
    await _sign_in(context)
    assert jobs == [True]

    def lost(tx: Transaction, *given: Any, new: str, **more: Any) -> bool:
        # Another login was faster.
        replace(tx, *given, new=new, **more)
        return False

    await _store(running, user.id, await _old_hash())
    monkeypatch.setattr(users, "replace_hash", lost)
    await _sign_in(context)
    assert jobs == [True, True, False]


async def test_an_upgrade_does_not_revive_an_old_password(running: Gatewright) -> None:
    """Of a login with the old password and a new password at the same time, the new password stays."""
    context = running.context()
    user = await _account(context, EMAIL)
    for _ in range(5):
        await _store(running, user.id, await _old_hash())
        await asyncio.gather(_sign_in(context), _set_password(context, EMAIL), return_exceptions=True)
        assert await sessions.list_live(context, user.id) == []
        with pytest.raises(InvalidCredentials):
            await password.check_password(context, EMAIL, PASSWORD)
        await password.check_password(context, EMAIL, OTHER_PASSWORD)


async def test_a_disabled_account_answers_so_only_to_the_right_password(running: Gatewright) -> None:
    """Whoever does not know the password does not learn that the account is there."""
    context = running.context()
    await _account(context, EMAIL)
    await _disable(context, EMAIL)
    with pytest.raises(InvalidCredentials):
        await password.check_password(context, EMAIL, OTHER_PASSWORD)
    with pytest.raises(AccountDisabled):
        await password.check_password(context, EMAIL, PASSWORD)


async def _account(context: Context, email: str) -> Account:
    return await admin.create(
        context, email=parse_address(email), password_text=PASSWORD, first_name="Test", last_name="User"
    )


async def _sign_in(context: Context) -> sessions.Tokens:
    proof = await password.check_password(context, EMAIL, PASSWORD)
    done = await login.complete(context, proof)
    assert isinstance(done, login.Login)
    return done.tokens


async def _old_hash() -> str:
    """A hash of the password with parameters that are not today's."""
    return await asyncio.to_thread(PasswordHasher(time_cost=2, memory_cost=7168, parallelism=1).hash, PASSWORD)


async def _store(auth: Gatewright, user_id: str, hashed: str) -> None:
    def work(tx: Transaction) -> None:
        users = tx.table("User")
        tx.run(update(users).where(users.c.id == user_id).values(password=hashed))

    await auth.database.write(work)
