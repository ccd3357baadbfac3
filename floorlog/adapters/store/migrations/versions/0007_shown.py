"""Make the tables of what readers see of each record."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply it."""
