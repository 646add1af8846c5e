"""A worker's copy of the signing keys: read with each poll for revocations, and when a token names an unknown key.

So a new key signs on every worker within a second of its time, and one that was withdrawn counts nowhere a second
later. A token may come from a worker that is a moment ahead; its key is looked up before it is refused. Lookups read
all keys at once, without what the token says, and at most five times a second however many tokens ask for one.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from gatewright.clock import Clock
from gatewright.core.keys.key_store import StoredKey, open_key, ring_of, rows_of
from gatewright.core.keys.ring import SigningKey
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.core.vault import Vault
from gatewright.errors import SetupError
from gatewright.storage.database import Database, Transaction

LOOKUP_SECONDS = 0.2
"""How far apart lookups are at least."""

_MOST_UNKNOWN = 1000

_log = logging.getLogger("gatewright.keys")


class KeyWatch:
    """Keeps the keys of *access_tokens* as the database has them.

    Args:
        monotonic: Seconds that never go back; spaces lookups out.
    """

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        access_tokens: AccessTokens,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._access_tokens = access_tokens
        self._monotonic = monotonic
        self._opened: dict[str, SigningKey] = {}
        self._unreadable: set[str] = set()
        self._reads = itertools.count(1)
        self._applied = 0
        self._unknown: OrderedDict[str, None] = OrderedDict()
        self._next_lookup: asyncio.Task[None] | None = None
        self._last_lookup = float("-inf")

    def read(self, tx: Transaction) -> Callable[[], None]:
        """Read the keys in *tx*; what comes back puts them into use, and is called in the event loop."""
        number = next(self._reads)
        rows = rows_of(tx, self._access_tokens.algorithm)
        keys = {row.kid: key for row in rows if (key := self._key_of(row)) is not None}
        return lambda: self._apply(number, rows, keys)

    async def reload(self) -> None:
        """Read the keys now.

        Raises:
            Unavailable: The database does not answer.
        """
        put_into_use = await self._db.read(self.read)
        put_into_use()

    async def stop(self) -> None:
        """End a lookup that waits for its turn."""
        lookup = self._next_lookup
        if lookup is not None:
            lookup.cancel()
            await asyncio.wait([lookup])

    async def look_up(self, kid: str) -> bool:
        """Whether *kid*, which this worker does not know, is the name of a key after all.

        Raises:
            Unavailable: The database does not answer.
        """
        if kid in self._unknown:
            return False
        await self._after_a_lookup()
        if self._access_tokens.keyring.by_kid(kid) is not None:
            return True
        self._unknown[kid] = None
        while len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        return False

    async def _after_a_lookup(self) -> None:
        """Wait for a lookup that has not begun yet: one that has may have missed the key."""
        if self._next_lookup is None:
            self._next_lookup = asyncio.create_task(self._look_up_soon(), name="gatewright-keys")
            # The caller may have gone away meanwhile; no other code needs to know of a failure.
            self._next_lookup.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._next_lookup)

    async def _look_up_soon(self) -> None:
        await asyncio.sleep(max(self._last_lookup + LOOKUP_SECONDS - self._monotonic(), 0.0))
        self._next_lookup = None
        self._last_lookup = self._monotonic()
        await self.reload()

    def _key_of(self, row: StoredKey) -> SigningKey | None:
        if row.kid not in self._opened:
            try:
                self._opened[row.kid] = open_key(row, self._vault)
            except SetupError as error:
                # The others go on meanwhile; logged once, not with every poll.
                if row.kid not in self._unreadable:
                    _log.error("the signing key %s cannot be used: %s", row.kid, error)
                self._unreadable.add(row.kid)
        return self._opened.get(row.kid)

    def _apply(self, number: int, rows: Sequence[StoredKey], keys: dict[str, SigningKey]) -> None:
        if number <= self._applied:
            # A read that began later has been faster.
            return
        self._applied = number
        self._opened = keys
        ring = ring_of(rows, keys, self._clock.now())
        if ring is not None and not ring.is_same(self._access_tokens.keyring):
            self._access_tokens.replace_keys(ring)
