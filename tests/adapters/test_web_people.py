"""Signing in over HTTP: cookies, tokens, hosts, where it leads, and pages that trust no name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from floorlog.adapters.passwords import Passwords
from floorlog.adapters.store import Account, Store
from floorlog.adapters.store import people as stored
from floorlog.services import people
from floorlog.services.people import Actor
from floorlog.services.signing_in import Lifetimes
from floorlog.throttling import PER_ACCOUNT
from tests.sitting import MemoryReader, a_meeting, a_record, noise
from tests.small_floor import a_store
from workers.web import create_app
from workers.web.people import Always, Person
from workers.web.sign_in import inside
from workers.web.staff import Staff

BY = Actor(None, "set-up")
RIGHT = "a long enough sentence"
HOSTILE = "<script>alert(1)</script>\u202eevil\u2066" + "W" * 20_000


@dataclass
class Clock:
    """A time that passes when told to."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """The pages over a store with one administrator, and a way to visit them."""

    store: Store
    reader: MemoryReader
    clock: Clock
    staff: Staff
    root: Account

    def visitor(self, base: str = "http://127.0.0.1") -> Visitor:
        app = create_app(self.reader, fetch=self.reader.fetch, people=self.staff, hosts=["floor.example"])
        client = TestClient(app, base_url=base, follow_redirects=False, raise_server_exceptions=False)
        return Visitor(client, self)


@dataclass
class Visitor:
    """A browser as far as cookies and forms go."""

    client: TestClient
    desk: Desk

    def get(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.client.get(path, **more)
        return answer

    def send(self, path: str, token_from: str, **fields: str) -> httpx.Response:
        """Send a form with the token of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(token_from).text)
        assert found is not None, token_from
        answer: httpx.Response = self.client.post(path, data={"csrf": found[1], **fields})
        return answer

    def enter(self, person: Account | None = None, **fields: str) -> httpx.Response:
        """Sign in by a link."""
        account = person or self.desk.root
        secret = people.make_link(self.desk.store, account.id, BY, self.desk.clock())
        return self.send("/sign-in", f"/sign-in?link={secret}", link=secret, **fields)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    reader = MemoryReader()
    reader.add(a_meeting(audience="closed"))
    reader.hear("small", noise(1000))
    reader.put(a_record("We thank the President", 0, code="CMR"))
    clock = Clock()
    with a_store("sqlite", tmp_path) as store:
        root = people.add(store, "Root", "administrator", BY, clock())
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        lifetimes = Lifetimes(timedelta(hours=2), timedelta(hours=12))
        yield Desk(store, reader, clock, Staff(store, lifetimes, "http://127.0.0.1", cheap, clock), root)


def test_a_link_leads_to_a_button_and_the_button_signs_in(desk: Desk) -> None:
    """Mail programs open links before people do: opening must not spend it."""
    visitor = desk.visitor()
    secret = people.make_link(desk.store, desk.root.id, BY, desk.clock())
    for _ in range(3):
        assert visitor.get(f"/sign-in?link={secret}").status_code == 200
    answer = visitor.send("/sign-in", f"/sign-in?link={secret}", link=secret, next="/desk/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?next=%2Fdesk%2Fpeople")
    assert visitor.get("/desk/people").status_code == 200
    again = desk.visitor().send("/sign-in", "/sign-in", link=secret)
    assert again.status_code == 422
    assert "has ended or was used" in again.text


