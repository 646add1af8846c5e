"""The life of a session: it is started by a login, continued by refresh tokens, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement

from gatewright.core import login_challenges, login_devices
from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.refresh_tokens import PresentedRefreshToken
from gatewright.features.sessions import queries
from gatewright.features.sessions.devices import device_name
from gatewright.features.sessions.errors import InvalidRefreshToken, SessionRefused
from gatewright.features.sessions.mails import NEW_DEVICE, REFRESH_TOKEN_REUSED
from gatewright.features.sessions.queries import ClaimsRow, EndedRow, ListedRow
from gatewright.features.users.recipients import may_notify
from gatewright.ids import cuid
from gatewright.storage.database import Transaction

_ENDED_AT_ONCE = 500
_CLOCKS_DIFFER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens for a client.

    Attributes:
        expires_in: How long the access token counts, in seconds.
        refresh_expires_in: How long the refresh token counts, in seconds, if the session is not ended before.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class Started:
    """A new session.

    Attributes:
        is_elsewhere: Whether no other live session of the user is from this user agent and network.
        device_epoch: What the device credentials of the account are bound to (`core.tokens.device_tokens`).
    """

    tokens: Tokens
    is_elsewhere: bool
    device_epoch: str | None


async def start(
    context: Context, *, user_id: str, role: str, amr: Sequence[str], proven_hash: str | None = None
) -> Started:
    """Begin a session for a user who has proved who they are. Only `login.complete` calls this.

    Args:
        amr: How they did (RFC 8176).
        proven_hash: The stored hash that their password matched; the session begins only if it is stored still.

    Raises:
        SessionRefused: The account was disabled, or its password changed, in the meantime.
    """
    now = context.clock.now()
    session_id = cuid()
    refresh_token = context.refresh_tokens.issue(session_id, now)
    expires_at = _expiry(context, started_at=now, used_at=now)
    started = await context.db.fetch(
        queries.START,
        id=session_id,
        token=refresh_token.row_hash,
        user_id=user_id,
        generation=refresh_token.generation,
        last_used_at=now,
        auth_time=now,
        amr=" ".join(amr),
        ip_address=context.origin.ip_address,
        user_agent=context.origin.user_agent,
        expires_at=expires_at,
        created_at=now,
        password=proven_hash,
        **queries.near(context.origin.ip_address),
    )
    if started is None:
        raise SessionRefused
    await context.audit.record("session.started", user_id, session_id=session_id)
    first = context.access_tokens.issue(user_id=user_id, session_id=session_id, role=role, auth_time=now, amr=amr)
    tokens = _tokens(context, first, refresh_token.text, expires_at - now)
    return Started(tokens, bool(started.is_elsewhere), started.device_epoch)


async def refresh(context: Context, text: str) -> Tokens:
    """Spend a refresh token for a new pair (RFC 9700 section 4.14.2).

    One statement replaces the live token by its successor. A second call with the same token, within `REFRESH_GRACE`,
    gets the same successor: two tabs and a retry are no theft.

    Raises:
        InvalidRefreshToken: It does not count. If it was spent before, its session has been ended.
    """
    token = context.refresh_tokens.read(text)
    if token is None:
        raise InvalidRefreshToken
    now = context.clock.now()
    hashes = context.refresh_tokens.row_hashes(token)
    expires_at = _expiry(context, started_at=token.started_at, used_at=now)
    rotated = await context.db.fetch(
        queries.rotate(len(hashes)),
        session_id=token.session_id,
        spent_generation=token.generation,
        next_generation=token.generation + 1,
        now=now,
        new_expiry=expires_at,
        **{f"hash_{number}": value for number, value in enumerate(hashes)},
    )
    if rotated is None:
        return await _refresh_spent(context, token, now)
    renewed = access_token(context, token.session_id, rotated)
    return _tokens(context, renewed, context.refresh_tokens.successor(token), expires_at - now)


def prove_again(
    tx: Transaction,
    context: Context,
    session_id: str,
    user_id: str,
    *,
    amr: Sequence[str],
    proven_hash: str | None = None,
) -> ClaimsRow | None:
    """Note on a session that its user has just proved their identity again; the row that its access tokens are made of.

    None when the session has ended, the account is disabled, or its hash is not *proven_hash* any more: then the
    proof counts for nothing. Only `login.service` calls this.

    Args:
        amr: How (RFC 8176); what the session has from before stays.
    """
    session = queries.prove_again(tx, context.clock.now(), session_id, user_id, proven_hash)
    if session is None or set(amr) <= set(session.amr.split()):
        return session
    proved = replace(session, amr=" ".join(dict.fromkeys((*session.amr.split(), *amr))))
    queries.set_amr(tx, session_id, proved.amr)
    return proved


def check_live(tx: Transaction, context: Context, user: Principal) -> None:
    """Make sure that the session of an access token goes on, in a transaction that has locked the user.

    For what gives a way into the account. A session that was just ended is refused by every worker within a second;
    a thief who lost an account by it must not use that second to come back.

    Raises:
        InvalidToken: It has ended.
    """
    if not queries.is_live(tx, context.clock.now(), user.session_id, user.id):
        raise InvalidToken


async def report_new_device(context: Context, user_id: str) -> None:
    """Mail a user about this login from a device that is new; of several in a day, all in one mail at its end."""
    origin, now = context.origin, context.clock.now()
    device, address = device_name(origin.user_agent) or "an unknown device", origin.ip_address or "an unknown address"
    line = f"{device}, {address}, {now:%Y-%m-%d %H:%M} UTC"

    def work(tx: Transaction) -> None:
        due_at = login_devices.note_login(context.db, tx, user_id, line, now)
        if due_at is not None:
            context.outbox.add_for(tx, due_at, NEW_DEVICE, user_id=user_id)

    await context.db.write(work)


async def log_out(context: Context, text: str) -> None:
    """End the session that a refresh token belongs to, whether it is the live one or spent; garbage is ignored."""
    token = context.refresh_tokens.read(text)
    if token is None:
        return
    hashes = context.refresh_tokens.row_hashes(token)

    def conditions(tx: Transaction) -> list[ColumnElement[bool]]:
        sessions = tx.table("RefreshToken")
        return [sessions.c.id == token.session_id, sessions.c.token.in_(hashes)]

    for ended in await context.db.write(lambda tx: end_sessions(tx, context, *conditions(tx))):
        await _report_ended(context, ended.user_id, ended.id)


async def log_out_everywhere(context: Context, user_id: str) -> int:
    """End every session of a user; how many there were."""
    ended = await context.db.write(lambda tx: end_sessions_of(tx, context, user_id))
    for session_id in ended:
        await _report_ended(context, user_id, session_id)
    return len(ended)


async def list_live(context: Context, user_id: str) -> list[ListedRow]:
    """A user's live sessions, the last used first."""
    now = context.clock.now()
    return await context.db.read(lambda tx: queries.live_of_user(tx, user_id, now))


