"""Attempts that failed, and dead letters: input that can never succeed, kept with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import tables
from floorlog.adapters.store.arrivals import announcement_values, place
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import insert, lock_meeting
from floorlog.adapters.store.rows import Attempt, DeadLetter
from floorlog.announcements import Gap, Segment
from floorlog.errors import ConflictingSegment, InvalidDocument, UnknownDeadLetter, UnknownMeeting
from floorlog.identity import digest


def dead_letter_id(payload: bytes) -> str:
    """Return the id of a payload's dead letter."""
    return "dead-" + digest(payload.hex())


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a stage refused a payload for good.

    `attempt` is what was counted of it, where it was counted. `segment` is the announcement that the payload holds, if
    it holds a valid one: it becomes a gap of its meeting.
    """

    stage: str
    reason: str
    message: str
    payload: bytes
    json_path: str | None = None
    attempt: Attempt | None = None
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter that was stored, and the meeting in which it opened a gap, if it did."""

    id: str
    meeting_id: str | None


class DeadLetters(Database):
    """The part of the store for what went wrong."""

    def count_attempt(self, key: str, error: str) -> Attempt:
        """Count a failed attempt and return the account of all of them.

        Args:
            key: Names what was tried.
            error: Slug of what went wrong.
        """
        rows = tables.attempts
        with self.write() as connection:
            now = database_now(connection)
            statement = insert(connection, rows).values(key=key, count=1, first_at=now, last_at=now, last_error=error)
            row = connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[rows.c.key],
                    set_={"count": rows.c.count + 1, "last_at": now, "last_error": error},
                ).returning(rows)
            ).one()
            return Attempt(*row[1:])

    def forget_attempts(self, key: str) -> None:
        """Forget what was counted, once it succeeded or is dead."""
        with self.write() as connection:
            connection.execute(sa.delete(tables.attempts).where(tables.attempts.c.key == key))

    def put_dead_letter(self, refusal: Refusal) -> Kept:
        """Keep a dead letter; a segment of a known meeting becomes a gap in the same transaction.

        The same payload refused again is the same dead letter, open again. What was counted under its id is forgotten.
        """
        letter_id, rows = dead_letter_id(refusal.payload), tables.dead_letters
        segment, attempt = refusal.segment, refusal.attempt
        with self.write() as connection:
            meeting_id = _open_gap(connection, segment) if segment is not None else None
            now = database_now(connection)
            known: dict[str, Any] = {
                "stage": refusal.stage,
                "reason": refusal.reason,
                "json_path": refusal.json_path,
                "message": refusal.message,
                "last_at": now,
                "state": "open",
            }
            connection.execute(sa.delete(tables.attempts).where(tables.attempts.c.key == letter_id))
            tries = attempt.count if attempt else 1
            connection.execute(
                insert(connection, rows)
                .values(
                    id=letter_id,
                    payload=refusal.payload,
                    meeting_id=segment.meeting_id if segment else None,
                    channel=segment.channel if segment else None,
                    start_ms=segment.span.start_ms if segment else None,
                    end_ms=segment.span.end_ms if segment else None,
                    attempts=tries,
                    first_at=attempt.first_at if attempt else now,
                    **known,
                )
                .on_conflict_do_update(index_elements=[rows.c.id], set_=known | {"attempts": rows.c.attempts + tries})
            )
        return Kept(letter_id, meeting_id)

    def dead_letters(self, state: str | None = "open", limit: int = 1000) -> list[DeadLetter]:
        """Return dead letters, the latest first; `state` None means all."""
        rows = tables.dead_letters
        query = sa.select(rows).order_by(rows.c.last_at.desc(), rows.c.id).limit(limit)
        if state is not None:
            query = query.where(rows.c.state == state)
        with self.read() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """Return a dead letter by its id, whatever became of it."""
        with self.read() as connection:
            row = connection.execute(
                sa.select(tables.dead_letters).where(tables.dead_letters.c.id == letter_id)
            ).one_or_none()
            return None if row is None else _letter(row)

    def mark_dead_letter(self, letter_id: str, state: Literal["open", "replayed", "dismissed"]) -> None:
        """Note whether somebody has dealt with a dead letter.

        Raises:
            UnknownDeadLetter: there is no such one.
        """
        rows = tables.dead_letters
        with self.write() as connection:
            marked = connection.execute(sa.update(rows).where(rows.c.id == letter_id).values(state=state))
            if not marked.rowcount:
                raise UnknownDeadLetter(letter_id)


def _open_gap(connection: Connection, segment: Segment) -> str | None:
    """Put a gap in a segment's place; return the meeting's id, or None where the segment has no place or was heard."""
    rows, texts = tables.segments, tables.transcripts
    try:
        meeting = lock_meeting(connection, segment.meeting_id)
        place(connection, segment)
    except (UnknownMeeting, ConflictingSegment, InvalidDocument):
        return None
    transcribed = sa.select(texts.c.segment_id).where(
        texts.c.segment_id == segment.id, texts.c.fingerprint == meeting.fingerprint
    )
    if connection.execute(transcribed).first() is not None:
        return None
    gap = Gap(segment.meeting_id, segment.channel, segment.sequence, segment.span, "dead-letter")
    values = announcement_values(gap, "dead-letter")
    values |= {"heard": False, "received_at": database_now(connection)}
    connection.execute(
        insert(connection, rows)
        .values(values)
        .on_conflict_do_update(index_elements=[rows.c.id], set_=values, where=rows.c.made_by == "advance")
    )
    return segment.meeting_id


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(**{name: getattr(row, name) for name in DeadLetter.__dataclass_fields__})
