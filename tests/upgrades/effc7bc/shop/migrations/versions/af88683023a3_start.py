"""start

Revision: af88683023a3
Follows: 8b530f34d87d
"""

import sqlalchemy as sa
from alembic import op

revision = "af88683023a3"
down_revision = "8b530f34d87d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("is_draft", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("cost_price", sa.Numeric(10, 2), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_papers_owner_id"), ondelete="CASCADE"),
        sa.CheckConstraint(
            "typeof(cost_price) IN ('integer', 'real', 'null')",
            name=op.f("ck_papers_cost_price_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_papers_created_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "due_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'",
            name=op.f("ck_papers_due_on_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("is_draft IN (0, 1)", name=op.f("ck_papers_is_draft_sqlite_type")).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_papers_title_max_length")),
    )
    op.create_index(op.f("ix_papers_owner_id"), "papers", ["owner_id"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_comments_paper_id"), ondelete="RESTRICT"),
        sa.CheckConstraint(
            "created_at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'",
            name=op.f("ck_comments_created_at_sqlite_type"),
        ).ddl_if(dialect="sqlite"),
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"])
    op.create_index(op.f("ix_comments_paper_id"), "comments", ["paper_id"])
    # SQLite rebuilds the table, from its former definition.
    before = sa.Table(
        "users",
        sa.MetaData(),
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
    with op.batch_alter_table("users", copy_from=before) as batch:
        batch.add_column(sa.Column("company", sa.String(80), nullable=True))
        batch.create_check_constraint(op.f("ck_users_company_max_length"), "length(company) <= 80")


def downgrade() -> None:
    # SQLite rebuilds the table, from its former definition.
    before = sa.Table(
        "users",
        sa.MetaData(),
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
        sa.Column("company", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.CheckConstraint("length(company) <= 80", name=op.f("ck_users_company_max_length")),
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
    with op.batch_alter_table("users", copy_from=before) as batch:
        batch.drop_constraint(op.f("ck_users_company_max_length"), type_="check")
        batch.drop_column("company")
    op.drop_table("comments")
    op.drop_table("papers")
