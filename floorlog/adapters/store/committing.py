"""What advance commits of one meeting's floor, under the meeting's lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import tables
from floorlog.adapters.store.arrivals import announcement_values
from floorlog.adapters.store.hearing import CHUNK, encode_cursors
from floorlog.adapters.store.meetings import insert
from floorlog.adapters.store.records import MeetingReader
from floorlog.adapters.store.rows import Checkpoint, Cursor, FloorRow, Progress, Settlement, Waiting
from floorlog.announcements import Gap
from floorlog.identity import canonical_json
from floorlog.visibility import event_is_public


class FloorWriter(MeetingReader):
    """One meeting under its lock: its floor and its timeline."""

    def save_floor(self, floor: FloorRow) -> None:
        """Store the floor as it is now."""
        rows = tables.floor_states
        values = self._progress_values(floor.state, floor.progress) | {
            "version": floor.version,
            "machine_version": floor.machine_version,
            "fingerprint": floor.fingerprint,
            **_waiting_values(floor.waiting),
            "advanced_at": self.now,
        }
        # Under the lock nobody comes between; SQLAlchemy caches these statements, but no ON CONFLICT.
        if not self.connection.execute(
            sa.update(rows).where(rows.c.meeting_id == self.meeting.id).values(values)
        ).rowcount:
            self.connection.execute(sa.insert(rows).values(meeting_id=self.meeting.id, **values))

    def save_waiting(self, waiting: dict[str, Waiting]) -> None:
        """Store since when channels wait; the floor must have been saved once."""
        rows = tables.floor_states
        self.connection.execute(
            sa.update(rows).where(rows.c.meeting_id == self.meeting.id).values(_waiting_values(waiting))
        )

    def add_checkpoints(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Store states to derive again from; one that is there already stays."""
        for checkpoint in checkpoints:
            self.connection.execute(
                insert(self.connection, tables.floor_checkpoints)
                .values(meeting_id=self.meeting.id, **self._progress_values(checkpoint.state, checkpoint.progress))
                .on_conflict_do_nothing()
            )

    def forget_after(self, progress: Progress) -> None:
        """Forget what was derived from events behind a checkpoint: settlements, later checkpoints, made-up gaps."""
        rows, after_ms = tables.segments, progress.heard.end_ms
        for table, column in (
            (tables.floor_checkpoints, tables.floor_checkpoints.c.heard_end_ms),
            (tables.settlements, tables.settlements.c.as_of_ms),
        ):
            self.connection.execute(sa.delete(table).where(table.c.meeting_id == self.meeting.id, column > after_ms))
        for channel, cursor in progress.cursors.items():
            here = sa.and_(
                rows.c.meeting_id == self.meeting.id, rows.c.channel == channel, rows.c.start_ms >= cursor.next_ms
            )
            self.connection.execute(sa.delete(rows).where(here, rows.c.made_by == "advance"))
            ended_here = sa.and_(rows.c.kind == "end", rows.c.start_ms == cursor.next_ms, sa.literal(cursor.ended))
            self.connection.execute(sa.update(rows).where(here, rows.c.heard, ~ended_here).values(heard=False))

    def add_gaps(self, gaps: Sequence[Gap]) -> None:
        """Store gaps that advance made up because nothing came; they count as heard."""
        for gap in gaps:
            values = announcement_values(gap, "advance") | {"heard": True, "received_at": self.now}
            self.connection.execute(sa.insert(tables.segments).values(values))

    def mark_heard(self, announcement_ids: Sequence[str]) -> None:
        """Note that the floor has heard announcements."""
        rows = tables.segments
        for at in range(0, len(announcement_ids), CHUNK):
            chunk = announcement_ids[at : at + CHUNK]
            self.connection.execute(sa.update(rows).where(rows.c.id.in_(chunk)).values(heard=True))

    def drop_gaps(self, gap_ids: Sequence[str]) -> None:
        """Forget gaps that capture did not announce, because a transcript has come in their place."""
        rows = tables.segments
        for at in range(0, len(gap_ids), CHUNK):
            chunk = gap_ids[at : at + CHUNK]
            self.connection.execute(sa.delete(rows).where(rows.c.id.in_(chunk), rows.c.made_by != "capture"))

    def made_up_gaps(self, cursors: dict[str, Cursor]) -> set[tuple[str, int, int]]:
        """Return (channel, start, end) of the gaps that advance made up from the cursors on."""
        rows = tables.segments
        found: set[tuple[str, int, int]] = set()
        for channel, cursor in cursors.items():
            gaps = self.connection.execute(
                sa.select(rows.c.channel, rows.c.start_ms, rows.c.end_ms).where(
                    rows.c.meeting_id == self.meeting.id,
                    rows.c.channel == channel,
                    rows.c.start_ms >= cursor.next_ms,
                    rows.c.made_by == "advance",
                )
            )
            found.update((row.channel, row.start_ms, row.end_ms) for row in gaps)
        return found

    def add_settlements(self, settled: Sequence[Settlement]) -> None:
        """Store what the machine settled, in order."""
        if settled:
            self.connection.execute(
                sa.insert(tables.settlements),
                [
                    {
                        "meeting_id": self.meeting.id,
                        "intervention_id": item.intervention_id,
                        "as_of_ms": item.as_of_ms,
                        "reason": item.reason,
                        "document": item.document,
                    }
                    for item in settled
                ],
            )

    def save_meeting_state(self, state: str) -> None:
        """Store how far the meeting is, and that something was heard now."""
        self.connection.execute(
            sa.update(tables.meetings)
            .where(tables.meetings.c.id == self.meeting.id)
            .values(state=state, last_heard_at=self.now)
        )

    def emit(
        self,
        event_type: str,
        subject: str,
        data: dict[str, Any],
        revision: int | None = None,
        *,
        was_public: bool | None = None,
    ) -> None:
        """Put an event into the outbox; it is fed once the transaction has committed and the sequencer has passed.

        Args:
            event_type: As in the event.
            subject: What it happened to.
            data: What happened; the meeting's id is added.
            revision: Of a record.
            was_public: Whether a record was ever published, where the type does not tell.
        """
        self.connection.execute(
            sa.insert(tables.outbox).values(
                meeting_id=self.meeting.id,
                type=event_type,
                subject=subject,
                revision=revision,
                data=canonical_json({"meeting_id": self.meeting.id, **data}),
                at=self.now,
                public=event_is_public(event_type, was_public),
            )
        )

    def _progress_values(self, state: str, progress: Progress) -> dict[str, Any]:
        return {
            "state": state,
            "cursors": encode_cursors(progress),
            "heard_end_ms": progress.heard.end_ms,
            "heard_channel": progress.heard.channel,
            "heard_rank": progress.heard.rank,
            "events": progress.events,
        }


def _waiting_values(waiting: dict[str, Waiting]) -> dict[str, Any]:
    return {
        "waiting": canonical_json({name: [item.at_ms, item.since.isoformat()] for name, item in waiting.items()}),
        "waiting_since": min((item.since for item in waiting.values()), default=None),
    }
