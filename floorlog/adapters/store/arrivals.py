"""What arrives of a meeting: announcements and transcripts."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import announcements
from floorlog.adapters.store import tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import is_new, lock_meeting
from floorlog.adapters.store.rows import MadeBy
from floorlog.adapters.store.shown import hidden_stretches
from floorlog.announcements import End, Gap, Segment
from floorlog.errors import ConflictingSegment, InvalidDocument
from floorlog.identity import canonical_json
from floorlog.removal import erased_transcript

Placed = Segment | Gap | End
"""An announcement that has its place in a meeting; a tick has none."""

ANNOUNCED: tuple[MadeBy, ...] = ("capture", "recording")
"""Who announces; the others only fill in what was not."""


def span_ms(announcement: Placed) -> tuple[int, int]:
    """Return where an announcement starts and ends on the meeting clock, in ms; an end of stream takes no time."""
    if isinstance(announcement, End):
        return announcement.at_ms, announcement.at_ms
    return announcement.span.start_ms, announcement.span.end_ms


def announcement_values(announcement: Placed, made_by: MadeBy) -> dict[str, Any]:
    """Return the columns of an announcement's row, less whether it was heard and when it was received."""
    start_ms, end_ms = span_ms(announcement)
    return {
        "id": announcement.id,
        "meeting_id": announcement.meeting_id,
        "channel": announcement.channel,
        "kind": type(announcement).__name__.lower(),
        "start_ms": start_ms,
        "end_ms": end_ms,
        "sequence": announcement.sequence,
        "cause": announcement.cause if isinstance(announcement, Gap) else None,
        "utc_start": announcement.utc_start if isinstance(announcement, Segment) else None,
        "made_by": made_by,
        "document": canonical_json(announcements.encode(announcement)),
    }


def place(connection: Connection, announcement: Placed) -> bool:
    """Store an announcement of capture or backfill under the meeting's lock; return whether it is new.

    Of two segments for one moment the first that is stored stands. Audio of a recording may lie inside a gap.

    Raises:
        InvalidDocument: the meeting has no such channel.
        ConflictingSegment: it overlaps another one, or repeats one with other content.
    """
    made_by: MadeBy = (None if isinstance(announcement, Gap) else announcement.origin) or "capture"
    values = announcement_values(announcement, made_by)
    rows = tables.segments
    known = connection.execute(
        sa.select(rows.c.made_by, rows.c.document).where(rows.c.id == announcement.id)
    ).one_or_none()
    if known is not None and known.made_by in ANNOUNCED:
        if isinstance(announcement, End) and known.made_by != made_by:
            return False  # the same end, told twice
        if known.document != values["document"]:
            raise ConflictingSegment(announcement.id, "it was announced before with other content")
        return False
    _check_channel(connection, announcement)
    _check_overlap(connection, announcement)
    values |= {"heard": False, "received_at": database_now(connection)}
    if known is None:
        connection.execute(sa.insert(rows).values(values))
    else:  # only a gap shares its id with what somebody else put there: capture's account of it counts
        connection.execute(sa.update(rows).where(rows.c.id == announcement.id).values(values))
    return True


def _check_channel(connection: Connection, announcement: Placed) -> None:
    names = connection.scalars(
        sa.select(tables.channels.c.name)
        .where(tables.channels.c.meeting_id == announcement.meeting_id)
        .order_by(tables.channels.c.position)
    ).all()
    if announcement.channel not in names:
        raise InvalidDocument(announcements.SCHEMA, "$.channel", f"a channel of the meeting: {', '.join(names)}")


