"""Records that are hidden on request, or erased: written under the meeting's lock, with a line in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import shown, tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.people import Deed, People
from floorlog.adapters.store.recording import MeetingWriter, content_hash
from floorlog.adapters.store.shown_tables import suppressions
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.publication import Stretches
from floorlog.removal import erased, erased_correction, erased_event, erased_settlement, erased_transcript


@dataclass(frozen=True, slots=True)
class Suppression:
    """That a record is hidden: why, by whom, and whether its words were erased; `lifted_at` where it is shown again."""

    record_id: str
    meeting_id: str
    reason: str
    author: str
    at: datetime
    removed: bool
    lifted_by: str | None
    lifted_at: datetime | None


class Suppressions(Database):
    """The part of the store that knows what is hidden on request."""

    def suppressions(self) -> list[Suppression]:
        """Return every suppression, those that were lifted among them, the latest first."""
        rows = suppressions
        names = [rows.c[name] for name in Suppression.__dataclass_fields__]
        with self.read() as connection:
            return [Suppression(*row) for row in connection.execute(sa.select(*names).order_by(rows.c.id.desc()))]

    def hidden(self, meeting_id: str) -> tuple[frozenset[str], Stretches]:
        """Return which records of a meeting are hidden on request, and where their words are."""
        rows = suppressions
        query = sa.select(rows.c.record_id).where(rows.c.meeting_id == meeting_id, rows.c.lifted_at.is_(None))
        with self.read() as connection:
            return frozenset(connection.scalars(query)), shown.hidden_stretches(connection, meeting_id)


def active(tx: MeetingWriter, record_id: str) -> Suppression | None:
    """Return the suppression that hides a record now."""
    rows = suppressions
    names = [rows.c[name] for name in Suppression.__dataclass_fields__]
    query = sa.select(*names).where(rows.c.record_id == record_id, rows.c.lifted_at.is_(None))
    row = tx.connection.execute(query).first()
    return None if row is None else Suppression(*row)


def contents(tx: MeetingWriter, record_id: str) -> list[dict[str, Any]]:
    """Return the contents of all revisions of a record."""
    rows = tables.record_revisions
    query = sa.select(rows.c.content).where(rows.c.record_id == record_id).order_by(rows.c.revision)
    return [json.loads(text) for text in tx.connection.scalars(query)]


def was_published(tx: MeetingWriter, record_id: str) -> bool:
    """Return whether any revision of a record was ever published."""
    rows = tables.record_revisions
    query = sa.select(rows.c.revision).where(rows.c.record_id == record_id, rows.c.published_at.is_not(None)).limit(1)
    return tx.connection.execute(query).first() is not None


def hide(tx: MeetingWriter, record_id: str, reason: str, deed: Deed, stretches: Stretches, *, removed: bool) -> None:
    """Let no reader see a record, nor what is said in some stretches, and write it down.

    Args:
        tx: The meeting under its lock.
        record_id: The record, which nothing hides yet.
        reason: Why, for the house.
        deed: The line of the audit trail.
        stretches: Where its words are.
        removed: Whether the words are erased, too; `erase` does so.
    """
    places = {channel: [[span.start_ms, span.end_ms] for span in spans] for channel, spans in stretches.items()}
    values = {
        "record_id": record_id,
        "meeting_id": tx.meeting.id,
        "reason": reason,
        "author": deed.person_name,
        "at": deed.at,
        "stretches": canonical_json(places),
        "removed": removed,
    }
    tx.connection.execute(sa.insert(suppressions).values(values))
    _after(tx, record_id, deed)


def lift(tx: MeetingWriter, record_id: str, deed: Deed) -> None:
    """Show a record again, and write it down."""
    rows = suppressions
    tx.connection.execute(
        sa.update(rows)
        .where(rows.c.record_id == record_id, rows.c.lifted_at.is_(None))
        .values(lifted_at=deed.at, lifted_by=deed.person_name)
    )
    _after(tx, record_id, deed)


def erase(tx: MeetingWriter, record_id: str, stretches: Stretches) -> None:
    """Erase for good what was said in some stretches of the meeting: in revisions, corrections, events and transcripts.

    Args:
        tx: The meeting under its lock.
        record_id: The record whose words they are.
        stretches: Where they are.
    """
    emptied = {record_id}
    for key, revision, content in list(_revisions(tx)):
        made = erased(content, stretches)
        if made is not content:
            _put_content(tx, key, revision, made)
            emptied |= set() if made["words"] else {key}
    for key in emptied:
        _rewrite(tx, tables.corrections, "number", "document", tables.corrections.c.record_id == key, erased_correction)
        _rewrite(tx, tables.outbox, "id", "data", tables.outbox.c.subject == key, erased_event)
    settled = tables.settlements.c.meeting_id == tx.meeting.id
    _rewrite(tx, tables.settlements, "id", "document", settled, lambda item: erased_settlement(item, stretches))
    _erase_transcripts(tx, stretches)
    # A state to begin again from knows what was being said then; an earlier one leads to the same log.
    first_ms = min(span.start_ms for spans in stretches.values() for span in spans)
    rows = tables.floor_checkpoints
    tx.connection.execute(sa.delete(rows).where(rows.c.meeting_id == tx.meeting.id, rows.c.heard_end_ms > first_ms))
    shown.make_again(tx.connection, tx.meeting.id)


def _after(tx: MeetingWriter, record_id: str, deed: Deed) -> None:
    # Touched: a better model must not give what is hidden another id.
    tx.update_record(record_id, touched=True)
    shown.make_again(tx.connection, tx.meeting.id)
    People(tx.connection).write_down(deed)


def _revisions(tx: MeetingWriter) -> Iterator[tuple[str, int, dict[str, Any]]]:
    records, rows = tables.records, tables.record_revisions
    ids = tx.connection.scalars(sa.select(records.c.id).where(records.c.meeting_id == tx.meeting.id)).all()
    for record_id in ids:
        found = tx.connection.execute(sa.select(rows.c.revision, rows.c.content).where(rows.c.record_id == record_id))
        for row in found.all():
            yield record_id, row.revision, json.loads(row.content)


def _put_content(tx: MeetingWriter, record_id: str, revision: int, content: dict[str, Any]) -> None:
    rows, records, made = tables.record_revisions, tables.records, content_hash(content)
    this = (rows.c.record_id == record_id, rows.c.revision == revision)
    tx.connection.execute(sa.update(rows).where(*this).values(content=canonical_json(content), content_hash=made))
    newest = (records.c.id == record_id, records.c.machine_revision == revision)
    tx.connection.execute(sa.update(records).where(*newest).values(machine_hash=made))


def _rewrite(
    tx: MeetingWriter, table: sa.Table, key: str, column: str, condition: sa.ColumnElement[bool], change: Any
) -> None:
    found = tx.connection.execute(sa.select(table.c[key], table.c[column]).where(condition)).all()
    for number, text in found:
        made = canonical_json(change(json.loads(text)))
        if made != text:
            tx.connection.execute(sa.update(table).where(table.c[key] == number).values({column: made}))


def _erase_transcripts(tx: MeetingWriter, stretches: Stretches) -> None:
    rows = tables.transcripts
    for channel, spans in stretches.items():
        whole = Span(min(span.start_ms for span in spans), max(span.end_ms for span in spans))
        around = [row.id for row in tx.around(channel, whole.start_ms, whole.end_ms) if row.kind == "segment"]
        for segment_id in around:
            query = sa.select(rows.c.fingerprint, rows.c.document).where(rows.c.segment_id == segment_id)
            for fingerprint, text in tx.connection.execute(query).all():
                made = erased_transcript(json.loads(text), stretches)
                this = (rows.c.segment_id == segment_id, rows.c.fingerprint == fingerprint)
                tx.connection.execute(sa.update(rows).where(*this).values(document=canonical_json(made)))
