"""The kernel's own tables: part of no design, without a resource, migrated by the package's own revisions."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

from gatewright.storage.types import UtcDateTime

KERNEL_PREFIX = "gatewright_"


def add_kernel_tables(metadata: MetaData) -> None:
    """Put the kernel's tables into *metadata*."""
    Table(
        "gatewright_signing_keys",
        metadata,
        Column("kid", String(64), primary_key=True),
        Column("algorithm", String(16), nullable=False),
        # Two workers that both find no key make one each under the same number; one of them is refused.
        Column("number", Integer, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
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
    Table(
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
        Index("ix_gatewright_audit_events_occurred_at", "occurred_at"),
        Index("ix_gatewright_audit_events_subject_id", "subject_id", "occurred_at"),
    )
