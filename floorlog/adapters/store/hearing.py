"""What advance reads of one meeting: its floor, and its announcements in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import words
from floorlog.adapters.store import tables
from floorlog.adapters.store.database import database_now
from floorlog.adapters.store.rows import (
    Checkpoint,
    Cursor,
    FloorRow,
    Key,
    MeetingRow,
    Progress,
    Settlement,
    TimelineRow,
    Waiting,
)
from floorlog.adapters.store.transcript_cache import TranscriptCache, decode_silent
from floorlog.words import Transcript

CHUNK = 500
"""Ids in one statement; SQLite takes 32,766 parameters, older ones 999."""


IS_GAP = tables.segments.c.kind == sa.literal_column("'gap'")
"""Spelled as the index of the gaps is, so that SQLite uses that."""

READY = sa.or_(tables.segments.c.kind != "segment", tables.transcripts.c.segment_id.is_not(None))
"""An announcement can be heard; a segment needs its transcript, which is joined to it."""


class TimelineReader:
    """One meeting, read within one transaction."""

    def __init__(self, connection: Connection, meeting: MeetingRow, cache: TranscriptCache) -> None:
        self.connection, self.meeting, self._cache = connection, meeting, cache

    @cached_property
    def now(self) -> datetime:
        """The database's clock, read once: under a lock, after it was taken."""
        return database_now(self.connection)

    def floor(self) -> FloorRow | None:
        """Return the floor as it was committed last; None before the first event."""
        rows = tables.floor_states
        row = self.connection.execute(sa.select(rows).where(rows.c.meeting_id == self.meeting.id)).one_or_none()
        if row is None:
            return None
        waiting = {
            channel: Waiting(at_ms, datetime.fromisoformat(since))
            for channel, (at_ms, since) in json.loads(row.waiting).items()
        }
        return FloorRow(row.version, row.machine_version, row.fingerprint, row.state, _progress(row), waiting)

    def checkpoint(self, before_ms: int) -> Checkpoint | None:
        """Return the last checkpoint in which no event ends after `before_ms`, if there is one."""
        rows = tables.floor_checkpoints
        row = self.connection.execute(
            sa.select(rows)
            .where(rows.c.meeting_id == self.meeting.id, rows.c.heard_end_ms <= before_ms)
            .order_by(rows.c.heard_end_ms.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else Checkpoint(row.state, _progress(row))

    def upcoming(self, channel: str, cursor: Cursor, limit: int) -> list[TimelineRow]:
        """Return what can be heard of a channel from its cursor on, in order, less what advance made up."""
        rows = tables.segments
        # An end of stream takes no time: the one that was heard last starts where the cursor is.
        heard = sa.and_(rows.c.kind == "end", rows.c.start_ms == cursor.next_ms, sa.literal(cursor.ended))
        return self._gaps_across(channel, cursor.next_ms) + self._timeline(
            self._announcements(channel)
            .where(rows.c.start_ms >= cursor.next_ms, rows.c.made_by != "advance", READY, ~heard)
            .order_by(rows.c.start_ms, rows.c.end_ms, rows.c.kind.desc())
            .limit(limit)
        )

    def announced_until(self, channel: str) -> int:
        """Return where the last audio ends that was announced on a channel, in ms; 0 before the first."""
        rows = tables.segments
        last = (
            sa.select(rows.c.end_ms)
            .where(rows.c.meeting_id == self.meeting.id, rows.c.channel == channel)
            .order_by(rows.c.start_ms.desc())
            .limit(1)
        )
        # Segments lie apart, and gaps do; a segment may lie inside a gap.
        return max(self.connection.scalar(last.where(kind)) or 0 for kind in (rows.c.kind == "segment", IS_GAP))

    def around(self, channel: str, start_ms: int, end_ms: int) -> list[TimelineRow]:
        """Return a channel's announcements that touch a span, in order; those that advance made up among them."""
        rows = tables.segments
        first = (
            sa.select(sa.func.max(rows.c.start_ms))
            .where(
                rows.c.meeting_id == self.meeting.id,
                rows.c.channel == channel,
                rows.c.kind != "end",
                rows.c.start_ms <= start_ms,
            )
            .scalar_subquery()
        )
        found = self._timeline(
            self._announcements(channel)
            .where(rows.c.start_ms >= sa.func.coalesce(first, 0), rows.c.start_ms < end_ms, rows.c.end_ms > start_ms)
            .order_by(rows.c.start_ms, rows.c.end_ms, rows.c.kind.desc())
        )
        known = {row.id for row in found}
        return [row for row in self._gaps_across(channel, start_ms) if row.id not in known] + found

    def _gaps_across(self, channel: str, at_ms: int) -> list[TimelineRow]:
        """Return the announced gaps that begin before a moment and end behind it; audio may lie inside them."""
        rows = tables.segments
        return self._timeline(
            self._announcements(channel)
            .where(IS_GAP, rows.c.made_by != "advance", rows.c.start_ms < at_ms, rows.c.end_ms > at_ms)
            .order_by(rows.c.start_ms)
        )

    def missed(self, cursors: dict[str, Cursor]) -> list[TimelineRow]:
        """Return what can be heard and lies behind its channel's cursor unheard, in order of channel and start."""
        rows = tables.segments
        found: list[TimelineRow] = []
        for channel, cursor in sorted(cursors.items()):
            behind = self._announcements(channel).where(~rows.c.heard, rows.c.start_ms < cursor.next_ms, READY)
            found.extend(self._timeline(behind.order_by(rows.c.start_ms)))
        return found

    def anchor(self, channel: str, at_ms: int) -> tuple[int, datetime] | None:
        """Return start and UTC start of the channel's last segment that starts by `at_ms`, if there is one."""
        rows = tables.segments
        row = self.connection.execute(
            sa.select(rows.c.start_ms, rows.c.utc_start)
            .where(
                rows.c.meeting_id == self.meeting.id,
                rows.c.channel == channel,
                rows.c.utc_start.is_not(None),
                rows.c.start_ms <= at_ms,
            )
            .order_by(rows.c.start_ms.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else (row.start_ms, row.utc_start)

    def transcripts(self, segment_ids: Sequence[str]) -> dict[str, Transcript]:
        """Return the segments' transcripts by the meeting's recogniser, by segment."""
        found = {segment_id: words.decode(json.loads(text)) for segment_id, text in self._texts(segment_ids)}
        for transcript in found.values():
            self._cache.put(transcript)
        return found

    def silent_transcripts(self, segment_ids: Sequence[str]) -> list[Transcript]:
        """Return the segments' transcripts as `transcripts` does, in the order asked for, without voice windows."""
        fingerprint = self.meeting.fingerprint or ""
        found = {segment_id: self._cache.get(segment_id, fingerprint) for segment_id in segment_ids}
        for segment_id, text in self._texts([segment_id for segment_id, known in found.items() if known is None]):
            found[segment_id] = self._cache.put(decode_silent(text))
        return [transcript for transcript in found.values() if transcript is not None]

    def _texts(self, segment_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        rows = tables.transcripts
        for at in range(0, len(segment_ids), CHUNK):
            found = self.connection.execute(
                sa.select(rows.c.segment_id, rows.c.document).where(
                    rows.c.segment_id.in_(segment_ids[at : at + CHUNK]), rows.c.fingerprint == self.meeting.fingerprint
                )
            )
            for row in found:
                yield row.segment_id, row.document

    def settlements(self, after_ms: int) -> list[Settlement]:
        """Return what was settled by events that end after `after_ms`, in order."""
        rows = tables.settlements
        return self._settlements(sa.select(rows).where(rows.c.as_of_ms > after_ms).order_by(rows.c.id))

    def last_settlements(self, intervention_ids: Iterable[str], until_ms: int) -> dict[str, Settlement]:
        """Return, by intervention, what events that end by `until_ms` settled last; nothing for one they left open."""
        rows = tables.settlements
        query = sa.select(rows).where(rows.c.as_of_ms <= until_ms).order_by(rows.c.id)
        found: dict[str, Settlement] = {}
        for intervention_id in intervention_ids:
            for settlement in self._settlements(query.where(rows.c.intervention_id == intervention_id)):
                found[intervention_id] = settlement
        return found

    def _settlements(self, query: sa.Select[Any]) -> list[Settlement]:
        found = self.connection.execute(query.where(tables.settlements.c.meeting_id == self.meeting.id))
        return [Settlement(row.intervention_id, row.as_of_ms, row.reason, row.document) for row in found]

    def _announcements(self, channel: str) -> sa.Select[Any]:
        rows, texts = tables.segments, tables.transcripts
        by_recogniser = sa.and_(texts.c.segment_id == rows.c.id, texts.c.fingerprint == self.meeting.fingerprint)
        return (
            sa.select(
                rows.c.id,
                rows.c.channel,
                rows.c.kind,
                rows.c.start_ms,
                rows.c.end_ms,
                rows.c.sequence,
                rows.c.cause,
                rows.c.made_by,
                rows.c.utc_start,
                rows.c.heard,
                READY.label("ready"),
            )
            .select_from(rows.outerjoin(texts, by_recogniser))
            .where(rows.c.meeting_id == self.meeting.id, rows.c.channel == channel)
        )

    def _timeline(self, query: sa.Select[Any]) -> list[TimelineRow]:
        return [TimelineRow(*row) for row in self.connection.execute(query)]


def encode_cursors(progress: Progress) -> str:
    """Return a progress's cursors in JSON."""
    return json.dumps({name: [cursor.next_ms, cursor.ended] for name, cursor in sorted(progress.cursors.items())})


def _progress(row: Any) -> Progress:
    cursors = {name: Cursor(next_ms, ended) for name, (next_ms, ended) in json.loads(row.cursors).items()}
    return Progress(cursors, Key(row.heard_end_ms, row.heard_channel, row.heard_rank), row.events)
