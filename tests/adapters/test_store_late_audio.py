"""Audio of a recording turns up for a gap: it is heard in its place, and the rest of the gap stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from floorlog.adapters.store import Store
from floorlog.adapters.store.watching import placed
from floorlog.announcements import End, Gap, Segment
from floorlog.clock import Span
from floorlog.errors import ConflictingSegment
from floorlog.services.advance import advance
from tests.small_floor import (
    DATABASES,
    SMALL_MACHINE,
    a_meeting,
    a_store,
    arrive,
    end,
    events,
    found,
    gap,
    rec,
    said,
    texts,
)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with one meeting that was heard with a gap from 10 s to 40 s."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        arrive(opened, said(0, 10, "open-a", "one"), gap(10, 40), said(40, 50, "open-b", "two"), end(50))
        go(opened)
        yield opened


def go(store: Store) -> tuple[str, ...]:
    return advance(store, "small", SMALL_MACHINE)


def missing(store: Store) -> list[tuple[int, int, str]]:
    return [(item.span.start_ms, item.span.end_ms, item.cause) for item in store.gaps("small", "floor")]


def test_audio_that_fills_a_gap_is_heard_in_its_place(store: Store) -> None:
    """What was missing belongs to whoever spoke then; nothing of the gap is left."""
    assert missing(store) == [(10_000, 40_000, "media-missing")]
    arrive(store, found(10, 22, "and", "on"), found(22, 40, "open-c", "here"))
    assert set(go(store)) >= {rec(0), rec(22)}
    assert texts(store) == {rec(0): "open-a one and on", rec(22): "open-c here", rec(40): "open-b two"}
    assert missing(store) == []
    assert store.summary("small").gaps == 0
    assert store.meetings_to_advance() == []
    assert go(store) == ()


def test_the_rest_of_a_gap_stays_with_its_cause(store: Store) -> None:
    """A recording may lack some of it, too; that is still missing, and for the same reason."""
    arrive(store, found(15, 20, "and"), found(30, 38, "on"))
    go(store)
    assert missing(store) == [
        (10_000, 15_000, "media-missing"),
        (20_000, 30_000, "media-missing"),
        (38_000, 40_000, "media-missing"),
    ]
    assert texts(store)[rec(0)] == "open-a one and on"
    assert store.summary("small").gaps == 3
    arrive(store, found(20, 30, "went"))
    go(store)
    assert texts(store)[rec(0)] == "open-a one and went on"
    assert store.meetings_to_advance() == []


def test_what_was_published_does_not_change_by_itself(store: Store) -> None:
    """The new words wait beside what people read, until a person decides."""
    with store.locked("small") as tx:
        tx.update_record(rec(0), touched=True, state="published")
    arrive(store, found(10, 40, "and", "on"))
    go(store)
    assert texts(store)[rec(0)] == "open-a one"
    record = store.record_row(rec(0))
    assert record is not None
    assert record.machine_waits


def test_a_gap_that_was_filled_opens_no_second_time(store: Store) -> None:
    """Dashboards were told of the gap once; a smaller gap is no new one."""
    told = events(store, "gap.opened")
    arrive(store, found(10, 20, "and"))
    go(store)
    assert events(store, "gap.opened") == told


def test_a_gap_may_be_announced_behind_the_audio_that_fills_it(store: Store) -> None:
    """Messages come in any order."""
    arrive(store, gap(50, 60), said(60, 70, "open-x"), found(70, 75, "y"), said(80, 90, "z"))
    go(store)
    arrive(store, gap(70, 80))
    go(store)
    assert missing(store)[-1] == (75_000, 80_000, "media-missing")
    assert store.meetings_to_advance() == []


def test_of_two_segments_for_one_moment_the_first_stands(store: Store) -> None:
    """Neither may change what was heard; the other one is a dead letter that a person can look at."""
    arrive(store, found(10, 22, "and"))
    for second in (said(10, 20, "late"), said(15, 25, "late"), found(20, 30, "on"), found(5, 12, "on")):
        with pytest.raises(ConflictingSegment):
            store.register(second.segment)
    assert store.register(found(10, 22, "and").segment) is False


def test_audio_may_follow_the_end_that_capture_announced(store: Store) -> None:
    """A capture that ended too soon is taken up by the recording, which has an end of its own."""
    arrive(store, found(50, 60, "more"), End("small", "floor", 51, 60_000, 50, "recording"))
    go(store)
    assert store.lag("small")[0].heard_ms == 60_000
    assert store.summary("small").meeting.state == "ended"


def test_an_end_may_be_told_twice(store: Store) -> None:
    """By capture and by the recording; it is one end."""
    assert store.register(replace(end(50), origin="recording", sequence=77)) is False


def test_a_page_sees_what_is_left_of_a_gap(store: Store) -> None:
    """Audio that was announced and not yet heard is on its way, not missing."""
    store.register(found(10, 25, "and").segment)
    spans = [(type(item), item.span) for item in placed(store, "small", "floor") if isinstance(item, Segment | Gap)]
    assert spans[1:3] == [(Segment, Span(10_000, 25_000)), (Gap, Span(25_000, 40_000))]


def test_replaying_a_meeting_sends_the_audio_of_its_recording_too(store: Store) -> None:
    """Else it would be lost where a meeting is built again from its announcements."""
    arrive(store, found(10, 25, "and"))
    assert sum(item.get("origin") == "recording" for item in store.announcements("small")) == 1
