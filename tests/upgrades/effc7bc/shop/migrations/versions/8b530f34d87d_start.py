"""start

Revision: 8b530f34d87d
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "8b530f34d87d"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("is_email_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("role", sa.String(), server_default="USER", nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_users_created_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "disabled_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_users_disabled_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(email_key) IN ('text', 'null')",
            name=op.f("ck_users_email_key_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(email) IN ('text', 'null')",
            name=op.f("ck_users_email_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(first_name) IN ('text', 'null')",
            name=op.f("ck_users_first_name_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(id) IN ('text', 'null')",
            name=op.f("ck_users_id_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "is_email_verified IN (0, 1)",
            name=op.f("ck_users_is_email_verified_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(last_name) IN ('text', 'null')",
            name=op.f("ck_users_last_name_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(password) IN ('text', 'null')",
            name=op.f("ck_users_password_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(role) IN ('text', 'null')",
            name=op.f("ck_users_role_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_users_updated_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amr", sa.String(), nullable=False),
        sa.Column("ip_address", sa.String(), nullable=True),
        sa.Column("user_agent", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token", name=op.f("uq_refresh_tokens_token")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_refresh_tokens_user_id"), ondelete="CASCADE"),
        sa.CheckConstraint(
            "typeof(amr) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_amr_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "auth_time GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_auth_time_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_created_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_ended_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_expires_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(generation) IN ('integer', 'null')",
            name=op.f("ck_refresh_tokens_generation_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(id) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_id_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(ip_address) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_ip_address_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_last_used_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "rotated_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_refresh_tokens_rotated_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(token) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_token_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(user_agent) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_user_agent_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(user_id) IN ('text', 'null')",
            name=op.f("ck_refresh_tokens_user_id_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
    )
    op.create_index(op.f("ix_refresh_tokens_created_at"), "refresh_tokens", ["created_at"])
    op.create_index(op.f("ix_refresh_tokens_user_id"), "refresh_tokens", ["user_id"])
    op.create_table(
        "email_verifications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_verifications")),
        sa.UniqueConstraint("token", name=op.f("uq_email_verifications_token")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_email_verifications_user_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "typeof(attempts) IN ('integer', 'null')",
            name=op.f("ck_email_verifications_attempts_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_email_verifications_created_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(email) IN ('text', 'null')",
            name=op.f("ck_email_verifications_email_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_email_verifications_expires_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(id) IN ('text', 'null')",
            name=op.f("ck_email_verifications_id_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(purpose) IN ('text', 'null')",
            name=op.f("ck_email_verifications_purpose_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(token) IN ('text', 'null')",
            name=op.f("ck_email_verifications_token_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "used_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_email_verifications_used_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "typeof(user_id) IN ('text', 'null')",
            name=op.f("ck_email_verifications_user_id_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
    )
    op.create_index(op.f("ix_email_verifications_expires_at"), "email_verifications", ["expires_at"])
    op.create_index(op.f("ix_email_verifications_user_id"), "email_verifications", ["user_id"])


def downgrade() -> None:
    op.drop_table("email_verifications")
    op.drop_table("refresh_tokens")
    op.drop_table("users")
