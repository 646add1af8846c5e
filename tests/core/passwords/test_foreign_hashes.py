"""Hashes that other systems wrote open the account once more, are replaced, and cost no more than they may."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import NoReturn

import argon2
import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.passwords import foreign_hashes
from gatewright.core.passwords.foreign_hashes import (
    DAMAGED,
    TOO_COSTLY,
    UNKNOWN,
    ForeignHash,
    ForeignHashes,
    Unreadable,
    read_base64,
)
from gatewright.core.passwords.hasher import (
    MOST_ARGON2_LANES,
    Argon2Parameters,
    PasswordHasher,
    Verified,
)

CHEAP = Argon2Parameters(memory_kib=8, iterations=1)
WRONG = Verified(right=False)

LETMEIN = "l\u00e8tmein"
CORRECT = "correct horse battery staple"

# The example of firebase/scrypt.
SIGNER_KEY = read_base64("jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==")
FIREBASE = (
    "$firebase-scrypt$ln=14,r=8,sep=Bw==$42xEC+ixf3L2lw==$"
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
)

# Written by the system that the name says, if it is not from its own tests or documentation.
WRITTEN = {
    "bcryptjs 3.0.3, cost 12": (CORRECT, "$2b$12$MMKF4XBb7i2xzCMrZl06PuOQVDbJu6blJrsLSNKP1sxtDgJJgt/BS"),
    "bcryptjs 3.0.3, cost 4": (LETMEIN, "$2b$04$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG"),
    "crypt_blowfish's $2a$": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt as PHP has it, $2y$": ("x", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.Xn7FSvv79c6bu/kgV/.kBlx/ChE9.FW"),
    "Django 5.2 PBKDF2": (
        LETMEIN,
        "pbkdf2_sha256$1000000$qGhUqbaSH3vyENvCbZ53mR$AOlJua8Y3zZUUygGM1q1t2LWxkVZMOYVaRz1D+m2EhY=",
    ),
    "Django's tests, PBKDF2": (
        LETMEIN,
        "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
    ),
    "Django's tests, PBKDF2 with SHA-1": (LETMEIN, "pbkdf2_sha1$390000$seasalt2$aDapRanzW8aHTz97v2TcfHzWD+I="),
    "Django 5.2 scrypt": (
        LETMEIN,
        "scrypt$16384$txE0JQJR6Ks4GbhuSlTXnD$8$5$"
        "lGM8UFrLMqD3EH8TJBSGiRAGhkmsynKrjIEO+f2Xlyq/cP4vISq0dWZSGZ7YbzBfOg7MFwoLEgXO5BqpHswW7w==",
    ),
    "Django 5.2 bcrypt with SHA-256": (
        LETMEIN,
        "bcrypt_sha256$$2b$04$luH9NdK8h51GLoGo9LE6V.SKlLqj2Q4Ukq8qOpsMyIsJ/euZNtb6u",
    ),
    "Django 5.2 bcrypt": (LETMEIN, "bcrypt$$2b$04$UsoQt9GyyPkdLk5PBYi1j.EqosgKYs4MYZlfVtqfrxUdI4lfAMmty"),
    "Django 5.2 Argon2": (
        LETMEIN,
        "argon2$argon2id$v=19$m=102400,t=2,p=8$ZTZTOHJWckxranVpOEJBZmJ5VGpBcQ$"
        "1ctYABnSIFTInNA7wi3RNHUjooS/GyB/vQK7zulHxZo",
    ),
    "Django's tests, old Argon2": (
        "secret",
        "argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ$gwQOXSNhxiOxPOA0+PY10P9QFO"
        "4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg",
    ),
    "better-auth 1.7.25": (
        CORRECT,
        "56cef2d278d13e5ae5c129f13f3d97b6:58ac9aa0c5a7c16746d672cc4abb1ac365242c192ab9e22627f32aa5a1a9187006"
        "c5d819f91917e8109e8de987e2aeafbb25a4a877fd4ea4a06977b48bd11851",
    ),
    "Firebase": ("user1password", FIREBASE),
    "passlib PBKDF2": (
        "password",
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
    ),
    "passlib PBKDF2 with SHA-1": (LETMEIN, "$pbkdf2$1000$OgdASEnpPSeE8D7HmPNeqw$Knnq2nQ1WyusOfkPiDDHkH63Hck"),
    "passlib PBKDF2 with SHA-512": (
        LETMEIN,
        "$pbkdf2-sha512$1000$JCSkNIYQghBCKAVACGFsjQ$24/7e31guDjSS8t5Ik0ASClNZzQHt3UbEltSAa7xECQ6qbsZ//iuWvBPQA5AMF"
        "uvo2ARRF0JlduYhbuT8BUjHA",
    ),
    "PHC PBKDF2": (
        "password",
        "$pbkdf2-sha256$i=6400,l=32$+6UI/S+nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
    ),
    "passlib scrypt": (
        "password",
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    ),
}

# Each names what would take minutes, gigabytes or nothing at all.
REFUSED = {
    "bcrypt, cost 16": "$2b$16$MMKF4XBb7i2xzCMrZl06PuOQVDbJu6blJrsLSNKP1sxtDgJJgt/BS",
    "bcrypt, cost 31": "$2b$31$MMKF4XBb7i2xzCMrZl06PuOQVDbJu6blJrsLSNKP1sxtDgJJgt/BS",
    "bcrypt, cost 3": "$2b$03$MMKF4XBb7i2xzCMrZl06PuOQVDbJu6blJrsLSNKP1sxtDgJJgt/BS",
    "bcrypt with the fault of 2011": "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "bcrypt, cut off": "$2b$04$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZet",
    "Django bcrypt, cost 31": "bcrypt_sha256$$2b$31$luH9NdK8h51GLoGo9LE6V.SKlLqj2Q4Ukq8qOpsMyIsJ/euZNtb6u",
    "PBKDF2, many iterations": "pbkdf2_sha256$999999999$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
    "PBKDF2, no iteration": "pbkdf2_sha256$0$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
    "PBKDF2, foreign digits": "pbkdf2_sha256$\u0663$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
    "PBKDF2, a result of one byte": "pbkdf2_sha256$1$seasalt$8w==",
    "PBKDF2, no result": "pbkdf2_sha256$1$seasalt$",
    "PBKDF2, a result of many blocks": "pbkdf2_sha256$1000$seasalt$" + "8xBl" * 200,
    "PBKDF2, many blocks of many iterations": "pbkdf2_sha256$2600000$seasalt$" + "8xBl" * 16,
    "PBKDF2, MD5": "pbkdf2_md5$1000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
    "PBKDF2, no base64": "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$=====",
    "scrypt, N = 2^40": "$scrypt$ln=40,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, 256 MiB": "$scrypt$ln=18,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, N = 1": "$scrypt$ln=0,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, wide": "$scrypt$ln=14,r=9999,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, often": "$scrypt$ln=14,r=8,p=9999$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, r = 0": "$scrypt$ln=14,r=0,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "scrypt, a short result": "$scrypt$ln=4,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFM",
    "Django scrypt, N no power of 2": "scrypt$16383$salt$8$1$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E=",
    "Django scrypt, large N": "scrypt$536870912$salt$8$1$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E=",
    "Firebase, N = 2^99": FIREBASE.replace("ln=14", "ln=99"),
    "Firebase, a short result": FIREBASE.rpartition("$")[0] + "$lSrf",
    "better-auth, cut off": WRITTEN["better-auth 1.7.25"][1][:-2],
    "Argon2, 4 TiB": "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    "Argon2, 2 GiB": "$argon2id$v=19$m=2097152,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    "Argon2, many passes": "$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    "Argon2, many lanes": f"$argon2id$v=19$m=8192,t=1,p={MOST_ARGON2_LANES + 1}$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    "Django Argon2, many passes": "argon2$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
    "a word before somebody else's": "argon2$2b$04$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG",
    "Django's mark for no password": "!Tj1oJ0yZkX3kQvW7mXqYw9d2h5s8b4n6p1r0t3u7v",
    "MD5": "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3",
    "very long": "pbkdf2_sha256$1$" + "a" * 2000 + "$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
}


def replaced(verified: Verified) -> bool:
    """Whether the password was right, and there is a hash of ours to store instead."""
    return verified.right and str(verified.upgraded).startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    foreign = ForeignHashes(firebase_signer_key=SIGNER_KEY)
    hasher = PasswordHasher(CHEAP, queue_ms=60_000, workers=1, foreign=foreign)
    yield hasher
    hasher.close()


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parameters of each hash that Argon2 really computed, in order."""
    found: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, stored: str, secret: bytes) -> bool:
        try:
            return verify(self, stored, secret)
        finally:
            found.append(stored.split("$")[3])

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    return found


