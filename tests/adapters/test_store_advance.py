"""A meeting's floor hears what is stored, in order, whatever the order of arrival; one suite for both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from floorlog import contract
from floorlog.adapters.store import Refusal, Store, tables
from floorlog.errors import ConflictingSegment
from floorlog.services import review, view
from floorlog.services.advance import advance, tick
from floorlog.services.events import encode as encode_event
from tests.small_floor import (
    DATABASES,
    SMALL_MACHINE,
    Item,
    a_meeting,
    a_store,
    arrive,
    end,
    events,
    gap,
    rec,
    said,
    texts,
)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        yield opened


def go(store: Store, meeting_id: str = "small") -> tuple[str, ...]:
    """Advance with the small machine."""
    return advance(store, meeting_id, SMALL_MACHINE)


def let_time_pass(store: Store, seconds: float) -> None:
    """Move since when the meeting waits into the past; the database's clock goes on as it is."""
    with store.write() as connection:
        rows = tables.floor_states
        text = connection.scalar(sa.select(rows.c.waiting))
        moved = {
            name: [at, (datetime.fromisoformat(since) - timedelta(seconds=seconds)).isoformat()]
            for name, (at, since) in json.loads(text or "{}").items()
        }
        connection.execute(sa.update(rows).values(waiting=json.dumps(moved)))


def test_a_record_is_written_once_it_is_settled(store: Store) -> None:
    """Revision 1 comes with its event and its words, one event after the floor was yielded."""
    arrive(store, said(0, 10, "open-a", "hello"))
    assert go(store) == (rec(0),)
    assert texts(store) == {}
    arrive(store, said(10, 20, "there", "open-b"), said(20, 30, "more"))
    assert go(store) == (rec(0), rec(11))
    assert texts(store) == {rec(0): "open-a hello there"}
    assert events(store) == [
        ("meeting.started", "small", None),
        ("record.provisional", rec(0), None),
        ("record.created", rec(0), 1),
        ("record.provisional", rec(11), None),
    ]


def test_what_arrives_out_of_order_waits_for_what_lies_before(store: Store) -> None:
    """Transcripts are made in parallel; the floor must still hear them in the order of the clock."""
    store.add_meeting(a_meeting(hold_s=120))
    arrive(store, said(10, 20, "later"))
    assert go(store) == ()
    assert store.lag("small")[0].heard_ms == 0
    arrive(store, said(0, 10, "open-a"))
    go(store)
    assert store.lag("small")[0].heard_ms == 20_000
    assert [item["text"] for item in view.records(store, "small", SMALL_MACHINE)] == ["open-a later"]


def test_a_missing_segment_holds_the_meeting_then_becomes_a_gap(store: Store) -> None:
    """A lost segment must not stop the log for ever, nor be passed over in silence."""
    store.add_meeting(a_meeting(hold_s=120))
    arrive(store, said(0, 10, "open-a"), said(20, 30, "on"))
    store.register(said(10, 20, "lost").segment)  # announced, never transcribed
    go(store)
    assert store.lag("small")[0].heard_ms == 10_000
    assert store.summary("small").waiting_since is not None
    let_time_pass(store, 119)
    tick(store, SMALL_MACHINE)
    assert store.lag("small")[0].heard_ms == 10_000
    let_time_pass(store, 1)
    tick(store, SMALL_MACHINE)
    assert store.lag("small")[0].heard_ms == 30_000
    assert store.summary("small").waiting_since is None
    assert [(item.span.start_ms, item.span.end_ms, item.cause) for item in store.gaps("small", "floor")] == [
        (10_000, 20_000, "segment-missing")
    ]
    assert events(store, "gap.opened") == [("gap.opened", "small.floor.0000010000.gap", None)]


def test_nothing_is_held_while_nothing_later_is_there(store: Store) -> None:
    """Silence at the end of what was announced is no loss: the next segment is simply not there yet."""
    arrive(store, said(0, 10, "open-a"))
    store.register(said(10, 20, "soon").segment)
    go(store)
    assert store.summary("small").waiting_since is None
    assert store.gaps("small", "floor") == []


def test_a_late_segment_is_put_in_its_place(store: Store) -> None:
    """The records must equal those of a run in which nothing was late."""
    arrive(store, said(0, 10, "open-a"), said(20, 30, "on", "open-b"), said(30, 40, "x"), end(40))
    go(store)
    assert texts(store) == {rec(0): "open-a on", rec(21): "open-b x"}
    arrive(store, said(10, 20, "lost", "and", "found"))
    assert go(store) == (rec(0),)
    assert texts(store) == {rec(0): "open-a lost and found on", rec(21): "open-b x"}
    assert store.gaps("small", "floor") == []
    shown = {record.id: revision for record, revision in store.current_revisions("small")}
    assert (shown[rec(0)].revision, shown[rec(0)].made_by) == (2, "machine")
    assert shown[rec(0)].reason == "derived-again"
    assert shown[rec(21)].revision == 1


