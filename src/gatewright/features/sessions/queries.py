"""Statements on the `RefreshToken` table, whose rows are sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    bindparam,
    exists,
    insert,
    not_,
    or_,
    select,
    update,
)

from gatewright.core import login_devices
from gatewright.core.housekeeping import remove_some
from gatewright.features.sessions.networks import MOST_PATTERNS, network_patterns
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import columns_of
from gatewright.storage.schema import Schema

_STARTED_WITH = (
    "id",
    "token",
    "user_id",
    "generation",
    "last_used_at",
    "auth_time",
    "amr",
    "ip_address",
    "user_agent",
    "expires_at",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class StartedRow:
    """A session that was just inserted.

    Attributes:
        is_elsewhere: Whether no other live session of the user is from this user agent and network (`near`).
        device_epoch: What the account's device credentials are bound to (`core.tokens.device_tokens`).
    """

    id: str
    is_elsewhere: bool
    device_epoch: str | None


@dataclass(frozen=True, slots=True)
class ClaimsRow:
    """The data for the access tokens of a session.

    Attributes:
        amr: How the user has proved who they are: names of RFC 8176 with spaces between them.
        role: The user's.
    """

    user_id: str
    auth_time: datetime
    amr: str
    role: str


@dataclass(frozen=True, slots=True)
class SessionRow(ClaimsRow):
    """A session in any state.

    Attributes:
        token: The hash of its live refresh token.
        generation: How often the refresh token has been replaced.
    """

    token: str
    generation: int
    rotated_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A live session as its user sees it."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A session that a statement has ended."""

    id: str
    user_id: str


def _start(schema: Schema) -> Executable:
    sessions, users = schema["RefreshToken"], schema["User"]

    def value(name: str) -> BindParameter[Any]:
        return bindparam(name, type_=sessions.c[name].type)

    proven = bindparam("password", type_=users.c.password.type)
    # The account is looked at and locked in the same statement: one that was disabled, or got another password,
    # since the password was checked, starts no session; and a request that does that just now ends this one too.
    account = (
        select(*(value(name) for name in _STARTED_WITH))
        .where(users.c.id == value("user_id"), users.c.disabled_at.is_(None))
        .where(or_(proven.is_(None), users.c.password == proven))
        .with_for_update(read=True)
    )
    earlier = sessions.alias("earlier")
    same_place = or_(
        earlier.c.ip_address.is_not_distinct_from(value("ip_address")),
        *(earlier.c.ip_address.like(bindparam(name, type_=sessions.c.ip_address.type)) for name in near(None)),
    )
    live = (earlier.c.ended_at.is_(None), earlier.c.expires_at > value("created_at"), earlier.c.id != value("id"))
    same_device = (earlier.c.user_agent.is_not_distinct_from(value("user_agent")), same_place)
    is_known = exists().where(earlier.c.user_id == value("user_id"), *live, *same_device)
    return (
        insert(sessions)
        .from_select(list(_STARTED_WITH), account)
        .returning(
            *columns_of(
                sessions,
                StartedRow,
                is_elsewhere=not_(is_known),
                device_epoch=login_devices.epoch_of(schema, value("user_id")),
            )
        )
    )


def near(address: str | None) -> Mapping[str, str | None]:
    """The parameters of `START` that say which addresses are in the same network as *address*."""
    patterns = network_patterns(address)
    return {f"near_{number}": patterns[number] if number < len(patterns) else None for number in range(MOST_PATTERNS)}


START = HotStatement("insert a session", _start, StartedRow)
"""Insert a session with the values of `_STARTED_WITH`, unless the account is disabled or its hash is not `password`."""


