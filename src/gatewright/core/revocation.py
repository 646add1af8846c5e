"""Revocation: what has ended or changed since a live access token was signed.

For fifteen minutes, an access token contains what was true when it was signed. Asking the database at each request
would cost a read; so ended sessions and changed roles are written to a small table, and every worker polls it. A worker
that could not poll lately trusts nothing it remembers and asks the database.

Polls overlap: a row counts by the database's clock when it was written, and may be committed a little later.
Each poll therefore looks back further than any transaction may last.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from gatewright.clock import Clock
from gatewright.core.background import BackgroundLoop, every
from gatewright.core.housekeeping import remove_some
from gatewright.errors import Unavailable
from gatewright.ids import cuid
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database, Transaction
from gatewright.storage.rows import columns_of
from gatewright.storage.types import database_now

POLL_SECONDS = 0.4
FRESH_SECONDS = 0.9
_OVERLAP = timedelta(seconds=60)
_MARGIN = timedelta(seconds=60)

_log = logging.getLogger("gatewright.revocation")

JoinedRead = Callable[[Transaction], Callable[[], None]]
"""Reads in a poll's transaction; what it returns is called in the event loop once the poll has succeeded."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The current state for the bearer of an access token.

    Attributes:
        is_live: Whether the session goes on.
        role: The user's role, when it is another than the token may say.
    """

    is_live: bool
    role: str | None = None


@dataclass(frozen=True, slots=True)
class RevocationRow:
    """A session that has ended, or a user whose role has changed.

    Attributes:
        role: The role that the user has now.
    """

    session_id: str | None
    user_id: str | None
    role: str | None
    expires_at: datetime


_ENDED = Standing(is_live=False)
_UNCHANGED = Standing(is_live=True)


class Revocations:
    """What this worker knows of ended sessions and changed roles.

    Args:
        db: The database.
        clock: Tells when an entry may be forgotten.
        access_token_ttl: How long an access token lives, and so an entry is needed.
        monotonic: Seconds that never go back; decides whether the last poll is recent enough.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        access_token_ttl: timedelta,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._keep = access_token_ttl + _MARGIN
        self._monotonic = monotonic
        self._ended: dict[str, datetime] = {}
        self._roles: dict[str, tuple[str, datetime]] = {}
        self._since: datetime | None = None
        self._last_poll_began = float("-inf")
        self._polls = 0
        self._joined: list[JoinedRead] = []
        self._loop = BackgroundLoop(
            "revocations",
            self.poll,
            every(POLL_SECONDS),
            log=_log,
            failure="cannot poll for revocations; requests are checked in the database meanwhile",
        )

    def join(self, read: JoinedRead) -> None:
        """Let every poll run *read* too: what else a worker has to know is as fresh as its revocations then."""
        self._joined.append(read)

    async def start(self) -> None:
        """Poll once, and go on polling in the background."""
        await self.poll()
        self._loop.start()

    async def stop(self) -> None:
        """Stop polling."""
        await self._loop.stop()

    @property
    def is_fresh(self) -> bool:
        """Whether the last complete poll is recent enough to answer without the database."""
        return self._monotonic() - self._last_poll_began <= FRESH_SECONDS

    async def standing(self, session_id: str, user_id: str, *, strict: bool = False) -> Standing:
        """What holds now for a token of this session.

        Without a statement while polls are recent; by the database otherwise, and always when *strict*.

        Raises:
            Unavailable: The database was needed and does not answer.
        """
        if strict or not self.is_fresh:
            return await self._db.read(lambda tx: _standing_in_database(tx, session_id, user_id))
        if session_id in self._ended:
            return _ENDED
        changed = self._roles.get(user_id)
        return _UNCHANGED if changed is None else Standing(is_live=True, role=changed[0])

    async def poll(self) -> None:
        """Read what is new.

        Raises:
            Unavailable: The database does not answer.
        """
        began = self._monotonic()
        now, rows, taken = await self._db.read(self._read_news)
        for row in rows:
            self._apply(row)
        for take in taken:
            take()
        self._since = now - _OVERLAP
        self._last_poll_began = began
        self._forget()

    async def catch_up(self) -> None:
        """Poll now, since this worker has just written something; the poller does it if the database is gone."""
        with contextlib.suppress(Unavailable):
            await self.poll()

    def end_sessions(self, tx: Transaction, session_ids: Sequence[str]) -> None:
        """Write down, in the transaction that ends them, that these sessions' tokens count no more."""
        for session_id in session_ids:
            self._record(tx, session_id=session_id)

    def change_role(self, tx: Transaction, user_id: str) -> None:
        """Write down, in the transaction that changes it, that the user's tokens count for another role now."""
        self._record(tx, user_id=user_id)

    def _record(self, tx: Transaction, **columns: str) -> None:
        expires_at = self._clock.now() + self._keep
        table = tx.table("gatewright_revocations")
        tx.run(insert(table).values(id=cuid(), recorded_at=database_now(), expires_at=expires_at, **columns))

    def _read_news(self, tx: Transaction) -> tuple[datetime, list[RevocationRow], list[Callable[[], None]]]:
        table = tx.table("gatewright_revocations")
        # The time first: a row written between the two statements is read again by the next poll.
        now: datetime = tx.value(select(database_now()))
        new = table.c.expires_at > self._clock.now() if self._since is None else table.c.recorded_at >= self._since
        # The role as it is, not as it was when the row was written: of two changes, the later one holds.
        users = tx.table("User")
        rows = select(*columns_of(table, RevocationRow, role=users.c.role)).where(new)
        found = tx.all(rows.select_from(table.outerjoin(users, users.c.id == table.c.user_id)), RevocationRow)
        return now, found, [read(tx) for read in self._joined]

    def _apply(self, row: RevocationRow) -> None:
        if row.session_id is not None:
            self._ended[row.session_id] = row.expires_at
        if row.user_id is not None and row.role is not None:
            self._roles[row.user_id] = (row.role, row.expires_at)

    def _forget(self) -> None:
        self._polls += 1
        if self._polls % 10 == 0:
            now = self._clock.now()
            self._ended = {key: until for key, until in self._ended.items() if until > now}
            self._roles = {key: changed for key, changed in self._roles.items() if changed[1] > now}


def remove_expired(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): entries that concern no live access token any more."""
    table = tx.table("gatewright_revocations")
    return remove_some(tx, table, table.c.expires_at < now)


def _standing_in_database(tx: Transaction, session_id: str, user_id: str) -> Standing:
    sessions, users = tx.table("RefreshToken"), tx.table("User")
    role: str | None = tx.value(
        select(users.c.role)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.id == session_id, users.c.id == user_id)
        .where(sessions.c.ended_at.is_(None), users.c.disabled_at.is_(None))
    )
    return _ENDED if role is None else Standing(is_live=True, role=role)
