"""The tables of the store. `migrations/` makes them; a test proves that both say the same."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment, Number

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text),  # the recogniser whose transcripts count; null until the first one
    sa.Column("state", sa.Text, nullable=False),  # scheduled | live | ended
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("last_heard_at", Moment),
    sa.Column("audience", sa.Text, nullable=False, server_default="closed"),  # these three are of the document
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("started_at", sa.BigInteger, nullable=False, server_default="0"),  # UTC, in ms since 1970
    sa.Index("ix_meetings_started_at", "started_at", "id"),
)

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("interpretation", sa.Boolean, nullable=False),
    sa.Column("required", sa.Boolean, nullable=False),
)

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("meeting_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # segment | gap | end
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),  # of an end: its start
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("cause", sa.Text),
    sa.Column("utc_start", Moment),
    sa.Column("made_by", sa.Text, nullable=False),  # capture | recording | dead-letter | advance
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("heard", sa.Boolean, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["meeting_id", "channel"], ["channels.meeting_id", "channels.name"]),
    sa.Index("ix_segments_place", "meeting_id", "channel", "start_ms"),
    sa.Index(
        "ix_segments_unheard",
        "meeting_id",
        "channel",
        "start_ms",
        sqlite_where=sa.text("heard = 0"),
        postgresql_where=sa.text("NOT heard"),
    ),
    sa.Index(
        "ix_segments_gaps",
        "meeting_id",
        "channel",
        "start_ms",
        sqlite_where=sa.text("kind = 'gap'"),
        postgresql_where=sa.text("kind = 'gap'"),
    ),
)

transcripts = sa.Table(
    "transcripts",
    metadata,
    sa.Column("segment_id", sa.Text, sa.ForeignKey("segments.id"), primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("stored_at", Moment, nullable=False),
)


def _floor_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cursors", sa.Text, nullable=False),  # {channel: [next_ms, whether its stream has ended]}
        sa.Column("heard_channel", sa.Text, nullable=False),
        sa.Column("heard_rank", sa.Integer, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
    ]


floor_states = sa.Table(
    "floor_states",
    metadata,
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("machine_version", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text),
    sa.Column("heard_end_ms", sa.BigInteger, nullable=False),
    *_floor_columns(),
    sa.Column("waiting", sa.Text, nullable=False),  # {channel: [at_ms, since]}
    sa.Column("waiting_since", Moment),
    sa.Column("advanced_at", Moment, nullable=False),
)

floor_checkpoints = sa.Table(
    "floor_checkpoints",
    metadata,
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("heard_end_ms", sa.BigInteger, primary_key=True),
    *_floor_columns(),
)

settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("intervention_id", sa.Text, nullable=False),
    sa.Column("as_of_ms", sa.BigInteger, nullable=False),  # end of the event that settled it
    sa.Column("reason", sa.Text),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("ix_settlements_intervention", "meeting_id", "intervention_id", "id"),
    sa.Index("ix_settlements_as_of", "meeting_id", "as_of_ms"),
)

records = sa.Table(
    "records",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("intervention_id", sa.Text),  # what the machine calls it; null where the machine knows it no more
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # of the review; or retired
    sa.Column("touched", sa.Boolean, nullable=False),  # by a person, or published
    sa.Column("latest_revision", sa.Integer, nullable=False),
    sa.Column("current_revision", sa.Integer, nullable=False),  # what is shown and corrected
    sa.Column("machine_revision", sa.Integer),
    sa.Column("published_revision", sa.Integer),
    sa.Column("machine_hash", sa.Text),
    sa.Column("successors", sa.Text),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Index("ix_records_place", "meeting_id", "start_ms", "id"),
    sa.Index("ix_records_intervention", "meeting_id", "intervention_id"),
)

record_revisions = sa.Table(
    "record_revisions",
    metadata,
    sa.Column("record_id", sa.Text, sa.ForeignKey("records.id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),  # machine | person
    sa.Column("author", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("shown_at", Moment),  # when it became what is shown to those who see what nobody approved
    sa.Column("published_at", Moment),  # when it became what is published
)

provisional_records = sa.Table(
    "provisional_records",
    metadata,
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("record_id", sa.Text, sa.ForeignKey("records.id"), nullable=False),
    sa.Column("base_revision", sa.Integer, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_corrections_record", "record_id", "number"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("position", sa.BigInteger, unique=True),  # given by the sequencer once committed; feeds read only this
    sa.Column("meeting_id", sa.Text, sa.ForeignKey("meetings.id"), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()),  # visibility.event_is_public
    sa.Index("ix_outbox_meeting", "meeting_id", "position"),
    sa.Index(
        "ix_outbox_unnumbered",
        "id",
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    ),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("json_path", sa.Text),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("meeting_id", sa.Text),  # as the payload claims it: no foreign key
    sa.Column("channel", sa.Text),
    sa.Column("start_ms", sa.BigInteger),
    sa.Column("end_ms", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open | replayed | dismissed
    sa.Index("ix_dead_letters_state", "state", "last_at"),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
)
