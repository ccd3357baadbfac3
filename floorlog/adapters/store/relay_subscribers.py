"""Subscribers in the store: who gets events, from where on, and whether they are served."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from floorlog.adapters.store import relay_tables as tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import is_new
from floorlog.adapters.store.tables import outbox
from floorlog.errors import UnknownSubscriber
from floorlog.identity import canonical_json
from floorlog.relaying import SHARDS, Wanted

Kind = Literal["webhook", "topic"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets events. `secret` signs what a webhook gets; `failing_since`: nothing was delivered since then."""

    id: str
    kind: Kind
    target: str
    secret: str | None
    about: str
    wanted: Wanted
    state: Literal["active", "disabled"]
    why: str | None
    failing_since: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a subscriber is served: all up to `position` of `last` was taken up, so many deliveries wait."""

    position: int
    last: int
    waiting: int
    oldest_waiting: int | None
    relays: tuple[str, ...]


class Subscribers:
    """The store's part about subscribers.

    Args:
        database: The store.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(
        self, subscriber_id: str, kind: Kind, target: str, secret: str | None, about: str, wanted: Wanted, after: int
    ) -> bool:
        """Add a subscriber that is served from behind a position on; return False where it is there already."""
        with self.database.write() as connection:
            values = {
                "id": subscriber_id,
                "kind": kind,
                "target": target,
                "secret": secret,
                "about": about,
                "meeting_id": wanted.meeting_id,
                "types": canonical_json(list(wanted.types)),
                "scopes": canonical_json(sorted(wanted.scopes)),
                "state": "active",
                "added_at": database_now(connection),
            }
            if not is_new(connection, tables.subscribers, values):
                return False
            connection.execute(
                sa.insert(tables.subscriber_shards),
                [{"subscriber_id": subscriber_id, "shard": shard, "position": after} for shard in range(SHARDS)],
            )
            return True

    def all(self) -> list[Subscriber]:
        """Return all subscribers, by when they were added."""
        rows = tables.subscribers
        with self.database.read() as connection:
            return [
                _subscriber(row) for row in connection.execute(sa.select(rows).order_by(rows.c.added_at, rows.c.id))
            ]

    def one(self, subscriber_id: str) -> Subscriber:
        """Return a subscriber.

        Raises:
            UnknownSubscriber: there is none with that id.
        """
        rows = tables.subscribers
        with self.database.read() as connection:
            row = connection.execute(sa.select(rows).where(rows.c.id == subscriber_id)).one_or_none()
        if row is None:
            raise UnknownSubscriber(subscriber_id)
        return _subscriber(row)

    def standing(self, subscriber_id: str) -> Standing:
        """Return how far a subscriber is served."""
        shards, waiting = tables.subscriber_shards, tables.deliveries
        with self.database.read() as connection:
            now = database_now(connection)
            found = connection.execute(sa.select(shards).where(shards.c.subscriber_id == subscriber_id)).all()
            count, oldest = connection.execute(
                sa.select(sa.func.count(), sa.func.min(waiting.c.position)).where(
                    waiting.c.subscriber_id == subscriber_id, waiting.c.state == "waiting"
                )
            ).one()
            last = connection.scalar(sa.select(sa.func.max(outbox.c.position))) or 0
        held = {row.holder for row in found if row.holder and row.until and row.until > now}
        return Standing(min((row.position for row in found), default=0), last, count, oldest, tuple(sorted(held)))

    def disable(self, subscriber_id: str, why: str) -> None:
        """Serve a subscriber no more; what waits for it is kept, and its cursor stays."""
        rows = tables.subscribers
        with self.database.write() as connection:
            connection.execute(sa.update(rows).where(rows.c.id == subscriber_id).values(state="disabled", why=why))

    def enable(self, subscriber_id: str) -> None:
        """Serve a subscriber again from where it stopped, at once."""
        rows, waiting = tables.subscribers, tables.deliveries
        with self.database.write() as connection:
            active = {"state": "active", "why": None, "failing_since": None}
            connection.execute(sa.update(rows).where(rows.c.id == subscriber_id).values(**active))
            connection.execute(
                sa.update(waiting)
                .where(waiting.c.subscriber_id == subscriber_id, waiting.c.state == "waiting")
                .values(next_at=database_now(connection), first_at=None, attempts=0)
            )

    def remove(self, subscriber_id: str) -> None:
        """Forget a subscriber, with all that was or was to be delivered to it."""
        sent, tried = tables.deliveries, tables.delivery_attempts
        of_it = sa.select(sent.c.id).where(sent.c.subscriber_id == subscriber_id)
        with self.database.write() as connection:
            # Its row first: a relay that records what it just sent waits, and then finds nobody.
            rows = tables.subscribers
            connection.execute(sa.select(rows.c.id).where(rows.c.id == subscriber_id).with_for_update())
            connection.execute(sa.delete(tried).where(tried.c.delivery_id.in_(of_it)))
            connection.execute(sa.delete(sent).where(sent.c.subscriber_id == subscriber_id))
            shards = tables.subscriber_shards
            connection.execute(sa.delete(shards).where(shards.c.subscriber_id == subscriber_id))
            connection.execute(sa.delete(rows).where(rows.c.id == subscriber_id))


def _subscriber(row: Any) -> Subscriber:
    wanted = Wanted(row.meeting_id, tuple(json.loads(row.types)), frozenset(json.loads(row.scopes)))
    return Subscriber(
        row.id,
        row.kind,
        row.target,
        row.secret,
        row.about,
        wanted,
        row.state,
        row.why,
        row.failing_since,
        row.added_at,
    )
