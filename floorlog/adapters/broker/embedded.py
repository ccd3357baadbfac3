"""A broker in one SQLite file, for one machine: durable, safe for several processes, nothing to install."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from floorlog.adapters.broker import tables
from floorlog.adapters.broker.interface import Backlog, Message, Outgoing, check_message, check_name
from floorlog.errors import BrokerUnavailable, InvalidSetting

_BUSY_S = 30.0  # how long a writer waits for another process's transaction; ours take milliseconds
_LOOK_S = 0.05  # how often a waiting pull looks; one look is an index search of some 20 µs
_LEASE_ID = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")  # both fit 64 bits


class EmbeddedBroker:
    """Carry messages in one SQLite file.

    Each call is one transaction that is on disk when it returns (WAL, synchronous=FULL): a process that is killed
    loses nothing that it was told is kept. A lease that has run out still acknowledges, as long as the message was
    not delivered again.

    Args:
        path: the file; made, with its folder, where it is missing. Not the store's file.
        now: seconds since 1970; leases are counted on it.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = path, now
        self._lock = threading.Lock()
        self._closed = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        except (OSError, sqlite3.DatabaseError) as fault:
            raise BrokerUnavailable(f"{path}: {fault}") from fault
        self._migrate()

    def create_topic(self, topic: str) -> None:
        """Make a topic, unless it is there."""
        check_name("topic", topic)
        with self._transaction() as connection:
            connection.execute("INSERT INTO topic (name) VALUES (?) ON CONFLICT DO NOTHING", (topic,))

    def create_subscription(self, subscription: str, topic: str, lease_s: int) -> None:
        """Make a subscription that receives what is published from now on, unless it is there."""
        check_name("subscription", subscription)
        with self._transaction() as connection:
            topic_id = self._topic(topic)
            connection.execute(
                "INSERT INTO subscription (name, topic_id, lease_s) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET lease_s = excluded.lease_s "
                "WHERE subscription.topic_id = excluded.topic_id",
                (subscription, topic_id, lease_s),
            )
            (found,) = connection.execute(
                "SELECT topic_id FROM subscription WHERE name = ?", (subscription,)
            ).fetchone()
            if found != topic_id:
                raise InvalidSetting("subscription", subscription, f"it belongs to another topic than {topic!r}")

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Publish one message and return its id."""
        return self.publish_many(topic, [Outgoing(data, attributes or {}, ordering_key)])[0]

    def publish_many(self, topic: str, messages: Sequence[Outgoing]) -> list[str]:
        """Publish messages, all or none, and return their ids in the same order."""
        for message in messages:
            check_message(message)
        published_at = self._now()
        with self._transaction() as connection:
            topic_id = self._topic(topic)
            subscriptions = [
                row[0]
                for row in connection.execute(
                    "SELECT subscription_id FROM subscription WHERE topic_id = ?", (topic_id,)
                )
            ]
            return [self._keep(message, published_at, subscriptions) for message in messages]

    def pull(self, subscription: str, max_messages: int, wait_s: float) -> list[Message]:
        """Take up to `max_messages` on lease, oldest first; wait up to `wait_s` for the first."""
        deadline = time.monotonic() + wait_s
        while True:
            messages = self._claim(subscription, max_messages) if self._due(subscription) else []
            left_s = deadline - time.monotonic()
            if messages or left_s <= 0 or self._closed.wait(min(_LOOK_S, left_s)):
                return messages

    def acknowledge(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Never deliver these again; a message that no subscription waits for any more is deleted."""
        with self._transaction() as connection:
            for lease in self._leases(subscription, lease_ids):
                gone = connection.execute(
                    f"DELETE FROM delivery WHERE {tables.HELD} RETURNING message_id", lease
                ).fetchall()
                connection.executemany(
                    "DELETE FROM message WHERE message_id = :id "
                    "AND NOT EXISTS (SELECT 1 FROM delivery WHERE message_id = :id)",
                    [{"id": row[0]} for row in gone],
                )

    def extend(self, subscription: str, lease_ids: Sequence[str], lease_s: float) -> None:
        """Let these leases run out `lease_s` from now."""
        until = self._now() + lease_s
        with self._transaction() as connection:
            for lease in self._leases(subscription, lease_ids):
                connection.execute(f"UPDATE delivery SET leased_until = ? WHERE {tables.HELD}", (until, *lease))

    def release(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Give these back, to be delivered again at once."""
        with self._transaction() as connection:
            for lease in self._leases(subscription, lease_ids):
                connection.execute(f"UPDATE delivery SET leased_until = NULL WHERE {tables.HELD}", lease)

    def backlog(self, subscription: str) -> Backlog:
        """Return what is not acknowledged yet."""
        with self._reading() as connection:
            subscription_id, _ = self._subscription(subscription)
            (messages,) = connection.execute(
                "SELECT (SELECT count(*) FROM delivery WHERE subscription_id = :id AND leased_until IS NULL)"
                " + (SELECT count(*) FROM delivery WHERE subscription_id = :id AND leased_until IS NOT NULL)",
                {"id": subscription_id},
            ).fetchone()
            (oldest,) = connection.execute(
                "SELECT min(published_at) FROM delivery JOIN message USING (message_id) WHERE delivery_id IN ("
                "(SELECT min(delivery_id) FROM delivery WHERE subscription_id = :id AND leased_until IS NULL),"
                "(SELECT min(delivery_id) FROM delivery WHERE subscription_id = :id AND leased_until IS NOT NULL))",
                {"id": subscription_id},
            ).fetchone()
        return Backlog(messages, None if oldest is None else datetime.fromtimestamp(oldest, UTC))

    def close(self) -> None:
        """Close the file; a waiting pull ends."""
        self._closed.set()
        with self._lock:
            self._connection.close()

    def _migrate(self) -> None:
        with self._transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > tables.VERSION:
                raise InvalidSetting("FLOORLOG_BROKER_URL", str(self._path), "the file is of a newer Floorlog")
            if version == 0:
                for statement in tables.SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {tables.VERSION}")

    def _keep(self, message: Outgoing, published_at: float, subscriptions: Sequence[int]) -> str:
        message_id = self._connection.execute(
            "INSERT INTO message (data, attributes, ordering_key, published_at) VALUES (?, ?, ?, ?)",
            (message.data, json.dumps(dict(message.attributes)), message.ordering_key, published_at),
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO delivery (subscription_id, message_id) VALUES (?, ?)",
            [(subscription_id, message_id) for subscription_id in subscriptions],
        )
        if not subscriptions:  # it has its id, and nobody will ever ask for it
            self._connection.execute("DELETE FROM message WHERE message_id = ?", (message_id,))
        return str(message_id)

    def _due(self, subscription: str) -> bool:
        """Look without a writer's lock, so that idle consumers do not stand in the way of busy ones."""
        if self._closed.is_set():
            return False
        with self._reading() as connection:
            subscription_id, _ = self._subscription(subscription)
            parameters = {"subscription": subscription_id, "now": self._now(), "limit": 1}
            return connection.execute(tables.DUE, parameters).fetchone() is not None

    def _claim(self, subscription: str, max_messages: int) -> list[Message]:
        now = self._now()
        with self._transaction() as connection:
            subscription_id, lease_s = self._subscription(subscription)
            parameters = {"subscription": subscription_id, "now": now, "limit": max_messages}
            due = [row[0] for row in connection.execute(tables.DUE, parameters)]
            connection.executemany(tables.LEASE, [{"delivery": delivery, "until": now + lease_s} for delivery in due])
            rows = [(delivery, *connection.execute(tables.READ, (delivery,)).fetchone()) for delivery in due]
        return [_message(*row) for row in rows]

    def _topic(self, name: str) -> int:
        row = self._connection.execute("SELECT topic_id FROM topic WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise InvalidSetting("topic", name, "no such topic was created")
        return int(row[0])

    def _subscription(self, name: str) -> tuple[int, float]:
        row = self._connection.execute(
            "SELECT subscription_id, lease_s FROM subscription WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            raise InvalidSetting("subscription", name, "no such subscription was created")
        return int(row[0]), float(row[1])

    def _leases(self, subscription: str, lease_ids: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        subscription_id, _ = self._subscription(subscription)
        for lease_id in lease_ids:
            if parts := _LEASE_ID.fullmatch(lease_id):
                yield subscription_id, int(parts[1]), int(parts[2])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: begin with the writer's lock (a deferred read-then-write fails at once under contention)."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed.is_set():
                raise BrokerUnavailable(f"{self._path} was closed")
            try:
                yield self._connection
            except sqlite3.OperationalError as fault:
                raise BrokerUnavailable(f"{self._path}: {fault}") from fault


def _message(
    delivery: int, message_id: int, data: bytes, attributes: str, ordering_key: str, attempt: int, published_at: float
) -> Message:
    decoded: dict[str, Any] = json.loads(attributes)
    return Message(
        message_id=str(message_id),
        data=data,
        attributes=decoded,
        ordering_key=ordering_key,
        lease_id=f"{delivery}-{attempt}",
        attempt=attempt,
        published_at=datetime.fromtimestamp(published_at, UTC),
    )
