"""The embedded broker's tables, and the searches that must stay on an index however long the backlog is."""

from __future__ import annotations

VERSION = 1

# A delivery is waiting while leased_until is null. AUTOINCREMENT: an id is never given twice, so an old lease id
# cannot name a new delivery.
SCHEMA = """
CREATE TABLE topic (
    topic_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE subscription (
    subscription_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    topic_id INTEGER NOT NULL REFERENCES topic,
    lease_s REAL NOT NULL
);
CREATE TABLE message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    data BLOB NOT NULL,
    attributes TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    published_at REAL NOT NULL
);
CREATE TABLE delivery (
    delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription_id INTEGER NOT NULL REFERENCES subscription,
    message_id INTEGER NOT NULL REFERENCES message,
    attempt INTEGER NOT NULL DEFAULT 0,
    leased_until REAL
);
CREATE INDEX delivery_waiting ON delivery (subscription_id, delivery_id) WHERE leased_until IS NULL;
CREATE INDEX delivery_leased ON delivery (subscription_id, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX delivery_message ON delivery (message_id);
"""

DUE = """
SELECT delivery_id FROM (
    SELECT delivery_id FROM delivery
    WHERE subscription_id = :subscription AND leased_until IS NULL
    ORDER BY delivery_id LIMIT :limit
)
UNION ALL
SELECT delivery_id FROM (
    SELECT delivery_id FROM delivery
    WHERE subscription_id = :subscription AND leased_until IS NOT NULL AND leased_until <= :now
    ORDER BY leased_until LIMIT :limit
)
ORDER BY delivery_id LIMIT :limit
"""
"""What may be delivered, oldest first: what waits, and what a lease has run out of. Each half reads its own index."""

LEASE = """
UPDATE delivery SET attempt = attempt + 1, leased_until = :until WHERE delivery_id = :delivery
"""

READ = """
SELECT message_id, data, attributes, ordering_key, attempt, published_at
FROM delivery JOIN message USING (message_id) WHERE delivery_id = ?
"""

HELD = "subscription_id = ? AND delivery_id = ? AND attempt = ? AND leased_until IS NOT NULL"
"""A lease holds until its message is acknowledged, released, or delivered again; only running out does not end it."""
