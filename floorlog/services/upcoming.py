"""Look at what is stored of a meeting, and plan what its floor hears next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from floorlog.adapters.store import MeetingReader
from floorlog.adapters.store.rows import NOTHING_HEARD, Cursor, FloorRow, Progress, Waiting
from floorlog.services.timeline import Channel, Plan, plan


def progress_of(reader: MeetingReader, progress: Progress | None) -> Progress:
    """Return how far a meeting was heard, with a cursor for each of its channels."""
    cursors = {channel["name"]: Cursor(0, False) for channel in reader.meeting.document["channels"]}
    if progress is None:
        return Progress(cursors, NOTHING_HEARD, 0)
    return Progress(cursors | progress.cursors, progress.heard, progress.events)


class Patience:
    """How long a meeting waits for what is missing, by the database's clock and what is stored of its waiting."""

    def __init__(self, reader: MeetingReader, floor: FloorRow | None) -> None:
        self._reader = reader
        self._known = floor.waiting if floor else {}
        self._hold = timedelta(seconds=reader.meeting.document["hold_s"])

    def waiting(self, channel: str, at_ms: int) -> Waiting:
        """Return since when a channel waits for what starts at a moment: since now, where that is new."""
        known = self._known.get(channel)
        return known if known is not None and known.at_ms == at_ms else Waiting(at_ms, self._reader.now)

    def is_over(self, channel: str, at_ms: int) -> bool:
        """Return whether that was waited for long enough."""
        return self._reader.now - self.waiting(channel, at_ms).since >= self._hold


def look(
    reader: MeetingReader,
    progress: Progress,
    passed: Mapping[str, Cursor],
    patience: Patience,
    limit: int,
) -> Plan:
    """Plan what a meeting's floor hears next.

    Args:
        reader: The meeting, open in a transaction.
        progress: How far it was heard.
        passed: Cursors up to which it was heard before; what is missing there is missing for good.
        patience: How long it waits.
        limit: Announcements of one channel that are looked at, and one more: a gap goes up to the next of them.
    """
    channels = []
    for channel in reader.meeting.document["channels"]:
        name = channel["name"]
        cursor = progress.cursors[name]
        rows = reader.upcoming(name, cursor, limit + 1)
        ends = cursor.ended or any(row.kind == "end" for row in rows)
        channels.append(
            Channel(
                name=name,
                required=channel["required"],
                cursor=cursor,
                rows=rows,
                announced_ms=reader.announced_until(name) if ends else cursor.next_ms,
                more=sum(row.start_ms >= cursor.next_ms for row in rows) == limit + 1,
                passed_ms=passed[name].next_ms if name in passed else 0,
            )
        )
    return plan(channels, progress.heard, patience.is_over)


def late_since(reader: MeetingReader, floor: FloorRow, machine_version: int) -> int | None:
    """Return up to where what was heard can stay, in ms; None where nothing came too late.

    -1 means that nothing can: the machine or the recogniser that counts is another one.
    """
    if floor.machine_version != machine_version or floor.fingerprint not in (None, reader.meeting.fingerprint):
        return -1
    missed = reader.missed(floor.progress.cursors)
    return min((min(row.start_ms, row.end_ms - 1) for row in missed), default=None)
