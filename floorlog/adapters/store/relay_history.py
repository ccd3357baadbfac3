"""What was delivered, attempt by attempt; what is sent again; and what is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import relay_tables as tables
from floorlog.adapters.store import tables as others
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import insert
from floorlog.relaying import shard_of

CHUNK = 1000
"""Deliveries forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class Past:
    """A delivery as operators see it, with its last attempt."""

    id: int
    subscriber_id: str
    position: int
    type: str
    subject: str
    state: str
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    status: int | None
    duration_ms: int | None
    error: str | None


class History:
    """The store's part about what was delivered.

    Args:
        database: The store.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def deliveries(self, subscriber_id: str, limit: int, state: str | None = None) -> list[Past]:
        """Return a subscriber's deliveries, the latest events first.

        Args:
            subscriber_id: The subscriber.
            limit: How many at most.
            state: Only these: waiting, delivered, given_up or passed_over.
        """
        rows, tried, events = tables.deliveries, tables.delivery_attempts, others.outbox
        each = tried.alias()
        latest = sa.select(sa.func.max(each.c.id)).where(each.c.delivery_id == rows.c.id).scalar_subquery()
        count = sa.select(sa.func.count()).where(each.c.delivery_id == rows.c.id).scalar_subquery()
        query = (
            sa.select(
                rows.c.id,
                rows.c.subscriber_id,
                rows.c.position,
                events.c.type,
                rows.c.subject,
                rows.c.state,
                count.label("tried"),
                rows.c.next_at,
                tried.c.at,
                tried.c.status,
                tried.c.duration_ms,
                tried.c.error,
            )
            .select_from(rows.join(events, events.c.position == rows.c.position).outerjoin(tried, tried.c.id == latest))
            .where(rows.c.subscriber_id == subscriber_id)
            .order_by(rows.c.position.desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(rows.c.state == state)
        with self.database.read() as connection:
            return [_past(row) for row in connection.execute(query)]

    def again(self, subscriber_id: str, events: Sequence[tuple[int, str]]) -> None:
        """Let events be sent again, or for the first time, at once.

        Args:
            subscriber_id: The subscriber.
            events: Position and subject of each.
        """
        rows = tables.deliveries
        with self.database.write() as connection:
            values = _afresh(database_now(connection))
            statement = insert(connection, rows).on_conflict_do_update(
                index_elements=["subscriber_id", "position"], set_=values
            )
            connection.execute(
                statement,
                [
                    {
                        "subscriber_id": subscriber_id,
                        "position": position,
                        "shard": shard_of(subject),
                        "subject": subject,
                        **values,
                    }
                    for position, subject in events
                ],
            )

    def forget(self, before: datetime) -> int:
        """Forget what was closed before a moment, with its attempts; return how many deliveries that were."""
        rows, tried = tables.deliveries, tables.delivery_attempts
        forgotten = 0
        while True:
            with self.database.write() as connection:
                closed = sa.select(rows.c.id).where(rows.c.done_at < before).limit(CHUNK)
                ids = connection.scalars(closed).all()
                connection.execute(sa.delete(tried).where(tried.c.delivery_id.in_(ids)))
                connection.execute(sa.delete(rows).where(rows.c.id.in_(ids)))
            forgotten += len(ids)
            if len(ids) < CHUNK:
                return forgotten


def _afresh(now: datetime) -> dict[str, Any]:
    return {"state": "waiting", "attempts": 0, "next_at": now, "first_at": None, "done_at": None}


def _past(row: Any) -> Past:
    waits = row.state == "waiting"
    return Past(
        row.id,
        row.subscriber_id,
        row.position,
        row.type,
        row.subject,
        row.state,
        row.tried,
        row.next_at if waits else None,
        row.at,
        row.status,
        row.duration_ms,
        row.error,
    )
