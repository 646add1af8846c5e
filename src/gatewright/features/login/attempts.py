"""Limits on proving who one is: counted before the proof is looked at, and uncounted when it was right.

Three counts stand against guessing: by client address and account, by client address over all accounts, and by
account over all addresses. The last is a delay, which a stranger could otherwise bring upon the owner: with the
credential of a device that the account has signed in from, that device's own delay takes its place. Accounts go by
the key of their address, so that addresses without an account behave alike.
"""

from __future__ import annotations

from gatewright.core.context import Context
from gatewright.core.limits.limiter import Taken
from gatewright.core.limits.policy import Charge, Limit, RateLimited, delay, rate
from gatewright.core.tokens.device_tokens import Device
from gatewright.features.login.settings import LoginSettings

_PAIR = "login-address-and-account"
_ADDRESS = "login-address"
_ACCOUNT = "login-account"
_DEVICE = "login-device"
_SESSION = "login-session"


class Attempt:
    """One try to sign in, already counted as a failure. Whoever began it says when it was none."""

    __slots__ = ("_taken",)

    def __init__(self, taken: Taken) -> None:
        self._taken = taken

    async def succeeded(self) -> None:
        """The proof was right: the try does not count, and the delay that it was under ends."""
        await self._taken.give_back(forget=True)

    async def came_to_nothing(self) -> None:
        """The proof was not looked at: everything is as before the try."""
        await self._taken.give_back(forget=False)


async def begin(
    context: Context, email_key: str, device: Device | None = None, *, session_id: str | None = None
) -> Attempt:
    """Count a try to sign in to the account of *email_key*, whether or not there is one.

    Args:
        device: The device that the client has shown the credential of.
        session_id: The session that the try is made in, if it is: it has a delay of its own, as a device has.

    Raises:
        RateLimited: There were too many.
    """
    settings, limits = context.settings.section(LoginSettings), context.limits
    charges = [
        *limits.of_client(rate(_PAIR, settings.failures_per_minute), email_key),
        *limits.of_client(rate(_ADDRESS, settings.address_failures_per_minute)),
        _delayed(context, email_key, device, session_id),
    ]
    try:
        return Attempt(await limits.take(charges))
    except RateLimited as refusal:
        if await limits.is_news(refusal.limit.name):
            await context.audit.record("login.limited", outcome="failure", details={"limit": refusal.limit.name})
        raise


async def end_delay(context: Context, email_key: str) -> None:
    """End the delay of an account, because its owner has proved by mail who they are.

    Raises:
        Unavailable: The store of the limits does not answer.
    """
    await context.limits.forget(context.limits.of(_delay(context, _ACCOUNT), email_key))


def _delayed(context: Context, email_key: str, device: Device | None, session_id: str | None) -> Charge:
    if session_id is not None:
        return context.limits.of(_delay(context, _SESSION), email_key, session_id)
    if device is None:
        return context.limits.of(_delay(context, _ACCOUNT), email_key)
    return context.limits.of(_delay(context, _DEVICE), email_key, device.id.hex())


def _delay(context: Context, name: str) -> Limit:
    settings = context.settings.section(LoginSettings)
    return delay(name, free=settings.failures_per_minute, longest=settings.max_delay)
