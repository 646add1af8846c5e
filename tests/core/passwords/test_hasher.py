"""Passwords are hashed with Argon2id, and a wrong one costs the same for everybody."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.passwords.hasher import Argon2Parameters, PasswordHasher, Verified
from gatewright.errors import Overloaded

CHEAP = Argon2Parameters(memory_kib=8, iterations=1)
WRONG = Verified(right=False)
RIGHT = Verified(right=True)


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(CHEAP, queue_ms=60_000, workers=1)
    yield hasher
    hasher.close()


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[argon2.Parameters]:
    """The cost of each verification that Argon2 really computed, in order."""
    costs: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, stored: str, secret: bytes) -> bool:
        try:
            result = verify(self, stored, secret)
        except argon2.exceptions.VerifyMismatchError:
            costs.append(argon2.extract_parameters(stored))
            raise
        costs.append(argon2.extract_parameters(stored))
        return result

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    return costs


async def check_upgrade(hasher: PasswordHasher, verified: Verified, password: str = "correct horse") -> None:
    """The password was right, and the hash to store instead is one of today's."""
    assert verified.right
    assert verified.upgraded is not None
    assert await hasher.verify(password, verified.upgraded) == RIGHT


async def test_a_password_verifies_against_its_own_hash_only(hasher: PasswordHasher) -> None:
    """The right password is right, another is wrong."""
    stored = await hasher.hash("correct horse")

    assert await hasher.verify("correct horse", stored) == RIGHT
    assert await hasher.verify("correct horsf", stored) == WRONG
    assert await hasher.verify("", stored) == WRONG


async def test_the_default_cost_is_what_the_contract_says() -> None:
    """Argon2id, 19 MiB, two passes, one lane, 16 bytes of salt and 32 of result."""
    hasher = PasswordHasher(Argon2Parameters(), queue_ms=60_000)
    stored = await hasher.hash("correct horse")
    hasher.close()

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    found = argon2.extract_parameters(stored)
    assert (found.salt_len, found.hash_len) == (16, 32)


async def test_one_password_hashes_differently_each_time(hasher: PasswordHasher) -> None:
    """The salt is drawn anew, so two users with one password don't show it."""
    assert await hasher.hash("correct horse") != await hasher.hash("correct horse")


async def test_a_wrong_answer_is_false_and_a_right_one_true(hasher: PasswordHasher) -> None:
    """A caller who writes `if await verify(...)` is not let in by the mere presence of an answer."""
    stored = await hasher.hash("correct horse")
    assert not await hasher.verify("wrong", stored)
    assert await hasher.verify("correct horse", stored)


async def test_an_unknown_account_costs_one_hash_of_the_same_cost(
    hasher: PasswordHasher, computed: list[argon2.Parameters]
) -> None:
    """Without a stored hash, one verification of today's cost is computed, and the answer is "wrong"."""
    stored = await hasher.hash("correct horse")
    await hasher.verify("wrong", stored)
    known = computed.copy()
    computed.clear()

    assert await hasher.verify("correct horse", None) == WRONG
    assert computed == known
    assert len(known) == 1


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "!",
        "plain text",
        "\x00",
        "$2b$12$C6UzMDM.H6dfI",
        "pbkdf2_sha256$870000$salt$hash",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$!!!",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$Aa",
        "$argon2id$v=19$m=0,t=0,p=0$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
        "$argon2id$v=19$m=8,t=1,p=1$ümlaut$ümlaut",
        "$argon2xx$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    ],
)
async def test_a_stored_hash_of_an_unknown_kind_is_wrong_at_full_cost(
    hasher: PasswordHasher, computed: list[argon2.Parameters], stored: str
) -> None:
    """Foreign and damaged hashes raise nothing, let nobody in, and cost one computation."""
    assert await hasher.verify("correct horse", stored) == WRONG
    assert [(cost.memory_cost, cost.time_cost) for cost in computed] == [(8, 1)]