def test_a_late_segment_that_fills_half_a_gap_leaves_the_other_half(store: Store) -> None:
    """Only what is missing may count as missing."""
    arrive(store, said(0, 10, "open-a"), said(30, 40, "on"))
    go(store)
    arrive(store, said(10, 20, "found"))
    go(store)
    spans = [(item.span.start_ms, item.span.end_ms) for item in store.gaps("small", "floor")]
    assert spans == [(20_000, 30_000)]
    assert [subject for _, subject, _ in events(store, "gap.opened")] == [
        "small.floor.0000010000.gap",
        "small.floor.0000020000.gap",
    ]


def test_a_gap_that_capture_announces_late_replaces_the_one_made_up(store: Store) -> None:
    """Capture knows the cause; advance only knew that nothing came."""
    arrive(store, said(0, 10, "open-a"), said(30, 40, "on"))
    go(store)
    arrive(store, gap(10, 20))
    go(store)
    known = [(item.span.start_ms, item.span.end_ms, item.cause) for item in store.gaps("small", "floor")]
    assert known == [(10_000, 20_000, "media-missing"), (20_000, 30_000, "segment-missing")]


def test_whatever_comes_again_changes_nothing(store: Store) -> None:
    """Delivery is at least once, so every step must bear it."""
    items: list[Item] = [said(0, 10, "open-a"), gap(10, 20), said(20, 30, "open-b"), end(30)]
    arrive(store, *items)
    go(store)
    before, fed = list(store.canonical_export("small")), events(store)
    arrive(store, *items)
    assert go(store) == ()
    assert tick(store, SMALL_MACHINE) == ()
    assert list(store.canonical_export("small")) == before
    assert events(store) == fed


def test_the_end_of_a_stream_waits_for_what_lies_before_it(store: Store) -> None:
    """An end that overtakes the last segments must not close the floor on them."""
    store.add_meeting(a_meeting(hold_s=120))
    arrive(store, end(20), said(0, 10, "open-a"))
    go(store)
    assert store.meeting("small").state == "live"
    arrive(store, said(10, 20, "last"))
    go(store)
    assert store.meeting("small").state == "ended"
    assert texts(store) == {rec(0): "open-a last"}
    assert events(store, "meeting.ended") == [("meeting.ended", "small", None)]


def test_a_meeting_may_resume_after_its_end(store: Store) -> None:
    """A suspended meeting comes back on the same clock."""
    arrive(store, said(0, 10, "open-a"), end(10))
    go(store)
    arrive(store, gap(10, 60), said(60, 70, "open-b"))
    go(store)
    assert store.meeting("small").state == "live"
    arrive(store, end(70))
    go(store)
    assert texts(store) == {rec(0): "open-a", rec(60): "open-b"}
    kinds = [kind for kind, _, _ in events(store, "meeting.started", "meeting.ended")]
    assert kinds == ["meeting.started", "meeting.ended", "meeting.started", "meeting.ended"]


def test_an_end_that_comes_after_what_follows_it_is_late(store: Store) -> None:
    """Where the stream ended decides which words belong together, whenever that becomes known."""
    arrive(store, said(0, 10, "open-a"), said(10, 20, "b"), end(20))
    go(store)
    assert texts(store) == {rec(0): "open-a b"}
    arrive(store, end(10))
    go(store)
    assert texts(store) == {rec(0): "open-a", rec(10): "b"}


def test_channels_merge_by_their_ends(store: Store) -> None:
    """The machine hears one order of events, whichever channel was transcribed first."""
    heard: list[tuple[str, int]] = []

    def listening(state: object, event: object) -> object:
        at_ms = getattr(event, "at_ms", None)
        heard.append((event.channel, event.span.end_ms if at_ms is None else at_ms))  # type: ignore[attr-defined]
        return SMALL_MACHINE.hear(state, event)  # type: ignore[arg-type]

    store.add_meeting(a_meeting(channels=("floor", "fr")))
    arrive(store, said(0, 10, "a"), said(0, 5, "x", channel="fr"), said(5, 12, "y", channel="fr"))
    arrive(store, said(10, 20, "b"), said(12, 30, "z", channel="fr"))
    advance(store, "small", replace(SMALL_MACHINE, hear=listening))  # type: ignore[arg-type]
    assert heard == [("fr", 5_000), ("floor", 10_000), ("fr", 12_000), ("floor", 20_000)]


