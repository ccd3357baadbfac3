"""Index the gaps of a channel: audio of a recording may lie inside them, so that they are looked up apart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply it."""
    op.create_index(
        "ix_segments_gaps",
        "segments",
        ["meeting_id", "channel", "start_ms"],
        unique=False,
        sqlite_where=sa.text("kind = 'gap'"),
        postgresql_where=sa.text("kind = 'gap'"),
    )
