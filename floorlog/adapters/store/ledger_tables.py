"""The tables of the coverage ledger and of what is to be looked at; `tables` has the others."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment
from floorlog.adapters.store.tables import metadata

segment_accounts = sa.Table(
    "segment_accounts",
    metadata,
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("entries", sa.Text, nullable=False),  # what the coverage ledger takes from the transcript: some spans
)

review_items = sa.Table(
    "review_items",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("severity", sa.Text, nullable=False),  # low | medium | high
    sa.Column(
        "impact", sa.BigInteger, nullable=False
    ),  # what the queue is ordered by; of an omission: its length in ms
    sa.Column("state", sa.Text, nullable=False),  # open | closed
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("closed_by", sa.Text),  # machine, or a person
    sa.Column("closed_reason", sa.Text),
    sa.Index("ix_review_items_place", "meeting_id", "channel", "start_ms"),
)