def test_an_interpretation_that_comes_behind_the_floor_is_late(store: Store) -> None:
    """The floor does not wait for an interpretation, and the log is the same as if it had been in time."""
    store.add_meeting(a_meeting(channels=("floor", "fr")))
    floor: list[Item] = [said(0, 10, "open-a"), said(10, 20, "open-b"), end(20)]
    french: list[Item] = [
        said(0, 10, "ouvre", channel="fr"),
        said(10, 20, "open-c", channel="fr"),
        end(20, channel="fr"),
    ]
    arrive(store, *floor)
    go(store)
    assert len(texts(store)) == 2
    arrive(store, *french)
    go(store)
    late = list(store.canonical_export("small"))
    store.add_meeting(a_meeting("other", channels=("floor", "fr")))
    other: list[Item] = [
        said(0, 10, "open-a", meeting_id="other"),
        said(10, 20, "open-b", meeting_id="other"),
        end(20, meeting_id="other"),
        said(0, 10, "ouvre", channel="fr", meeting_id="other"),
        said(10, 20, "open-c", channel="fr", meeting_id="other"),
        end(20, channel="fr", meeting_id="other"),
    ]
    arrive(store, *other)
    go(store, "other")
    in_time = store.canonical_export("other")
    assert sorted(json.loads(line)["text"] for line in late) == sorted(json.loads(line)["text"] for line in in_time)
    assert len(late) == 4


def test_a_required_channel_that_falls_silent_is_followed_by_gaps(store: Store) -> None:
    """One dead capture must not stop the log of the others for ever."""
    store.add_meeting(a_meeting(channels=("floor", "en"), required=("en",), hold_s=120))
    arrive(store, said(0, 10, "open-a"), said(10, 20, "b"), said(0, 10, "open-a", channel="en"))
    go(store)
    assert {lag.channel: lag.heard_ms for lag in store.lag("small")} == {"floor": 10_000, "en": 10_000}
    let_time_pass(store, 120)
    tick(store, SMALL_MACHINE)
    assert {lag.channel: lag.heard_ms for lag in store.lag("small")} == {"floor": 20_000, "en": 20_000}
    assert [item.span.end_ms for item in store.gaps("small", "en")] == [20_000]


def test_a_dead_letter_opens_a_gap_and_its_replay_closes_it(store: Store) -> None:
    """A segment that can never be transcribed is accounted for at once, and can still be put in its place."""
    broken = said(10, 20, "mended")
    arrive(store, said(0, 10, "open-a"))
    kept = store.put_dead_letter(Refusal("transcribe", "corrupt-audio", "broken", b"payload", segment=broken.segment))
    assert kept.meeting_id == "small"
    arrive(store, said(20, 30, "on"), end(30))
    go(store)
    assert [item.cause for item in store.gaps("small", "floor")] == ["dead-letter"]
    assert texts(store) == {rec(0): "open-a on"}
    arrive(store, broken)
    go(store)
    assert texts(store) == {rec(0): "open-a mended on"}
    assert store.gaps("small", "floor") == []


def test_a_dead_letter_names_the_cause_of_a_gap_that_was_passed(store: Store) -> None:
    """Why audio is missing may become known after the meeting went on."""
    arrive(store, said(0, 10, "open-a"), said(20, 30, "on"), end(30))
    go(store)
    store.put_dead_letter(Refusal("transcribe", "corrupt-audio", "broken", b"p", segment=said(10, 20).segment))
    go(store)
    assert [item.cause for item in store.gaps("small", "floor")] == ["dead-letter"]
    assert store.revisions(rec(0))[-1].content["quality"]["flags"] == ["dead-letter"]


def test_a_dead_letter_does_not_take_the_place_of_a_transcript(store: Store) -> None:
    """A redelivery that fails must not undo what succeeded."""
    arrive(store, said(0, 10, "open-a"))
    kept = store.put_dead_letter(Refusal("transcribe", "object-missing", "gone", b"p", segment=said(0, 10).segment))
    assert kept.meeting_id is None
    arrive(store, end(10))
    go(store)
    assert texts(store) == {rec(0): "open-a"}


