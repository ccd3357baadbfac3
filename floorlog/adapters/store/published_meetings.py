"""The meetings as readers of published records see them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import choosing, tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.published_rows import MeetingFilter, ShownMeeting
from floorlog.adapters.store.shown_tables import shown_facets
from floorlog.publication import meeting_as_shown
from floorlog.visibility import states


class PublishedMeetings(Database):
    """The part of the store that lists meetings for readers of published records."""

    def meetings_shown(
        self,
        wanted: MeetingFilter,
        *,
        before: tuple[int, str] | None = None,
        limit: int = 50,
        ascending: bool = False,
    ) -> list[ShownMeeting]:
        """Return the meetings that a reader may know of, the latest first.

        Args:
            wanted: Which meetings, and by whom.
            before: Go on behind the meeting with this cursor.
            limit: How many at most.
            ascending: The earliest first.
        """
        rows = tables.meetings
        place = (rows.c.started_at, rows.c.id)
        query = sa.select(rows).order_by(*(place if ascending else (each.desc() for each in place))).limit(limit)
        query = query.where(rows.c.audience.in_(_audiences(wanted.scopes)))
        if wanted.states:
            query = query.where(rows.c.state.in_(wanted.states))
        if wanted.from_ms is not None:
            query = query.where(rows.c.started_at >= wanted.from_ms)
        if wanted.to_ms is not None:
            query = query.where(rows.c.started_at < wanted.to_ms)
        if before is not None:
            query = query.where(sa.tuple_(*place) > before if ascending else sa.tuple_(*place) < before)
        with self.read() as connection:
            return _shown(connection, connection.execute(query).all(), wanted.scopes)

    def meeting_shown(self, meeting_id: str, scopes: tuple[str, ...] = ()) -> ShownMeeting | None:
        """Return a meeting; None where there is none that the reader may know of."""
        rows = tables.meetings
        query = sa.select(rows).where(rows.c.id == meeting_id, rows.c.audience.in_(_audiences(scopes)))
        with self.read() as connection:
            return next(iter(_shown(connection, connection.execute(query).all(), scopes)), None)


def _audiences(scopes: tuple[str, ...]) -> list[str]:
    return [audience for audience in ("closed", "live", "published") if states(audience, scopes)]


def _shown(connection: Connection, found: Sequence[Any], scopes: tuple[str, ...]) -> list[ShownMeeting]:
    facets = shown_facets
    counts: dict[str, int] = {}
    for meeting_id, count in connection.execute(
        sa.select(facets.c.value, sa.func.count())
        .where(
            facets.c.name == "meeting",
            facets.c.value.in_([row.id for row in found]),
            choosing.seen_by(scopes, facets.c.needs),
        )
        .group_by(facets.c.value)
    ):
        counts[meeting_id] = count
    return [
        ShownMeeting(
            id=row.id,
            title=row.title,
            state=row.state,
            audience=row.audience,
            started_at=row.started_at,
            document=meeting_as_shown(json.loads(row.document)),
            records=counts.get(row.id, 0),
        )
        for row in found
    ]