@pytest.mark.parametrize(("password", "stored"), WRITTEN.values(), ids=WRITTEN)
async def test_a_hash_of_another_system_opens_and_is_due_for_an_upgrade(
    hasher: PasswordHasher, password: str, stored: str
) -> None:
    """The password that was hashed, and no other."""
    assert replaced(await hasher.verify(password, stored))
    for wrong in (password + " ", password[:-1], password.upper() if password.islower() else password.lower(), ""):
        assert await hasher.verify(wrong, stored) == WRONG


async def test_djangos_argon2_is_due_for_an_upgrade_whatever_it_cost(hasher: PasswordHasher) -> None:
    """Also with today's parameters, for the word before it is not ours."""
    assert replaced(await hasher.verify(CORRECT, "argon2" + await hasher.hash(CORRECT)))


@pytest.mark.parametrize("stored", REFUSED.values(), ids=REFUSED)
async def test_what_would_cost_too_much_is_wrong_at_full_cost(
    hasher: PasswordHasher, computed: list[str], monkeypatch: pytest.MonkeyPatch, stored: str
) -> None:
    """Nothing of it is computed, whatever an import has put there; one hash of today's cost is."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(hashlib, "scrypt", fail)
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", fail)
    monkeypatch.setattr(bcrypt, "hashpw", fail)
    assert await hasher.verify(CORRECT, stored) == WRONG
    assert computed == ["m=8,t=1,p=1"]


@pytest.mark.parametrize("mebi_kib", [1, 4])
async def test_hashes_of_our_own_verify_whatever_the_settings_ask_for(
    monkeypatch: pytest.MonkeyPatch, mebi_kib: int
) -> None:
    """The bounds are for what others made: today's own parameters are always within them."""
    asked: list[str] = []

    def verify(_self: argon2.PasswordHasher, stored: str, _secret: bytes) -> bool:
        asked.append(stored.split("$")[3])
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    # The salt is shorter than ours, so that a new hash is due, which would take minutes.
    monkeypatch.setattr(argon2.PasswordHasher, "hash", lambda *_: "$argon2id$new")
    dear = Argon2Parameters(memory_kib=mebi_kib * 2**20, iterations=100)
    hasher = PasswordHasher(dear, queue_ms=60_000, workers=1)
    cost = f"m={dear.memory_kib},t=100,p=1"
    assert await hasher.verify(CORRECT, f"$argon2id$v=19${cost}$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0")
    hasher.close()
    assert asked == [cost]


