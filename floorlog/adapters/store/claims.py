"""Who works on what, until when; and how long people have worked on each record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import ledger_tables, tables
from floorlog.adapters.store.claims_tables import claims, review_time
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.meetings import insert
from floorlog.errors import UnknownSubject


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody works on a record or a review item, until a moment."""

    subject_id: str
    meeting_id: str
    person_id: str
    person_name: str
    until: datetime


def claim(database: Database, subject_id: str, person_id: str, person_name: str, for_s: float) -> Claim:
    """Take or renew a claim, and return it; return somebody else's instead where that still holds.

    Args:
        database: The store.
        subject_id: A record or a review item.
        person_id: Who takes it.
        person_name: Their name, as others are shown it.
        for_s: How long it holds, in seconds.

    Raises:
        UnknownSubject: there is nothing of that id.
        StoreUnavailable: the database does not answer.
    """
    with database.write() as connection:
        meeting_id = _meeting_of(connection, subject_id)
        now = database_now(connection)
        values = {
            "subject_id": subject_id,
            "meeting_id": meeting_id,
            "person_id": person_id,
            "person_name": person_name,
            "until": now + timedelta(seconds=for_s),
            "changed_at": now,
        }
        fresh = insert(connection, claims).values(values)
        # One statement, so that of two who ask at once one gets it, on either database. A renewal changes nothing
        # that others see but its end, so it is no news; what others see is who holds it.
        renewed = sa.and_(claims.c.person_id == person_id, claims.c.until > now)
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=[claims.c.subject_id],
                set_={
                    "person_id": person_id,
                    "person_name": person_name,
                    "until": values["until"],
                    "changed_at": sa.case((renewed, claims.c.changed_at), else_=fresh.excluded.changed_at),
                },
                where=sa.or_(claims.c.person_id == person_id, claims.c.until <= now),
            )
        )
        return _claim(connection.execute(sa.select(claims).where(claims.c.subject_id == subject_id)).one())


def release(database: Database, subject_id: str, person_id: str) -> bool:
    """Give a claim back; return whether this person held it."""
    with database.write() as connection:
        now = database_now(connection)
        held = (claims.c.subject_id == subject_id, claims.c.person_id == person_id, claims.c.until > now)
        return bool(connection.execute(sa.update(claims).where(*held).values(until=now, changed_at=now)).rowcount)


def active_claims(database: Database, meeting_ids: Collection[str] | None = None) -> dict[str, Claim]:
    """Return the claims that hold now, by what they are on; of all meetings, or of some."""
    with database.read() as connection:
        query = sa.select(claims).where(claims.c.until > database_now(connection))
        if meeting_ids is not None:
            query = query.where(claims.c.meeting_id.in_(meeting_ids))
        return {row.subject_id: _claim(row) for row in connection.execute(query)}


def claims_versions(database: Database, meeting_ids: Collection[str]) -> dict[str, str]:
    """Return, by meeting, a name of who holds what and of what is to be looked at; another one after each change.

    A claim that ends because nobody renewed it is such a change.
    """
    items = ledger_tables.review_items
    to_do = sa.select(items.c.meeting_id, sa.func.max(items.c.closed_at), sa.func.count()).group_by(items.c.meeting_id)
    found: dict[str, list[str]] = {meeting_id: [] for meeting_id in meeting_ids}
    with database.read() as connection:
        holds = sa.func.sum(sa.case((claims.c.until > database_now(connection), 1), else_=0))
        held = sa.select(claims.c.meeting_id, sa.func.max(claims.c.changed_at), sa.func.count(), holds)
        for row in connection.execute(held.where(claims.c.meeting_id.in_(meeting_ids)).group_by(claims.c.meeting_id)):
            found[row[0]].append(f"c{row[1].timestamp():.3f}-{row[2]}-{row[3]}")
        for row in connection.execute(to_do.where(items.c.meeting_id.in_(meeting_ids), items.c.state == "open")):
            found[row[0]].append(f"i{row[2]}")
        for row in connection.execute(to_do.where(items.c.meeting_id.in_(meeting_ids), items.c.state == "closed")):
            found[row[0]].append(f"x{row[2]}-{row[1].timestamp():.3f}")
    return {meeting_id: "-".join(parts) or "0" for meeting_id, parts in found.items()}


def spend(database: Database, record_id: str, person_id: str, seconds: float, most_s: float) -> float:
    """Add to the time that a person spent on a record; return what was added, in seconds.

    No more is added than passed since this person's last beat on anything, so that two pages do not count twice.

    Args:
        database: The store.
        record_id: The record.
        person_id: Who worked on it.
        seconds: What their page says.
        most_s: What one beat counts at most.

    Raises:
        UnknownSubject: there is nothing of that id.
        StoreUnavailable: the database does not answer.
    """
    with database.write() as connection:
        meeting_id = _meeting_of(connection, record_id)
        now = database_now(connection)
        last: datetime | None = connection.scalar(
            sa.select(sa.func.max(review_time.c.last_at)).where(review_time.c.person_id == person_id)
        )
        counted = min(seconds, most_s, (now - last).total_seconds() if last else most_s)
        spent_ms = round(1000 * max(0.0, counted))
        key = {"person_id": person_id, "record_id": record_id, "meeting_id": meeting_id}
        fresh = insert(connection, review_time).values({**key, "spent_ms": spent_ms, "last_at": now})
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=[review_time.c.person_id, review_time.c.record_id],
                set_={"spent_ms": review_time.c.spent_ms + spent_ms, "last_at": now},
            )
        )
        return spent_ms / 1000


def spent_ms(database: Database, meeting_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Return, by meeting and record, how long people worked on it, in ms."""
    query = (
        sa.select(review_time.c.meeting_id, review_time.c.record_id, sa.func.sum(review_time.c.spent_ms))
        .where(review_time.c.meeting_id.in_(meeting_ids))
        .group_by(review_time.c.meeting_id, review_time.c.record_id)
    )
    found: dict[str, dict[str, int]] = {meeting_id: {} for meeting_id in meeting_ids}
    with database.read() as connection:
        for meeting_id, record_id, total in connection.execute(query):
            found[meeting_id][record_id] = int(total)
    return found


def _meeting_of(connection: Connection, subject_id: str) -> str:
    """Return the meeting of a record, of what is still open, or of a review item."""
    for table in (tables.records, tables.provisional_records, ledger_tables.review_items):
        found: str | None = connection.scalar(sa.select(table.c.meeting_id).where(table.c.id == subject_id))
        if found is not None:
            return found
    raise UnknownSubject(subject_id)


def _claim(row: Any) -> Claim:
    return Claim(row.subject_id, row.meeting_id, row.person_id, row.person_name, row.until)
