"""Accounts, sessions, links, throttling and the audit trail; one suite for both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from floorlog.adapters.passwords import Passwords
from floorlog.adapters.store import Account, Store, open_store, tables
from floorlog.errors import PersonRefused, UnknownPerson
from floorlog.services import people, signing_in
from floorlog.services.people import Actor
from floorlog.services.signing_in import Lifetimes, Refused, Started, network_of
from floorlog.throttling import PER_ACCOUNT, PER_ADDRESS
from tests.small_floor import DATABASES, a_store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIFETIMES = Lifetimes(timedelta(hours=2), timedelta(hours=12))
BY = Actor("person-0", "Root", "192.0.2.1")
RIGHT = "a long enough sentence"


class Cheap(Passwords):
    """Passwords that cost little to hash, and that count how often one was checked."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.checked: list[str] = []

    def _verified(self, password_hash: str, password: str) -> bool:
        self.checked.append(password_hash.rpartition("$")[0].rpartition("$")[0])
        return super()._verified(password_hash, password)


@pytest.fixture
def passwords() -> Cheap:
    return Cheap()


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_store(request.param, tmp_path) as opened:
        yield opened


def signed_in_by_link(store: Store, account: Account, now: datetime = NOW, previous: str | None = None) -> Started:
    secret = people.make_link(store, account.id, BY, now)
    started = signing_in.by_link(store, LIFETIMES, secret, address="192.0.2.7", previous=previous, now=now)
    assert isinstance(started, Started)
    return started


def with_password(store: Store, passwords: Passwords, name: str = "Ann", role: str = "reviewer") -> Account:
    account = people.add(store, name, role, BY, NOW)
    token = signed_in_by_link(store, account).token
    changed = signing_in.change_password(store, passwords, LIFETIMES, token, "", RIGHT, address="192.0.2.7", now=NOW)
    assert isinstance(changed, Started)
    return changed.account


def attempt(
    store: Store,
    passwords: Passwords,
    password: str = RIGHT,
    name: str = "Ann",
    *,
    address: str = "192.0.2.7",
    previous: str | None = None,
    now: datetime = NOW,
) -> Started | Refused:
    return signing_in.by_password(
        store, passwords, LIFETIMES, name, password, address=address, previous=previous, now=now
    )


def is_open(store: Store, token: str, now: datetime = NOW) -> bool:
    return signing_in.session(store, LIFETIMES, token, now) is not None


def test_the_first_administrator_is_made_once(store: Store) -> None:
    """Set-up runs at every start, and must not hand out a key each time."""
    secret = people.make_first(store, NOW)
    assert secret is not None
    assert people.make_first(store, NOW) is None
    started = signing_in.by_link(store, LIFETIMES, secret, address="127.0.0.1", previous=None, now=NOW)
    assert isinstance(started, Started)
    assert (started.account.name, started.account.role) == ("administrator", "administrator")


def test_many_processes_make_one_first_administrator(store: Store) -> None:
    """Two supervisors may start at once."""
    with ThreadPoolExecutor(4) as pool:
        secrets = list(pool.map(lambda _: people.make_first(store, NOW), range(4)))
    assert sum(secret is not None for secret in secrets) == 1


def test_set_up_finds_another_name_where_the_first_is_taken(store: Store) -> None:
    """Somebody may have added a person of that name who manages nobody."""
    people.add(store, "Administrator", "viewer", BY, NOW)
    assert people.make_first(store, NOW) is not None
    assert [account.name for account in people.everybody(store)] == ["Administrator", "administrator 2"]


def test_a_link_signs_in_once_and_not_for_long(store: Store) -> None:
    """A link that is found later in a mailbox or a history must be worthless."""
    account = people.add(store, "Ann", "reviewer", BY, NOW)

    def use(secret: str, now: datetime = NOW) -> Started | Refused:
        return signing_in.by_link(store, LIFETIMES, secret, address="192.0.2.7", previous=None, now=now)

    first = people.make_link(store, account.id, BY, NOW)
    second = people.make_link(store, account.id, BY, NOW)
    assert isinstance(use(first), Refused), "the later link replaces the earlier one"
    assert isinstance(use(second), Started)
    assert isinstance(use(second), Refused), "it was spent"
    third = people.make_link(store, account.id, BY, NOW)
    assert isinstance(use(third, NOW + people.LINK_LASTS - timedelta(seconds=1)), Started)
    fourth = people.make_link(store, account.id, BY, NOW)
    assert isinstance(use(fourth, NOW + people.LINK_LASTS), Refused), "it has ended"


