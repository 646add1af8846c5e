"""What PostgreSQL's errors mean, by their SQLSTATE (PostgreSQL manual, appendix A)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gatewright.errors import SetupError

_RETRY_STATES = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the same work may succeed when it runs again."""

_UNAVAILABLE_CLASSES = frozenset({"08", "28", "40", "53", "55", "57", "58"})
"""The connection is lost, the role or its password was changed, the server is full, busy, restarting or damaged."""

_UNAVAILABLE_STATES = frozenset(
    {
        "26000",  # A prepared statement is missing,
        "42P05",  # or there already: a pooler in transaction mode came in between.
        "25006",  # It takes no writes: another server has become the primary, or a host has locked a full disk.
        "25P02",  # The connection was left in the middle of a transaction.
        "25P03",  # A transaction was idle for too long,
        "25P04",  # or took too long.
        "3D000",  # The database is away,
        "3F000",  # or its schema,
        "42P01",  # or a table: it is being restored.
        "42501",  # The role has lost its rights.
    }
)

_READ_ONLY = "25006"
_LOST_STATEMENTS = ("26000", "42P05")
_CONNECTION_CLASSES = ("08", "57P")
"""The connection failed, or the server ends it or takes none."""

_DRIVER_ERRORS = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.InterfaceError,
    # The driver has read the server's farewell, and not yet that the connection is closed.
    asyncpg.InternalClientError,
)


def cause_of(error: BaseException) -> BaseException:
    """The driver's own error, where SQLAlchemy has wrapped it."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return error
    return error.orig.__cause__ or error.orig


def may_be_retried(cause: BaseException) -> bool:
    """Whether the transaction was rolled back, and may succeed when it runs again."""
    # The tables were changed by a migration after the statement was prepared.
    outdated = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
    return _state_of(cause) in _RETRY_STATES or isinstance(cause, outdated)


def is_unavailable(cause: BaseException) -> bool:
    """Whether the server is gone, full, restarting, not ours for the moment, or does not answer in time."""
    if may_be_retried(cause):
        return True
    # What the driver refuses before it sends it is a fault of the caller's: those are a ValueError, too.
    if isinstance(cause, _DRIVER_ERRORS) and not isinstance(cause, ValueError):
        return True
    state = _state_of(cause)
    return state[:2] in _UNAVAILABLE_CLASSES or state in _UNAVAILABLE_STATES


def is_lost(cause: BaseException) -> bool:
    """Whether connections that were opened before are of no use any more: of this server, or in this state of it."""
    return _state_of(cause).startswith((_READ_ONLY, *_CONNECTION_CLASSES, *_LOST_STATEMENTS))


def concerns_only_writes(cause: BaseException) -> bool:
    """Whether reads may succeed while writes go on failing with it."""
    if isinstance(cause, TimeoutError):
        return True
    no_connection = isinstance(cause, (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError))
    return not no_connection and not _state_of(cause).startswith(_CONNECTION_CLASSES)


def words_of(cause: BaseException) -> str:
    """The database's own words, in one line and without its details, which may quote values."""
    if isinstance(cause, asyncpg.InternalClientError):
        # The driver's own states are of no use to a reader of the log.
        return "the server closed the connection"
    text = str(cause) if isinstance(cause, OSError) else str(next(iter(cause.args), ""))
    words = " ".join(text.split()) or "the server does not answer in time"
    state = _state_of(cause)
    if state in _LOST_STATEMENTS:
        words = f"{words}. Behind PgBouncer in transaction mode, set GATEWRIGHT_DATABASE__PGBOUNCER=true"
    return f"{words} ({state})" if state else words


def _state_of(cause: BaseException) -> str:
    return str(getattr(cause, "sqlstate", None) or "")


@contextmanager
def as_setup_error(setting: str) -> Iterator[None]:
    """Let a connection that cannot be opened be one sentence.

    Args:
        setting: The setting that says where it goes.

    Raises:
        SetupError: It could not.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise SetupError(
            f"{setting}: the certificate of the server is not trusted: {error.verify_message}. "
            "Name its certificate authority: sslrootcert=FILE, or sslrootcert=system for public ones."
        ) from error
    except (OSError, TimeoutError) as error:
        raise SetupError(f"{setting}: PostgreSQL does not answer: {str(error) or 'timed out'}.") from error
    except asyncpg.ClientConfigurationError as error:
        advice = "Name its certificate authority: sslrootcert=FILE, or sslrootcert=system for public ones."
        raise SetupError(
            f"{setting}: {error.args[0]}. {advice if 'root cert' in error.args[0] else ''}".rstrip()
        ) from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # Without the driver's advice, which follows in further lines.
        raise SetupError(f"{setting}: PostgreSQL refuses the connection: {error.args[0]}.") from error
    except ValueError:
        # Without its text, which quotes what it could not read.
        raise SetupError(f"{setting}: cannot be read.") from None