async def test_bcrypt_cuts_off_as_the_other_system_did_and_ours_does_not(hasher: PasswordHasher) -> None:
    """With bcryptjs, 72 bytes counted; once the hash is ours, every byte counts."""
    stored = "$2b$04$t9mE2PW/nLPajEt2ALVv4uquSUnIbabrlCxLS99ZKfBFCnOqMjFDO"
    assert replaced(await hasher.verify("ö" * 50, stored))
    assert replaced(await hasher.verify("ö" * 36, stored))
    assert await hasher.verify("ö" * 35, stored) == WRONG

    ours = await hasher.hash("ö" * 50)
    assert await hasher.verify("ö" * 50, ours)
    assert not await hasher.verify("ö" * 36, ours)


async def test_djangos_bcrypt_with_sha256_cuts_nothing_off(hasher: PasswordHasher) -> None:
    """It hashes the digest of the password."""
    stored = "bcrypt_sha256$$2b$04$24.k72lWhEDXNCAyp/9zUeoLieLxjAfHddABr3wQRPcPda/a6G9BG"
    assert replaced(await hasher.verify("ö" * 50, stored))
    assert await hasher.verify("ö" * 36, stored) == WRONG


async def test_a_password_counts_as_typed_and_normalised(hasher: PasswordHasher) -> None:
    """Other systems hash what the keyboard sent: composed or not."""
    decomposed = "$2b$04$yA96DnxuwS6kBhhsiBl4s.zBgi/o0kcxYDHeWxbioiXgASTq7wlaO"
    assert replaced(await hasher.verify("cafe\u0301 au lait", decomposed))
    assert await hasher.verify("cafe au lait", decomposed) == WRONG

    composed = bcrypt.hashpw("caf\u00e9 au lait".encode(), bcrypt.gensalt(4)).decode()
    assert replaced(await hasher.verify("cafe\u0301 au lait", composed))

    argon2_as_typed = argon2.PasswordHasher(1, 16, 1).hash("cafe\u0301 au lait")
    assert replaced(await hasher.verify("cafe\u0301 au lait", argon2_as_typed))


