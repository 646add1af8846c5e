"""papers

Revision: 580d2aa98eda
Follows: 4f2b83eb4a57
"""

import sqlalchemy as sa
from alembic import op

revision = "580d2aa98eda"
down_revision = "4f2b83eb4a57"
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
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"])
    op.create_index(op.f("ix_comments_paper_id"), "comments", ["paper_id"])
    # SQLite makes the table anew, from what it was.
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
    )
    with op.batch_alter_table("users", copy_from=before) as batch:
        batch.add_column(sa.Column("company", sa.String(80), nullable=True))
        batch.create_check_constraint(op.f("ck_users_company_max_length"), "length(company) <= 80")


def downgrade() -> None:
    # SQLite makes the table anew, from what it was.
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
    )
    with op.batch_alter_table("users", copy_from=before) as batch:
        batch.drop_constraint(op.f("ck_users_company_max_length"), type_="check")
        batch.drop_column("company")
    op.drop_table("comments")
    op.drop_table("papers")
