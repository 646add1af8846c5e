"""On SQLite, the engine's tables take no value that is not of its column's type.

Those tables may have been made by an app's own migrations. So the checks are not made here, but after the migrations of
all histories: `gatewright.migrations.engine_types`. This revision has every database get them.
"""

revision = "k0007"
down_revision = "k0006"


def upgrade() -> None:
    """Nothing more."""


def downgrade() -> None:
    """Nothing: older versions work with the checks."""
