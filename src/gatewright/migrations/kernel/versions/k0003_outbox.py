"""The outbox: mails that are due."""

import sqlalchemy as sa
from alembic import op

revision = "k0003"
down_revision = "k0002"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "gatewright_outbox",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_until", moment),
        sa.Column("done_at", moment),
        sa.Column("outcome", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_gatewright_outbox"),
    )
    op.create_index("ix_gatewright_outbox_done_at", "gatewright_outbox", ["done_at", "due_at"])


def downgrade() -> None:
    op.drop_table("gatewright_outbox")