def _check_overlap(connection: Connection, announcement: Placed) -> None:
    rows = tables.segments
    start_ms, end_ms = span_ms(announcement)
    placed = sa.select(rows.c.id, rows.c.end_ms).where(
        rows.c.meeting_id == announcement.meeting_id,
        rows.c.channel == announcement.channel,
        rows.c.start_ms < end_ms,
        rows.c.id != announcement.id,
    )
    of_capture = placed.where(rows.c.made_by == "capture")
    apart = [of_capture.where(rows.c.kind == "segment")]
    if isinstance(announcement, Segment):
        apart.append(placed.where(rows.c.kind == "segment", rows.c.made_by == "recording"))
    if not (isinstance(announcement, Segment) and announcement.origin):
        apart.append(of_capture.where(rows.c.kind == "gap"))
    for others in apart:
        # They never overlap each other, so only the last one that starts before the end can overlap this one.
        other = connection.execute(others.order_by(rows.c.start_ms.desc()).limit(1)).one_or_none()
        if other is not None and other.end_ms > start_ms:
            raise ConflictingSegment(announcement.id, f"it overlaps {other.id}")
    end = connection.execute(of_capture.where(rows.c.kind == "end", rows.c.start_ms > start_ms).limit(1)).one_or_none()
    if end is not None:
        raise ConflictingSegment(announcement.id, f"{end.id} lies inside it")


class Arrivals(Database):
    """The part of the store that takes in what is announced and transcribed."""

    def register(self, announcement: Placed) -> bool:
        """Store an announcement; return whether it is new. A repeated one changes nothing.

        Raises:
            UnknownMeeting: its meeting was never added.
            InvalidDocument: the meeting has no such channel.
            ConflictingSegment: it overlaps another one of capture, or repeats one with other content.
        """
        with self.write() as connection:
            lock_meeting(connection, announcement.meeting_id)
            return place(connection, announcement)

    def announced(self, announcement_id: str) -> bool:
        """Return whether capture's or backfill's announcement of that id is stored."""
        rows = tables.segments
        with self.read() as connection:
            found = connection.execute(
                sa.select(rows.c.id).where(rows.c.id == announcement_id, rows.c.made_by.in_(ANNOUNCED))
            )
            return found.first() is not None

    def announcements(self, meeting_id: str) -> list[dict[str, Any]]:
        """Return the documents of all that capture and backfill announced of a meeting, by channel and start."""
        rows = tables.segments
        query = sa.select(rows.c.document).where(rows.c.meeting_id == meeting_id, rows.c.made_by.in_(ANNOUNCED))
        with self.read() as connection:
            found = connection.scalars(query.order_by(rows.c.channel, rows.c.start_ms, rows.c.end_ms))
            return [json.loads(text) for text in found]

    def transcript_exists(self, segment_id: str, fingerprint: str) -> bool:
        """Return whether a segment was transcribed by a recogniser."""
        rows = tables.transcripts
        with self.read() as connection:
            found = connection.execute(
                sa.select(rows.c.segment_id).where(rows.c.segment_id == segment_id, rows.c.fingerprint == fingerprint)
            )
            return found.first() is not None

    def put_transcript(self, document: dict[str, Any]) -> bool:
        """Store a transcript; return whether it is new. The first one of a segment and recogniser wins.

        The first transcript of a meeting that names no recogniser names it.

        Args:
            document: A validated `transcript` document.

        Raises:
            ConflictingSegment: its segment was never announced, or with another span.
        """
        segments, fingerprint = tables.segments, document["recogniser"]["fingerprint"]
        with self.write() as connection:
            segment = connection.execute(
                sa.select(segments.c.meeting_id, segments.c.channel, segments.c.start_ms, segments.c.end_ms).where(
                    segments.c.id == document["segment_id"], segments.c.kind == "segment"
                )
            ).one_or_none()
            span = document["span"]
            if segment != (document["meeting_id"], document["channel"], span["start_ms"], span["end_ms"]):
                fault = "it was never announced" if segment is None else "it was announced with another span"
                raise ConflictingSegment(document["segment_id"], fault)
            connection.execute(
                sa.update(tables.meetings)
                .where(tables.meetings.c.id == document["meeting_id"], tables.meetings.c.fingerprint.is_(None))
                .values(fingerprint=fingerprint)
            )
            removed = hidden_stretches(connection, document["meeting_id"], removed=True)
            values = {
                "segment_id": document["segment_id"],
                "fingerprint": fingerprint,
                "document": canonical_json(erased_transcript(document, removed) if removed else document),
                "stored_at": database_now(connection),
            }
            return is_new(connection, tables.transcripts, values)
