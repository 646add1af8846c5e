"""The audit log's chain."""

import sqlalchemy as sa
from alembic import op

revision = "k0005"
down_revision = "k0004"

_EVENTS = "gatewright_audit_events"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column(_EVENTS, sa.Column("number", sa.BigInteger))
    for name in ("personal_salt", "personal_hash", "link"):
        op.add_column(_EVENTS, sa.Column(name, sa.LargeBinary))
    op.create_index("ix_gatewright_audit_events_number", _EVENTS, ["number"], unique=True)
    waits = sa.text("number IS NULL")
    op.create_index(
        "ix_gatewright_audit_events_unsealed",
        _EVENTS,
        ["occurred_at", "id"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_table(
        "gatewright_audit_chain",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("link", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("pruned_number", sa.BigInteger, nullable=False),
        sa.Column("pruned_link", sa.LargeBinary, nullable=False),
        sa.Column("pruned_at", moment, nullable=False),
        sa.Column("pruned_signature", sa.LargeBinary, nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("held_until", moment),
        sa.PrimaryKeyConstraint("id", name="pk_gatewright_audit_chain"),
    )


def downgrade() -> None:
    op.drop_table("gatewright_audit_chain")
    for name in ("unsealed", "number"):
        op.drop_index(f"ix_gatewright_audit_events_{name}", _EVENTS)
    for name in ("number", "personal_salt", "personal_hash", "link"):
        op.drop_column(_EVENTS, name)
