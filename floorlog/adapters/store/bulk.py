"""Many records at once, for measurements: the rows that the store would have written one record at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.review_states import PUBLIC


@dataclass(frozen=True, slots=True)
class Written:
    """A record that a person wrote, as revision 1. `content` is its canonical JSON, with `content_hash` its SHA-256."""

    id: str
    meeting_id: str
    channel: str
    start_ms: int
    end_ms: int
    state: str
    content: str
    content_hash: str


def add_records(store: Database, written: Sequence[Written], author: str) -> None:
    """Store records of meetings that have none yet, in one transaction, without events.

    Args:
        store: Has the meetings, as ended.
        written: The records, in order.
        author: Who wrote them.
    """
    with store.write() as connection:
        now = database_now(connection)
        rows: list[dict[str, Any]] = []
        revisions: list[dict[str, Any]] = []
        for item in written:
            rows.append(
                {
                    "id": item.id,
                    "meeting_id": item.meeting_id,
                    "channel": item.channel,
                    "intervention_id": None,
                    "start_ms": item.start_ms,
                    "end_ms": item.end_ms,
                    "state": item.state,
                    "touched": True,
                    "latest_revision": 1,
                    "current_revision": 1,
                    "machine_revision": None,
                    "published_revision": 1 if item.state in PUBLIC else None,
                    "machine_hash": None,
                    "changed_at": now,
                }
            )
            revisions.append(
                {
                    "record_id": item.id,
                    "revision": 1,
                    "content": item.content,
                    "content_hash": item.content_hash,
                    "start_ms": item.start_ms,
                    "made_by": "person",
                    "author": author,
                    "reason": None,
                    "created_at": now,
                }
            )
        connection.execute(sa.insert(tables.records), rows)
        connection.execute(sa.insert(tables.record_revisions), revisions)
