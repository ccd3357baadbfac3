"""Make the tables of who works on what, and of the time that it takes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "claims",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_claims_meetings")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_meeting", "claims", ["meeting_id", "until"])
    op.create_table(
        "review_time",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("spent_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_review_time_meetings")),
        sa.PrimaryKeyConstraint("person_id", "record_id", name=op.f("pk_review_time")),
    )
    op.create_index("ix_review_time_meeting", "review_time", ["meeting_id"])
    op.create_index("ix_review_time_person", "review_time", ["person_id", "last_at"])