def test_a_link_that_two_use_at_once_lets_one_in(store: Store) -> None:
    """Single use must hold against whoever is quick."""
    account = people.add(store, "Ann", "reviewer", BY, NOW)
    secret = people.make_link(store, account.id, BY, NOW)
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(
                lambda number: signing_in.by_link(
                    store, LIFETIMES, secret, address=f"192.0.2.{number}", previous=None, now=NOW
                ),
                range(4),
            )
        )
    assert sum(isinstance(result, Started) for result in results) == 1


def test_no_secret_is_stored(store: Store, passwords: Cheap) -> None:
    """Who reads a copy of the store must not be able to sign in with it."""
    with_password(store, passwords)
    started = attempt(store, passwords)
    assert isinstance(started, Started)
    secret = people.make_link(store, started.account.id, BY, NOW)
    with store.read() as connection:
        rows = [
            str(row)
            for table in tables.metadata.sorted_tables
            if table.name in ("people", "sessions", "sign_in_links", "sign_in_throttles", "audit_trail")
            for row in connection.execute(sa.select(table))
        ]
    assert len(rows) > 5
    assert not [row for row in rows for each in (started.token, secret, RIGHT) if each in row]


def test_a_session_ends_when_idle_and_in_any_case(store: Store, passwords: Cheap) -> None:
    """A browser that was left open, and a token that was stolen, must not be good for ever."""
    token = signed_in_by_link(store, people.add(store, "Ann", "reviewer", BY, NOW)).token
    assert is_open(store, token, NOW + LIFETIMES.idle - timedelta(seconds=1))
    later = NOW
    while later < NOW + LIFETIMES.whole:
        assert is_open(store, token, later), "use keeps it open"
        later += LIFETIMES.idle - timedelta(minutes=1)
    assert not is_open(store, token, NOW + LIFETIMES.whole)
    idle = signed_in_by_link(store, people.named(store, "Ann")).token
    assert not is_open(store, idle, NOW + LIFETIMES.idle)


def test_signing_in_ends_the_session_that_the_browser_had(store: Store, passwords: Cheap) -> None:
    """A token that somebody planted before must not become that of whoever signs in."""
    account = with_password(store, passwords)
    before = signed_in_by_link(store, account).token
    after = attempt(store, passwords, previous=before)
    assert isinstance(after, Started)
    assert after.token != before
    assert not is_open(store, before)
    assert is_open(store, after.token)


def test_signing_out_ends_the_session_on_the_server(store: Store) -> None:
    """A cookie that was copied before must be worthless then."""
    token = signed_in_by_link(store, people.add(store, "Ann", "reviewer", BY, NOW)).token
    signing_in.sign_out(store, token, address="192.0.2.7", now=NOW)
    assert not is_open(store, token)


def test_every_failure_looks_alike_and_costs_the_same(store: Store, passwords: Cheap) -> None:
    """Who tries names must learn neither from the answer nor from the time which of them exist."""
    with_password(store, passwords)
    with_password(store, passwords, "Gone")
    people.set_disabled(store, people.named(store, "Gone").id, True, BY, NOW)
    people.add(store, "Linked", "viewer", BY, NOW)
    passwords.matches(None, "the hash of nobody is made once")
    for name, password in [
        ("Ann", "wrong"),
        ("Nobody", RIGHT),
        ("Gone", RIGHT),
        ("Linked", ""),
        ("Ann", RIGHT + "x" * 300),
        ("\ud800\x00", "\ud800"),
    ]:
        passwords.checked.clear()
        assert attempt(store, passwords, password, name) == Refused()
        assert passwords.checked == ["$argon2id$v=19$m=8,t=1,p=1"], name


def test_an_account_is_throttled_however_many_addresses_ask(store: Store, passwords: Cheap) -> None:
    """A botnet has many addresses; the wait survives a restart and holds in every process."""
    with_password(store, passwords)
    for number in range(PER_ACCOUNT.free):
        assert attempt(store, passwords, "wrong", address=f"192.0.2.{number}") == Refused()
    another = open_store(store.engine.url.render_as_string(hide_password=False))
    passwords.checked.clear()
    assert attempt(another, passwords, address="198.51.100.1") == Refused(PER_ACCOUNT.first_wait_s)
    assert attempt(another, passwords, name="ANN ", address="198.51.100.2") == Refused(PER_ACCOUNT.first_wait_s)
    assert passwords.checked == [], "what must wait costs nothing"
    later = NOW + timedelta(seconds=PER_ACCOUNT.first_wait_s)
    assert isinstance(attempt(another, passwords, address="198.51.100.1", now=later), Started)
    assert attempt(another, passwords, "wrong", now=later) == Refused(), "success forgets the failures"
    another.close()


