"""Who may use the desk: accounts, roles, links to sign in with, and what people did."""

from __future__ import annotations

import getpass
import hashlib
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from floorlog.adapters.store import Account, Deed, Store
from floorlog.adapters.store import people as stored
from floorlog.errors import PersonRefused, UnknownPerson
from floorlog.roles import ROLES

LINK_LASTS = timedelta(minutes=30)
"""How long a sign-in link may be used: long enough to be sent by hand, short enough to be worthless in an archive."""

LONGEST_NAME = 80
FIRST = "administrator"
"""Name of the person whom set-up makes."""

ADMINISTRATOR = "administrator"
"""The role that manages people; at least one person who may sign in always has it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from which address; `id` is None for whoever works on the server itself."""

    id: str | None
    name: str
    address: str | None = None


def at_the_server() -> Actor:
    """Return who runs a command on the server."""
    try:
        return Actor(None, f"{getpass.getuser()} at the server")
    except (OSError, KeyError):  # a user id without a name, as in a container
        return Actor(None, "somebody at the server")


def add(store: Store, name: str, role: str, by: Actor, now: datetime) -> Account:
    """Add somebody, who can then sign in by a link.

    Raises:
        PersonRefused: the name is taken or cannot be shown safely, or there is no such role.
    """
    with _changing(store) as people:
        return _add(people, name, role, by, now)


def everybody(store: Store) -> list[Account]:
    """Return all accounts, by name."""
    with stored.reading(store) as people:
        return people.accounts()


def named(store: Store, name: str) -> Account:
    """Return the account of a name, however it is capitalized.

    Raises:
        UnknownPerson: nobody has that name.
    """
    with stored.reading(store) as people:
        account = people.account_named(key_of(name))
    if account is None:
        raise UnknownPerson(name)
    return account


def set_role(store: Store, person_id: str, role: str, by: Actor, now: datetime) -> Account:
    """Give somebody another role; they must sign in again.

    Raises:
        UnknownPerson: there is no such person.
        PersonRefused: there is no such role, or nobody would be left who manages people.
    """
    _check_role(person_id, role)
    with _changing(store) as people:
        account = _known(people, person_id)
        if account.role != role:
            if role != ADMINISTRATOR:
                _check_another_administrator(people, account)
            people.set_role(person_id, role)
            people.end_everything_of(person_id)
            _note(people, now, by, "person.role", account, f"{account.role} to {role}")
        return _known(people, person_id)


def set_disabled(store: Store, person_id: str, disabled: bool, by: Actor, now: datetime) -> Account:
    """Let somebody sign in no more, which ends what they have open, or let them again.

    Raises:
        UnknownPerson: there is no such person.
        PersonRefused: nobody would be left who manages people.
    """
    with _changing(store) as people:
        account = _known(people, person_id)
        if account.disabled != disabled:
            if disabled:
                _check_another_administrator(people, account)
                people.end_everything_of(person_id)
            people.set_disabled(person_id, disabled)
            _note(people, now, by, "person.disabled" if disabled else "person.enabled", account)
        return _known(people, person_id)


def make_link(store: Store, person_id: str, by: Actor, now: datetime) -> str:
    """Return the secret of a link with which somebody can sign in once, soon; their earlier links end.

    Raises:
        UnknownPerson: there is no such person.
        PersonRefused: they may not sign in.
    """
    with _changing(store) as people:
        account = _known(people, person_id)
        if account.disabled:
            raise PersonRefused(account.name, "is disabled")
        return _link(people, account, by, now)


def make_first(store: Store, now: datetime) -> str | None:
    """Make the first administrator, and return the secret of their sign-in link; None where there is one already."""
    with _changing(store) as people:
        if any(account.role == ADMINISTRATOR for account in people.accounts()):
            return None
        by, name, number = Actor(None, "set-up"), FIRST, 1
        while people.account_named(key_of(name)) is not None:
            number += 1
            name = f"{FIRST} {number}"
        return _link(people, _add(people, name, ADMINISTRATOR, by, now), by, now)


def write_down(store: Store, by: Actor, action: str, subject: str | None, detail: str | None, now: datetime) -> None:
    """Add to the audit trail what somebody did elsewhere than here.

    Args:
        store: The store.
        by: Who did it.
        action: What, as a slug with a dot: `meeting.approved`.
        subject: The id of what it was done to.
        detail: What else is worth knowing; never a secret.
        now: The time.
    """
    with stored.writing(store) as people:
        people.write_down(Deed(now, by.id, by.name, action, subject, detail, by.address))


def trail(store: Store, limit: int, before: int | None = None) -> list[Deed]:
    """Return what was done, the latest first; before a deed's id, where one is given."""
    with stored.reading(store) as people:
        return people.trail(limit, before)


def address_of(base_url: str, secret: str) -> str:
    """Return the address of a sign-in link."""
    return f"{base_url}/sign-in?link={secret}"


def key_of(name: str) -> str:
    """Return what two spellings of one name share: compatible letters, case, spaces and the invisible do not count."""
    words = unicodedata.normalize("NFKC", name).casefold().split()
    return " ".join("".join(letter for letter in word if letter.isprintable()) for word in words)


def hash_of(secret: str) -> str:
    """Return what is stored of a secret; it is random and long, so that a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_secret() -> str:
    """Return 256 random bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


@contextmanager
def _changing(store: Store) -> Iterator[stored.People]:
    """Open the transaction in which accounts change, one at a time: the last administrator is counted in it."""
    with stored.writing(store) as people:
        people.lock()
        yield people


def _add(people: stored.People, name: str, role: str, by: Actor, now: datetime) -> Account:
    clean = _checked_name(name)
    _check_role(clean, role)
    account = Account(f"person-{secrets.token_hex(8)}", clean, role, None, False, now)
    if not people.add(account, key_of(clean)):
        raise PersonRefused(clean, "is a name that is taken")
    _note(people, now, by, "person.added", account, role)
    return account


def _link(people: stored.People, account: Account, by: Actor, now: datetime) -> str:
    secret = new_secret()
    people.add_link(hash_of(secret), account.id, now, now + LINK_LASTS)
    _note(people, now, by, "link.made", account)
    return secret


def _known(people: stored.People, person_id: str) -> Account:
    account = people.account(person_id)
    if account is None:
        raise UnknownPerson(person_id)
    return account


def _check_role(name: str, role: str) -> None:
    if role not in ROLES:
        raise PersonRefused(name, f"cannot be {role!r}; the roles are {', '.join(ROLES)}")


def _check_another_administrator(people: stored.People, account: Account) -> None:
    others = [each for each in people.accounts() if each.role == ADMINISTRATOR and not each.disabled]
    if [each.id for each in others] == [account.id]:
        raise PersonRefused(account.name, "is the only administrator; make another one first")


def _checked_name(name: str) -> str:
    """Return a name that can stand in a line of text; marks that turn or hide text could make one look like another."""
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(clean) <= LONGEST_NAME:
        raise PersonRefused(clean[:LONGEST_NAME], f"is no name: 1 to {LONGEST_NAME} characters are expected")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for letter in clean):
        raise PersonRefused(ascii(clean), "is no name: it holds characters that cannot be seen")
    return clean


def _note(
    people: stored.People, now: datetime, by: Actor, action: str, account: Account, detail: str | None = None
) -> None:
    said = account.name if detail is None else f"{account.name}: {detail}"
    people.write_down(Deed(now, by.id, by.name, action, account.id, said, by.address))