async def test_better_auth_folds_compatibility_forms(hasher: PasswordHasher) -> None:
    """It hashes NFKC, so a ligature or a wide letter is the same as plain ones."""
    stored = (
        "c1f4441672217c83351891b369c560e4:66e5ac40690e5088e894b573388f989f7e7d820ad002c81c0c9b04b633562f7aaaf789357b"
        "fe3537f974a26c81d843b63a2766ad4ca7e0a75a671951b84d0215"
    )
    for typed in ("\uff43af\u00e9 \ufb01ne", "caf\u00e9 fine", "cafe\u0301 fine"):
        assert replaced(await hasher.verify(typed, stored))
    assert await hasher.verify("cafe fine", stored) == WRONG


@pytest.mark.parametrize("password", ["caf\u00e9 au lait", "cafe\u0301 au lait"])
async def test_no_form_of_a_password_tells_known_accounts_from_unknown_ones(
    hasher: PasswordHasher, computed: list[str], password: str
) -> None:
    """A wrong password costs as many hashes with a hash of ours as without an account, and with an unknown one."""
    costs = []
    for stored in (await hasher.hash("another"), None, "!", "$scrypt$ln=40,r=8,p=1$AAAA$" + "A" * 43):
        computed.clear()
        assert await hasher.verify(password, stored) == WRONG
        costs.append(computed.copy())
    assert costs == [costs[0]] * 4
    assert len(costs[0]) == (1 if password.isprintable() and len(password) == 12 else 2)


