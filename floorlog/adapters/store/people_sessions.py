"""Sessions, sign-in links and throttling in the store. Of a token only its hash is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import people_tables as tables
from floorlog.adapters.store.meetings import insert
from floorlog.throttling import FORGOTTEN_S, Limit


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of somebody who may sign in. `means`: password or link."""

    person_id: str
    name: str
    role: str
    means: str
    seen_at: datetime
    ends_at: datetime


class Sessions:
    """The part of a transaction about people that knows who is signed in, and who tries to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def begin_session(self, token_hash: str, person_id: str, means: str, now: datetime, ends_at: datetime) -> None:
        """Begin a session; those that have ended are forgotten."""
        rows = tables.sessions
        self.connection.execute(sa.delete(rows).where(rows.c.ends_at <= now))
        self.connection.execute(
            sa.insert(rows).values(
                token_hash=token_hash, person_id=person_id, means=means, began_at=now, seen_at=now, ends_at=ends_at
            )
        )

    def session(self, token_hash: str) -> OpenSession | None:
        """Return a session, whether or not it has expired; None where its person may not sign in."""
        rows, people = tables.sessions, tables.people
        query = (
            sa.select(rows.c.person_id, people.c.name, people.c.role, rows.c.means, rows.c.seen_at, rows.c.ends_at)
            .join(people, people.c.id == rows.c.person_id)
            .where(rows.c.token_hash == token_hash, ~people.c.disabled)
        )
        row = self.connection.execute(query).first()
        return OpenSession(*row) if row else None

    def see_session(self, token_hash: str, now: datetime) -> None:
        """Note that a session is in use."""
        rows = tables.sessions
        self.connection.execute(sa.update(rows).where(rows.c.token_hash == token_hash).values(seen_at=now))

    def end_session(self, token_hash: str) -> None:
        """End a session, if it is open."""
        self.connection.execute(sa.delete(tables.sessions).where(tables.sessions.c.token_hash == token_hash))

    def end_everything_of(self, person_id: str) -> None:
        """End every session and every link of somebody."""
        for rows in (tables.sessions, tables.sign_in_links):
            self.connection.execute(sa.delete(rows).where(rows.c.person_id == person_id))

    def add_link(self, token_hash: str, person_id: str, now: datetime, ends_at: datetime) -> None:
        """Keep a sign-in link; it replaces earlier ones of the same person, and those that have ended are forgotten."""
        rows = tables.sign_in_links
        self.connection.execute(sa.delete(rows).where(sa.or_(rows.c.person_id == person_id, rows.c.ends_at <= now)))
        self.connection.execute(sa.insert(rows).values(token_hash=token_hash, person_id=person_id, ends_at=ends_at))

    def spend_link(self, token_hash: str, now: datetime) -> str | None:
        """Return whose link it is, once; None where it is unknown, was spent, or has ended."""
        rows = tables.sign_in_links
        statement = sa.delete(rows).where(rows.c.token_hash == token_hash).returning(rows.c.person_id, rows.c.ends_at)
        row = self.connection.execute(statement).first()
        return str(row.person_id) if row and row.ends_at > now else None

    def count_attempt(self, limits: Mapping[str, Limit], now: datetime) -> int:
        """Count an attempt as failed before it is made, so that attempts at once cannot slip through together.

        Args:
            limits: What the attempt counts for, with the limit of each.
            now: The time.

        Returns:
            The seconds that it must wait; it is counted and may be made only where that is 0.
        """
        rows = tables.sign_in_throttles
        forgotten = now - timedelta(seconds=FORGOTTEN_S)
        self.connection.execute(sa.delete(rows).where(rows.c.last_at < forgotten))
        counted: dict[str, int] = {}
        wait_s = 0
        for key in sorted(limits):  # in one order, so that two attempts never wait for each other
            fresh = insert(self.connection, rows).values(key=key, failures=0, last_at=now, free_at=now)
            self.connection.execute(fresh.on_conflict_do_nothing())
            row = self.connection.execute(sa.select(rows).where(rows.c.key == key).with_for_update()).one()
            counted[key] = row.failures + 1
            wait_s = max(wait_s, -int((now - row.free_at).total_seconds() // 1))
        if wait_s > 0:
            return wait_s
        for key, failures in counted.items():
            free_at = now + timedelta(seconds=limits[key].wait_s(failures))
            self.connection.execute(
                sa.update(rows).where(rows.c.key == key).values(failures=failures, last_at=now, free_at=free_at)
            )
        return 0

    def forget_failures(self, key: str) -> None:
        """Forget what was counted for a key."""
        self.connection.execute(sa.delete(tables.sign_in_throttles).where(tables.sign_in_throttles.c.key == key))

    def take_back_attempt(self, key: str, now: datetime) -> None:
        """Count one failure less for a key: the attempt succeeded."""
        rows = tables.sign_in_throttles
        self.connection.execute(
            sa.update(rows)
            .where(rows.c.key == key, rows.c.failures > 0)
            .values(failures=rows.c.failures - 1, free_at=now)
        )
