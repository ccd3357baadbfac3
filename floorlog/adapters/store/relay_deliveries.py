"""Deliveries in the store: what waits for a subscriber, what is due, and what came of each attempt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import relay_tables as tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import insert
from floorlog.relaying import shard_of

MOST_WAITING = 10_000
"""Deliveries that may wait for one subscriber before nothing more is taken up for it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for a subscriber. `attempts` failed so far."""

    id: int
    subscriber_id: str
    position: int
    shard: int
    subject: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    Args:
        delivery: What was sent.
        status: Of HTTP, where one came.
        duration_ms: How long it took.
        error: Why it was not taken; None: it was.
        wait_s: After how long it is tried again, where it was not taken.
        gone: Whether the receiver said that it is there no more.
    """

    delivery: Delivery
    status: int | None
    duration_ms: int
    error: str | None
    wait_s: float = 0.0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """After how long without any success a subscriber is disabled, and one delivery that fails is given up."""

    disable_after: timedelta


class Deliveries:
    """The store's part about deliveries that relays use.

    Args:
        database: The store.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def park(
        self, subscriber_id: str, events: Sequence[tuple[int, str]], cursors: Mapping[int, int], until: int
    ) -> None:
        """Keep events as deliveries, and move the cursors behind them, at once. Doing it twice changes nothing.

        Args:
            subscriber_id: The subscriber.
            events: Position and subject of each event that the subscriber gets, of any shard.
            cursors: The shards that are moved, and where each is: what lies before is passed over.
            until: The position behind which the shards go on.
        """
        rows, shards = tables.deliveries, tables.subscriber_shards
        with self.database.write() as connection:
            if not _exists(connection, subscriber_id):
                return
            now = database_now(connection)
            values = [
                {
                    "subscriber_id": subscriber_id,
                    "position": position,
                    "shard": shard,
                    "subject": subject,
                    "state": "waiting",
                    "attempts": 0,
                    "next_at": now,
                }
                for position, subject in events
                if position > cursors.get(shard := shard_of(subject), until)
            ]
            if values:
                connection.execute(insert(connection, rows).on_conflict_do_nothing(), values)
            connection.execute(
                sa.update(shards)
                .where(shards.c.subscriber_id == subscriber_id, shards.c.shard.in_(cursors), shards.c.position < until)
                .values(position=until)
            )

    def waiting(self, subscriber_id: str) -> int:
        """Return how many deliveries wait for a subscriber."""
        rows = tables.deliveries
        with self.database.read() as connection:
            count = sa.select(sa.func.count()).where(rows.c.subscriber_id == subscriber_id, rows.c.state == "waiting")
            return connection.scalar(count) or 0

    def due(
        self, subscriber_id: str, shards: Collection[int], limit: int, sending: Collection[str] = ()
    ) -> list[Delivery]:
        """Return deliveries whose time has come: of each record the first that waits, and no other.

        Args:
            subscriber_id: The subscriber.
            shards: Of these shards only.
            limit: How many at most, the longest due first.
            sending: Records of which one is being sent.
        """
        rows, earlier = tables.deliveries, tables.deliveries.alias()
        is_behind = sa.exists().where(
            earlier.c.subscriber_id == rows.c.subscriber_id,
            earlier.c.subject == rows.c.subject,
            earlier.c.state == "waiting",
            earlier.c.position < rows.c.position,
        )
        with self.database.read() as connection:
            found = connection.execute(
                sa.select(rows)
                .where(
                    rows.c.subscriber_id == subscriber_id,
                    rows.c.state == "waiting",
                    rows.c.shard.in_(shards),
                    rows.c.subject.not_in(sending),
                    rows.c.next_at <= database_now(connection),
                    ~is_behind,
                )
                .order_by(rows.c.next_at, rows.c.position)
                .limit(limit)
            )
            return [
                Delivery(row.id, row.subscriber_id, row.position, row.shard, row.subject, row.attempts) for row in found
            ]

    def pass_over(self, deliveries: Sequence[Delivery]) -> None:
        """Close deliveries of events that their subscriber must not see any more."""
        with self.database.write() as connection:
            closed = {"state": "passed_over", "done_at": database_now(connection)}
            rows = tables.deliveries
            for each in deliveries:
                connection.execute(sa.update(rows).where(*_waits(each)).values(closed))

    def record(self, subscriber_id: str, outcomes: Sequence[Outcome], patience: Patience) -> str | None:
        """Keep what came of attempts; return why the subscriber is disabled by it, None where it is not.

        Args:
            subscriber_id: The subscriber that all were for.
            outcomes: What came of them, in the order in which they ended.
            patience: When to give up.
        """
        rows, subscribers = tables.deliveries, tables.subscribers
        with self.database.write() as connection:
            query = sa.select(subscribers).where(subscribers.c.id == subscriber_id).with_for_update()
            subscriber = connection.execute(query).one_or_none()
            if subscriber is None:
                return None
            now = database_now(connection)
            failing_since: datetime | None = subscriber.failing_since
            for outcome in outcomes:
                failing_since = (failing_since or now) if outcome.error is not None else None
                _keep_attempt(connection, outcome, now)
            tired = failing_since is not None and now - failing_since >= patience.disable_after
            for outcome in outcomes:
                if outcome.error is None:
                    done = {"state": "delivered", "done_at": now, "first_at": None}
                    connection.execute(sa.update(rows).where(*_waits(outcome.delivery)).values(done))
                else:
                    _postpone(connection, outcome, now, None if tired else patience)
            why = _why(outcomes, tired, failing_since)
            values: dict[str, Any] = {"failing_since": failing_since}
            if why is not None:
                values |= {"state": "disabled", "why": why}
            if why is not None or failing_since != subscriber.failing_since:
                connection.execute(sa.update(subscribers).where(subscribers.c.id == subscriber_id).values(values))
            return why


def _exists(connection: Connection, subscriber_id: str) -> bool:
    rows = tables.subscribers
    query = sa.select(rows.c.id).where(rows.c.id == subscriber_id).with_for_update()
    return connection.execute(query).first() is not None


def _waits(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.deliveries.c.id == delivery.id, tables.deliveries.c.state == "waiting"


def _keep_attempt(connection: Connection, outcome: Outcome, now: datetime) -> None:
    connection.execute(
        sa.insert(tables.delivery_attempts).values(
            delivery_id=outcome.delivery.id,
            at=now,
            status=outcome.status,
            duration_ms=outcome.duration_ms,
            error=outcome.error,
        )
    )


def _postpone(connection: Connection, outcome: Outcome, now: datetime, patience: Patience | None) -> None:
    """Let a delivery wait again, and all of its record behind it; give it up where it failed for too long."""
    rows, delivery = tables.deliveries, outcome.delivery
    first_at = connection.scalar(sa.select(rows.c.first_at).where(rows.c.id == delivery.id)) or now
    if patience is not None and now - first_at >= patience.disable_after:
        values: dict[str, Any] = {"state": "given_up", "done_at": now}
    else:
        values = {"next_at": now + timedelta(seconds=outcome.wait_s), "first_at": first_at}
    values["attempts"] = delivery.attempts + 1
    connection.execute(sa.update(rows).where(*_waits(delivery)).values(values))


def _why(outcomes: Sequence[Outcome], tired: bool, failing_since: datetime | None) -> str | None:
    if any(outcome.gone for outcome in outcomes):
        return "the receiver answered 410: it is there no more"
    if tired and failing_since is not None:
        return f"nothing was delivered since {failing_since:%Y-%m-%d %H:%M} UTC: {outcomes[-1].error}"
    return None
