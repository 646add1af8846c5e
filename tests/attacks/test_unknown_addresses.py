"""Whether an address has an account shows neither in what a login answers, nor in what it does, nor in its time."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Callable
from time import perf_counter

import argon2
import httpx2
import pytest
from sqlalchemy import update

from gatewright import Gatewright
from gatewright.addresses import parse_address
from gatewright.features.admin import service as admin
from gatewright.features.password import service as password
from gatewright.features.password.errors import InvalidCredentials
from gatewright.storage.database import Transaction
from tests.live import PASSWORD, register

# Before Gatewright starts: its loops keep what they found then.
pytestmark = pytest.mark.usefixtures("without_background")

WRONG = "a wrong attacked passphrase"
TRIES = 40
LOOSE_SHARE = 0.4
LOOSE_SECONDS = 0.005

UNKNOWN = {
    "unknown": "nobody@example.com",
    "no address": "nobody",
    "with NUL": "nobody\x00@example.com",
    "very long": "a" * 50_000,
    "empty": "",
}
KNOWN = ["user@example.com", "USER@Example.COM", " user@example.com "]


class Work:
    """What a login costs: its statements, and the hashes that it computes with their parameters."""

    def __init__(self, auth: Gatewright, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        self.hashes: list[str] = []
        auth.database.observers.append(self.statements.append)
        verify = argon2.PasswordHasher.verify

        def counted(hasher: argon2.PasswordHasher, hashed: str, secret: bytes) -> bool:
            self.hashes.append(hashed.rsplit("$", 2)[0])
            return verify(hasher, hashed, secret)

        monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)

    async def of_a_failed_login(self, auth: Gatewright, email: str) -> tuple[list[str], list[str]]:
        """The work of one, in order."""
        self.statements.clear()
        self.hashes.clear()
        with pytest.raises(InvalidCredentials):
            await password.check_password(auth.context(), email, WRONG)
        return list(self.statements), list(self.hashes)


@pytest.fixture
async def work(running: Gatewright, monkeypatch: pytest.MonkeyPatch) -> Work:
    await running.kernel.revocations.stop()
    await admin.create(
        running.context(),
        email=parse_address("user@example.com"),
        password_text=PASSWORD,
        first_name="Test",
        last_name="User",
    )
    return Work(running, monkeypatch)


@pytest.mark.parametrize("email", UNKNOWN.values(), ids=UNKNOWN)
async def test_an_unknown_address_costs_what_a_known_one_costs(running: Gatewright, work: Work, email: str) -> None:
    """The same statements, and one hash of the same parameters."""
    expected = await work.of_a_failed_login(running, "user@example.com")
    assert len(expected[0]) == 3  # the count of the try, one read, and the audit row
    assert expected[1] == ["$argon2id$v=19$m=7168,t=1,p=1"]
    assert await work.of_a_failed_login(running, email) == expected


async def test_every_kind_of_account_costs_the_same(running: Gatewright, work: Work) -> None:
    """In another spelling, disabled, and without a password."""
    expected = await work.of_a_failed_login(running, "nobody@example.com")
    for email in KNOWN:
        assert await work.of_a_failed_login(running, email) == expected
    await admin.disable(running.context(), "user@example.com", reason="a test")
    assert await work.of_a_failed_login(running, "user@example.com") == expected

    def take_password(tx: Transaction) -> None:
        tx.run(update(tx.table("User")).values(password=None))

    await running.database.write(take_password)
    assert await work.of_a_failed_login(running, "user@example.com") == expected


def test_the_answers_are_the_same(client: httpx2.Client, email: str) -> None:
    """Status, body and headers, but for the request's id and the date."""
    register(client, email)
    calls: list[Callable[[str], httpx2.Response]] = [
        lambda address: client.post("/auth/login", json={"email": address, "password": WRONG}),
        lambda address: client.post(
            "/auth/token", data={"grant_type": "password", "username": address, "password": WRONG}
        ),
    ]
    for call in calls:
        known = _comparable(call(email))
        assert known[0] in (400, 401)
        for address in (email.upper(), *UNKNOWN.values()):
            assert _comparable(call(address or "nobody")) == known


def _comparable(answer: httpx2.Response) -> tuple[int, str, dict[str, str]]:
    identifier = answer.headers["X-Request-Id"]
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
    return answer.status_code, answer.text.replace(identifier, ""), headers


@pytest.mark.extra
def test_the_times_are_the_same(client: httpx2.Client, email: str) -> None:
    """Loosely, on a machine with other things to do: the benchmark measures it closely."""
    register(client, email)
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(TRIES):
        for kind, address in (("known", email), ("unknown", f"{secrets.token_hex(6)}@example.com")):
            began = perf_counter()
            client.post("/auth/login", json={"email": address, "password": WRONG})
            times[kind].append(perf_counter() - began)
    # What the machine does besides moves the middle or the fastest of them; a computation that is left out moves both.
    middle = alike(statistics.median(times["known"]), statistics.median(times["unknown"]))
    assert middle or alike(min(times["known"]), min(times["unknown"])), times


def alike(known: float, unknown: float) -> bool:
    return abs(known - unknown) < max(LOOSE_SECONDS, LOOSE_SHARE * max(known, unknown))
