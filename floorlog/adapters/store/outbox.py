"""The outbox: a sequencer numbers committed events, and feeds read only by that number."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.rows import OutboxRow

SEQUENCER_LOCK = 7_305_108_242
"""PostgreSQL advisory lock of the sequencer; any number that nothing else uses."""

CHUNK = 1000
"""Events numbered in one transaction."""


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
        """Return numbered events behind a position, in order.

        Args:
            after: The last position that the reader has seen; 0 for none.
            limit: How many at most.
            meeting_id: Only this meeting's.
        """
        rows = tables.outbox
        query = sa.select(rows).where(rows.c.position > after).order_by(rows.c.position).limit(limit)
        if meeting_id is not None:
            query = query.where(rows.c.meeting_id == meeting_id)
        with self.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def last_position(self) -> int:
        """Return the position of the last numbered event; 0 before the first one."""
        with self.read() as connection:
            return connection.scalar(sa.select(sa.func.max(tables.outbox.c.position))) or 0


def _event(row: Any) -> OutboxRow:
    return OutboxRow(row.position, row.meeting_id, row.type, row.subject, row.revision, json.loads(row.data), row.at)
