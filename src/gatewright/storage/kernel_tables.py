"""The kernel's own tables: part of no design, without a resource, migrated by the package's own revisions."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from gatewright.storage.types import UtcDateTime

KERNEL_PREFIX = "gatewright_"


def add_kernel_tables(metadata: MetaData) -> None:
    """Put the kernel's tables into *metadata*."""
    _add_limits(metadata)
    _add_outbox(metadata)
    _add_audit_events(metadata)
    _add_audit_chain(metadata)
    _add_login_devices(metadata)
    _add_login_challenges(metadata)
    Table(
        "gatewright_signing_keys",
        metadata,
        Column("kid", String(64), primary_key=True),
        Column("algorithm", String(16), nullable=False),
        # Two workers that both find no key make one each under the same number; one of them is refused.
        Column("number", Integer, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        # Empty for a key that signs at once.
        Column("activates_at", UtcDateTime),
        # Empty until another key is to take its place.
        Column("retires_at", UtcDateTime),
        # Empty until it is encrypted again.
        Column("sealed_at", UtcDateTime),
        UniqueConstraint("algorithm", "number", name="uq_gatewright_signing_keys_algorithm_number"),
    )
    Table(
        "gatewright_revocations",
        metadata,
        Column("id", String(32), primary_key=True),
        # By the database's clock: workers ask for what is new since their last poll.
        Column("recorded_at", UtcDateTime, nullable=False),
        Column("expires_at", UtcDateTime, nullable=False),
        Column("session_id", String(64)),
        Column("user_id", String(64)),
        Index("ix_gatewright_revocations_recorded_at", "recorded_at"),
        Index("ix_gatewright_revocations_expires_at", "expires_at"),
    )


def _add_limits(metadata: MetaData) -> None:
    Table(
        "gatewright_limits",
        metadata,
        # A keyed digest of what is limited and for whom; moments are milliseconds since the epoch.
        Column("id", String(32), primary_key=True),
        Column("busy_until", BigInteger, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Index("ix_gatewright_limits_expires_at", "expires_at"),
    )


def _add_login_devices(metadata: MetaData) -> None:
    Table(
        "gatewright_login_devices",
        metadata,
        Column("user_id", String(64), primary_key=True),
        # Part of what makes the account's device credentials; empty until they have ended for the first time.
        Column("epoch", String(32)),
        # A line for each login from a new device of which the user has no mail yet.
        Column("logins", Text, nullable=False),
        Column("waiting", Integer, nullable=False),
        Column("waiting_since", UtcDateTime),
        # When the user got the last mail.
        Column("mailed_at", UtcDateTime),
    )


def _add_login_challenges(metadata: MetaData) -> None:
    Table(
        "gatewright_login_challenges",
        metadata,
        Column("token_hash", String(64), primary_key=True),
        Column("user_id", String(64), nullable=False),
        Column("amr", String(255), nullable=False),
        Column("device_id", String(32)),
        # Empty for a login; the session that a reauthentication renews.
        Column("session_id", String(64)),
        Column("in_cookies", Boolean, nullable=False),
        Column("wrong_answers", Integer, nullable=False),
        Column("expires_at", UtcDateTime, nullable=False),
        Index("ix_gatewright_login_challenges_user_id", "user_id"),
        Index("ix_gatewright_login_challenges_expires_at", "expires_at"),
    )


def _add_outbox(metadata: MetaData) -> None:
    Table(
        "gatewright_outbox",
        metadata,
        Column("id", String(32), primary_key=True),
        # Empty once the mail was sent or given up.
        Column("sealed", LargeBinary),
        Column("created_at", UtcDateTime, nullable=False),
        Column("due_at", UtcDateTime, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("claimed_until", UtcDateTime),
        Column("done_at", UtcDateTime),
        Column("outcome", String(16)),
        # What is done is not due: one index serves the worker that looks for mails, and the sweep.
        Index("ix_gatewright_outbox_done_at", "done_at", "due_at"),
    )


def _add_audit_events(metadata: MetaData) -> None:
    events = Table(
        "gatewright_audit_events",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("occurred_at", UtcDateTime, nullable=False),
        Column("event", String(64), nullable=False),
        Column("outcome", String(16), nullable=False),
        Column("actor_id", String(64)),
        Column("subject_id", String(64)),
        Column("session_id", String(64)),
        Column("request_id", String(128)),
        Column("ip_address", String(64)),
        Column("user_agent", String(512)),
        Column("details", JSON, nullable=False),
        # Empty until the sealer has chained the row (`core.audit.sealer`).
        Column("number", BigInteger),
        Column("personal_salt", LargeBinary),
        Column("personal_hash", LargeBinary),
        Column("link", LargeBinary),
        Index("ix_gatewright_audit_events_occurred_at", "occurred_at"),
        Index("ix_gatewright_audit_events_subject_id", "subject_id", "occurred_at"),
        Index("ix_gatewright_audit_events_number", "number", unique=True),
    )
    # What waits to be sealed is found at once, however long the log is.
    waits = events.c.number.is_(None)
    columns = (events.c.occurred_at, events.c.id)
    Index("ix_gatewright_audit_events_unsealed", *columns, sqlite_where=waits, postgresql_where=waits)


def _add_audit_chain(metadata: MetaData) -> None:
    Table(
        "gatewright_audit_chain",
        metadata,
        # One row.
        Column("id", String(16), primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        # The head: the newest row of the chain.
        Column("number", BigInteger, nullable=False),
        Column("link", LargeBinary, nullable=False),
        Column("signature", LargeBinary, nullable=False),
        # The checkpoint: the last row that retention has removed.
        Column("pruned_number", BigInteger, nullable=False),
        Column("pruned_link", LargeBinary, nullable=False),
        Column("pruned_at", UtcDateTime, nullable=False),
        Column("pruned_signature", LargeBinary, nullable=False),
        # The lease, by the database's clock.
        Column("holder", String(32)),
        Column("held_until", UtcDateTime),
    )
