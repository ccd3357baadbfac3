"""What pages and exports read: records, their revisions, audio, gaps and transcripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from floorlog import announcements
from floorlog.adapters.store import tables
from floorlog.adapters.store.gaps import missing
from floorlog.adapters.store.recording import read_revision, revision_row
from floorlog.adapters.store.records import record_row
from floorlog.adapters.store.rows import RecordRow, RevisionRow
from floorlog.adapters.store.transactions import Transactions
from floorlog.announcements import Gap, Segment
from floorlog.identity import canonical_json


class Reading(Transactions):
    """The part of the store that is only read."""

    def record_rows(self, meeting_id: str) -> list[RecordRow]:
        """Return a meeting's records by (start, id), the retired ones among them."""
        rows = tables.records
        with self.read() as connection:
            found = connection.execute(
                sa.select(rows).where(rows.c.meeting_id == meeting_id).order_by(rows.c.start_ms, rows.c.id)
            )
            return [record_row(row) for row in found]

    def record_row(self, record_id: str) -> RecordRow | None:
        """Return a record's pointers by its id."""
        rows = tables.records
        with self.read() as connection:
            row = connection.execute(sa.select(rows).where(rows.c.id == record_id)).one_or_none()
            return None if row is None else record_row(row)

    def current_revisions(self, meeting_id: str) -> Iterator[tuple[RecordRow, RevisionRow]]:
        """Yield a meeting's records that are not retired with what is shown of each, by (start, id)."""
        rows, revisions = tables.records, tables.record_revisions
        query = sa.select(revisions).where(revisions.c.revision == rows.c.current_revision)
        with self.read() as connection:
            records = [
                record_row(row)
                for row in connection.execute(
                    sa.select(rows)
                    .where(rows.c.meeting_id == meeting_id, rows.c.state != "retired")
                    .order_by(rows.c.start_ms, rows.c.id)
                )
            ]
            shown = connection.execute(
                query.select_from(revisions.join(rows, rows.c.id == revisions.c.record_id)).where(
                    rows.c.meeting_id == meeting_id, rows.c.state != "retired"
                )
            )
            by_id = {row.record_id: revision_row(row) for row in shown}
        for record in records:
            yield record, by_id[record.id]

    def revisions(self, record_id: str) -> list[RevisionRow]:
        """Return all revisions of a record, the first one first."""
        rows = tables.record_revisions
        with self.read() as connection:
            query = sa.select(rows).where(rows.c.record_id == record_id).order_by(rows.c.revision)
            return [revision_row(row) for row in connection.execute(query)]

    def revision(self, record_id: str, revision: int) -> RevisionRow | None:
        """Return one revision of a record."""
        with self.read() as connection:
            return read_revision(connection, record_id, revision)

    def record_corrections(self, record_id: str) -> list[dict[str, Any]]:
        """Return the corrections of a record, in the order in which they were stored."""
        rows = tables.corrections
        with self.read() as connection:
            query = sa.select(rows.c.document).where(rows.c.record_id == record_id).order_by(rows.c.number)
            return [json.loads(text) for text in connection.scalars(query)]

    def canonical_export(self, meeting_id: str) -> Iterator[str]:
        """Yield each record's latest machine content as a line of canonical JSON, by (start, id).

        Two runs over the same input give the same lines: revision numbers, wall-clock times of processing and the state
        of the review are left out.

        Raises:
            UnknownMeeting: it was never added.
        """
        rows, revisions, settled = tables.records, tables.record_revisions, tables.settlements
        known = sa.exists().where(
            settled.c.meeting_id == rows.c.meeting_id, settled.c.intervention_id == rows.c.intervention_id
        )
        query = (
            sa.select(revisions.c.content)
            .select_from(
                rows.join(
                    revisions,
                    sa.and_(revisions.c.record_id == rows.c.id, revisions.c.revision == rows.c.machine_revision),
                )
            )
            .where(rows.c.meeting_id == meeting_id, rows.c.state != "retired", known)
            .order_by(revisions.c.start_ms, rows.c.id)
        )
        with self.reading(meeting_id) as meeting:
            for ordinal, content in enumerate(
                meeting.connection.execution_options(yield_per=50).scalars(query), start=1
            ):
                yield canonical_json({**json.loads(content), "ordinal": ordinal})

    def audio(self, meeting_id: str, channel: str, start_ms: int, end_ms: int) -> list[Segment]:
        """Return the segments of a channel that touch a span, in order: where its audio lies."""
        rows = tables.segments
        with self.reading(meeting_id) as meeting:
            around = meeting.around(channel, start_ms, end_ms)
            ids = [row.id for row in around if row.kind == "segment"]
            found = meeting.connection.scalars(
                sa.select(rows.c.document).where(rows.c.id.in_(ids)).order_by(rows.c.start_ms)
            )
            decoded = [announcements.decode(json.loads(text)) for text in found]
        return [item for item in decoded if isinstance(item, Segment)]

    def gaps(self, meeting_id: str, channel: str) -> list[Gap]:
        """Return the gaps of a channel that were heard, less the audio that turned up for them, in order."""
        with self.read() as connection:
            return missing(connection, meeting_id, channel, heard=True)

    def transcript_documents(self, meeting_id: str, channel: str) -> Iterator[dict[str, Any]]:
        """Yield the documents of a channel's transcripts by the active recogniser, in order, less voice windows."""
        segments, texts, meetings = tables.segments, tables.transcripts, tables.meetings
        query = (
            sa.select(texts.c.document)
            .select_from(
                segments.join(texts, texts.c.segment_id == segments.c.id).join(
                    meetings,
                    sa.and_(meetings.c.id == segments.c.meeting_id, meetings.c.fingerprint == texts.c.fingerprint),
                )
            )
            .where(segments.c.meeting_id == meeting_id, segments.c.channel == channel)
            .order_by(segments.c.start_ms)
        )
        with self.read() as connection:
            for text in connection.execution_options(yield_per=50).scalars(query):
                yield {**json.loads(text), "voice_windows": []}

    def commits(self, meeting_id: str, channel: str) -> Iterator[tuple[Segment, datetime, dict[str, Any]]]:
        """Yield each segment of a channel that was transcribed, when that was committed, and the transcript."""
        segments, texts = tables.segments, tables.transcripts
        query = (
            sa.select(segments.c.document, texts.c.stored_at, texts.c.document.label("transcript"))
            .select_from(segments.join(texts, texts.c.segment_id == segments.c.id))
            .where(segments.c.meeting_id == meeting_id, segments.c.channel == channel)
            .order_by(segments.c.start_ms)
        )
        with self.read() as connection:
            for row in connection.execute(query):
                segment = announcements.decode(json.loads(row.document))
                if isinstance(segment, Segment):
                    yield segment, row.stored_at, json.loads(row.transcript)
