"""With signing keys from the settings, those alone count: in tokens, in the JWKS, on every worker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gatewright import Gatewright, InvalidToken
from gatewright.core import base64url
from gatewright.core.keys.public_keys import read_jwks
from gatewright.core.keys.ring import Algorithm, SigningKey
from gatewright.errors import SetupError
from gatewright.features.sessions import service as sessions
from gatewright.features.signing_keys import service
from gatewright.features.signing_keys.service import KeysAreConfigured
from gatewright.server import create
from tests.conftest import add_account, make_settings, sign_in

MakeAuth = Callable[..., Gatewright]


@pytest.fixture
def make_auth(sqlite_template_copy: Path) -> MakeAuth:
    """A worker on the one database, with these keys."""

    def make(*keys: SigningKey, **changes: Any) -> Gatewright:
        given = [key.to_json().decode() for key in keys]
        return Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", signing={"keys": given or ()}, **changes))

    return make


@pytest.fixture
async def workers(make_auth: MakeAuth) -> AsyncIterator[list[Gatewright]]:
    """Two workers with the same two keys."""
    keys = [SigningKey.generate("ES256") for _ in range(2)]
    async with AsyncExitStack() as stack:
        started = [make_auth(*keys) for _ in range(2)]
        for each in started:
            await stack.enter_async_context(each.lifespan(None))
        yield started


async def signed_in(auth: Gatewright) -> Any:
    account = await add_account(auth.context())
    return (await sign_in(auth.context(), account)).tokens


async def stored(auth: Gatewright) -> int:
    return len(await auth.database.read(lambda tx: tx.all(select(tx.table("gatewright_signing_keys").c.kid))))


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_tokens_verify_by_the_published_keys(make_auth: MakeAuth, algorithm: Algorithm) -> None:
    """Signed by the first; all are in the JWKS, for services that verify by themselves."""
    keys = [SigningKey.generate(algorithm) for _ in range(2)]
    person = {"email": "user@example.com", "password": "correct horse", "firstName": "John", "lastName": "Doe"}
    with TestClient(create(make_auth(*keys, signing_algorithm=algorithm))) as client:
        token = client.post("/auth/register", json=person).json()["accessToken"]
        published = read_jwks(client.get("/.well-known/jwks.json").content)
        assert client.get("/users/profile", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert list(published) == [key.kid for key in keys]
    signed, _, signature = token.rpartition(".")
    raw = base64url.decode(signature)
    assert published[keys[0].kid].verify(signed.encode(), raw)
    assert not published[keys[1].kid].verify(signed.encode(), raw)


async def test_a_token_of_one_worker_counts_on_all(workers: list[Gatewright]) -> None:
    """And no key was made in the database."""
    one, two = workers
    tokens = await signed_in(one)
    assert (await two.verify(tokens.access_token)).id
    assert await stored(one) == 0


async def test_a_token_of_a_key_that_is_not_given_is_refused(make_auth: MakeAuth) -> None:
    """Also of one in the database, whichever way tokens are checked; the session goes on by a refresh."""
    kept = make_auth()
    async with kept.lifespan(None):
        tokens = await signed_in(kept)
        assert await stored(kept) == 1
    for changes in ({}, {"access_check": "strict"}):
        given = make_auth(SigningKey.generate("ES256"), **changes)
        async with given.lifespan(None):
            with pytest.raises(InvalidToken):
                await given.verify(tokens.access_token)
            tokens = await sessions.refresh(given.context(), tokens.refresh_token)
            assert (await given.verify(tokens.access_token)).id
            assert [(key.state, key.source) for key in await service.list_keys(given.context())] == [
                ("signing", "environment"),
                ("unused", "database"),
            ]


async def test_keys_are_rotated_by_the_settings(make_auth: MakeAuth) -> None:
    """Added last, put first, the old one taken out: no token is refused before its key is gone."""
    old, new = SigningKey.generate("ES256"), SigningKey.generate("ES256")
    issued: list[str] = []
    session = ""
    for keys in ([old], [old, new], [new, old]):
        auth = make_auth(*keys)
        async with auth.lifespan(None):
            for token in issued:
                assert (await auth.verify(token)).id
            tokens = await sessions.refresh(auth.context(), session) if session else await signed_in(auth)
            session = tokens.refresh_token
            issued.append(tokens.access_token)
            assert json.loads(base64url.decode(issued[-1].partition(".")[0]))["kid"] == keys[0].kid
    auth = make_auth(new)
    async with auth.lifespan(None):
        assert (await auth.verify(issued[-1])).id
        for token in issued[:-1]:
            with pytest.raises(InvalidToken):
                await auth.verify(token)


async def test_rotation_is_left_to_the_settings(workers: list[Gatewright]) -> None:
    """It is refused with what to do instead, and leaves nothing in the database."""
    context = workers[0].context()
    with pytest.raises(KeysAreConfigured, match=r"GATEWRIGHT_SIGNING__KEYS.*Add a new key last .* put it first"):
        await service.rotate(context)
    with pytest.raises(KeysAreConfigured, match=r"GATEWRIGHT_SIGNING__KEYS.*Put a new key in the place of all"):
        await service.withdraw(context)
    assert await stored(workers[0]) == 0
    assert [(key.state, key.source) for key in await service.list_keys(context)] == [
        ("signing", "environment"),
        ("verifying", "environment"),
    ]


def test_a_key_that_does_not_fit_stops_the_start(make_auth: MakeAuth) -> None:
    """Before anything is opened."""
    key = SigningKey.generate("EdDSA")
    with pytest.raises(SetupError, match=r"GATEWRIGHT_SIGNING__KEYS is not for ES256") as caught:
        make_auth(key)
    assert json.loads(key.to_json())["d"] not in str(caught.value)
