"""When signing keys begin and cease to count, and when they were encrypted again."""

import sqlalchemy as sa
from alembic import op

revision = "k0004"
down_revision = "k0003"

_COLUMNS = ("activates_at", "retires_at", "sealed_at")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("gatewright_signing_keys", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("gatewright_signing_keys", name)