@cache
def rotate(secrets: int) -> HotStatement[ClaimsRow]:
    """Replace a live refresh token by its successor: the conditional update that one of many callers wins.

    Takes `id`, `generation`, `now`, `expires_at`, `next_generation`, and the row hashes under each of *secrets*
    entries as `hash_0` (the first, which is written), `hash_1` ….
    """

    def build(schema: Schema) -> Executable:
        sessions, users = schema["RefreshToken"], schema["User"]
        hashes = [bindparam(f"hash_{number}", type_=sessions.c.token.type) for number in range(secrets)]
        role = select(users.c.role).where(users.c.id == sessions.c.user_id).correlate(sessions).scalar_subquery()
        now = bindparam("now", type_=sessions.c.rotated_at.type)
        return (
            update(sessions)
            .where(sessions.c.id == bindparam("session_id"), sessions.c.token.in_(hashes))
            .where(sessions.c.generation == bindparam("spent_generation", type_=sessions.c.generation.type))
            .where(sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
            .values(
                token=hashes[0],
                generation=bindparam("next_generation", type_=sessions.c.generation.type),
                rotated_at=now,
                last_used_at=now,
                expires_at=bindparam("new_expiry", type_=sessions.c.expires_at.type),
            )
            .returning(*columns_of(sessions, ClaimsRow, role=role))
        )

    return HotStatement(f"rotate a session ({secrets} secrets)", build, ClaimsRow)


def remove_expired(tx: Transaction, now: datetime, settings: KernelSettings) -> int:
    """A sweep (`core.housekeeping`): sessions that began too long ago to be alive, whatever happened to them."""
    sessions = tx.table("RefreshToken")
    return remove_some(tx, sessions, sessions.c.created_at < now - settings.session_max_age)


def find(tx: Transaction, session_id: str) -> SessionRow | None:
    """A session, whatever state it is in."""
    sessions, users = tx.table("RefreshToken"), tx.table("User")
    joined = sessions.join(users, users.c.id == sessions.c.user_id)
    found = select(*columns_of(sessions, SessionRow, role=users.c.role)).select_from(joined)
    return tx.one(found.where(sessions.c.id == session_id), SessionRow)


def live_of_user(tx: Transaction, user_id: str, now: datetime) -> list[ListedRow]:
    """A user's live sessions, the last used first."""
    sessions = tx.table("RefreshToken")
    return tx.all(
        select(*columns_of(sessions, ListedRow))
        .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
        .order_by(sessions.c.last_used_at.desc(), sessions.c.id),
        ListedRow,
    )


def prove_again(
    tx: Transaction, now: datetime, session_id: str, user_id: str, proven_hash: str | None
) -> ClaimsRow | None:
    """Set `auth_time` of a live session of an account that is not disabled and has this hash, if one is given."""
    sessions, users = tx.table("RefreshToken"), tx.table("User")
    account = select(users.c.role).where(users.c.id == sessions.c.user_id, users.c.disabled_at.is_(None))
    if proven_hash is not None:
        account = account.where(users.c.password == proven_hash)
    role = account.correlate(sessions).scalar_subquery()
    return tx.one(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.user_id == user_id, role.is_not(None))
        .where(sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
        .values(auth_time=now)
        .returning(*columns_of(sessions, ClaimsRow, role=role)),
        ClaimsRow,
    )


def is_live(tx: Transaction, now: datetime, session_id: str, user_id: str) -> bool:
    """Whether a session of a user goes on."""
    sessions = tx.table("RefreshToken")
    live = (sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
    found = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.user_id == user_id, *live)
    return tx.exists(found)


def set_amr(tx: Transaction, session_id: str, amr: str) -> None:
    """Set how the user of a session has proved who they are."""
    sessions = tx.table("RefreshToken")
    tx.run(update(sessions).where(sessions.c.id == session_id).values(amr=amr))


def live_ids(tx: Transaction, now: datetime, *, started_by: datetime, after: str, limit: int) -> list[str]:
    """The next *limit* live sessions behind the id *after*, in the order of their ids."""
    sessions = tx.table("RefreshToken")
    live = (sessions.c.ended_at.is_(None), sessions.c.expires_at > now, sessions.c.created_at <= started_by)
    return tx.values(select(sessions.c.id).where(sessions.c.id > after, *live).order_by(sessions.c.id).limit(limit))


def used_since(tx: Transaction, session_ids: Sequence[str], moment: datetime) -> list[str]:
    """Those of *session_ids* that may have got an access token since *moment*."""
    sessions = tx.table("RefreshToken")
    used = or_(sessions.c.last_used_at >= moment, sessions.c.auth_time >= moment)
    return tx.values(select(sessions.c.id).where(sessions.c.id.in_(session_ids), used))


def end(tx: Transaction, now: datetime, *conditions: ColumnElement[bool]) -> list[EndedRow]:
    """End the live sessions that meet *conditions*; those that this call has ended."""
    sessions = tx.table("RefreshToken")
    live = (sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
    ended = update(sessions).values(ended_at=now).where(*conditions, *live)
    return tx.all(ended.returning(*columns_of(sessions, EndedRow)), EndedRow)
