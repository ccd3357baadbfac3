"""Signing in and out: by password or by link, never by trying for long, and for a limited time."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from floorlog.adapters.passwords import Passwords
from floorlog.adapters.store import Account, Deed, Store
from floorlog.adapters.store import people as stored
from floorlog.adapters.store.people_sessions import OpenSession
from floorlog.services.people import hash_of, key_of, new_secret
from floorlog.throttling import PER_ACCOUNT, PER_ADDRESS

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
"""Lengths of a password, in characters; NIST SP 800-63B asks for at least 8, and for 64 to be taken."""

NOTED_EVERY_SHARE = 0.05
"""A session in use is noted once in that share of the idle time, so that reading does not write each time."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts: after the last request, and in all."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody signed in: the session's token, which is stored nowhere, and who it is."""

    token: str
    account: Account


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt failed: why nobody is told, but how many seconds to wait, if the attempt was not even made."""

    wait_s: int = 0


def by_password(
    store: Store,
    passwords: Passwords,
    lifetimes: Lifetimes,
    name: str,
    password: str,
    *,
    address: str,
    previous: str | None,
    now: datetime,
) -> Started | Refused:
    """Sign somebody in by name and password.

    An unknown name, a disabled account, one without a password, and a wrong password are refused alike, after the same
    work.

    Args:
        store: The store.
        passwords: Checks them.
        lifetimes: Of the session.
        name: As it was typed.
        password: As it was typed.
        address: Where the request comes from.
        previous: Token of the session that the browser had; it ends.
        now: The time.
    """
    account_key, address_key = _key("account", key_of(name[:LONGEST_PASSWORD])), _key("address", network_of(address))
    with stored.writing(store) as people:
        wait_s = people.count_attempt({account_key: PER_ACCOUNT, address_key: PER_ADDRESS}, now)
        account = people.account_named(key_of(name[:LONGEST_PASSWORD]))
    if wait_s:
        return Refused(wait_s)
    fits = len(password) <= LONGEST_PASSWORD
    right = passwords.matches(account.password_hash if account else None, password if fits else "")
    if account is None or not right or not fits or account.disabled:
        with stored.writing(store) as people:
            # What was typed as a name is not kept: it may be a password in the wrong field.
            who, called = (account.id, account.name) if account else (None, "an unknown name")
            people.write_down(Deed(now, who, called, "sign-in.failed", None, "password", address))
        return Refused()
    renewed = passwords.hash(password) if passwords.is_dated(account.password_hash or "") else None
    with stored.writing(store) as people:
        current = people.account(account.id)
        if current != account:  # changed while the password was checked
            return Refused()
        people.forget_failures(account_key)
        people.take_back_attempt(address_key, now)
        if renewed:
            people.set_password_hash(account.id, renewed)
        return _begin(people, lifetimes, account, "password", address, previous, now)


def by_link(
    store: Store, lifetimes: Lifetimes, secret: str, *, address: str, previous: str | None, now: datetime
) -> Started | Refused:
    """Sign somebody in by a link's secret, which is spent then.

    Args:
        store: The store.
        lifetimes: Of the session.
        secret: What the link holds.
        address: Where the request comes from.
        previous: Token of the session that the browser had; it ends.
        now: The time.
    """
    address_key = _key("address", network_of(address))
    with stored.writing(store) as people:
        wait_s = people.count_attempt({address_key: PER_ADDRESS}, now)
        if wait_s:
            return Refused(wait_s)
        person_id = people.spend_link(hash_of(secret), now)
        account = people.account(person_id) if person_id else None
        if account is None or account.disabled:
            people.write_down(Deed(now, None, "an unknown name", "sign-in.failed", None, "link", address))
            return Refused()
        people.take_back_attempt(address_key, now)
        # Whoever forgot the password and was shut out for trying is let in by a link, and may set another one.
        people.forget_failures(_key("account", key_of(account.name)))
        return _begin(people, lifetimes, account, "link", address, previous, now)


def session(store: Store, lifetimes: Lifetimes, token: str, now: datetime) -> OpenSession | None:
    """Return the session behind a token; None where there is none, or it has expired."""
    with stored.reading(store) as people:
        found = people.session(hash_of(token))
    if found is None or now >= min(found.seen_at + lifetimes.idle, found.ends_at):
        return None
    if now - found.seen_at > lifetimes.idle * NOTED_EVERY_SHARE:
        with stored.writing(store) as people:
            people.see_session(hash_of(token), now)
    return found


def sign_out(store: Store, token: str, *, address: str, now: datetime) -> None:
    """End a session."""
    with stored.writing(store) as people:
        found = people.session(hash_of(token))
        people.end_session(hash_of(token))
        if found:
            people.write_down(Deed(now, found.person_id, found.name, "sign-out", None, None, address))


def change_password(
    store: Store,
    passwords: Passwords,
    lifetimes: Lifetimes,
    token: str,
    current: str,
    new: str,
    *,
    address: str,
    now: datetime,
) -> Started | Refused | None:
    """Give somebody another password, which ends all their sessions and links, and begin a new session.

    Args:
        store: The store.
        passwords: Checks and hashes them.
        lifetimes: Of the new session.
        token: Of the session in which it is asked for.
        current: The password until now; it does not count where there is none, or where a link began the session.
        new: The password from now on, of an allowed length.
        address: Where the request comes from.
        now: The time.

    Returns:
        The new session; what was refused, where the current password is wrong; None where nobody is signed in.
    """
    found = session(store, lifetimes, token, now)
    if found is None:
        return None
    key = _key("account", key_of(found.name))
    with stored.writing(store) as people:
        account = people.account(found.person_id)
        asked_for = _asked_for(found, account)
        wait_s = people.count_attempt({key: PER_ACCOUNT}, now) if asked_for else 0
    if account is None:
        return None
    if wait_s:
        return Refused(wait_s)
    if asked_for and not passwords.matches(account.password_hash, current[:LONGEST_PASSWORD]):
        return Refused()
    hashed = passwords.hash(new)
    with stored.writing(store) as people:
        if people.account(account.id) != account:
            return None
        people.forget_failures(key)
        people.set_password_hash(account.id, hashed)
        people.end_everything_of(account.id)
        people.write_down(Deed(now, account.id, account.name, "password.changed", account.id, None, address))
        return _begin(people, lifetimes, account, "password", address, token, now)


def needs_current(store: Store, lifetimes: Lifetimes, token: str, now: datetime) -> bool:
    """Return whether the current password is asked for before another one can be chosen in a session."""
    found = session(store, lifetimes, token, now)
    with stored.reading(store) as people:
        account = people.account(found.person_id) if found else None
    return found is not None and _asked_for(found, account)


def network_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the first half, which one subscriber has (RFC 6177)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _asked_for(found: OpenSession, account: Account | None) -> bool:
    return account is not None and account.password_hash is not None and found.means != "link"


def _begin(
    people: stored.People,
    lifetimes: Lifetimes,
    account: Account,
    means: str,
    address: str,
    previous: str | None,
    now: datetime,
) -> Started:
    token = new_secret()
    if previous:
        people.end_session(hash_of(previous))
    people.begin_session(hash_of(token), account.id, means, now, now + lifetimes.whole)
    people.write_down(Deed(now, account.id, account.name, "sign-in", None, means, address))
    return Started(token, account)


def _key(kind: str, what: str) -> str:
    return hashlib.sha256(f"{kind}\x1f{what}".encode("utf-8", "surrogatepass")).hexdigest()