def test_a_password_is_chosen_used_and_changed(desk: Desk) -> None:
    """The whole life of a password, as a browser sees it."""
    visitor = desk.visitor()
    visitor.enter()
    assert visitor.send("/account", "/account", new="short", again="short").status_code == 422
    assert visitor.send("/account", "/account", new=RIGHT, again=RIGHT + "!").status_code == 422
    before = visitor.client.cookies["floorlog-session"]
    assert visitor.send("/account", "/account", new=RIGHT, again=RIGHT).headers["location"] == "/account?done=1"
    assert visitor.client.cookies["floorlog-session"] != before
    assert visitor.send("/sign-out", "/account").headers["location"] == "/"
    assert visitor.get("/desk/people").status_code == 303
    assert visitor.send("/sign-in", "/sign-in", name="Root", password="wrong").status_code == 422
    entered = visitor.send(
        "/sign-in", "/sign-in?next=/desk/people%3Fx=1", name=" root", password=RIGHT, next="/desk?x=1"
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk?x=1")
    new = RIGHT + ", and longer"
    assert visitor.send("/account", "/account", current="wrong", new=new, again=new).status_code == 422
    assert visitor.send("/account", "/account", current=RIGHT, new=new, again=new).status_code == 303


def test_failures_look_alike_and_then_must_wait(desk: Desk) -> None:
    """Nobody learns from an answer whether a name exists."""
    visitor = desk.visitor()
    first = visitor.send("/sign-in", "/sign-in", name="Root", password="wrong")
    second = visitor.send("/sign-in", "/sign-in", name="Nobody", password="wrong")
    assert first.status_code == second.status_code == 422

    def but_for_what_was_typed(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert but_for_what_was_typed(first.text) == but_for_what_was_typed(second.text)
    for _ in range(PER_ACCOUNT.free - 1):
        visitor.send("/sign-in", "/sign-in", name="Root", password="wrong")
    waiting = visitor.send("/sign-in", "/sign-in", name="Root", password="wrong")
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, str(PER_ACCOUNT.first_wait_s))


@pytest.mark.parametrize(
    ("base", "prefix", "secure"), [("http://127.0.0.1", "", False), ("https://floor.example", "__Host-", True)]
)
def test_cookies_are_out_of_reach(desk: Desk, base: str, prefix: str, secure: bool) -> None:
    """No script may read the session, no other site may send it, and it never travels in the clear."""
    visitor = desk.visitor(base)
    answer = visitor.enter()
    cookies = [each for each in answer.headers.get_list("set-cookie") if "session=" in each]
    assert len(cookies) == 1
    assert cookies[0].startswith(f"{prefix}floorlog-session=")
    flags = {flag.strip().lower() for flag in cookies[0].split(";")[1:]}
    assert flags == {"httponly", "samesite=lax", "path=/", "max-age=43200"} | ({"secure"} if secure else set())


def test_a_session_ends_by_itself(desk: Desk) -> None:
    """An unattended browser is somebody else's after a while."""
    visitor = desk.visitor()
    visitor.enter()
    desk.clock.now += timedelta(hours=2)
    assert visitor.get("/desk/people").headers["location"] == "/sign-in?next=%2Fdesk%2Fpeople"


def test_signing_in_needs_the_token_that_this_browser_was_given(desk: Desk) -> None:
    """Another site must not be able to sign somebody in as somebody else."""
    secret = people.make_link(desk.store, desk.root.id, BY, desk.clock())
    visitor = desk.visitor()
    assert visitor.client.post("/sign-in", data={"link": secret}).status_code == 403
    visitor.get("/sign-in")
    for token in ("", "another"):
        assert visitor.client.post("/sign-in", data={"link": secret, "csrf": token}).status_code == 403
    assert visitor.send("/sign-in", "/sign-in", link=secret).status_code == 303


def test_a_planted_session_is_not_taken_over(desk: Desk) -> None:
    """A token that was there before signing in must not be that of the session afterwards."""
    visitor = desk.visitor()
    visitor.client.cookies.set("floorlog-session", "planted", domain="127.0.0.1")
    visitor.enter()
    assert "planted" not in [cookie.value for cookie in visitor.client.cookies.jar if cookie.name == "floorlog-session"]
    planted = desk.visitor()
    planted.client.cookies.set("floorlog-session", "planted", domain="127.0.0.1")
    assert planted.get("/desk/people").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "evil",
        "",
        "/%0d%0aset-cookie:x=1\r\n",
    ],
)
def test_signing_in_leads_nowhere_else(desk: Desk, target: str) -> None:
    """A link to this server must not be a way to another one."""
    assert inside(target) == "/desk"
    visitor = desk.visitor()
    page = visitor.get("/sign-in", params={"next": target}).text
    assert 'name="next" value=""' in page
    assert visitor.enter(next=target).headers["location"] == "/account?next=%2Fdesk"


