"""Logins that wait for a second factor."""

import sqlalchemy as sa
from alembic import op

revision = "k0008"
down_revision = "k0007"


def upgrade() -> None:
    op.create_table(
        "gatewright_login_challenges",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("amr", sa.String(255), nullable=False),
        sa.Column("device_id", sa.String(32)),
        sa.Column("session_id", sa.String(64)),
        sa.Column("in_cookies", sa.Boolean, nullable=False),
        sa.Column("wrong_answers", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_gatewright_login_challenges"),
    )
    op.create_index("ix_gatewright_login_challenges_user_id", "gatewright_login_challenges", ["user_id"])
    op.create_index("ix_gatewright_login_challenges_expires_at", "gatewright_login_challenges", ["expires_at"])


def downgrade() -> None:
    op.drop_table("gatewright_login_challenges")
