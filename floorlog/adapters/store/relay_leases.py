"""Leases: which relay serves which shards of a subscriber, so that several share the work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import relay_tables as tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import insert
from floorlog.relaying import fair_share


class Leases:
    """The store's part about leases, for one relay.

    A lease says who should send, not who may write: what is written of a delivery is true whoever writes it, and a
    relay that was frozen repeats at most what another has delivered, which receivers drop by its id.

    Args:
        database: The store.
        relay_id: The relay.
        lease_s: How long a lease lasts without being extended, in seconds of the database's clock.
    """

    def __init__(self, database: Database, relay_id: str, lease_s: float) -> None:
        self._database, self._relay_id, self._lease = database, relay_id, timedelta(seconds=lease_s)

    def beat(self) -> None:
        """Say that the relay is alive, and forget those that are long gone."""
        rows = tables.relays
        with self._database.write() as connection:
            now = database_now(connection)
            connection.execute(
                insert(connection, rows)
                .values(id=self._relay_id, seen_at=now)
                .on_conflict_do_update(index_elements=["id"], set_={"seen_at": now})
            )
            connection.execute(sa.delete(rows).where(rows.c.seen_at < now - 10 * self._lease))

    def hold(self, subscriber_id: str, busy: Collection[int]) -> dict[int, int]:
        """Take or keep the relay's share of a subscriber's shards; return the position of each that it holds.

        Nothing is written while more than half of each lease is left and the share is right.

        Args:
            subscriber_id: The subscriber.
            busy: Shards of which something is being sent: they are not given away now.
        """
        with self._database.read() as connection:
            held, moves = self._plan(connection, subscriber_id, busy)
        if not moves:
            return held
        with self._database.write() as connection:
            held, moves = self._plan(connection, subscriber_id, busy, lock=True)
            until = database_now(connection) + self._lease
            for shard in moves:
                mine = shard in held
                values = {"holder": self._relay_id, "until": until} if mine else {"holder": None, "until": None}
                connection.execute(sa.update(tables.subscriber_shards).where(*_is(subscriber_id, shard)).values(values))
            return held

    def _plan(
        self, connection: Connection, subscriber_id: str, busy: Collection[int], lock: bool = False
    ) -> tuple[dict[int, int], list[int]]:
        """Return the shards that the relay should hold with their positions, and those whose row must change."""
        shards, relays = tables.subscriber_shards, tables.relays
        query = sa.select(shards).where(shards.c.subscriber_id == subscriber_id).order_by(shards.c.shard)
        rows = connection.execute(query.with_for_update() if lock else query).all()
        now = database_now(connection)
        alive = sa.select(sa.func.count()).where(relays.c.seen_at > now - self._lease, relays.c.id != self._relay_id)
        share = fair_share(1 + (connection.scalar(alive) or 0))
        mine = [row for row in rows if row.holder == self._relay_id and row.until > now]
        kept = mine[:share] + [row for row in mine[share:] if row.shard in busy]
        free = [row for row in rows if row.holder is None or row.until <= now]
        taken = free[: max(0, share - len(kept))]
        moves = [row.shard for row in (*kept, *taken) if self._is_half_over(row, now)]
        moves += [row.shard for row in mine if row not in kept]
        return {row.shard: row.position for row in (*kept, *taken)}, moves

    def _is_half_over(self, row: Any, now: datetime) -> bool:
        return row.holder != self._relay_id or bool(row.until - now < self._lease / 2)

    def let_go(self) -> None:
        """Give every lease back: the relay ends."""
        rows, relays = tables.subscriber_shards, tables.relays
        with self._database.write() as connection:
            connection.execute(sa.update(rows).where(rows.c.holder == self._relay_id).values(holder=None, until=None))
            connection.execute(sa.delete(relays).where(relays.c.id == self._relay_id))


def _is(subscriber_id: str, shard: int) -> tuple[sa.ColumnElement[bool], ...]:
    rows = tables.subscriber_shards
    return rows.c.subscriber_id == subscriber_id, rows.c.shard == shard
