"""Make the tables of what is sent to whom."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply it."""
