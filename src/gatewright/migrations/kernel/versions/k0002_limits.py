"""The kernel's table of limits."""

import sqlalchemy as sa
from alembic import op

revision = "k0002"
down_revision = "k0001"


def upgrade() -> None:
    op.create_table(
        "gatewright_limits",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("busy_until", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gatewright_limits"),
    )
    op.create_index("ix_gatewright_limits_expires_at", "gatewright_limits", ["expires_at"])


def downgrade() -> None:
    op.drop_table("gatewright_limits")
