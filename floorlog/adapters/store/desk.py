"""What the workbench reads of many records at once: their pointers, and the content of those that it does not know."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from floorlog import words
from floorlog.adapters.store import ledger_tables, tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.hearing import CHUNK, TimelineReader
from floorlog.adapters.store.ledger import ReviewItem
from floorlog.adapters.store.meetings import meeting_row
from floorlog.adapters.store.recording import MeetingWriter, revision_row
from floorlog.adapters.store.records import MeetingReader, record_row
from floorlog.adapters.store.rows import MeetingRow, RecordRow, RevisionRow
from floorlog.audio_timeline import heard_until_ms
from floorlog.clock import Span
from floorlog.errors import UnknownSubject
from floorlog.words import VoiceWindow


def standing(reader: MeetingReader, among: Sequence[str] | None = None) -> list[RecordRow]:
    """Return a meeting's records that are not retired, by (start, id); all, or a few of them by id."""
    rows = tables.records
    query = sa.select(rows).where(rows.c.state != "retired").order_by(rows.c.start_ms, rows.c.id)
    return reader.records(query if among is None else query.where(rows.c.id.in_(among)))


def audio_ends_ms(database: Database, meeting_id: str) -> dict[str, int]:
    """Return, by channel, up to when its audio and gaps are known without a break; nothing for one without any."""
    rows = tables.segments
    query = sa.select(rows.c.channel, rows.c.start_ms, rows.c.end_ms)
    spans: dict[str, list[Span]] = {}
    with database.read() as connection:
        for row in connection.execute(query.where(rows.c.meeting_id == meeting_id, rows.c.end_ms > rows.c.start_ms)):
            spans.setdefault(row.channel, []).append(Span(row.start_ms, row.end_ms))
    return {channel: heard_until_ms(known) for channel, known in spans.items()}


def current_contents(reader: TimelineReader, record_ids: Sequence[str]) -> Iterator[RevisionRow]:
    """Yield what is shown of some of a meeting's records, in no order."""
    rows, revisions = tables.records, tables.record_revisions
    query = sa.select(revisions).select_from(
        revisions.join(
            rows, sa.and_(rows.c.id == revisions.c.record_id, rows.c.current_revision == revisions.c.revision)
        )
    )
    for at in range(0, len(record_ids), CHUNK):
        chunk = record_ids[at : at + CHUNK]
        found = reader.connection.execute(query.where(rows.c.meeting_id == reader.meeting.id, rows.c.id.in_(chunk)))
        for row in found:
            yield revision_row(row)


def meeting_rows(database: Database) -> list[MeetingRow]:
    """Return all meetings, those of the latest date first."""
    with database.read() as connection:
        found = [meeting_row(row) for row in connection.execute(sa.select(tables.meetings))]
    return sorted(found, key=lambda row: (row.document["date"], row.id), reverse=True)


def record_rows(database: Database, record_ids: Collection[str]) -> list[RecordRow]:
    """Return the pointers of some records, by id; of those that there are."""
    rows, ids = tables.records, sorted(record_ids)
    with database.read() as connection:
        chunks = (sa.select(rows).where(rows.c.id.in_(ids[at : at + CHUNK])) for at in range(0, len(ids), CHUNK))
        return [record_row(row) for query in chunks for row in connection.execute(query)]


def traces(database: Database, meeting_id: str) -> dict[str, str]:
    """Return what names the state of each record of a meeting and of what is open; another one after each change."""
    rows, opened = tables.records, tables.provisional_records
    with database.read() as connection:
        found = {
            row.id: f"{row.changed_at.timestamp():.6f}"
            for row in connection.execute(
                sa.select(opened.c.id, opened.c.changed_at).where(opened.c.meeting_id == meeting_id)
            )
        }
        known = sa.select(rows.c.id, rows.c.state, rows.c.current_revision, rows.c.latest_revision, rows.c.changed_at)
        for row in connection.execute(known.where(rows.c.meeting_id == meeting_id, rows.c.state != "retired")):
            stamp = f"{row.changed_at.timestamp():.6f}"
            found[row.id] = f"{row.state}.{row.current_revision}.{row.latest_revision}.{stamp}"
    return found


def notes(database: Database, record_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the notes that people wrote on some records, the first one first."""
    rows, found = tables.corrections, {record_id: list[dict[str, Any]]() for record_id in record_ids}
    query = sa.select(rows.c.record_id, rows.c.document).where(
        rows.c.record_id.in_(record_ids), rows.c.operation == "note"
    )
    with database.read() as connection:
        for row in connection.execute(query.order_by(rows.c.number)):
            found[row.record_id].append(json.loads(row.document))
    return found


def voice_windows(reader: TimelineReader, channel: str) -> list[VoiceWindow]:
    """Return the voices that the meeting's recogniser heard on a channel, in order."""
    segments, texts = tables.segments, tables.transcripts
    query = (
        sa.select(texts.c.document)
        .select_from(segments.join(texts, texts.c.segment_id == segments.c.id))
        .where(
            segments.c.meeting_id == reader.meeting.id,
            segments.c.channel == channel,
            texts.c.fingerprint == reader.meeting.fingerprint,
        )
        .order_by(segments.c.start_ms)
    )
    return [
        VoiceWindow(Span.decode(window["span"]), words.decode_embedding(window["embedding"]))
        for text in reader.connection.execution_options(yield_per=50).scalars(query)
        for window in json.loads(text)["voice_windows"]
    ]


def open_items(database: Database, meeting_ids: Collection[str]) -> list[ReviewItem]:
    """Return what the log of some meetings is silent about and nobody has closed, by meeting and place."""
    rows = ledger_tables.review_items
    query = (
        sa.select(rows)
        .where(rows.c.meeting_id.in_(meeting_ids), rows.c.state == "open")
        .order_by(rows.c.meeting_id, rows.c.start_ms, rows.c.id)
    )
    with database.read() as connection:
        return [_item(row) for row in connection.execute(query)]


def item_meeting(database: Database, item_id: str) -> str:
    """Return the meeting of a review item.

    Raises:
        UnknownSubject: there is no such item.
    """
    rows = ledger_tables.review_items
    with database.read() as connection:
        found: str | None = connection.scalar(sa.select(rows.c.meeting_id).where(rows.c.id == item_id))
    if found is None:
        raise UnknownSubject(item_id)
    return found


def settle_item(tx: MeetingWriter, item_id: str, person_id: str, reason: str | None, state: str) -> ReviewItem:
    """Close a review item of a meeting for a person, or open it again, and return it.

    Args:
        tx: The meeting under its lock.
        item_id: One of its items.
        person_id: Who decided.
        reason: Why, in the person's words.
        state: `closed` or `open`.
    """
    rows = ledger_tables.review_items
    closed = {"closed_at": tx.now, "closed_by": person_id, "closed_reason": reason}
    values: dict[str, Any] = closed if state == "closed" else dict.fromkeys(closed)
    tx.connection.execute(sa.update(rows).where(rows.c.id == item_id).values(state=state, **values))
    return _item(tx.connection.execute(sa.select(rows).where(rows.c.id == item_id)).one())


def _item(row: Any) -> ReviewItem:
    values = dict(row._mapping)
    span = Span(values.pop("start_ms"), values.pop("end_ms"))
    return ReviewItem(span=span, **values)