async def end_one(context: Context, user_id: str, session_id: str) -> bool:
    """End one session of a user; False when they have no such live session."""

    def work(tx: Transaction) -> list[EndedRow]:
        sessions = tx.table("RefreshToken")
        return end_sessions(tx, context, sessions.c.id == session_id, sessions.c.user_id == user_id)

    ended = await context.db.write(work)
    if ended:
        await _report_ended(context, user_id, session_id)
    return bool(ended)


def end_sessions_of(tx: Transaction, context: Context, user_id: str, *, but: str | None = None) -> list[str]:
    """End a user's sessions within a transaction that has more to do; the sessions' identifiers.

    Logins that wait for a second factor end with them.

    Args:
        but: The session that goes on.
    """
    login_challenges.void(tx, user_id)
    table = tx.table("RefreshToken")
    others = () if but is None else (table.c.id != but,)
    return [row.id for row in end_sessions(tx, context, table.c.user_id == user_id, *others)]


def end_sessions(tx: Transaction, context: Context, *conditions: ColumnElement[bool]) -> list[EndedRow]:
    """End the live sessions that meet *conditions*, their access tokens included."""
    ended = queries.end(tx, context.clock.now(), *conditions)
    context.revocations.end_sessions(tx, [row.id for row in ended])
    return ended


