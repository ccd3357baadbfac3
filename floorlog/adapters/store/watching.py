"""What a page that grows asks again and again: has this meeting changed, and what was announced."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from floorlog import announcements
from floorlog.adapters.store import tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.gaps import missing
from floorlog.announcements import Announcement


def versions(database: Database, meeting_ids: Collection[str]) -> dict[str, str]:
    """Return, by meeting, a name of what is stored of it: another one after every change of it that can be seen.

    Whoever changes a meeting holds its lock, so its floor's version, its events and its announcements only grow.

    Args:
        database: The store.
        meeting_ids: Meetings; one that was never added has a version, too.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    floors, events, placed = tables.floor_states, tables.outbox, tables.segments
    with database.read() as connection:

        def by_meeting(column: sa.ColumnElement[Any], meeting: sa.Column[str]) -> dict[str, int]:
            query = sa.select(meeting, column).where(meeting.in_(meeting_ids)).group_by(meeting)
            return {row[0]: row[1] for row in connection.execute(query)}

        counted = (
            by_meeting(sa.func.max(floors.c.version), floors.c.meeting_id),
            by_meeting(sa.func.max(events.c.id), events.c.meeting_id),
            by_meeting(sa.func.count(), placed.c.meeting_id),
        )
    return {meeting_id: ".".join(str(counts.get(meeting_id, 0)) for counts in counted) for meeting_id in meeting_ids}


def placed(database: Database, meeting_id: str, channel: str) -> list[Announcement]:
    """Return a channel's announcements in order of their starts, those among them that nobody has heard yet.

    Of a gap for which audio turned up, what is left of it.
    """
    rows = tables.segments
    query = sa.select(rows.c.start_ms, rows.c.end_ms, rows.c.document).where(
        rows.c.meeting_id == meeting_id, rows.c.channel == channel
    )
    with database.read() as connection:
        found = connection.execute(query.where(rows.c.kind != "gap")).all()
        gaps = missing(connection, meeting_id, channel)
    placed = [(row.start_ms, row.end_ms, announcements.decode(json.loads(row.document))) for row in found]
    placed += [(gap.span.start_ms, gap.span.end_ms, gap) for gap in gaps]
    return [announcement for _, _, announcement in sorted(placed, key=lambda item: item[:2])]
