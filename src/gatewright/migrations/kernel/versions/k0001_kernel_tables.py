"""The kernel's tables: signing keys, revocations, audit events."""

import sqlalchemy as sa
from alembic import op

revision = "k0001"
down_revision = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "gatewright_signing_keys",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("kid", name="pk_gatewright_signing_keys"),
        sa.UniqueConstraint("algorithm", "number", name="uq_gatewright_signing_keys_algorithm_number"),
    )
    op.create_table(
        "gatewright_revocations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("session_id", sa.String(64)),
        sa.Column("user_id", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_gatewright_revocations"),
    )
    for column in ("recorded_at", "expires_at"):
        op.create_index(f"ix_gatewright_revocations_{column}", "gatewright_revocations", [column])
    op.create_table(
        "gatewright_audit_events",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("occurred_at", moment, nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(64)),
        sa.Column("subject_id", sa.String(64)),
        sa.Column("session_id", sa.String(64)),
        sa.Column("request_id", sa.String(128)),
        sa.Column("ip_address", sa.String(64)),
        sa.Column("user_agent", sa.String(512)),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gatewright_audit_events"),
    )
    op.create_index("ix_gatewright_audit_events_occurred_at", "gatewright_audit_events", ["occurred_at"])
    op.create_index("ix_gatewright_audit_events_subject_id", "gatewright_audit_events", ["subject_id", "occurred_at"])


def downgrade() -> None:
    for table in ("gatewright_audit_events", "gatewright_revocations", "gatewright_signing_keys"):
        op.drop_table(table)