def test_an_unknown_name_is_throttled_like_a_known_one(store: Store, passwords: Cheap) -> None:
    """Else a wait would tell which names exist."""
    for number in range(PER_ACCOUNT.free):
        attempt(store, passwords, "wrong", "Nobody", address=f"192.0.2.{number}")
    assert attempt(store, passwords, name="Nobody", address="198.51.100.1") == Refused(PER_ACCOUNT.first_wait_s)


def test_an_address_is_throttled_however_many_names_it_tries(store: Store, passwords: Cheap) -> None:
    """One password tried on every name must be stopped, too; of IPv6 one subscriber has a whole network."""
    for number in range(PER_ADDRESS.free):
        attempt(store, passwords, "wrong", f"name {number}", address=f"2001:db8::{number + 1:x}")
    assert attempt(store, passwords, name="Ann", address="2001:db8::ffff") == Refused(PER_ADDRESS.first_wait_s)
    assert attempt(store, passwords, name="Ann", address="2001:db8:0:1::1") == Refused()
    refused = signing_in.by_link(store, LIFETIMES, "x", address="2001:db8::1", previous=None, now=NOW)
    assert refused == Refused(PER_ADDRESS.first_wait_s)


def test_attempts_at_once_cannot_slip_through_together(store: Store, passwords: Cheap) -> None:
    """Each attempt is counted before it is made."""
    with_password(store, passwords)
    passwords.matches(None, "the hash of nobody is made once")
    passwords.checked.clear()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: attempt(store, passwords, "wrong", address=f"192.0.2.{number}"), range(16)))
    assert len(passwords.checked) == PER_ACCOUNT.free


def test_a_link_lets_in_whom_a_guesser_shut_out(store: Store, passwords: Cheap) -> None:
    """Throttling an account must not be a way to keep its owner away."""
    account = with_password(store, passwords)
    for number in range(PER_ACCOUNT.free):
        attempt(store, passwords, "wrong", address=f"198.51.100.{number}")
    assert attempt(store, passwords) == Refused(PER_ACCOUNT.first_wait_s)
    signed_in_by_link(store, account)
    assert isinstance(attempt(store, passwords), Started)


def test_changing_the_password_asks_for_the_current_one_and_signs_out_everywhere_else(
    store: Store, passwords: Cheap
) -> None:
    """Whoever sits down at an open browser must not be able to take the account over."""
    account = with_password(store, passwords)
    other, mine = attempt(store, passwords), attempt(store, passwords)
    assert isinstance(other, Started)
    assert isinstance(mine, Started)
    link = people.make_link(store, account.id, BY, NOW)

    def change(current: str) -> Started | Refused | None:
        return signing_in.change_password(
            store, passwords, LIFETIMES, mine.token, current, "another long sentence", address="192.0.2.7", now=NOW
        )

    assert change("wrong") == Refused()
    changed = change(RIGHT)
    assert isinstance(changed, Started)
    assert [is_open(store, each.token) for each in (other, mine, changed)] == [False, False, True]
    assert isinstance(signing_in.by_link(store, LIFETIMES, link, address="x", previous=None, now=NOW), Refused)
    assert attempt(store, passwords) == Refused()
    assert isinstance(attempt(store, passwords, "another long sentence"), Started)


def test_a_password_counts_however_its_letters_are_composed(store: Store, passwords: Cheap) -> None:
    """Two keyboards spell é differently."""
    with_password(store, passwords)
    token = signed_in_by_link(store, people.named(store, "ann")).token
    signing_in.change_password(
        store, passwords, LIFETIMES, token, "", "cafe\u0301 au lait, matin", address="x", now=NOW
    )
    assert isinstance(attempt(store, passwords, "caf\u00e9 au lait, matin"), Started)


def test_a_hash_of_yesterday_is_renewed_when_its_owner_signs_in(store: Store, passwords: Cheap) -> None:
    """Parameters grow with machines, and only the owner's password can make a new hash."""
    account = with_password(store, passwords)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert isinstance(attempt(store, stronger), Started)
    renewed = people.named(store, "Ann").password_hash
    assert renewed is not None
    assert account.password_hash != renewed
    assert "m=16,t=2" in renewed


