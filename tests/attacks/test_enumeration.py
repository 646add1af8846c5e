"""Learning who has an account from what calls answer, and from how long they take.

What a login answers and costs is in `test_unknown_addresses`; these are the calls that mail, in the mode that asks for
a proved address.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import perf_counter

import httpx2
import pytest

from gatewright.features.admin import service as admin
from tests.attacks.conftest import mailed_server
from tests.attacks.mailed import TAKEN, VERIFY, Mailed
from tests.live import PASSWORD

WRONG = "a wrong attacked passphrase"
TRIES = 60
LOOSE_SECONDS = 0.025
LOOSE_SHARE = 0.4

Call = Callable[[httpx2.Client, str], httpx2.Response]


def log_in(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.post("/auth/login", json={"email": email, "password": WRONG})


def ask_for_a_token(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.post("/auth/token", data={"grant_type": "password", "username": email, "password": WRONG})


def forgot(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.post("/auth/password/forgot", json={"email": email})


def resend(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.post("/auth/verify-email/resend", json={"email": email})


def register(client: httpx2.Client, email: str) -> httpx2.Response:
    body = {"email": email, "password": PASSWORD, "firstName": "Test", "lastName": "User"}
    return client.post("/auth/register", json=body)


CALLS = {call.__name__: call for call in (log_in, ask_for_a_token, forgot, resend, register)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def verifying(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailed]:
    """A server where an address counts once it is proved."""
    folder = tmp_path_factory.mktemp("enumerated")
    with mailed_server(request, request.param, folder, REQUIRE_VERIFIED_EMAIL="true") as mailed:
        yield mailed


@pytest.fixture
async def accounts(verifying: Mailed, new_email: Callable[[], str]) -> dict[str, str]:
    """Addresses of every kind, each of which nobody may tell from the others."""
    kinds = {kind: new_email() for kind in ("verified", "unverified", "disabled", "unknown")}
    with verifying.live.client() as client:
        for kind, email in kinds.items():
            if kind == "unknown":
                continue
            assert register(client, email).status_code == 202
            if kind != "unverified":
                token = verifying.token(email, VERIFY)
                assert client.post("/auth/verify-email", json={"token": token}).status_code == 200
    async with verifying.live.beside() as context:
        await admin.disable(context, kinds["disabled"], reason="a test")
    return kinds


def comparable(answer: httpx2.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """All of an answer but what differs from call to call."""
    identifier = answer.headers["X-Request-Id"]
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in ("date", "x-request-id")]
    return answer.status_code, answer.text.replace(identifier, ""), headers


@pytest.mark.parametrize("name", CALLS)
async def test_the_answers_are_the_same(verifying: Mailed, accounts: dict[str, str], name: str) -> None:
    """Status, body, and headers with their order, for every kind of address, the first time and the second."""
    with verifying.live.client() as client:
        answers = [comparable(CALLS[name](client, email)) for _ in range(2) for email in accounts.values()]
    assert len({repr(answer) for answer in answers}) == 1, answers


async def test_only_the_owner_learns_that_an_address_is_taken(
    verifying: Mailed, accounts: dict[str, str], new_email: Callable[[], str]
) -> None:
    """What the answer to a registration does not say, a mail does."""
    with verifying.live.client() as client:
        register(client, accounts["verified"])
        register(client, other := new_email())
    assert verifying.wait(accounts["verified"], TAKEN)
    verifying.wait(other, VERIFY)
    assert verifying.to(other, TAKEN) == []


@pytest.mark.extra
@pytest.mark.parametrize("name", CALLS)
async def test_the_times_are_the_same(
    verifying: Mailed, accounts: dict[str, str], new_email: Callable[[], str], name: str
) -> None:
    """Loosely, on a machine with other things to do: the benchmark measures it closely."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    with ExitStack() as opened:
        client = opened.enter_context(verifying.live.client())
        for number in range(TRIES):
            pair = [("known", accounts["verified"]), ("unknown", new_email())]
            for kind, email in pair if number % 2 else reversed(pair):
                began = perf_counter()
                CALLS[name](client, email)
                times[kind].append(perf_counter() - began)
    known, unknown = (statistics.median(found) for found in times.values())
    assert abs(known - unknown) < max(LOOSE_SECONDS, LOOSE_SHARE * max(known, unknown)), (known, unknown)


async def test_a_change_of_address_tells_nobody_who_has_the_new_one(
    mailed: Mailed, new_email: Callable[[], str]
) -> None:
    """The answer is the same, and so is what becomes of the next one: an asking for a taken address counts as well."""
    outcomes = []
    with mailed.live.client() as client:
        taken, _ = mailed.registered(client, new_email())
        for wanted in (taken["user"]["email"], new_email()):
            tokens, _ = mailed.registered(client, new_email())
            headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
            answers = [
                comparable(client.post("/auth/email/change", json={"newEmail": wanted}, headers=headers))
                for _ in range(3)
            ]
            own = new_email()
            answers.append(comparable(client.post("/auth/email/change", json={"newEmail": own}, headers=headers)))
            await mailed.is_quiet()
            outcomes.append((answers, len(mailed.to(own))))
    assert outcomes[0] == outcomes[1]
