"""The tables of what readers see of each record; `tables` has the revisions that they are made of."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment, Number
from floorlog.adapters.store.tables import metadata

shown_records = sa.Table(
    "shown_records",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),  # grows with started_at
    sa.Column("record_id", sa.Text, sa.ForeignKey("records.id"), nullable=False, unique=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("needs", sa.Integer, nullable=False),  # of the reader: visibility.needs
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("entity", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("interpretation", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),  # UTC, in ms since 1970
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("length_ms", sa.BigInteger, nullable=False),  # of its spans together
    sa.Column("document", sa.Text, nullable=False),  # as shown, without words
    sa.Column("starts", sa.Text, nullable=False),  # of the words, in ms, each after the one before: JSON
    sa.Index("ix_shown_records_meeting", "meeting_id", "start_ms", "record_id"),
    sa.Index(
        "ix_shown_records_totals",
        "entity",
        "role",
        "kind",
        "length_ms",
        sqlite_where=sa.text("needs = 0"),
        postgresql_where=sa.text("needs = 0"),
    ),
    sa.Index(
        "ix_shown_records_public", "number", sqlite_where=sa.text("needs = 0"), postgresql_where=sa.text("needs = 0")
    ),
)

shown_facets = sa.Table(
    "shown_facets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # as of a filter: published_rows.Filter
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("number", Number, primary_key=True),
    sa.Column("needs", sa.Integer, nullable=False),
    sa.Index("ix_shown_facets_number", "number"),
    sa.Index(
        "ix_shown_facets_public",
        "name",
        "value",
        "number",
        sqlite_where=sa.text("needs = 0"),
        postgresql_where=sa.text("needs = 0"),
    ),
    sqlite_with_rowid=False,
)

shown_texts = sa.Table(
    "shown_texts",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),  # tokens of fulltext
    sa.Column("facets", sa.Text, nullable=False),  # a token for each facet
)

shown_search = sa.table("shown_search", sa.column("rowid"), sa.column("text"), sa.column("facets"))
"""SQLite's FTS5 index of `shown_texts`, kept by triggers. PostgreSQL has a column `search` with a GIN index instead."""

derived = sa.Table(
    "derived",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the code that made it: where it differs, it is made again
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("record_id", sa.Text, sa.ForeignKey("records.id"), nullable=False),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("stretches", sa.Text, nullable=False),  # {channel: [[start_ms, end_ms], …]} of its words: JSON
    sa.Column("removed", sa.Boolean, nullable=False),  # the words were erased, and stay so
    sa.Column("lifted_by", sa.Text),
    sa.Column("lifted_at", Moment),
    sa.Index("ix_suppressions_record", "record_id"),
    sa.Index("ix_suppressions_meeting", "meeting_id"),
)
