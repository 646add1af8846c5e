"""What follows from a proof, whichever way to sign in has made it.

Every way to sign in ends here, and nothing else starts a session: what a login asks for beyond the first proof is asked
for in this one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gatewright.core.context import Context
from gatewright.core.second_factor import Answer
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.features.login import second_factors
from gatewright.features.login.proof import Proof
from gatewright.features.login.second_factors import Challenge
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.queries import ClaimsRow
from gatewright.features.sessions.service import Tokens
from gatewright.features.users.account import Account
from gatewright.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Login:
    """A finished login: the account, and the tokens of its new session.

    Attributes:
        device_token: The credential that the client sends with its next login (`core.tokens.device_tokens`).
    """

    account: Account
    tokens: Tokens
    device_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A session whose user has proved their identity again: its new access token."""

    access_token: str = field(repr=False)
    expires_in: int


async def complete(context: Context, proof: Proof, *, in_cookies: bool = False) -> Login | Challenge:
    """Start the session that *proof* gives a right to, or ask for the account's second factor.

    Args:
        in_cookies: Whether the client gets its tokens in cookies.

    Raises:
        SessionRefused: The account was disabled, or its password changed, after the proof.
    """
    return await second_factors.challenge(context, proof, in_cookies=in_cookies) or await _start(context, proof)


async def complete_again(context: Context, proof: Proof, session_id: str, *, in_cookies: bool) -> Renewal | Challenge:
    """Renew a session by *proof*, which its user has made in it, or ask for the account's second factor.

    Raises:
        InvalidToken: The session has ended, or the account was disabled, or its password changed, after the proof.
    """
    proof = replace(proof, session_id=session_id)
    asked = await second_factors.challenge(context, proof, in_cookies=in_cookies)
    return asked or await _renew(context, proof, session_id)


async def answer(context: Context, token: str, method: str, answer: Answer, *, from_cookie: bool) -> Login | Renewal:
    """Answer a challenge, and get what it was asked for: a new session, or a renewed one.

    Raises:
        InvalidMfaToken: The challenge cannot be answered (any more).
        InvalidCode: The answer is wrong.
        InvalidToken: The session to renew has ended.
        RateLimited: There were too many wrong answers for the account.
        SessionRefused: The account was disabled, or its password changed, meanwhile.
        ValidationFailed: There is no such method.
    """
    proof = await second_factors.redeem(context, token, method, answer, from_cookie=from_cookie)
    return await (_start(context, proof) if proof.session_id is None else _renew(context, proof, proof.session_id))


async def _start(context: Context, proof: Proof) -> Login:
    started = await sessions.start(
        context,
        user_id=proof.account.id,
        role=proof.account.role,
        amr=proof.amr,
        proven_hash=proof.password_hash,
    )
    if proof.device is None and started.is_elsewhere and not proof.is_new_account:
        await sessions.report_new_device(context, proof.account.id)
    device_token = context.device_tokens.issue(
        proof.email_key, context.clock.now(), proof.device, epoch=started.device_epoch
    )
    return Login(proof.account, started.tokens, device_token)


async def _renew(context: Context, proof: Proof, session_id: str) -> Renewal:
    def work(tx: Transaction) -> ClaimsRow | None:
        return sessions.prove_again(
            tx, context, session_id, proof.account.id, amr=proof.amr, proven_hash=proof.password_hash
        )

    session = await context.db.write(work)
    if session is None:
        raise InvalidToken
    await context.audit.record("session.reauthenticated", proof.account.id, session_id=session_id)
    token = sessions.access_token(context, session_id, session)
    return Renewal(token, int(context.settings.access_token_ttl.total_seconds()))
