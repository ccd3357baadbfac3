"""The pages over a real store: what the floor hears is what a reader sees; one suite for both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.clock import Span
from floorlog.services.advance import advance
from tests.small_floor import DATABASES, FINGERPRINT, SMALL_MACHINE, a_meeting, a_store, arrive, end, gap, said
from workers.web import create_app
from workers.web.shelf import Shelf


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        yield opened


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store, SMALL_MACHINE)


def version(shelf: Shelf) -> str:
    return shelf.versions(["small"])["small"]


def gaps_of(shelf: Shelf) -> list[Span]:
    return [entry.span for entry in shelf.coverage("small")[0].ledger.entries if entry.kind == "gap"]


def test_every_step_of_a_meeting_gives_it_another_version(store: Store, shelf: Shelf) -> None:
    """A page that misses a change shows yesterday's text until somebody reloads it."""
    seen = [version(shelf)]
    arrive(store, said(0, 10, "open-a", "hello"))
    seen.append(version(shelf))
    advance(store, "small", SMALL_MACHINE)
    seen.append(version(shelf))
    arrive(store, said(10, 20, "more"))
    advance(store, "small", SMALL_MACHINE)
    seen.append(version(shelf))
    assert len(set(seen)) == 4
    assert shelf.versions(["small", "unknown"]) == {"small": seen[-1], "unknown": "0.0.0"}
    assert shelf.versions([]) == {}


def test_another_meeting_does_not_change_the_version(store: Store, shelf: Shelf) -> None:
    """Ten meetings at once must not redraw each other's pages."""
    before = version(shelf)
    store.add_meeting(a_meeting("other"))
    arrive(store, said(0, 10, "open-a", meeting_id="other"))
    advance(store, "other", SMALL_MACHINE)
    assert version(shelf) == before


def test_an_open_intervention_is_provisional_until_it_is_settled(store: Store, shelf: Shelf) -> None:
    """A reader must know which words may still change."""
    arrive(store, said(0, 10, "open-a", "hello"))
    advance(store, "small", SMALL_MACHINE)
    (opened,) = shelf.records("small")
    assert (opened["review"]["state"], opened["text"]) == ("provisional", "open-a hello")
    arrive(store, said(10, 20, "open-b", "good", "day"), end(20))
    advance(store, "small", SMALL_MACHINE)
    records = shelf.records("small")
    assert [record["review"]["state"] for record in records] == ["machine", "machine"]
    assert records[0]["id"] == opened["id"]
    for record in records:
        contract.validate("record", record)


def test_the_account_tiles_the_clock_of_the_channel(store: Store, shelf: Shelf) -> None:
    """Every second is accounted for, what was announced and not yet transcribed included."""
    arrive(store, said(0, 10, "one", "two"), gap(10, 15))
    store.register(said(15, 20, "later").segment)
    ledger = shelf.coverage("small")[0].ledger
    assert ledger.until_ms == 20_000
    assert [entry.span.start_ms for entry in ledger.entries[1:]] == [entry.span.end_ms for entry in ledger.entries[:-1]]
    assert ledger.entries[0].span.start_ms == 0
    assert [(entry.kind, entry.cause) for entry in ledger.entries[-2:]] == [("gap", "media-missing"), ("unheard", None)]
    assert ledger.total_ms("words") == 1800


def test_a_gap_that_was_made_up_yields_to_the_segment_that_came_late(store: Store, shelf: Shelf) -> None:
    """Audio that is there must not be shown as missing."""
    arrive(store, said(0, 10, "one"), said(30, 40, "four"))
    advance(store, "small", SMALL_MACHINE)  # nobody waits here: 10 to 30 becomes a gap
    assert [entry.span for entry in shelf.coverage("small")[0].ledger.entries if entry.kind == "gap"] == [
        Span(10_000, 30_000)
    ]
    arrive(store, said(20, 30, "three"))
    advance(store, "small", SMALL_MACHINE)
    assert gaps_of(shelf) == [Span(10_000, 20_000)]
    assert shelf.coverage("small")[0].ledger.until_ms == 40_000


def test_the_page_shows_what_the_store_holds(store: Store, shelf: Shelf) -> None:
    """The whole way from a stored transcript to a word in the page."""
    arrive(store, said(0, 10, "open-a", "hello"), said(10, 20, "open-b", "good", "day"), end(20))
    advance(store, "small", SMALL_MACHINE)
    with TestClient(create_app(shelf)) as client:
        page = client.get("/meetings/small").text
        assert '<span data-t="11000">good</span>' in page
        assert client.get("/").text.count("<article>") == 1
        assert client.get("/ready").status_code == 200
        assert client.get("/meetings/unknown").status_code == 404
        silent = client.get("/meetings/small/audio/floor/20000.wav", headers={"range": "bytes=0-99"})
        assert silent.status_code == 206


def test_a_new_recognisers_words_replace_the_old_ones(store: Store, shelf: Shelf) -> None:
    """The account follows the recogniser whose transcripts count."""
    first = said(0, 10, "one", "two")
    arrive(store, first)
    assert shelf.coverage("small")[0].ledger.total_ms("words") == 1800
    store.activate("small", "fp-second")
    assert shelf.coverage("small")[0].ledger.total_ms("words") == 0
    store.put_transcript(said(0, 10, "one", "two", "three").transcript("fp-second"))
    assert shelf.coverage("small")[0].ledger.total_ms("words") == 2800
    assert FINGERPRINT != "fp-second"
