"""Limits as services use them: by the client's address, by an account, by a mailbox."""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from gatewright.clock import Clock
from gatewright.core.limits.memory import MemoryLimits
from gatewright.core.limits.policy import Charge, Limit, LimitStore, RateLimited, rate
from gatewright.core.vault import derive_key
from gatewright.errors import Unavailable

NO_ADDRESS = "no address"
"""The client's address of requests that come through a Unix socket, and do not say from where."""

_IPV6_PREFIX = 64
_KEY_LENGTH = 32
_ONE_NOTE_A_MINUTE = rate("note", 1)

_log = logging.getLogger("gatewright.limits")


class Limiter:
    """Counts tries in a store, and in this process while the store is down.

    Args:
        store: Where all workers count together; None when nothing is limited.
        clock: What tells the time.
        secret: What the keys of rows are derived with, so that a copy of the store identifies no user.
    """

    def __init__(self, store: LimitStore | None, clock: Clock, secret: bytes) -> None:
        self._store = store
        self._secret = derive_key(secret, "limits: keys")
        self._own = MemoryLimits(clock)
        self._is_down = False

    async def take(self, charges: Iterable[Charge]) -> Taken:
        """Count a try with all of *charges*.

        Raises:
            RateLimited: One of the limits refuses it; it is counted by none.
        """
        # In one order everywhere, so that calls that share keys never wait for each other.
        ordered = sorted(charges, key=lambda charge: charge.key)
        if self._store is None or not ordered:
            return Taken(self._own, ())
        store = self._store
        try:
            refusals = await store.take(ordered)
            self._is_down = False
        except Unavailable:
            self._note_that_it_is_down()
            store = self._own
            refusals = await store.take(ordered)
        if refusals:
            raise RateLimited(refusals)
        return Taken(store, ordered)

    async def forget(self, charge: Charge) -> None:
        """End a delay, with everything that led to it.

        Raises:
            Unavailable: The store does not answer.
        """
        for store in (self._own, self._store):
            if store is not None:
                await store.give_back([charge], forget=True)

    async def once_a_minute(self, name: str) -> bool:
        """True once a minute for each *name*, in this process: a flood must not fill the audit log."""
        charge = self.charge(_ONE_NOTE_A_MINUTE, name)
        return not await self._own.take([charge])

    def charge(self, limit: Limit, *subject: str) -> Charge:
        """A try of *subject*: an address, an account's key, or several of these together."""
        text = "\0".join((limit.name, *subject)).encode(errors="surrogatepass")
        return Charge(hmac.digest(self._secret, text, "sha256").hex()[:_KEY_LENGTH], limit)

    def _note_that_it_is_down(self) -> None:
        if not self._is_down:
            _log.warning("The store of the limits does not answer. Each process counts by itself.")
        self._is_down = True


class Taken:
    """A try that was let through, and counted before it is known whether it fails."""

    def __init__(self, store: LimitStore, charges: Sequence[Charge]) -> None:
        self._store = store
        self._charges = charges

    async def give_back(self, *, forget: bool) -> None:
        """Uncount the try, since it was no failure.

        Args:
            forget: Whether delays end, because it was a success; otherwise they are as before the try.
        """
        if not self._charges:
            return
        try:
            await self._store.give_back(self._charges, forget=forget)
        except Unavailable:
            _log.warning("the store of the limits does not answer: a try that was no failure stays counted")


class CallLimits:
    """The limits on one request, or one command; `context.limits`."""

    __slots__ = ("_address", "_limiter")

    def __init__(self, limiter: Limiter, address: str | None) -> None:
        self._limiter = limiter
        self._address = None if address is None else network_of(address)

    async def check(
        self, name: str, *, per_minute: int, mailbox: str | None = None, mails_per_hour: int | None = None
    ) -> None:
        """Count a call by its client's address, and by the mailbox that it would send to.

        Args:
            name: What is called, such as `password-forgot`.
            per_minute: How many calls a client's address may make.
            mailbox: The key of the mailbox's address (`gatewright.addresses`), whether or not it has an account.
            mails_per_hour: How many calls may be made for that mailbox, by all clients together.

        Raises:
            RateLimited: There were too many.
        """
        charges = self.of_client(rate(name, per_minute))
        if mailbox is not None and mails_per_hour is not None:
            charges.append(self.of(rate(f"{name}-mailbox", mails_per_hour, timedelta(hours=1)), mailbox))
        await self.take(charges)

    async def take(self, charges: Iterable[Charge]) -> Taken:
        """Count a try, as `Limiter.take`."""
        return await self._limiter.take(charges)

    async def forget(self, charge: Charge) -> None:
        """End a delay, as `Limiter.forget`."""
        await self._limiter.forget(charge)

    async def once_a_minute(self, name: str) -> bool:
        """True once a minute for each *name*, as `Limiter.once_a_minute`."""
        return await self._limiter.once_a_minute(name)

    def of(self, limit: Limit, *subject: str) -> Charge:
        """A try that is counted for *subject*."""
        return self._limiter.charge(limit, *subject)

    def of_client(self, limit: Limit, *subject: str) -> list[Charge]:
        """A try that is counted for the client's address, together with *subject*.

        Empty for a command, which no address is behind. Requests without one share a single count (`NO_ADDRESS`).
        """
        return [] if self._address is None else [self.of(limit, self._address, *subject)]


def network_of(address: str) -> str:
    """What counts a client's address: an IPv4 address, or the /64 of IPv6, which one household or machine has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_PREFIX), strict=False))