def test_later_knowledge_makes_a_revision_with_its_reason(store: Store) -> None:
    """What the chair says afterwards may confirm who spoke."""
    arrive(store, said(0, 10, "open-a"), said(10, 20, "open-b"), said(20, 30, "c"), said(30, 40, "thanks"))
    go(store)
    first, second = store.revisions(rec(0))
    assert (first.reason, second.reason) == (None, "thanked")
    assert events(store, "record.created") == [("record.created", rec(0), 1)]
    assert events(store, "record.revised") == [("record.revised", rec(0), 2)]


def test_the_same_content_makes_no_revision(store: Store) -> None:
    """A revision that says nothing new would send reviewers to look at nothing."""
    arrive(store, said(0, 10, "open-a"), said(10, 20, "open-b"), said(20, 30, "c"))
    arrive(store, said(30, 40, "thanks"), said(40, 50, "thanks"))
    go(store)
    assert len(store.revisions(rec(0))) == 2


def test_a_record_that_vanishes_points_to_its_successor(store: Store) -> None:
    """An id that was seen once must lead somewhere for ever."""
    arrive(store, said(10, 20, "b", "c"), end(20))
    go(store)
    assert texts(store) == {rec(10): "b c"}
    arrive(store, said(0, 10, "open-a"))
    go(store)
    assert texts(store) == {rec(0): "open-a b c"}
    gone = store.record_row(rec(10))
    assert gone is not None
    assert (gone.state, gone.successors) == ("retired", (rec(0),))
    assert ("record.retired", rec(10), 1) in events(store)


def test_a_record_that_a_person_touched_keeps_its_id(store: Store) -> None:
    """Human work is bound to an id; a late segment must not take it away, nor overwrite it."""
    arrive(store, said(10, 20, "b", "c"), end(20))
    go(store)
    with store.locked("small") as tx:
        record = tx.record(rec(10))
        assert record is not None
        content = {**store.revisions(rec(10))[0].content, "text": "B, c."}
        tx.append_person_revision(record, content, "ann", "spelling", "in_review")
    arrive(store, said(0, 10, "open-a"))
    go(store)
    kept = store.record_row(rec(10))
    assert kept is not None
    assert (kept.state, kept.current_revision, kept.machine_revision) == ("in_review", 4, 3)
    assert [item.yours for item in review.conflicts(store, rec(10))] == ["B, c."]
    assert texts(store) == {rec(10): "B, c."}
    assert store.revisions(rec(10))[2].content["text"] == "open-a b c"
    assert store.record_row(rec(0)) is None


def test_what_was_published_does_not_change_by_itself(store: Store) -> None:
    """A reader of a published record must be told by a person, not by a late segment."""
    arrive(store, said(0, 10, "open-a"), said(20, 30, "c"), end(30))
    go(store)
    with store.locked("small") as tx:
        tx.update_record(rec(0), state="published", touched=True, published_revision=1)
    fed = events(store)
    arrive(store, said(10, 20, "b"))
    go(store)
    record = store.record_row(rec(0))
    assert record is not None
    assert (record.state, record.current_revision, record.published_revision) == ("published", 1, 1)
    assert record.machine_waits
    assert texts(store) == {rec(0): "open-a c"}
    assert events(store) == fed


def test_an_open_intervention_is_one_row_with_its_words(store: Store) -> None:
    """Readers see a statement while it is made; its growth is no event."""
    arrive(store, said(0, 10, "open-a"))
    go(store)
    arrive(store, said(10, 20, "b"))
    go(store)
    shown = view.records(store, "small", SMALL_MACHINE)
    assert [(item["text"], item["review"], "revision" in item) for item in shown] == [
        ("open-a b", {"state": "provisional"}, False)
    ]
    assert events(store, "record.provisional") == [("record.provisional", rec(0), None)]


def test_an_open_intervention_that_disappears_is_retired(store: Store) -> None:
    """Who followed it live must learn what stands in its place."""
    arrive(store, said(10, 20, "b"))
    go(store)
    arrive(store, said(0, 10, "open-a"))
    assert go(store) == (rec(0), rec(10))
    assert [item["text"] for item in view.records(store, "small", SMALL_MACHINE)] == ["open-a b"]
    store.sequence()
    retired = next(event for event in store.feed(0, 100) if event.type == "record.retired")
    assert retired.data == {
        "meeting_id": "small",
        "record_id": rec(10),
        "revision": None,
        "successors": [rec(0)],
    }


def test_every_event_keeps_its_contract(store: Store) -> None:
    """Dashboards are written against the schema, not against this code."""
    arrive(store, said(10, 20, "b", "open-c"), said(30, 40, "thanks", "open-d"), end(40))
    go(store)
    arrive(store, said(0, 10, "open-a"), gap(40, 50), said(50, 60, "more"))
    go(store)
    store.sequence()
    fed = store.feed(0, 100)
    for event in fed:
        contract.validate("event", encode_event(event))
    kinds = {event.type for event in fed}
    assert kinds >= {"meeting.started", "meeting.ended", "gap.opened", "record.created", "record.retired"}
    assert "record.provisional" in kinds


