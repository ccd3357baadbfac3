"""The outbox: a sequencer numbers committed events, and feeds read only by that number."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import shown_tables, tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.rows import OutboxRow
from floorlog.relaying import AUDIENCES, EVERYTHING, Wanted, sees

SEQUENCER_LOCK = 7_305_108_243
"""PostgreSQL advisory lock of the sequencer; any number that nothing else uses."""

CHUNK = 1000
"""Events numbered in one transaction."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in order. `next` is the position to go on behind; `more` tells whether some are there already.

    `last` is the position of the last event of all.
    """

    rows: tuple[OutboxRow, ...]
    next: int
    more: bool
    last: int


class Outbox(Database):
    """The part of the store that feeds events."""

    def sequence(self) -> int:
        """Number the events that are committed and have no position yet; return how many there were.

        Ids are no position: a transaction that took a lower id may commit after one with a higher id, behind the back
        of a reader. Positions are given to committed rows only, by one sequencer at a time, so none appears late.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        numbered = 0
        while self._unnumbered():
            numbered += self._number(CHUNK)
        return numbered

    def _unnumbered(self) -> bool:
        with self.read() as connection:
            unnumbered = sa.select(tables.outbox.c.id).where(tables.outbox.c.position.is_(None)).limit(1)
            return connection.execute(unnumbered).first() is not None

    def _number(self, limit: int) -> int:
        rows = tables.outbox
        with self.write() as connection:
            if not self.on_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEQUENCER_LOCK)))
            last: int = connection.scalar(sa.select(sa.func.max(rows.c.position))) or 0
            ids = connection.scalars(
                sa.select(rows.c.id).where(rows.c.position.is_(None)).order_by(rows.c.id).limit(limit)
            ).all()
            if ids:
                connection.execute(
                    sa.update(rows).where(rows.c.id == sa.bindparam("row_id")).values(position=sa.bindparam("place")),
                    [{"row_id": row_id, "place": last + number} for number, row_id in enumerate(ids, start=1)],
                )
            return len(ids)

    def feed(self, after: int, limit: int, meeting_id: str | None = None) -> list[OutboxRow]:
        """Return numbered events behind a position, in order, whoever may see them.

        Args:
            after: The last position that the reader has seen; 0 for none.
            limit: How many at most.
            meeting_id: Only this meeting's.
        """
        return list(self.page(after, limit, replace(EVERYTHING, meeting_id=meeting_id)).rows)

    def page(self, after: int, limit: int, wanted: Wanted) -> Page:
        """Return numbered events behind a position, in order, as a reader sees them now.

        Args:
            after: The last position that the reader has seen; 0 for none.
            limit: How many at most.
            wanted: Which events, for whom.
        """
        rows = tables.outbox
        with self.read() as connection:
            last = connection.scalar(sa.select(sa.func.max(rows.c.position))) or 0
            query = _seen(wanted).where(rows.c.position > after).order_by(rows.c.position).limit(limit + 1)
            found = [_event(row) for row in connection.execute(query)]
        more, found = len(found) > limit, found[:limit]
        return Page(tuple(found), found[-1].position if more else max(after, last), more, last)

    def events_at(self, positions: Collection[int], wanted: Wanted) -> dict[int, OutboxRow]:
        """Return the events at positions that a reader sees now, by position."""
        query = _seen(wanted).where(tables.outbox.c.position.in_(positions))
        with self.read() as connection:
            return {row.position: _event(row) for row in connection.execute(query)}

    def documents(self, meeting_ids: Collection[str]) -> list[dict[str, Any]]:
        """Return the documents of meetings, in no order."""
        rows = tables.meetings
        with self.read() as connection:
            found = connection.scalars(sa.select(rows.c.document).where(rows.c.id.in_(meeting_ids)))
            return [json.loads(text) for text in found]

    def last_position(self) -> int:
        """Return the position of the last numbered event; 0 before the first one."""
        with self.read() as connection:
            return connection.scalar(sa.select(sa.func.max(tables.outbox.c.position))) or 0


def _seen(wanted: Wanted) -> sa.Select[Any]:
    """Return the query of the events that a reader wants and sees."""
    rows, meetings, records, suppressions = tables.outbox, tables.meetings, tables.records, shown_tables.suppressions
    is_suppressed = sa.exists().where(suppressions.c.record_id == rows.c.subject, suppressions.c.lifted_at.is_(None))
    withheld = sa.case((is_suppressed, "suppressed"), (records.c.state == "withdrawn", "withdrawn")).label("withheld")
    query = sa.select(rows, meetings.c.audience, withheld).select_from(
        rows.join(meetings, meetings.c.id == rows.c.meeting_id).outerjoin(records, records.c.id == rows.c.subject)
    )
    if wanted.meeting_id is not None:
        query = query.where(rows.c.meeting_id == wanted.meeting_id)
    if wanted.types:
        query = query.where(rows.c.type.in_(wanted.types))
    if wanted.scopes >= EVERYTHING.scopes:
        return query
    shown = [
        sa.and_(meetings.c.audience == audience, *(() if sees(audience, False, wanted.scopes) else (rows.c.public,)))
        for audience in AUDIENCES
        if sees(audience, True, wanted.scopes)
    ]
    return query.where(sa.or_(*shown))


def _event(row: Any) -> OutboxRow:
    data = json.loads(row.data)
    return OutboxRow(
        row.position,
        row.meeting_id,
        row.type,
        row.subject,
        row.revision,
        data,
        row.at,
        row.audience,
        row.public,
        row.withheld,
    )
