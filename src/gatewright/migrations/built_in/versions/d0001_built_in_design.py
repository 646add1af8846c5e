"""The tables of the built-in design: users, refresh tokens, mailed tokens."""

import sqlalchemy as sa
from alembic import op

revision = "d0001"
down_revision = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "users",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("email_key", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("first_name", sa.String),
        sa.Column("last_name", sa.String),
        sa.Column("is_email_verified", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("role", sa.String, server_default="USER", nullable=False),
        sa.Column("disabled_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("email_key", name="uq_users_email_key"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, server_default="0", nullable=False),
        sa.Column("rotated_at", moment),
        sa.Column("last_used_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("auth_time", moment, nullable=False),
        sa.Column("amr", sa.String, nullable=False),
        sa.Column("ip_address", sa.String),
        sa.Column("user_agent", sa.String),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_tokens"),
        sa.UniqueConstraint("token", name="uq_refresh_tokens_token"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_refresh_tokens_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_refresh_tokens_user_id", "refresh_tokens", ["user_id"])
    op.create_index("ix_refresh_tokens_created_at", "refresh_tokens", ["created_at"])
    op.create_table(
        "email_verifications",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("user_id", sa.String),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("used_at", moment),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_email_verifications"),
        sa.UniqueConstraint("token", name="uq_email_verifications_token"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_email_verifications_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_email_verifications_user_id", "email_verifications", ["user_id"])
    op.create_index("ix_email_verifications_expires_at", "email_verifications", ["expires_at"])


def downgrade() -> None:
    for table in ("email_verifications", "refresh_tokens", "users"):
        op.drop_table(table)
