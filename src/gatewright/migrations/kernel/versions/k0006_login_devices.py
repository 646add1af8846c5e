"""What is kept about the devices of an account."""

import sqlalchemy as sa
from alembic import op

revision = "k0006"
down_revision = "k0005"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "gatewright_login_devices",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("epoch", sa.String(32)),
        sa.Column("logins", sa.Text, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("waiting_since", moment),
        sa.Column("mailed_at", moment),
        sa.PrimaryKeyConstraint("user_id", name="pk_gatewright_login_devices"),
    )


def downgrade() -> None:
    op.drop_table("gatewright_login_devices")
