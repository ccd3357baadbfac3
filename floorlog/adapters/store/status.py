"""How far everything is: meetings with their counts, how far each channel is behind, and what is still to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import tables
from floorlog.adapters.store.arrivals import ANNOUNCED
from floorlog.adapters.store.gaps import missing
from floorlog.adapters.store.meetings import meeting_row, read_meeting
from floorlog.adapters.store.rows import MeetingRow
from floorlog.adapters.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class MeetingSummary:
    """A meeting with the counts that a list shows. `waiting_since`: since when a missing segment holds it."""

    meeting: MeetingRow
    records: int
    provisional: int
    gaps: int
    dead_letters: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Lag:
    """How far one channel is, as ends on the meeting clock in ms: announced, transcribed, heard by the floor."""

    channel: str
    announced_ms: int
    transcribed_ms: int
    heard_ms: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the whole store still has to do: announced segments and events by how far they are, open dead letters."""

    untranscribed: int
    unheard: int
    unnumbered_events: int
    open_dead_letters: int


@dataclass(frozen=True, slots=True)
class LastAnnouncement:
    """What was announced last of a meeting, on whatever channel."""

    id: str
    received_at: datetime


def _transcribed() -> sa.ColumnElement[bool]:
    """Return the condition that a row of `segments` has its transcript by its meeting's recogniser."""
    segments, texts, meetings = tables.segments, tables.transcripts, tables.meetings
    return sa.exists().where(
        meetings.c.id == segments.c.meeting_id,
        texts.c.segment_id == segments.c.id,
        texts.c.fingerprint == meetings.c.fingerprint,
    )


class Status(Transactions):
    """The part of the store that says how far everything is."""

    def summaries(self) -> list[MeetingSummary]:
        """Return all meetings, those of the latest date first."""
        with self.read() as connection:
            meetings = [meeting_row(row) for row in connection.execute(sa.select(tables.meetings))]
            found = [_summary(connection, meeting) for meeting in meetings]
        return sorted(found, key=lambda item: (item.meeting.document["date"], item.meeting.id), reverse=True)

    def summary(self, meeting_id: str) -> MeetingSummary:
        """Return a meeting with its counts.

        Raises:
            UnknownMeeting: it was never added.
        """
        with self.read() as connection:
            return _summary(connection, read_meeting(connection, meeting_id))

    def meetings_to_advance(self) -> list[str]:
        """Return the meetings that have something stored that their floor has not heard."""
        rows = tables.segments
        query = sa.select(rows.c.meeting_id).where(~rows.c.heard, sa.or_(rows.c.kind != "segment", _transcribed()))
        with self.read() as connection:
            return list(connection.scalars(query.distinct().order_by(rows.c.meeting_id)))

    def lag(self, meeting_id: str) -> list[Lag]:
        """Return how far each channel of a meeting is.

        Raises:
            UnknownMeeting: it was never added.
        """
        rows = tables.segments
        with self.reading(meeting_id) as reader:
            connection, floor, found = reader.connection, reader.floor(), []
            for channel in reader.meeting.document["channels"]:
                name = channel["name"]
                last = (
                    sa.select(rows.c.end_ms)
                    .where(rows.c.meeting_id == meeting_id, rows.c.channel == name, rows.c.made_by.in_(ANNOUNCED))
                    .order_by(rows.c.start_ms.desc())
                    .limit(1)
                )
                announced_ms = connection.scalar(last) or 0
                transcribed_ms = connection.scalar(last.where(rows.c.kind == "segment", _transcribed())) or 0
                cursor = floor.progress.cursors.get(name) if floor else None
                found.append(Lag(name, announced_ms, transcribed_ms, cursor.next_ms if cursor else 0))
        return found

    def last_announcement(self, meeting_id: str) -> LastAnnouncement | None:
        """Return what capture announced last of a meeting, by its channels' clocks."""
        rows = tables.segments
        with self.reading(meeting_id) as reader:
            found: list[sa.Row[Any]] = []
            for channel in reader.meeting.document["channels"]:
                last = (
                    sa.select(rows.c.received_at, rows.c.id)
                    .where(rows.c.meeting_id == meeting_id, rows.c.channel == channel["name"])
                    .where(rows.c.made_by == "capture")
                    .order_by(rows.c.start_ms.desc())
                    .limit(1)
                )
                found.extend(reader.connection.execute(last))
        newest = max(found, default=None)
        return None if newest is None else LastAnnouncement(newest.id, newest.received_at)

    def backlog(self) -> Backlog:
        """Return what the whole store still has to do."""
        rows, letters, events = tables.segments, tables.dead_letters, tables.outbox
        with self.read() as connection:

            def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
                return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0

            return Backlog(
                untranscribed=count(rows, ~rows.c.heard, rows.c.kind == "segment", ~_transcribed()),
                unheard=count(rows, ~rows.c.heard, sa.or_(rows.c.kind != "segment", _transcribed())),
                unnumbered_events=count(events, events.c.position.is_(None)),
                open_dead_letters=count(letters, letters.c.state == "open"),
            )


def _summary(connection: Connection, meeting: MeetingRow) -> MeetingSummary:
    def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table)
        return connection.scalar(query.where(table.c.meeting_id == meeting.id, *conditions)) or 0

    floors = tables.floor_states
    return MeetingSummary(
        meeting,
        records=count(tables.records, tables.records.c.state != "retired"),
        provisional=count(tables.provisional_records),
        gaps=len(missing(connection, meeting.id)),
        dead_letters=count(tables.dead_letters, tables.dead_letters.c.state == "open"),
        waiting_since=connection.scalar(sa.select(floors.c.waiting_since).where(floors.c.meeting_id == meeting.id)),
    )