@pytest.mark.parametrize("target", ["/desk", "/desk/meetings/ga-1?t=0:12:30#rec-1", "/desk/people/audit?before=3"])
def test_signing_in_leads_to_the_page_that_was_asked_for(target: str) -> None:
    """Somebody who follows a link to a record wants that record."""
    assert inside(target) == target


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("floor.example", 200),
        ("FLOOR.example.:443", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("floor.example@evil.example", 421),
        ("[::1].evil.example:1", 421),
        ("", 421),
    ],
)
def test_only_known_hosts_are_answered(desk: Desk, host: str, status: int) -> None:
    """A name that is made to point here would give another site our pages (DNS rebinding)."""
    assert desk.visitor().get("/", headers={"host": host}).status_code == status
    assert desk.visitor().get("/health", headers={"host": host}).status_code == 200


def test_a_closed_meeting_is_shown_to_those_inside_only(desk: Desk) -> None:
    """Reviewers work on it; to everybody else it does not exist."""
    addresses = [
        f"/meetings/small{path}" for path in ("", "/coverage.json", "/review-items.json", "/audio/floor/1000.wav")
    ]
    visitor = desk.visitor()
    assert [visitor.get(each).status_code for each in addresses] == [404] * 4
    assert visitor.get("/meetings/small/events").status_code == 404
    assert "A small meeting" not in visitor.get("/").text
    visitor.enter(people.add(desk.store, "Vi", "viewer", BY, desk.clock()))
    assert [visitor.get(each).status_code for each in addresses] == [200] * 4
    assert ">President<" in visitor.get("/meetings/small").text
    assert ">Closed</span>" in visitor.get("/meetings/small").text
    assert ">Closed</span>" in visitor.get("/").text
    assert [desk.visitor().get(each).status_code for each in addresses] == [404] * 4, (
        "nothing of it was kept for others"
    )


def test_reviewers_hear_what_nobody_approved_yet(desk: Desk) -> None:
    """Audio of a published meeting is public once something is published; approving needs listening first."""
    desk.reader.add(a_meeting(audience="published"))
    address = "/meetings/small/audio/floor/1000.wav"
    visitor = desk.visitor()
    assert visitor.get(address).status_code == 404
    page = visitor.get("/meetings/small").text
    visitor.enter()
    assert visitor.get(address).status_code == 200
    assert visitor.get("/meetings/small/audio/nothing/1000.wav").status_code == 404
    assert visitor.get("/meetings/small").text == page, "the public page is the same for everybody"