def test_another_recogniser_derives_the_meeting_again(store: Store) -> None:
    """A better model's result replaces the words and keeps the records."""
    first: list[Item] = [said(0, 10, "open-a", "helo"), said(10, 20, "open-b"), end(20)]
    better: list[Item] = [said(0, 10, "open-a", "hello"), said(10, 20, "open-b"), end(20)]
    arrive(store, *first)
    go(store)
    arrive(store, *better, fingerprint="fp-better")
    assert go(store) == ()
    store.activate("small", "fp-better")
    assert set(go(store)) == {rec(0), rec(10)}
    assert texts(store) == {rec(0): "open-a hello", rec(10): "open-b"}
    assert [revision.revision for revision in store.revisions(rec(0))] == [1, 2]


def test_a_new_version_of_the_machine_derives_the_meeting_again(store: Store) -> None:
    """A state of other rules must not be carried on."""
    arrive(store, said(0, 10, "open-a"), end(10))
    go(store)
    shouting = replace(SMALL_MACHINE, version=2, compose=lambda *args: {**SMALL_MACHINE.compose(*args), "text": "A!"})
    assert advance(store, "small", shouting) == (rec(0),)
    assert texts(store) == {rec(0): "A!"}


def test_a_long_meeting_is_derived_again_from_a_checkpoint(store: Store) -> None:
    """A late segment near the end must not cost the whole meeting."""
    arrive(store, *(said(10 * at, 10 * at + 10, f"open-{at}") for at in range(200) if at != 190))
    go(store)
    heard: list[int] = []

    def counting(state: object, event: object) -> object:
        heard.append(1)
        return SMALL_MACHINE.hear(state, event)  # type: ignore[arg-type]

    arrive(store, said(1900, 1910, "open-190"))
    advance(store, "small", replace(SMALL_MACHINE, hear=counting))  # type: ignore[arg-type]
    assert len(heard) < 80
    assert texts(store)[rec(1900)] == "open-190"
    assert len(texts(store)) == 198


def test_an_event_costs_the_same_however_long_the_meeting_is(tmp_path: Path) -> None:
    """Eight hours are three thousand segments: no statement may look at all of them."""
    statements: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, parameters))

    with a_store("sqlite", tmp_path) as store:
        store.add_meeting(a_meeting())
        arrive(store, *(said(10 * at, 10 * at + 10, f"open-{at}") for at in range(300)))
        go(store)
        sa.event.listen(store.engine, "before_cursor_execute", note)
        counts = []
        for at in range(300, 310):
            arrive(store, said(10 * at, 10 * at + 10, f"open-{at}"))
            statements.clear()
            go(store)
            counts.append(len(statements))
        seen = list(statements)
        assert max(counts) <= 40
        with store.read() as connection:
            for statement, parameters in seen:
                if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                    scans = [step.detail for step in steps if step.detail.startswith("SCAN")]
                    assert [scan for scan in scans if "CONSTANT ROW" not in scan] == [], statement


def test_the_batch_does_not_change_the_result(store: Store) -> None:
    """How much is heard in one transaction is a matter of pace only."""
    store.add_meeting(a_meeting("other"))
    for meeting_id, batch in (("small", 1), ("other", 200)):
        items: list[Item] = [
            said(10 * at, 10 * at + 10, f"open-{at}", meeting_id=meeting_id) for at in range(12) if at != 5
        ]
        arrive(store, *items, end(120, meeting_id=meeting_id))
        advance(store, meeting_id, SMALL_MACHINE, batch=batch)
    one, other = (
        [json.loads(line)["text"] for line in store.canonical_export(meeting_id)] for meeting_id in ("small", "other")
    )
    assert one == other
    assert len(one) == 11


def test_overlapping_segments_conflict(store: Store) -> None:
    """The clock can hold one thing at a time, so one of the two must be wrong for good."""
    arrive(store, said(0, 10, "open-a"), end(30))
    with pytest.raises(ConflictingSegment, match="it overlaps"):
        store.register(said(5, 15, "b").segment)
    with pytest.raises(ConflictingSegment, match="end lies inside it"):
        store.register(said(25, 35, "b").segment)
    with pytest.raises(ConflictingSegment, match="with other content"):
        store.register(said(0, 11, "a").segment)
