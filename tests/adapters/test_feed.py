"""The feed: every reader gets what they may see, each event once and in order; for both databases."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.relaying import EVERYTHING, Wanted, sees
from floorlog.services import events, policies, review
from floorlog.services.advance import advance
from floorlog.services.people import Actor
from floorlog.services.review import Author
from floorlog.visibility import SCOPES
from tests.happenings import add_meetings, emit, subject
from tests.small_floor import DATABASES, SMALL_MACHINE, a_store, arrive, end, rec, said

BOB = Author("bob", "Bob", "approver")


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Three meetings, one of each audience, in which nothing has happened."""
    with a_store(request.param, tmp_path) as opened:
        add_meetings(opened, small="live", shut="closed", done="published")
        yield opened


def seen(store: Store, *scopes: str, **wanted: Any) -> list[tuple[str, str]]:
    """Meeting and type of each event that a reader sees."""
    page = store.page(0, 100, Wanted(scopes=frozenset(scopes), **wanted))
    return [(row.meeting_id, row.type) for row in page.rows]


def test_each_reader_sees_what_the_rule_says(store: Store) -> None:
    """The feed, the pages and the API must never disagree about who sees what."""
    for meeting_id, event_type in itertools.product(
        ("small", "shut", "done"), ("record.created", "record.published", "gap.opened")
    ):
        emit(store, 1, event_type=event_type, meeting_id=meeting_id)
    assert seen(store) == [
        ("small", "record.created"),
        ("small", "record.published"),
        ("small", "gap.opened"),
        ("done", "record.published"),
        ("done", "gap.opened"),
    ]
    assert len(seen(store, "unpublished")) == 6
    assert [key for key in seen(store, "closed") if key[0] == "shut"] == [
        ("shut", "record.published"),
        ("shut", "gap.opened"),
    ]
    assert len(seen(store, *SCOPES)) == 9
    rows = store.page(0, 100, EVERYTHING).rows
    for scopes in ((), ("unpublished",), ("closed",), SCOPES):
        one_by_one = [(row.meeting_id, row.type) for row in rows if sees(row.audience, row.public, scopes)]
        assert one_by_one == seen(store, *scopes)


def test_a_cursor_passes_over_what_a_reader_does_not_see(store: Store) -> None:
    """A reader who sees little must not ask again and again for what is not for them."""
    emit(store, 1, 2, 3, meeting_id="shut")
    page = store.page(0, 10, Wanted())
    assert (page.rows, page.next, page.more) == ((), 3, False)
    emit(store, 1, 2, 3)
    page = store.page(page.next, 2, Wanted())
    assert ([row.position for row in page.rows], page.next, page.more) == ([4, 5], 5, True)
    page = store.page(page.next, 2, Wanted())
    assert ([row.position for row in page.rows], page.next, page.more) == ([6], 6, False)


def test_a_reader_may_want_one_meeting_or_some_types_only(store: Store) -> None:
    """Most dashboards show one meeting, and wait for what was published."""
    emit(store, 1, event_type="record.published")
    emit(store, 1, event_type="record.published", meeting_id="done")
    emit(store, 2)
    assert seen(store, meeting_id="done") == [("done", "record.published")]
    assert seen(store, types=("record.created", "gap.opened")) == [("small", "record.created")]


def test_what_is_withdrawn_is_told_no_more(store: Store) -> None:
    """A feed that is read again from its beginning must not bring back what was taken away; its ids stay."""
    arrive(store, said(0, 10, "open-a", "b"), end(10))
    advance(store, "small", SMALL_MACHINE)
    for state, reason in (("approved", None), ("published", None), ("withdrawn", "It was misheard.")):
        row = store.record_row(rec(0))
        assert row is not None
        review.change_state(store, rec(0), row.current_revision, state, BOB, reason)
        store.sequence()
        documents = [events.encode(row) for row in store.page(0, 100, EVERYTHING).rows]
        for document in documents:
            contract.validate("event", document)
        told = {each["type"]: each for each in documents}
        if state == "published":
            assert told["record.published"]["data"]["record"]["text"] == "open-a b"
            before = told["record.published"]["id"]
    assert told["record.published"]["id"] == before
    assert told["record.published"]["data"].keys() == {"meeting_id", "record_id", "revision"}
    assert told["record.withdrawn"]["data"]["reason"] == "It was misheard."


def test_events_are_found_by_their_places(store: Store) -> None:
    """A delivery keeps a place only; what it says, and whether it may, is decided when it is sent."""
    emit(store, 1, 2)
    emit(store, 1, meeting_id="shut")
    assert {place: row.subject for place, row in store.events_at([1, 2, 3, 9], Wanted()).items()} == {
        1: subject(1),
        2: subject(2),
    }


def test_what_was_removed_on_request_is_told_no_more(store: Store) -> None:
    """Readers are told that it is gone, and neither what it was nor why."""
    arrive(store, said(0, 10, "open-a", "b"), end(10))
    advance(store, "small", SMALL_MACHINE)
    for state in ("approved", "published"):
        row = store.record_row(rec(0))
        assert row is not None
        review.change_state(store, rec(0), row.current_revision, state, BOB, None)
    policies.suppress(store, rec(0), "A private matter of Mr. X.", Actor(None, "Ann"))
    store.sequence()
    documents = [events.encode(row) for row in store.page(0, 100, Wanted()).rows]
    for document in documents:
        contract.validate("event", document)
    assert documents[-1]["type"] == "record.withdrawn"
    assert documents[-1]["data"]["reason"] == "removed on request"
    assert not any(word in json.dumps(documents) for word in ("open-a", "private", "Mr. X"))