def test_disabling_and_another_role_end_what_is_open(store: Store, passwords: Cheap) -> None:
    """A right that was taken away must be gone at once."""
    account = with_password(store, passwords)
    token, link = signed_in_by_link(store, account).token, people.make_link(store, account.id, BY, NOW)
    people.set_role(store, account.id, "viewer", BY, NOW)
    assert not is_open(store, token)
    assert isinstance(signing_in.by_link(store, LIFETIMES, link, address="x", previous=None, now=NOW), Refused)
    token = signed_in_by_link(store, account).token
    people.set_disabled(store, account.id, True, BY, NOW)
    assert not is_open(store, token)
    assert attempt(store, passwords) == Refused()
    with pytest.raises(PersonRefused, match="is disabled"):
        people.make_link(store, account.id, BY, NOW)
    people.set_disabled(store, account.id, False, BY, NOW)
    assert isinstance(attempt(store, passwords), Started)


def test_somebody_always_manages_people(store: Store) -> None:
    """Without an administrator nobody could make another one."""
    root = people.add(store, "Root", "administrator", BY, NOW)
    with pytest.raises(PersonRefused, match="the only administrator"):
        people.set_disabled(store, root.id, True, BY, NOW)
    with pytest.raises(PersonRefused, match="the only administrator"):
        people.set_role(store, root.id, "viewer", BY, NOW)
    second = people.add(store, "Second", "administrator", BY, NOW)
    people.set_disabled(store, second.id, True, BY, NOW)
    with pytest.raises(PersonRefused, match="the only administrator"):
        people.set_role(store, root.id, "viewer", BY, NOW)
    people.set_disabled(store, second.id, False, BY, NOW)
    assert people.set_role(store, root.id, "viewer", BY, NOW).role == "viewer"


def test_two_administrators_cannot_disable_each_other_at_once(store: Store) -> None:
    """Each sees the other one still there, unless they wait for each other."""
    both = [people.add(store, name, "administrator", BY, NOW) for name in ("One", "Two")]

    def disable(account: Account) -> bool:
        try:
            return people.set_disabled(store, account.id, True, BY, NOW).disabled
        except PersonRefused:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, both)) == [False, True]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Ann\u202e", "a\u0000b", "zero\u200bwidth", "tag\U000e0041"])
def test_a_name_that_could_deceive_is_refused(store: Store, name: str) -> None:
    """Two names that look alike, or a name that turns the text around it, would put words into others' mouths."""
    with pytest.raises(PersonRefused):
        people.add(store, name, "viewer", BY, NOW)


def test_names_differ_by_more_than_case_and_width(store: Store) -> None:
    """Who reads a list must be able to tell people apart."""
    people.add(store, "  Zoë   Müller ", "viewer", BY, NOW)
    for alike in ("zoë müller", "ZOE\u0308 MÜLLER", "Ｚoë Müller"):
        with pytest.raises(PersonRefused, match="is a name that is taken"):
            people.add(store, alike, "viewer", BY, NOW)
    assert people.named(store, "ZOË MÜLLER").name == "Zoë Müller"
    with pytest.raises(UnknownPerson):
        people.named(store, "Zoe Muller")
    for name in ("عائشة", "李雷", "Ngũgĩ wa Thiong’o"):
        people.add(store, name, "viewer", BY, NOW)


def test_the_audit_trail_says_who_did_what_on_what_when_and_from_where(store: Store, passwords: Cheap) -> None:
    """What was done must be traceable to a person, years later."""
    account = with_password(store, passwords)
    attempt(store, passwords, "wrong")
    attempt(store, passwords, "wrong", "a password typed in the wrong field")
    people.write_down(store, BY, "meeting.approved", "ga-1", None, NOW)
    deeds = people.trail(store, 100)
    assert [deed.action for deed in reversed(deeds)] == [
        "person.added",
        "link.made",
        "sign-in",
        "password.changed",
        "sign-in",
        "sign-in.failed",
        "sign-in.failed",
        "meeting.approved",
    ]
    added = deeds[-1]
    assert (added.at, added.person_id, added.person_name, added.address) == (NOW, "person-0", "Root", "192.0.2.1")
    assert (added.subject, added.detail) == (account.id, "Ann: reviewer")
    assert not [deed for deed in deeds if "wrong field" in str(deed)]
    assert people.trail(store, 2, before=deeds[1].id) == deeds[2:4]


@pytest.mark.parametrize("statement", ["UPDATE audit_trail SET person_name = 'x'", "DELETE FROM audit_trail"])
def test_the_audit_trail_only_grows(store: Store, statement: str) -> None:
    """Even whoever has the store's password through this program cannot rewrite it unnoticed."""
    people.add(store, "Ann", "viewer", BY, NOW)
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), store.write() as connection:
        connection.execute(sa.text(statement))
    assert len(people.trail(store, 10)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_as_what_one_subscriber_has(address: str, network: str) -> None:
    """Who has 2**64 addresses must not have as many attempts."""
    assert network_of(address) == network
