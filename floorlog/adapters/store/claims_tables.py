"""The tables of who works on what, and of the time that it takes; `tables` has the others."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment
from floorlog.adapters.store.tables import metadata

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("subject_id", sa.Text, primary_key=True),  # a record, or a review item
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("person_id", sa.Text, nullable=False),
    sa.Column("person_name", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),  # a released claim ends when it was released
    sa.Column("changed_at", Moment, nullable=False),
    sa.Index("ix_claims_meeting", "meeting_id", "until"),
)

review_time = sa.Table(
    "review_time",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("spent_ms", sa.BigInteger, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Index("ix_review_time_meeting", "meeting_id"),
    sa.Index("ix_review_time_person", "person_id", "last_at"),
)