@settings(max_examples=150, deadline=None)
@given(
    stored=st.text()
    | st.from_regex(r"\$argon2(id|i|d)\$v=\d{1,2}\$m=\d{1,3},t=\d,p=\d\$[A-Za-z0-9+/]*\$[A-Za-z0-9+/]*")
)
def test_no_stored_text_raises_or_lets_in(stored: str) -> None:
    """Whatever the column holds, the answer to a password that was never set is "wrong"."""
    hasher = PasswordHasher(CHEAP, queue_ms=60_000, workers=1)
    try:
        assert asyncio.run(hasher.verify("correct horse", stored)) == WRONG
    finally:
        hasher.close()


@pytest.mark.parametrize("password", ["\ud800", "correct\udfffhorse", "a" * 4097, "\u0315\u0327" * 30_000])
async def test_text_that_cannot_be_a_password_is_wrong_at_full_cost(
    hasher: PasswordHasher, computed: list[argon2.Parameters], password: str
) -> None:
    """Lone surrogates and endless text raise nothing; not even an account with an empty password opens."""
    for stored in (None, await hasher.hash("")):
        computed.clear()
        assert await hasher.verify(password, stored) == WRONG
        assert len(computed) == 1


async def test_endless_text_is_not_normalised(hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Normalising 60,000 accents takes seconds with the GIL held, so nobody may make us do it."""
    longest = 0

    def normalize(_form: str, text: str) -> str:
        nonlocal longest
        longest = max(longest, len(text))
        return text

    monkeypatch.setattr("gatewright.core.passwords.hasher.normalize", normalize)
    await hasher.verify("\u0315\u0327" * 30_000, None)
    await hasher.verify("x" * 4096, None)
    assert longest == 4096


async def test_the_longest_password_of_all_still_verifies(hasher: PasswordHasher) -> None:
    """1,024 characters count, also when a keyboard sends each as four code points."""
    composed = "\u1f82" * 1024
    stored = await hasher.hash(composed)
    assert await hasher.verify("\u03b1\u0313\u0300\u0345" * 1024, stored)


@pytest.mark.parametrize(
    ("typed", "otherwise"),
    [("caf\u00e9 au lait", "cafe\u0301 au lait"), ("\uac00\uac01\uac02", "\u1100\u1161\uac00\u11a8\u1100\u1161\u11a9")],
)
async def test_a_password_is_the_same_however_its_accents_are_coded(
    hasher: PasswordHasher, typed: str, otherwise: str
) -> None:
    """Another keyboard may send composed characters decomposed; NFC makes them one, both ways."""
    assert await hasher.verify(otherwise, await hasher.hash(typed))
    assert await hasher.verify(typed, await hasher.hash(otherwise))


@pytest.mark.parametrize(
    ("one", "other"), [("password\ufb01", "passwordfi"), ("\uff41bcdefgh", "abcdefgh"), ("A", "a")]
)
async def test_passwords_are_folded_no_further_than_nfc(hasher: PasswordHasher, one: str, other: str) -> None:
    """Case and compatibility forms count: folding them would make passwords easier to guess."""
    assert not await hasher.verify(other, await hasher.hash(one))


@pytest.mark.parametrize("ending", ["b", "\x00", "\x00b", " "])
async def test_every_byte_counts(hasher: PasswordHasher, ending: str) -> None:
    """Nothing is cut off: not at 72 bytes as with bcrypt, nor at a NUL."""
    stored = await hasher.hash("a" * 100)
    assert not await hasher.verify("a" * 100 + ending, stored)
    assert not await hasher.verify("a" * 99, stored)


@pytest.mark.parametrize(
    "older",
    [
        Argon2Parameters(memory_kib=16, iterations=1),
        Argon2Parameters(memory_kib=8, iterations=2),
        Argon2Parameters(memory_kib=16, iterations=1, parallelism=2),
    ],
)
async def test_a_hash_of_other_parameters_is_right_and_due_for_an_upgrade(
    hasher: PasswordHasher, older: Argon2Parameters
) -> None:
    """After the settings changed, old hashes still open, and say that they are to be replaced; only when right."""
    before = PasswordHasher(older, queue_ms=60_000, workers=1)
    stored = await before.hash("correct horse")
    before.close()

    await check_upgrade(hasher, await hasher.verify("correct horse", stored))
    assert await hasher.verify("wrong", stored) == WRONG


@pytest.mark.parametrize("kind", [argon2.Type.I, argon2.Type.D])
async def test_the_weaker_kinds_of_argon2_are_due_for_an_upgrade(hasher: PasswordHasher, kind: argon2.Type) -> None:
    """Argon2i and Argon2d verify, and are replaced by Argon2id."""
    stored = argon2.PasswordHasher(1, 8, 1, type=kind).hash("correct horse")
    await check_upgrade(hasher, await hasher.verify("correct horse", stored))


@pytest.mark.parametrize(
    "wrong", [{"iterations": 0}, {"parallelism": 0}, {"memory_kib": 7}, {"memory_kib": 31, "parallelism": 4}]
)
def test_parameters_that_argon2_does_not_take_stop_the_start(wrong: dict[str, int]) -> None:
    """A setting that no hash can be made with is found at the start, not at the first login."""
    with pytest.raises(ValueError, match="8 KiB"):
        Argon2Parameters(**wrong)


@pytest.mark.parametrize("password", ["geheim\ud800", "geheim" * 2000])
async def test_hashing_refuses_what_it_cannot_encode_without_naming_it(hasher: PasswordHasher, password: str) -> None:
    """The error holds nothing of the password: not in its text, not in its cause."""
    with pytest.raises(ValueError, match="cannot be encoded") as refusal:
        await hasher.hash(password)

    assert type(refusal.value) is ValueError
    assert "geheim" not in repr(refusal.value)
    assert refusal.value.__context__ is None


async def test_a_flood_is_shed_and_the_figures_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the worker blocked and a second's worth of hashes waiting, the next login gets 503 at once."""
    entered, opened = threading.Event(), threading.Event()

    def blocked(_self: argon2.PasswordHasher, _stored: str, _secret: bytes) -> bool:
        entered.set()
        assert opened.wait(20)
        raise argon2.exceptions.VerifyMismatchError

    monkeypatch.setattr(argon2.PasswordHasher, "verify", blocked)
    hasher = PasswordHasher(CHEAP, queue_ms=1000, workers=1)
    tasks = [asyncio.ensure_future(hasher.verify("correct horse", None))]
    assert await asyncio.to_thread(entered.wait, 20)
    tasks += [asyncio.ensure_future(hasher.verify("correct horse", None)) for _ in range(50)]
    refused, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    assert refused
    assert all(isinstance(task.exception(), Overloaded) for task in refused)
    waiting = hasher.waiting
    # Each is taken to last 100 ms; of the one that runs, some of that may be over.
    assert hasher.running == 1
    assert waiting in (10, 11)
    opened.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    hasher.close()
    assert answers.count(WRONG) == waiting + 1


def test_argon2_lets_other_threads_run() -> None:
    """The binding releases the GIL while it computes: without that, threads would not help the event loop."""
    begun, ended = threading.Event(), threading.Event()
    secret_hasher = argon2.PasswordHasher(time_cost=10, memory_cost=65536, parallelism=1)

    def compute() -> None:
        begun.set()
        secret_hasher.hash("correct horse")
        ended.set()

    interval = sys.getswitchinterval()
    # From here on a thread keeps the GIL until it gives it away.
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=compute)
        thread.start()
        begun.wait(20)
        ran_meanwhile = not ended.is_set()
    finally:
        sys.setswitchinterval(interval)
    thread.join()
    assert ran_meanwhile
