"""Many records at once, for measurements: the rows that the store would have written one record at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import shown, tables
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


def add_records(store: Database, meeting_id: str, written: Sequence[Written], author: str) -> None:
    """Store the records of a meeting that has none yet, and that it has ended, in one transaction, without events.

    Args:
        store: Has the meeting.
        meeting_id: The meeting.
        written: Its records, in order.
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
                    "shown_at": now,
                    "published_at": now if item.state in PUBLIC else None,
                }
            )
        connection.execute(sa.insert(tables.records), rows)
        connection.execute(sa.insert(tables.record_revisions), revisions)
        meetings = tables.meetings
        connection.execute(sa.update(meetings).where(meetings.c.id == meeting_id).values(state="ended"))
        shown.make_again(connection, meeting_id)


def settle(store: Database) -> None:
    """Do what PostgreSQL's autovacuum does by itself within minutes of such writing; SQLite has nothing of the kind."""
    if not store.on_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def size_bytes(store: Database) -> int:
    """Return how much the database holds, in bytes."""
    with store.read() as connection:
        if store.on_sqlite:
            pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            return int(connection.exec_driver_sql(pages).scalar_one())
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
