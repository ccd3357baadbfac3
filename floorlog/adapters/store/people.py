"""People in the store: their accounts, and the trail of what was done. Sessions are in `people_sessions`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import people_tables as tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.meetings import is_new
from floorlog.adapters.store.people_sessions import Sessions

PEOPLE_LOCK = 7_305_108_242
"""PostgreSQL advisory lock held while accounts change; any number that nothing else uses."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in. `password_hash` is None where they do so by links only."""

    id: str
    name: str
    role: str
    password_hash: str | None
    disabled: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done: by whom, what, on what, from where. `person_name` is the name as it was then."""

    at: datetime
    person_id: str | None
    person_name: str
    action: str
    subject: str | None = None
    detail: str | None = None
    address: str | None = None
    id: int | None = None


class People(Sessions):
    """One transaction about people."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._rows = sa.select(
            *(tables.people.c[name] for name in ("id", "name", "role", "password_hash", "disabled", "added_at"))
        )

    def lock(self) -> None:
        """Wait until nobody else changes accounts, and keep it so until the transaction ends."""
        if self.connection.dialect.name != "sqlite":  # whose writers wait for each other anyway
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PEOPLE_LOCK)))

    def accounts(self) -> list[Account]:
        """Return everybody, by name."""
        return [Account(*row) for row in self.connection.execute(self._rows.order_by(tables.people.c.name_key))]

    def account(self, person_id: str) -> Account | None:
        """Return the account with an id."""
        return self._one(tables.people.c.id == person_id)

    def account_named(self, name_key: str) -> Account | None:
        """Return the account whose name has that key."""
        return self._one(tables.people.c.name_key == name_key)

    def add(self, account: Account, name_key: str) -> bool:
        """Add an account, and return whether the name was free."""
        values = {
            "id": account.id,
            "name": account.name,
            "name_key": name_key,
            "role": account.role,
            "password_hash": account.password_hash,
            "disabled": account.disabled,
            "added_at": account.added_at,
        }
        return is_new(self.connection, tables.people, values)

    def set_role(self, person_id: str, role: str) -> None:
        """Change what somebody may do."""
        self._set(person_id, role=role)

    def set_disabled(self, person_id: str, disabled: bool) -> None:
        """Let somebody sign in no more, or again."""
        self._set(person_id, disabled=disabled)

    def set_password_hash(self, person_id: str, password_hash: str) -> None:
        """Change the hash of somebody's password."""
        self._set(person_id, password_hash=password_hash)

    def write_down(self, deed: Deed) -> None:
        """Add to the audit trail."""
        self.connection.execute(
            sa.insert(tables.audit_trail).values(
                at=deed.at,
                person_id=deed.person_id,
                person_name=deed.person_name,
                action=deed.action,
                subject=deed.subject,
                detail=deed.detail,
                address=deed.address,
            )
        )

    def trail(self, limit: int, before: int | None = None) -> list[Deed]:
        """Return what was done, the latest first; before a deed's id, where one is given."""
        rows = tables.audit_trail
        query = sa.select(rows).order_by(rows.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(rows.c.id < before)
        return [
            Deed(row.at, row.person_id, row.person_name, row.action, row.subject, row.detail, row.address, row.id)
            for row in self.connection.execute(query)
        ]

    def _one(self, condition: sa.ColumnElement[bool]) -> Account | None:
        row = self.connection.execute(self._rows.where(condition)).first()
        return Account(*row) if row else None

    def _set(self, person_id: str, **values: str | bool) -> None:
        self.connection.execute(sa.update(tables.people).where(tables.people.c.id == person_id).values(**values))


@contextmanager
def reading(database: Database) -> Iterator[People]:
    """Open a transaction that reads about people.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.read() as connection:
        yield People(connection)


@contextmanager
def writing(database: Database) -> Iterator[People]:
    """Open a transaction that changes people; it commits when the block ends.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.write() as connection:
        yield People(connection)
