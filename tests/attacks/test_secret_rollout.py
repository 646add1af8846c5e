"""A new secret is rolled out while people are signed in: servers list the secrets in different orders for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from gatewright import Gatewright
from gatewright.core.addresses import parse_address
from gatewright.core.refresh_tokens import RefreshTokens
from gatewright.features.admin import service as admin
from gatewright.features.login import service as login
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.errors import InvalidRefreshToken
from gatewright.features.sessions.service import Tokens
from tests.attacks.conftest import running_server
from tests.conftest import make_settings
from tests.live import PASSWORD, LiveServer, Order, bearer, refresh, register, storm

OLD = "the old secret: 0123456789 abcdefghijklmnop"
NEW = "the new secret: 0123456789 abcdefghijklmnop"
PHASES = [
    ([OLD, NEW], [OLD]),
    ([OLD, NEW], [OLD, NEW]),
    ([NEW, OLD], [OLD, NEW]),
    ([NEW, OLD], [NEW, OLD]),
]
"""What a deployment passes through: the secrets of the server that is updated first, and of the other."""

STRANGER = "the secret of somebody else: 0123456789 abcd"


def test_two_servers_with_the_secrets_in_different_orders_give_the_same_bytes(
    new_database: str, tmp_path: Path
) -> None:
    """A hundred refreshes over both servers: one successor, on whichever server the session was begun."""
    issuer = "http://localhost"
    one = LiveServer(new_database, tmp_path / "one", workers=1, SECRET=f"{OLD},{NEW}", PUBLIC_URL=issuer)
    two = LiveServer(new_database, tmp_path / "two", workers=1, SECRET=f"{NEW},{OLD}", PUBLIC_URL=issuer)
    with running_server(one), running_server(two), one.client() as first, two.client() as second:
        for number, (begun, other) in enumerate([(first, second), (second, first)]):
            token = register(begun, f"user{number}@example.com")["refreshToken"]
            for _ in range(2):
                body = {"refreshToken": token}
                answers = storm(
                    [Order("POST", f"{server.url}/auth/refresh", body) for server in (one, two)] * 20, processes=2
                )
                assert {answer.status for answer in answers} == {200}
                (token,) = {answer.body["refreshToken"] for answer in answers}
            assert other.get("/users/profile", headers=bearer(answers[0].body)).status_code == 200
            refresh(other, refresh(begun, {"refreshToken": token}))


async def test_nobody_is_logged_out_by_a_rollout(migrated_url: str) -> None:
    """In every phase each server refreshes what the other gave, and twins get the same bytes from both."""
    async with _servers(migrated_url, [OLD], [OLD]) as (one, two):
        tokens = [await _signed_in(each, f"user{number}@example.com") for number, each in enumerate((one, two))]
    for phase in PHASES:
        async with _servers(migrated_url, *phase) as servers:
            for turn in (servers, servers[::-1]):
                tokens = [await _refreshed_by_both(turn, each) for each in tokens]
            # A session that begins in the middle of it all goes on, too.
            newcomer = await _signed_in(servers[0], f"newcomer{len(tokens)}@example.com")
            tokens.append(await _refreshed_by_both(servers[::-1], newcomer))


async def test_a_token_under_a_secret_that_is_not_listed_is_refused(migrated_url: str) -> None:
    """The list is all there is: a stranger's secret, or one that has left the list, makes nothing that counts."""
    async with _servers(migrated_url, [OLD, NEW]) as (ours,):
        tokens = await _signed_in(ours, "user@example.com")
        session = ours.kernel.refresh_tokens.read(tokens.refresh_token)
        assert session is not None
        forged = RefreshTokens([STRANGER.encode()]).issue(session.session_id, session.started_at).text
        with pytest.raises(InvalidRefreshToken):
            await sessions.refresh(ours.context(), forged)
        await sessions.refresh(ours.context(), tokens.refresh_token)


async def test_our_own_secret_makes_no_token_for_somebody_elses_session(migrated_url: str) -> None:
    """Secret and session id alone do not sign in: r is in no setting, and the row holds only its hash."""
    async with _servers(migrated_url, [OLD, NEW]) as (ours,):
        tokens = await _signed_in(ours, "user@example.com")
        session = ours.kernel.refresh_tokens.read(tokens.refresh_token)
        assert session is not None
        for secret in (OLD, NEW):
            forged = RefreshTokens([secret.encode()]).issue(session.session_id, session.started_at).text
            with pytest.raises(InvalidRefreshToken):
                await sessions.refresh(ours.context(), forged)
        await sessions.refresh(ours.context(), tokens.refresh_token)


@asynccontextmanager
async def _servers(url: str, *secrets: Sequence[str]) -> AsyncIterator[list[Gatewright]]:
    """Servers in this process, one for each list of secrets."""
    async with AsyncExitStack() as stack:
        servers = [Gatewright(make_settings(url, secret=list(each))) for each in secrets]
        for server in servers:
            await stack.enter_async_context(server.lifespan(None))
        yield servers


async def _signed_in(auth: Gatewright, email: str) -> Tokens:
    account = await admin.create(
        auth.context(), email=parse_address(email), password_text=PASSWORD, first_name="Test", last_name="User"
    )
    return (await login.complete(auth.context(), account, amr=["pwd"])).tokens


async def _refreshed_by_both(servers: Sequence[Gatewright], tokens: Tokens) -> Tokens:
    """The successor, which both give, each to its own caller; access tokens count on both."""
    given = [await sessions.refresh(server.context(), tokens.refresh_token) for server in servers]
    assert len({each.refresh_token for each in given}) == 1
    for server in servers:
        for each in given:
            await server.verify(each.access_token)
    return given[0]
