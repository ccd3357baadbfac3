"""The ledger and its review items in the store; one suite for both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from floorlog import words
from floorlog.adapters.store import Store, ledger_tables
from floorlog.clock import Span
from floorlog.coverage import account
from floorlog.services import ledger, status
from floorlog.services.advance import advance
from tests.small_floor import DATABASES, SMALL_MACHINE, a_meeting, a_store, arrive, end, gap, said


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting of one channel."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        yield opened


def go(store: Store) -> None:
    advance(store, "small", SMALL_MACHINE)


def open_items(store: Store) -> list[tuple[str, str, Span]]:
    """Channel, reason and span of the open items, in order of the clock."""
    found = [(item.channel, item.reason, item.span) for item in ledger.items(store, "small") if item.state == "open"]
    return sorted(found, key=lambda item: (item[2], item[0]))


def test_every_channel_sums_to_the_meetings_clock(store: Store) -> None:
    """A second that is in no column of the ledger is a second that nobody misses."""
    store.add_meeting(a_meeting(channels=("floor", "en", "fr")))
    arrive(store, said(0, 10, "open-a", "hello"), gap(10, 13), said(13, 20, "more"), end(20))
    arrive(store, said(0, 6, "bonjour", channel="fr"), end(6, channel="fr"))
    go(store)
    store.register(said(20, 30, channel="en").segment)
    channels = ledger.of_meeting(store, "small")
    assert [(item.channel["name"], item.own_end_ms) for item in channels] == [
        ("floor", 20_000), ("en", 30_000), ("fr", 6_000)
    ]  # fmt: skip
    for item in channels:
        assert sum(item.ledger.totals().values()) == item.ledger.until_ms == 30_000
        assert item.ledger.entries[0].span.start_ms == 0
        assert item.ledger.entries[-1].span.end_ms == 30_000
    causes = {item.channel["name"]: item.ledger.entries[-1].cause for item in channels}
    assert causes == {"floor": "channel-ended-early", "en": None, "fr": "channel-ended-early"}


def test_the_stored_ledger_says_what_the_transcripts_say(store: Store) -> None:
    """The page, the command line and the words must tell one story."""
    arrive(store, said(0, 10, "open-a", "hello"), gap(10, 13), said(13, 20), said(20, 30, "more", "words"))
    go(store)
    transcripts = [words.decode(item) for item in store.transcript_documents("small", "floor")]
    expected = account(transcripts, store.gaps("small", "floor"), 30_000)
    (found,) = ledger.of_meeting(store, "small")
    assert found.ledger == expected
    with store.write() as connection:
        connection.execute(sa.delete(ledger_tables.segment_accounts))  # as before there were any
    assert ledger.of_meeting(store, "small") == (found,)
    assert status.summary(store, "small")["audio_s"] == 30
    assert found.segments == 3


def test_a_gap_raises_one_item_however_often_it_is_looked_at(store: Store) -> None:
    """An id that changes, or a second item for the same hole, would send a reviewer to the same place twice."""
    arrive(store, said(0, 10, "open-a"), gap(10, 13))
    go(store)
    (first,) = ledger.items(store, "small")
    arrive(store, gap(13, 40), said(40, 50, "more"), gap(50, 51))
    go(store)
    items = ledger.items(store, "small")
    assert open_items(store) == [
        ("floor", "gap", Span(10_000, 40_000)),
        ("floor", "gap", Span(50_000, 51_000)),
    ]
    assert items[0].id == first.id
    assert (items[0].severity, items[0].impact, items[0].cause) == ("medium", 30_000, "media-missing")


def test_an_item_is_closed_when_its_hole_is_filled(store: Store) -> None:
    """Nobody should look for what has turned up since, and somebody must still see that it was missing."""
    late = said(10, 20, "late")
    arrive(store, said(0, 10, "open-a"), said(20, 30, "open-b"))
    go(store)
    assert open_items(store) == [("floor", "gap", Span(10_000, 20_000))]
    arrive(store, late)
    go(store)
    assert open_items(store) == []
    (closed,) = ledger.items(store, "small")
    assert (closed.state, closed.closed_by, closed.closed_reason) == ("closed", "machine", "filled")


def test_speech_without_words_raises_an_item(store: Store) -> None:
    """Half a minute that is left out without a sign is the worst failure of automatic records."""
    spoken = said(0, 10, "open-a")
    document = spoken.transcript()
    document["speech"] = [{"start_ms": 0, "end_ms": 6000}]
    store.register(spoken.segment)
    store.put_transcript(document)
    go(store)
    assert open_items(store) == [("floor", "speech-without-words", Span(800, 6000))]


def test_the_order_of_arrival_does_not_change_the_items(store: Store) -> None:
    """What is to be looked at is derived with the log, and must be as repeatable as the log."""
    store.add_meeting(a_meeting("other"))
    parts = [(0, 10), (10, 12), (12, 60), (60, 61), (61, 70)]
    for meeting_id, order in (("small", parts), ("other", [parts[4], parts[0], parts[2], parts[3], parts[1]])):
        for start, last in order:
            missing = (start, last) in ((10, 12), (60, 61))
            make = gap if missing else said
            arrive(store, make(start, last, meeting_id=meeting_id))
            advance(store, meeting_id, SMALL_MACHINE)
    found = {
        meeting_id: [
            (item.span, item.reason, item.severity) for item in ledger.items(store, meeting_id) if item.state == "open"
        ]
        for meeting_id in ("small", "other")
    }
    assert found["small"] == found["other"] != []


def test_a_channel_that_ends_early_or_never_comes_is_to_be_looked_at(store: Store) -> None:
    """A reader of the French text must know that it stops before the meeting does."""
    store.add_meeting(a_meeting(channels=("floor", "en", "fr")))
    arrive(store, said(0, 5, "bonjour", channel="fr"), end(5, channel="fr"))
    arrive(store, said(0, 10, "open-a"), said(10, 20, "open-b"))
    go(store)
    assert open_items(store) == [("fr", "channel-ended-early", Span(5_000, 20_000))]
    arrive(store, said(5, 20, "encore", channel="fr"))
    go(store)
    assert open_items(store) == []
    arrive(store, end(20))
    go(store)
    assert open_items(store) == [("en", "channel-missing", Span(0, 20_000))]


def test_the_status_of_a_meeting_has_its_ledger(store: Store) -> None:
    """An operator sees on the command line what a reader sees on the page."""
    arrive(store, said(0, 10, "open-a", "hello"), gap(10, 13))
    go(store)
    shown = status.ledger_of(store, "small")
    assert shown["coverage"][0]["totals_ms"]["gap"] == 3000
    assert sum(shown["coverage"][0]["totals_ms"].values()) == shown["coverage"][0]["until_ms"] == 13_000
    assert [item["reason"] for item in shown["review_items"]] == ["gap"]
