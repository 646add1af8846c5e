"""Accounts that were imported with another system's hashes sign in over HTTP, and have one of ours afterwards."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import argon2
import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.storage.database import Transaction
from tests.conftest import example_app, make_settings
from tests.core.passwords.test_foreign_hashes import FIREBASE, WRITTEN

SIGNER_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
EMAIL = "user@example.com"
IMPORTED = {
    name: WRITTEN[name]
    for name in (
        "bcryptjs 3.0.3, cost 12",
        "Django 5.2 PBKDF2",
        "Django 5.2 scrypt",
        "Django 5.2 bcrypt with SHA-256",
        "Django 5.2 Argon2",
        "better-auth 1.7.25",
        "Firebase",
        "passlib scrypt",
    )
}
DAMAGED = {
    "no password": None,
    "unknown": "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3",
    "scrypt, N = 2^40": "$scrypt$ln=40,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "Argon2, 4 TiB": "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
}


class Imported:
    """An app with one account, whose row is written as an import would write it."""

    def __init__(self, auth: Gatewright, client: TestClient) -> None:
        self._auth = auth
        self._client = client
        assert client.portal is not None
        self._portal = client.portal
        names = {"firstName": "John", "lastName": "Doe"}
        assert self.post("/auth/register", password="a passphrase of ours", **names) == 201

    def post(self, path: str, **body: str) -> int:
        return self._client.post(path, json={"email": EMAIL, **body}).status_code

    def log_in(self, password: str) -> int:
        return self.post("/auth/login", password=password)

    def store(self, hashed: str | None) -> None:
        def work(tx: Transaction) -> None:
            tx.run(update(tx.table("User")).values(password=hashed))

        self._portal.call(self._auth.database.write, work)

    def stored(self) -> str | None:
        def work(tx: Transaction) -> str | None:
            row = tx.one(select(tx.table("User").c.password))
            assert row is not None
            return None if row["password"] is None else str(row["password"])

        return self._portal.call(self._auth.database.read, work)


@pytest.fixture
def imported(migrated_url: str) -> Iterator[Imported]:
    settings = make_settings(migrated_url, rate_limit_enabled=False, password={"firebase_signer_key": SIGNER_KEY})
    auth = Gatewright(settings)
    with TestClient(example_app(auth)) as client:
        yield Imported(auth, client)


@pytest.mark.parametrize(("password", "stored"), IMPORTED.values(), ids=IMPORTED)
def test_an_imported_account_signs_in_and_gets_a_hash_of_ours(imported: Imported, password: str, stored: str) -> None:
    """The first login replaces the hash, the second finds ours; a wrong password changes nothing."""
    imported.store(stored)
    assert imported.log_in(password + "!") == 401
    assert imported.stored() == stored

    assert imported.log_in(password) == 200
    ours = imported.stored()
    assert ours is not None
    assert ours.startswith("$argon2id$v=19$m=7168,t=1,p=1$")

    assert imported.log_in(password) == 200
    assert imported.stored() == ours
    assert imported.log_in(password + "!") == 401


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("stored", DAMAGED.values(), ids=DAMAGED)
def test_a_hash_that_opens_nothing_costs_what_an_unknown_account_costs(
    imported: Imported, monkeypatch: pytest.MonkeyPatch, stored: str | None
) -> None:
    """One hash of today's parameters, and the same answer."""
    computed: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, hashed: str, secret: bytes) -> bool:
        computed.append(hashed.split("$")[3])
        return verify(self, hashed, secret)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    imported.store(stored)
    assert imported.log_in("a passphrase of ours") == 401
    assert imported.post("/auth/login", email="nobody@example.com", password="a passphrase of ours") == 401
    assert computed == ["m=7168,t=1,p=1"] * 2


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_password_of_more_than_72_bytes_is_whole_after_the_upgrade(imported: Imported) -> None:
    """Until then bcrypt looks at its beginning only, as it did where the hash comes from."""
    imported.store("$2b$04$t9mE2PW/nLPajEt2ALVv4uquSUnIbabrlCxLS99ZKfBFCnOqMjFDO")
    assert imported.log_in("ö" * 50) == 200
    assert imported.log_in("ö" * 36) == 401
    assert imported.log_in("ö" * 50) == 200


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_missing_extra_is_401_and_a_warning_never_a_500(
    imported: Imported, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names what to install; nothing of the account changes."""
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    password, stored = IMPORTED["bcryptjs 3.0.3, cost 12"]
    imported.store(stored)
    with caplog.at_level(logging.WARNING):
        assert imported.log_in(password) == 401
    assert "gatewright[bcrypt]" in caplog.text
    assert stored not in caplog.text
    assert imported.stored() == stored


@pytest.mark.parametrize("key", ["", "no base64 at all!", "AAAA"])
def test_a_signer_key_that_is_none_stops_the_start(key: str) -> None:
    """By name, and without the value."""
    from gatewright.errors import SetupError

    with pytest.raises(SetupError) as refusal:
        make_settings("sqlite:///x.db", password={"firebase_signer_key": key})
    assert "base64_signer_key" in str(refusal.value)
    assert not key or key not in str(refusal.value)


def test_the_signer_key_is_no_part_of_the_hash() -> None:
    """A copy of the database is worth nothing without the settings."""
    assert SIGNER_KEY not in FIREBASE