async def test_without_the_bcrypt_extra_its_hashes_are_wrong_at_full_cost(
    hasher: PasswordHasher, computed: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log says once what to install."""
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    password, stored = WRITTEN["bcryptjs 3.0.3, cost 4"]
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await hasher.verify(password, stored) == WRONG
    assert computed == ["m=8,t=1,p=1"] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "Accounts with such a hash cannot sign in: bcrypt hashes need an extra: pip install 'gatewright[bcrypt]'."
    ]


async def test_firebases_hashes_are_worth_nothing_without_the_signer_key(
    computed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Without it nobody gets in, at full cost, and the log names the setting; with another neither."""
    without = PasswordHasher(CHEAP, queue_ms=60_000, workers=1)
    with caplog.at_level(logging.WARNING):
        assert await without.verify("user1password", FIREBASE) == WRONG
    without.close()
    assert computed == ["m=8,t=1,p=1"]
    assert "GATEWRIGHT_PASSWORD__FIREBASE_SIGNER_KEY" in caplog.text

    foreign = ForeignHashes(firebase_signer_key=bytes(64))
    other = PasswordHasher(CHEAP, queue_ms=60_000, workers=1, foreign=foreign)
    assert await other.verify("user1password", FIREBASE) == WRONG
    other.close()


@pytest.mark.parametrize("key", [b"", b"\x8f\x1b"])
def test_a_signer_key_that_is_too_short_opens_nothing(key: bytes) -> None:
    """Encrypting nothing gives nothing, which no stored result may equal."""
    foreign = ForeignHashes(firebase_signer_key=key)
    head = FIREBASE.rpartition("$")[0]
    for result in ("", "=", "AA", "AAA="):
        with pytest.raises(Unreadable):
            foreign.read(f"{head}${result}")
    read = foreign.read(FIREBASE)
    assert not read.matches("user1password")


def test_a_foreign_hash_shows_nothing_of_itself() -> None:
    """Not even in a traceback that prints it."""
    read = ForeignHashes().read(WRITTEN["passlib PBKDF2"][1])
    assert isinstance(read, ForeignHash)
    assert base64.b64encode(read.expected).decode() not in repr(read)
    assert repr(read.expected) not in repr(read)


@settings(max_examples=150, deadline=None)
@given(
    stored=st.from_regex(
        r"(\$2[abxy]\$0[0-9]\$[./A-Za-z0-9]{50,56}|pbkdf2_sha(1|256)\$[0-9]{1,2}\$.{0,9}\$[A-Za-z0-9+/]{0,90}=?"
        r"|scrypt\$[0-9]{1,3}\$.{0,9}\$[0-9]{1,2}\$[0-9]\$[A-Za-z0-9+/]{0,90}=?"
        r"|\$(firebase-)?scrypt\$ln=[0-9],r=[0-9],(p|sep)=[0-9]\$[A-Za-z0-9+/]{0,20}\$[A-Za-z0-9+/]{0,90}"
        r"|\$pbkdf2(-sha1|-sha256|-sha512)?\$[0-9]{1,2}\$[A-Za-z0-9+/.]{0,20}\$[A-Za-z0-9+/.]{0,90})",
        fullmatch=True,
    )
)
def test_no_text_that_looks_like_a_hash_raises_or_lets_in(stored: str) -> None:
    """Whatever an import has put there."""
    foreign = ForeignHashes(firebase_signer_key=SIGNER_KEY)
    hasher = PasswordHasher(CHEAP, queue_ms=60_000, workers=1, foreign=foreign)
    try:
        assert asyncio.run(hasher.verify("correct horse", stored)) == WRONG
    finally:
        hasher.close()


KIND_OF = {
    "bcrypt": [
        "bcryptjs 3.0.3, cost 12",
        "crypt_blowfish's $2a$",
        "bcrypt as PHP has it, $2y$",
        "Django 5.2 bcrypt with SHA-256",
        "Django 5.2 bcrypt",
    ],
    "PBKDF2": [
        "Django 5.2 PBKDF2",
        "Django's tests, PBKDF2 with SHA-1",
        "passlib PBKDF2",
        "passlib PBKDF2 with SHA-1",
        "passlib PBKDF2 with SHA-512",
        "PHC PBKDF2",
    ],
    "Firebase scrypt": ["Firebase"],
    "scrypt": ["Django 5.2 scrypt", "passlib scrypt"],
    "better-auth scrypt": ["better-auth 1.7.25"],
    "Django Argon2": ["Django 5.2 Argon2", "Django's tests, old Argon2"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KIND_OF.items() for name in names])
def test_each_hash_that_verifies_is_of_a_named_kind(kind: str, name: str, hasher: PasswordHasher) -> None:
    """So that they can be counted, by the readers that a login uses."""
    assert hasher.read(WRITTEN[name][1]).kind == kind


def test_a_costly_hash_is_expected_to_take_long(hasher: PasswordHasher) -> None:
    """Before one was measured: else a hundred of them would be let in as if they were ours."""
    dear = "pbkdf2_sha256$1200000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c="
    cheap = dear.replace("1200000", "29000")
    assert hasher.read(dear).cost.first_ms > 500
    assert hasher.read(cheap).cost.first_ms < 50
    assert hasher.read(dear).cost.kind != hasher.read(cheap).cost.kind


UNREADABLE = {
    "!uw9pOYyJeliStHmQ9dsd0b4OUVMPc7XAyG7ap7Tx": UNKNOWN,
    "": UNKNOWN,
    "md5$URm0DYUD$5ebc788b": UNKNOWN,
    "$P$BXVVTq7Wabcdefghijklmnopqrstuv.": UNKNOWN,
    "$2b$12$C6UzMDM.H6dfI": DAMAGED,
    "$2b$03$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG": DAMAGED,
    "$2b$16$wXTXtWrDVdg/7Gl656nb4efzk/191rYNoTvaMr2i8efy/SWTZetCG": TOO_COSTLY,
    "pbkdf2_sha256$870000$salt$hash": DAMAGED,
    "pbkdf2_sha256$9000000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=": TOO_COSTLY,
    "$scrypt$ln=40,r=8,p=1$rFFqcAx/9Lt99I6kfpniOA$" + "A" * 43: TOO_COSTLY,
    "$scrypt$ln=14,r=8,r=8$rFFqcAx/9Lt99I6kfpniOA$" + "A" * 43: UNKNOWN,
    "$argon2id$v=19$m=8,t=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0": DAMAGED,
    "$argon2id$v=19$m=8,t=1,t=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0": DAMAGED,
    "$argon2id$v=19$m=8,t=1,p=1$c2Fs$c2FsdHNhbHRzYWx0": DAMAGED,
    "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0": TOO_COSTLY,
}


@pytest.mark.parametrize(("stored", "reason"), UNREADABLE.items())
def test_a_hash_that_opens_nothing_has_a_reason(stored: str, reason: str, hasher: PasswordHasher) -> None:
    """The doctor counts them by it."""
    with pytest.raises(Unreadable) as refusal:
        hasher.read(stored)
    assert refusal.value.reason == reason
    assert not stored or stored not in str(refusal.value)


def of_packages() -> list[tuple[str, str, str]]:
    """Hashes that real packages made: package, password, hash."""
    lines = (Path(__file__).parent / "samples" / "hashes_of_packages.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(package, json.loads(password), stored) for package, password, stored in rows]


WITHOUT_A_READER = (
    *("Django 6.0.10 md5", "Werkzeug", "WordPress", "libpass 1.9.4 bcrypt_sha256", "libpass 1.9.4 ldap"),
    *("libpass 1.9.4 phpass", "libpass 1.9.4 sha512_crypt", "lucia 3.2.2 LegacyScrypt", "scrypt-kdf"),
)


@pytest.mark.extra
async def test_hashes_of_real_packages_open_or_have_a_reason() -> None:
    """The right password opens each that has a reader, is hashed anew, and a wrong one opens none."""
    foreign = ForeignHashes(firebase_signer_key=bytes(range(64)))
    hasher = PasswordHasher(CHEAP, queue_ms=60_000, workers=1, foreign=foreign)
    for package, password, stored in of_packages():
        if package.startswith(WITHOUT_A_READER):
            with pytest.raises(Unreadable):
                hasher.read(stored)
        else:
            assert replaced(await hasher.verify(password, stored)), package
        assert await hasher.verify("wrong", stored) == WRONG, package
    hasher.close()


@pytest.mark.parametrize(
    ("password", "stored"),
    [row[1:] for row in of_packages() if row[0].startswith(("argon2 ", "libpass 1.9.4 scrypt"))][:4],
)
async def test_parameters_of_a_hash_come_in_any_order(hasher: PasswordHasher, password: str, stored: str) -> None:
    """The argon2 of npm writes m, p, t since 0.45.0; the PHC format gives an order, and readers take any."""
    assert replaced(await hasher.verify(password, stored))
    assert await hasher.verify("wrong", stored) == WRONG
    (written,) = re.findall(r"\$([a-z]+=[^$]+,[^$]+)\$", stored)
    for order in permutations(written.split(",")):
        assert hasher.read(stored.replace(written, ",".join(order))).cost == hasher.read(stored).cost


async def test_a_hash_of_a_decomposed_password_is_replaced(hasher: PasswordHasher) -> None:
    """With our own parameters too: afterwards the composed form opens the account, which another keyboard sends."""
    stored = argon2.PasswordHasher(1, 8, 1).hash("cafe\u0301 au lait")
    assert await hasher.verify("caf\u00e9 au lait", stored) == WRONG
    verified = await hasher.verify("cafe\u0301 au lait", stored)
    assert replaced(verified)
    for form in ("caf\u00e9 au lait", "cafe\u0301 au lait"):
        assert await hasher.verify(form, verified.upgraded) == Verified(right=True)


DEAR: dict[str, Callable[[], ForeignHash]] = {
    "bcrypt": lambda: ForeignHashes().read(REFUSED["bcrypt, cost 16"].replace("$16$", "$11$")),
    "scrypt": lambda: ForeignHashes().read(WRITTEN["passlib scrypt"][1]),
    "PBKDF2": lambda: ForeignHashes().read(WRITTEN["Django's tests, PBKDF2"][1]),
}


@pytest.mark.parametrize("read", DEAR.values(), ids=DEAR)
def test_the_computation_lets_other_threads_run(read: Callable[[], ForeignHash]) -> None:
    """The GIL is released meanwhile: without that, the pool's threads would stop the event loop."""
    foreign = read()
    begun, ended = threading.Event(), threading.Event()

    def compute() -> None:
        begun.set()
        foreign.matches("wrong")
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


def test_importing_the_module_brings_no_library() -> None:
    """Installations without foreign hashes pay nothing at their start."""
    assert not {"bcrypt", "cryptography"} & vars(foreign_hashes).keys()
