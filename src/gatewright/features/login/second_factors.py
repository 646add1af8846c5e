"""The second factor of a login: when it is asked for, and what answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gatewright.core import login_challenges
from gatewright.core.context import Context
from gatewright.core.login_challenges import FirstProof
from gatewright.core.second_factor import Answer, SecondFactor
from gatewright.core.tokens.device_tokens import Device
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.features.login import attempts
from gatewright.features.login.errors import InvalidMfaToken
from gatewright.features.login.proof import Proof
from gatewright.features.sessions.errors import SessionRefused
from gatewright.features.users import queries as users
from gatewright.features.users.service import account_of
from gatewright.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Challenge:
    """A login that waits for a second factor.

    Attributes:
        token: The token that the client answers with.
        methods: The factors that the account can answer by.
    """

    token: str = field(repr=False)
    methods: Sequence[str]

    @property
    def expires_in(self) -> int:
        """How long it can be answered, in seconds."""
        return int(login_challenges.LIFETIME.total_seconds())


async def challenge(context: Context, proof: Proof, *, in_cookies: bool) -> Challenge | None:
    """The challenge that completes *proof*; None, and no statement without a factor, where no second one is asked for.

    Args:
        in_cookies: Whether the client gets its tokens in cookies.

    Raises:
        SessionRefused: The account was disabled, or its address or password changed, after the proof.
    """
    if not context.second_factors:
        return None
    methods = await context.db.read(lambda tx: _methods(tx, context.second_factors, proof.account.id))
    if methods is None:
        return None
    device_id = None if proof.device is None else proof.device.id.hex()
    first = FirstProof(
        proof.account.id, proof.email_key, " ".join(proof.amr), device_id, proof.session_id, in_cookies=in_cookies
    )
    now = context.clock.now()
    token = await context.db.write(lambda tx: login_challenges.issue(tx, now, first, password_hash=proof.password_hash))
    if token is None:
        raise SessionRefused
    await context.audit.record("login.challenged", proof.account.id, session_id=proof.session_id)
    return Challenge(token, methods)


async def redeem(context: Context, token: str, method: str, answer: Answer, *, from_cookie: bool) -> Proof:
    """The proof of both factors, if *answer* is right. Of many right answers to one challenge, one gets it.

    Args:
        token: The token of the challenge.
        method: The factor that the client answers by.
        from_cookie: Whether the token came in a cookie.

    Raises:
        InvalidMfaToken: The challenge cannot be answered (any more).
        InvalidCode: The answer is wrong. The fifth wrong one ends the challenge.
        RateLimited: There were too many wrong answers for the account.
        ValidationFailed: There is no such method.
    """
    factor, now = _factor(context, method), context.clock.now()
    first = await context.db.read(lambda tx: login_challenges.find(tx, now, token, from_cookie=from_cookie))
    if first is None:
        raise InvalidMfaToken
    device = None if first.device_id is None else Device(bytes.fromhex(first.device_id))

    def work(tx: Transaction) -> Proof | None:
        # The user first, as everything that voids challenges does.
        users.lock(tx, first.user_id)
        if not login_challenges.count_answer(tx, now, token, from_cookie=from_cookie):
            raise InvalidMfaToken
        added = factor.verify(tx, context, first.user_id, answer) if factor.is_offered(tx, first.user_id) else None
        if added is None:
            login_challenges.end(tx, token, if_wrong=login_challenges.MOST_WRONG_ANSWERS)
            return None
        login_challenges.end(tx, token)
        return _proof_of_both(tx, first, device, added)

    limit = attempts.SECOND_FACTOR
    async with attempts.begin(context, first.email_key, device, session_id=first.session_id, of=limit) as attempt:
        proof = await context.db.write(work)
        if proof is None:
            await context.audit.record("login.second_factor_refused", first.user_id, outcome="failure")
            raise InvalidCode("That code was not accepted.")
        attempt.succeed()
    return proof


def _methods(tx: Transaction, factors: Sequence[SecondFactor], user_id: str) -> Sequence[str] | None:
    if not any(factor.is_required(tx, user_id) for factor in factors):
        return None
    return [factor.method for factor in factors if factor.is_offered(tx, user_id)]


def _factor(context: Context, method: str) -> SecondFactor:
    named = {factor.method: factor for factor in context.second_factors}
    if method not in named:
        problem = f"Must be one of: {', '.join(sorted(named))}."
        raise ValidationFailed(errors=[FieldProblem("/method", "invalid_choice", problem)])
    return named[method]


def _proof_of_both(tx: Transaction, first: FirstProof, device: Device | None, added: Sequence[str]) -> Proof:
    user = users.find_whole(tx, first.user_id)
    if user is None:
        raise InvalidMfaToken
    return Proof(
        account_of(tx.schema, user),
        first.email_key,
        tuple(dict.fromkeys((*first.amr.split(), *added, "mfa"))),
        # As it is now. No other password was set since, which would have ended the challenge.
        password_hash=user.password,
        device=device,
        session_id=first.session_id,
    )
