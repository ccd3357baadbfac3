"""Keys of readers in the store: only hashes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from floorlog.adapters.store.database import Database
from floorlog.adapters.store.keys_tables import reader_keys
from floorlog.adapters.store.people import Deed, People


@dataclass(frozen=True, slots=True)
class ReaderKey:
    """What a key opens, and until when. `rate`: requests a minute, None as set for everybody."""

    id: str
    name: str
    scopes: frozenset[str]
    rate: int | None
    added_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Return whether it opens anything now."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


_COLUMNS = [reader_keys.c[name] for name in ReaderKey.__dataclass_fields__]


def add(database: Database, key: ReaderKey, secret_hash: str, deed: Deed) -> None:
    """Add a key, and write down who did.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    values = {name: getattr(key, name) for name in ReaderKey.__dataclass_fields__ if name != "scopes"}
    with database.write() as connection:
        connection.execute(
            sa.insert(reader_keys).values(**values, scopes=",".join(sorted(key.scopes)), secret_hash=secret_hash)
        )
        People(connection).write_down(deed)


def revoke(database: Database, key_id: str, deed: Deed) -> ReaderKey | None:
    """Let a key open nothing any more, write down who did, and return it as it was; None where there is none.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.write() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(reader_keys.c.id == key_id)).one_or_none()
        if row is None:
            return None
        if row.revoked_at is None:
            connection.execute(sa.update(reader_keys).where(reader_keys.c.id == key_id).values(revoked_at=deed.at))
            People(connection).write_down(deed)
        return _key(row)


def find(database: Database, secret_hash: str) -> ReaderKey | None:
    """Return the key with a hash, whether it still holds or not; None where there is none.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.read() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(reader_keys.c.secret_hash == secret_hash)).one_or_none()
    return None if row is None else _key(row)


def listed(database: Database) -> list[ReaderKey]:
    """Return all keys, the latest first.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with database.read() as connection:
        rows = connection.execute(sa.select(*_COLUMNS).order_by(reader_keys.c.added_at.desc(), reader_keys.c.id))
        return [_key(row) for row in rows]


def _key(row: sa.Row[tuple[object, ...]]) -> ReaderKey:
    values = dict(row._mapping)
    return ReaderKey(**{**values, "scopes": frozenset(filter(None, values["scopes"].split(",")))})
