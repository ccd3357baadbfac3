"""Look at what is stored of a meeting, and plan what its floor hears next."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from floorlog.adapters.store import MeetingReader
from floorlog.adapters.store.rows import NOTHING_HEARD, Cursor, FloorRow, Progress
from floorlog.services.timeline import Channel, Plan, plan


def progress_of(reader: MeetingReader, progress: Progress | None) -> Progress:
    """Return how far a meeting was heard, with a cursor for each of its channels."""
    cursors = {channel["name"]: Cursor(0, False) for channel in reader.meeting.document["channels"]}
    if progress is None:
        return Progress(cursors, NOTHING_HEARD, 0)
    return Progress(cursors | progress.cursors, progress.heard, progress.events)


def look(
    reader: MeetingReader,
    progress: Progress,
    passed: Mapping[str, Cursor],
    patience_is_over: Callable[[str, int], bool],
    limit: int,
) -> Plan:
    """Plan what a meeting's floor hears next.

    Args:
        reader: The meeting, open in a transaction.
        progress: How far it was heard.
        passed: Cursors up to which it was heard before; what is missing there is missing for good.
        patience_is_over: See `timeline.plan`.
        limit: Announcements of one channel that are looked at.
    """
    channels = []
    for channel in reader.meeting.document["channels"]:
        name = channel["name"]
        cursor = progress.cursors[name]
        rows = reader.upcoming(name, cursor.next_ms, limit)
        ends = cursor.ended or any(row.kind == "end" for row in rows)
        channels.append(
            Channel(
                name=name,
                required=channel["required"],
                cursor=cursor,
                rows=rows,
                announced_ms=reader.announced_until(name) if ends else cursor.next_ms,
                more=len(rows) == limit,
                passed_ms=passed[name].next_ms if name in passed else 0,
            )
        )
    return plan(channels, progress.heard, patience_is_over)


def late_since(reader: MeetingReader, floor: FloorRow, machine_version: int) -> int | None:
    """Return up to where what was heard can stay, in ms; None where nothing came too late.

    -1 means that nothing can: the machine or the recogniser that counts is another one.
    """
    if floor.machine_version != machine_version or floor.fingerprint not in (None, reader.meeting.fingerprint):
        return -1
    missed = reader.missed(floor.progress.cursors)
    return min((min(row.start_ms, row.end_ms - 1) for row in missed), default=None)
