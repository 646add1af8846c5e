"""What OWASP ASVS 5.0 asks of codes and tokens, and no other test attacks (docs/security/asvs.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from math import log2
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

import gatewright
from gatewright import Gatewright
from gatewright.core.tokens.refresh_tokens import RefreshTokens
from gatewright.testing.clients import PASSWORD, AsUser
from gatewright.testing.mails import CapturedMails
from tests.conftest import SECRET, example_app, make_settings

PACKAGE = Path(gatewright.__file__).parent
EMAIL = "user@example.com"
PREDICTABLE = {"random", "uuid.uuid1", "numpy"}
# They wait a while that differs, so that workers do not act at once. Nobody has to be kept from guessing it.
ONLY_PAUSES = {
    "core/background.py",
    "storage/dialects/postgresql.py",
}


@pytest.fixture
def auth_app(sqlite_template_copy: Path) -> FastAPI:
    """The database plays no part, so there is one kind."""
    return example_app(Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", rate_limit_enabled=False)))


def files_that_import(names: set[str]) -> set[str]:
    return {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if names & set(imports_of(path))}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_is_drawn_from_a_predictable_generator() -> None:
    """6.5.3 and 7.2.3: neither a code, nor a token, nor anything else; all of it comes from the operating system."""
    assert files_that_import({"secrets"}) >= {
        "core/tokens/mailed_codes.py",
        "core/tokens/mailed_tokens.py",
        "core/tokens/refresh_tokens.py",
    }
    assert files_that_import(PREDICTABLE) - ONLY_PAUSES == set()


def test_what_stands_for_a_session_has_two_hundred_and_fifty_six_random_bits() -> None:
    """7.2.3: 128 are asked for; what else is in the token can be known or guessed."""
    tokens = RefreshTokens([SECRET.encode()])
    texts = [tokens.issue("a-session", datetime(2026, 11, 23, tzinfo=UTC)).text for _ in range(20)]
    read = [token for token in map(tokens.read, texts) if token is not None]
    assert [len(token.r) for token in read] == [32] * 20
    assert len({byte for token in read for byte in token.r}) > 200


def test_a_mailed_code_has_more_than_twenty_bits(
    as_user: AsUser, auth_gatewright: Gatewright, auth_mails: CapturedMails
) -> None:
    """6.5.4: eight digits, zeros in front included."""
    user = as_user(email=EMAIL)
    assert user.portal is not None
    user.portal.call(auth_gatewright.database.write, lambda tx: tx.run(update(tx.table("User")).values(password=None)))
    for _ in range(3):
        assert user.post("/auth/reauthenticate", json={}).status_code == 202
    codes = [mail.code for mail in auth_mails.to(EMAIL)[-3:]]
    assert len(set(codes)) == 3
    assert all(code.isdecimal() and len(code) * log2(10) > 20 for code in codes)


def test_a_token_goes_with_its_account_and_not_with_an_address(
    as_user: AsUser, auth_client: TestClient, auth_gatewright: Gatewright
) -> None:
    """10.3.3: whoever gets an address that was somebody else's gets nothing of theirs, nor they of whoever has it."""
    first = as_user(email=EMAIL)
    moved = {"email": "moved@example.com", "email_key": "moved@example.com"}
    assert auth_client.portal is not None
    auth_client.portal.call(auth_gatewright.database.write, lambda tx: tx.run(update(tx.table("User")).values(**moved)))
    second = as_user(email=EMAIL)
    assert first.user["id"] != second.user["id"]
    for client, email in ((first, "moved@example.com"), (second, EMAIL)):
        profile = client.get("/users/profile").json()
        assert (profile["id"], profile["email"]) == (client.user["id"], email)
        assert client.get("/reports").json()["id"] == client.user["id"]
    renewed = auth_client.post("/auth/refresh", json={"refreshToken": first.tokens["refreshToken"]}).json()
    headers = {"Authorization": f"Bearer {renewed['accessToken']}"}
    assert auth_client.get("/me", headers=headers).json()["email"] == "moved@example.com"
    login = auth_client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
    assert login["user"]["id"] == second.user["id"]