async def end_all(context: Context) -> int:
    """End every session of every account that has begun by now; how many there were.

    Many sessions are ended in several transactions, so that no other call waits long for one.
    """
    began, after, number = context.clock.now(), "", 0
    while ids := await context.db.write(partial(_end_some, context=context, began=began, after=after)):
        after, number = ids[-1], number + len(ids)
    await context.revocations.catch_up()
    await context.audit.record("session.all_ended", details={"ended": number})
    return number


def _end_some(tx: Transaction, context: Context, began: datetime, after: str) -> list[str]:
    """End the next live sessions behind the id *after*; their ids, in order."""
    now = context.clock.now()
    ids = queries.live_ids(tx, now, started_by=began, after=after, limit=_ENDED_AT_ONCE)
    queries.end(tx, now, tx.table("RefreshToken").c.id.in_(ids))
    # The others' access tokens have expired: workers need not remember them.
    since = now - context.settings.access_token_ttl - _CLOCKS_DIFFER
    context.revocations.end_sessions(tx, queries.used_since(tx, ids, since))
    return ids


async def _refresh_spent(context: Context, token: PresentedRefreshToken, now: datetime) -> Tokens:
    """Answer a token that the update did not find live: a late twin, a thief's, or one that is simply over."""
    session = await context.db.read(lambda tx: queries.find(tx, token.session_id))
    if session is None or not context.refresh_tokens.matches(token, session.token):
        raise InvalidRefreshToken
    if session.ended_at is not None or session.expires_at <= now:
        raise InvalidRefreshToken
    spent_at = session.rotated_at if session.generation == token.generation + 1 else None
    if spent_at is not None and now - spent_at <= context.settings.refresh_grace:
        successor = context.refresh_tokens.successor(token, stored_hash=session.token)
        renewed = access_token(context, token.session_id, session)
        return _tokens(context, renewed, successor, session.expires_at - now)
    if session.generation > token.generation:
        await _end_as_stolen(context, token, session.user_id)
    raise InvalidRefreshToken


async def _end_as_stolen(context: Context, token: PresentedRefreshToken, user_id: str) -> None:
    notifies = await may_notify(context, REFRESH_TOKEN_REUSED, user_id)

    def work(tx: Transaction) -> list[EndedRow]:
        ended = end_sessions(tx, context, tx.table("RefreshToken").c.id == token.session_id)
        if ended and notifies:
            context.outbox.add(tx, REFRESH_TOKEN_REUSED, user_id=user_id)
        return ended

    ended = await context.db.write(work)
    await context.revocations.catch_up()
    await context.audit.record(
        "session.refresh_token_reused",
        user_id,
        session_id=token.session_id,
        outcome="failure",
        details={"generation": token.generation, "ended": len(ended)},
    )


async def _report_ended(context: Context, user_id: str, session_id: str) -> None:
    await context.revocations.catch_up()
    await context.audit.record("session.ended", user_id, session_id=session_id)


def access_token(context: Context, session_id: str, claims: ClaimsRow) -> str:
    """An access token for a session."""
    return context.access_tokens.issue(
        user_id=claims.user_id,
        session_id=session_id,
        role=claims.role,
        auth_time=claims.auth_time,
        amr=claims.amr.split(),
    )


def _tokens(context: Context, access: str, refresh: str, refresh_ttl: timedelta) -> Tokens:
    access_ttl = context.settings.access_token_ttl
    return Tokens(access, refresh, int(access_ttl.total_seconds()), int(refresh_ttl.total_seconds()))


def _expiry(context: Context, *, started_at: datetime, used_at: datetime) -> datetime:
    """By the default settings: seven days without use, thirty days at most."""
    settings = context.settings
    return min(used_at + settings.refresh_token_ttl, started_at + settings.session_max_age)
