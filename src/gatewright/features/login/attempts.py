"""The guard around every guess: an attempt is counted before its proof is checked, and uncounted when it was right.

Three counts limit guessing: by client address and account, by client address over all accounts, and by account over
all addresses. The last is a delay, which a stranger could otherwise bring upon the owner: with the credential of a
device that the account has signed in from, that device's own delay takes its place. Accounts are counted by the key of
their address, so that addresses without an account behave alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gatewright.core.context import Context
from gatewright.core.limits.limiter import Taken
from gatewright.core.limits.policy import Charge, Limit, RateLimited, delay, rate
from gatewright.core.tokens.device_tokens import Device
from gatewright.errors import Overloaded
from gatewright.features.login.settings import LoginSettings

FIRST_PROOF = "login"
SECOND_FACTOR = "second-factor"
"""What is guessed. Each has counts of its own: a right password does not end the delay after wrong codes."""


class Attempt:
    """One attempt to prove an identity. It counts as a failure until `succeed` is called.

    Attributes:
        succeeded: Whether the proof was right.
    """

    __slots__ = ("succeeded",)

    def __init__(self) -> None:
        self.succeeded = False

    def succeed(self) -> None:
        """Note that the proof was right, whatever follows from it: the attempt does not count."""
        self.succeeded = True


@asynccontextmanager
async def begin(
    context: Context,
    email_key: str,
    device: Device | None = None,
    *,
    session_id: str | None = None,
    of: str = FIRST_PROOF,
) -> AsyncIterator[Attempt]:
    """Count an attempt to prove the identity behind *email_key* as a failure, and check the proof in the block.

    The attempt stays counted unless the block calls `Attempt.succeed`, which also ends the delay that the account was
    under. A proof that was not checked because too many hashes were waiting leaves the counts as they were.

    Args:
        device: The device whose credential the client has sent.
        session_id: The session that the attempt is made in, if any: it has a delay of its own, as a device has.
        of: What is guessed: `FIRST_PROOF` or `SECOND_FACTOR`.

    Raises:
        RateLimited: There were too many failures.
    """
    attempt, taken = Attempt(), await _take(context, of, email_key, device, session_id)
    try:
        yield attempt
    except Overloaded:
        if not attempt.succeeded:
            await taken.give_back(forget=False)
        raise
    finally:
        if attempt.succeeded:
            await taken.give_back(forget=True)


async def _take(context: Context, of: str, email_key: str, device: Device | None, session_id: str | None) -> Taken:
    settings, limits = context.settings.section(LoginSettings), context.limits
    charges = [
        *limits.of_client(rate(f"{of}-address-and-account", settings.failures_per_minute), email_key),
        *limits.of_client(rate(f"{of}-address", settings.address_failures_per_minute)),
        _delayed(context, of, email_key, device, session_id),
    ]
    try:
        return await limits.take(charges)
    except RateLimited as refusal:
        if await limits.once_a_minute(refusal.limit.name):
            await context.audit.record("login.limited", outcome="failure", details={"limit": refusal.limit.name})
        raise


async def end_delay(context: Context, email_key: str) -> None:
    """End the delay of an account whose owner has proved their identity by mail.

    Raises:
        Unavailable: The store of the limits does not answer.
    """
    for of in (FIRST_PROOF, SECOND_FACTOR):
        await context.limits.forget(_delayed(context, of, email_key, None, None))


def _delayed(context: Context, of: str, email_key: str, device: Device | None, session_id: str | None) -> Charge:
    if session_id is not None:
        return context.limits.of(_delay(context, f"{of}-session"), email_key, session_id)
    if device is None:
        return context.limits.of(_delay(context, f"{of}-account"), email_key)
    return context.limits.of(_delay(context, f"{of}-device"), email_key, device.id.hex())


def _delay(context: Context, name: str) -> Limit:
    settings = context.settings.section(LoginSettings)
    return delay(name, free=settings.failures_per_minute, longest=settings.max_delay)
