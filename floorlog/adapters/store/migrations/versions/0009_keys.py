"""Make the tables of the keys of readers."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply it."""