def test_administrators_manage_people(desk: Desk) -> None:
    """Adding, linking, changing and disabling, as the page does it."""
    visitor = desk.visitor()
    visitor.enter()
    added = visitor.send("/desk/people", "/desk/people", name="Ann", role="reviewer")
    assert added.status_code == 200
    link = re.search(r"http://127\.0\.0\.1(/sign-in\?link=[\w-]+)", added.text)
    assert link is not None
    ann, hers = people.named(desk.store, "Ann"), desk.visitor()
    assert hers.send("/sign-in", link[1], link=link[1].partition("=")[2]).status_code == 303
    assert hers.get("/account").status_code == 200
    assert hers.get("/desk/people").status_code == 403
    assert visitor.send("/desk/people", "/desk/people", name="ann", role="reviewer").status_code == 422
    assert visitor.send("/desk/people", "/desk/people", name="Bob", role="king").status_code == 422
    assert visitor.send(f"/desk/people/{ann.id}/role", "/desk/people", role="approver").status_code == 303
    assert people.named(desk.store, "Ann").role == "approver"
    assert hers.get("/account").status_code == 303
    assert visitor.send(f"/desk/people/{ann.id}/state", "/desk/people", disabled="yes").status_code == 303
    assert people.named(desk.store, "Ann").disabled
    assert visitor.send(f"/desk/people/{ann.id}/link", "/desk/people").status_code == 422
    assert visitor.send(f"/desk/people/{desk.root.id}/state", "/desk/people", disabled="yes").status_code == 422
    assert visitor.send("/desk/people/person-0000000000000000/link", "/desk/people").status_code == 404
    assert visitor.send("/desk/people/%00/link", "/desk/people").status_code == 404
    audit = visitor.get("/desk/people/audit").text
    for deed in ("added somebody", "made a sign-in link", "changed a role", "disabled somebody", "signed in"):
        assert deed in audit
    assert "reviewer to approver" in audit
    assert "testclient" in audit
    assert visitor.get("/desk/people/audit?before=99999999999999999999").status_code == 400


def test_names_are_text_and_nothing_else(desk: Desk) -> None:
    """A name may have been written by another version, or by a hand in the database."""
    with stored.writing(desk.store) as rows:
        rows.add(Account("person-00000000000000aa", HOSTILE, "administrator", None, False, desk.clock()), "hostile")
    hostile = next(each for each in people.everybody(desk.store) if each.name == HOSTILE)
    visitor = desk.visitor()
    visitor.enter(hostile)
    visitor.send("/desk/people", "/desk/people", name=HOSTILE, role="viewer")
    visitor.send("/sign-in", "/account", name=HOSTILE, password=HOSTILE)
    visitor.enter(hostile)
    for path in ("/desk/people", "/desk/people/audit", "/account", "/desk/api/none"):
        page = visitor.get(path).text
        assert "<script>alert" not in page
        for place in re.findall(r"(<[^<>]*>)[^<>]*\u202e", page):
            assert place.startswith(("<bdi", '<span class="unseen"')), (path, place)


def test_pages_have_no_script_and_send_forms_only_here(desk: Desk) -> None:
    """Nothing inline may run, whatever gets into a page."""
    visitor = desk.visitor()
    visitor.enter()
    for path in ("/sign-in?link=x", "/account", "/desk/people", "/desk/people/audit"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|\sstyle=|\son\w+=|<style", answer.text)
    assert "form-action 'none'" in visitor.get("/").headers["content-security-policy"]


def test_a_form_that_is_too_long_is_not_read(desk: Desk) -> None:
    """Hashing and parsing cost; who is not signed in may cause little of it."""
    visitor = desk.visitor()
    visitor.get("/sign-in")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.client.post("/sign-in", content=b"a=" + b"x" * 70_000, headers=form).status_code == 413
    assert visitor.client.post("/sign-in", content=iter([b"a=1"]), headers=form).status_code == 411
    assert (
        visitor.client.post("/sign-in", content=b"&".join(b"a=1" for _ in range(99)), headers=form).status_code == 400
    )


def test_without_people_there_is_only_what_is_public(desk: Desk) -> None:
    """The pages can be served with nobody to sign in."""
    client = TestClient(create_app(desk.reader))
    assert client.get("/").status_code == 200
    assert client.get("/sign-in").status_code == 404


def test_a_program_is_refused_in_its_own_words(desk: Desk) -> None:
    """JSON in, JSON out: a page of HTML breaks a program where it reads the answer."""
    for asks in (None, Always(Person("p", "Ann", "viewer"))):
        client = TestClient(create_app(desk.reader, people=asks), raise_server_exceptions=False)
        answer = client.get("/desk/api/nothing")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code == 404
