"""Keys of readers: made, shown once, looked up by whoever asks with one, and revoked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from floorlog.adapters.store import Deed, Store
from floorlog.adapters.store import keys as stored
from floorlog.adapters.store.keys import ReaderKey
from floorlog.errors import KeyRefused, UnknownKey
from floorlog.services.people import LONGEST_NAME, Actor, hash_of, new_secret
from floorlog.visibility import SCOPES

PREFIX = "flk_"
"""How every key begins, so that one that was committed to a repository by mistake can be found there."""

_KEY = re.compile(r"flk_[A-Za-z0-9_-]{43}")

MOST_RATE = 1_000_000


def add(
    store: Store,
    name: str,
    scopes: Collection[str],
    by: Actor,
    now: datetime,
    *,
    rate: int | None = None,
    lasts: timedelta | None = None,
) -> tuple[ReaderKey, str]:
    """Make a key, and return it with what its owner shows: this is the only moment at which that can be read.

    Args:
        store: Where its hash is kept.
        name: Whose it is.
        scopes: What it opens besides what everybody sees.
        by: Who makes it.
        now: When.
        rate: Requests a minute; as set for everybody by default.
        lasts: How long it holds; until it is revoked by default.

    Raises:
        KeyRefused: the name cannot be shown, a scope is unknown, or the rate makes no sense.
    """
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name.strip() == name):
        raise KeyRefused(ascii(name[:LONGEST_NAME]), f"1 to {LONGEST_NAME} characters that can be seen are expected")
    for scope in scopes:
        if scope not in SCOPES:
            raise KeyRefused(name, f"there is no scope {scope!r}; the scopes are {', '.join(SCOPES)}")
    if rate is not None and not 0 < rate <= MOST_RATE:
        raise KeyRefused(name, f"a rate from 1 to {MOST_RATE} requests a minute is expected")
    ends_at = now + lasts if lasts else None
    key = ReaderKey(f"key-{secrets.token_hex(6)}", name, frozenset(scopes), rate, now, ends_at, None)
    secret = PREFIX + new_secret()
    detail = f"{name}: {', '.join(sorted(scopes)) or 'no scope'}"
    stored.add(store, key, hash_of(secret), Deed(now, by.id, by.name, "key.added", key.id, detail, by.address))
    return key, secret


def revoke(store: Store, key_id: str, by: Actor, now: datetime) -> ReaderKey:
    """Let a key open nothing any more, at once; again changes nothing.

    Raises:
        UnknownKey: there is no such key.
    """
    key = stored.revoke(store, key_id, Deed(now, by.id, by.name, "key.revoked", key_id, None, by.address))
    if key is None:
        raise UnknownKey(key_id)
    return key if key.revoked_at else replace(key, revoked_at=now)


def listed(store: Store) -> list[ReaderKey]:
    """Return all keys, the latest first."""
    return stored.listed(store)


def opened_by(store: Store, secret: str, now: datetime) -> ReaderKey | None:
    """Return the key that somebody shows; None where it is none, was revoked or has ended."""
    if not _KEY.fullmatch(secret):
        return None
    key = stored.find(store, hash_of(secret))
    return key if key and key.holds(now) else None
