"""The numbers of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "s0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "gatewright_sms_numbers",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_gatewright_sms_numbers"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_gatewright_sms_numbers_user_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("gatewright_sms_numbers")
