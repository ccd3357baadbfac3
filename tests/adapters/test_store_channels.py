"""A meeting of three channels through the real floor and the store: one log, with the interpreters' words beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from floorlog import contract, words
from floorlog.adapters.store import Store
from floorlog.announcements import AudioObject, Gap, Segment
from floorlog.clock import Span, after
from floorlog.services import ledger, view
from floorlog.services.advance import advance
from floorlog.services.derive import derive_again
from floorlog.services.events import encode
from floorlog.services.hear import MACHINE
from floorlog.words import Transcript
from tests.small_floor import BEGAN, DATABASES, a_meeting, a_store
from tests.spoken import Line, the_end, transcripts_of
from tests.unit.test_interpreting import CALLED, FLOOR, LONG, TURNED, UNNAMED, interpreted

LOST = [Line("chair", UNNAMED), *FLOOR[1:]]
"""The chair's first cue is lost on the floor; the interpreters have it."""


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting of three channels, of which the floor alone is required."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting("spoken", channels=("floor", "en", "fr")))
        yield opened


def arrive(store: Store, transcripts: Sequence[Transcript], *, ends: bool = True) -> None:
    """Announce a channel's segments, each with its transcript, and the end of its stream."""
    for number, item in enumerate(transcripts):
        audio = AudioObject(f"mem://{item.segment_id}.flac", "0" * 64, 1000)
        began = after(BEGAN, item.span.start_ms)
        store.register(
            Segment(item.meeting_id, item.channel, number, item.span, began, "given", 0, audio, "pause", 0.9)
        )
        store.put_transcript(words.encode(item))
    if ends:
        store.register(the_end(transcripts))


def channels() -> tuple[list[Transcript], list[Transcript], list[Transcript]]:
    return transcripts_of(LOST), interpreted(FLOOR, "en", 2500), interpreted(FLOOR, "fr", 4000, "fr")


def export(store: Store) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.canonical_export("spoken")]


def test_the_log_has_each_intervention_once_with_its_interpretations_apart(store: Store) -> None:
    """What was delivered and what interpreters made of it must never be mixed up, nor counted twice."""
    for transcripts in channels():
        arrive(store, transcripts)
    advance(store, "spoken")
    records = view.records(store, "spoken")
    for record in records:
        contract.validate("record", record)
    assert {(record["channel"], record["interpretation"]) for record in records} == {("floor", False)}
    kenya = records[1]
    assert (kenya["speaker"]["entity"]["code"], kenya["text"]) == ("KEN", LONG)
    assert [(item["channel"], item["language"], item["text"]) for item in kenya["interpretations"]] == [
        ("en", "en", LONG),
        ("fr", "fr", LONG),
    ]
    evidence = {(item["type"], item["channel"]) for item in kenya["attribution"]["evidence"]}
    assert ("other-channel", "en") in evidence
    for channel in ("en", "fr"):
        given = " ".join(
            item["text"] for record in records for item in record["interpretations"] if item["channel"] == channel
        )
        said = [
            word.text for item in store.transcript_documents("spoken", channel) for word in words.decode(item).words
        ]
        assert given.split() == said


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_log_is_the_same_in_whatever_order_channels_arrive(store: Store, order: tuple[int, ...]) -> None:
    """Channels are transcribed in parallel, and a late one must end where one in time does."""
    store.add_meeting(a_meeting("spoken", channels=("floor", "en", "fr")))
    heard = channels()
    for place in order:
        arrive(store, heard[place])
        advance(store, "spoken")
    by_turns = export(store)
    derive_again(store, "spoken", MACHINE, 200, whole=True)
    assert export(store) == by_turns
    assert [item["text"] for item in by_turns[1]["interpretations"]] == [LONG, LONG]
    assert [item["text"] for item in by_turns[2]["interpretations"]] == [TURNED, TURNED]
    assert by_turns[1]["speaker"]["entity"]["code"] == "KEN"
    assert by_turns[0]["interpretations"][0]["text"] == CALLED


def test_an_interpretation_that_never_comes_holds_nothing_and_is_missed(store: Store) -> None:
    """The log of the floor goes on; that a promised channel is not there is for a person to know."""
    floor, english, _ = channels()
    arrive(store, floor)
    arrive(store, english[:2], ends=False)
    advance(store, "spoken")
    assert store.meeting("spoken").state == "ended"
    records = view.records(store, "spoken")
    assert [record["review"]["state"] for record in records] == ["machine"] * 5
    assert "interpretations" not in records[-1]
    reasons = {(item.channel, item.reason) for item in ledger.items(store, "spoken") if item.state == "open"}
    assert reasons == {("en", "channel-ended-early"), ("fr", "channel-missing")}


def test_what_an_open_intervention_says_is_shown_with_its_interpretation(store: Store) -> None:
    """Who follows the meeting in English reads it while it is said."""
    floor, english, _ = channels()
    arrive(store, floor[:3], ends=False)
    arrive(store, english[:2], ends=False)
    advance(store, "spoken")
    _, last, *_ = view.records(store, "spoken")
    assert last["review"]["state"] == "provisional"
    assert [item["text"] for item in last["interpretations"]] == [LONG]


def test_a_gap_of_an_interpretation_says_that_it_is_one(store: Store) -> None:
    """Who watches for missing sound must be able to leave out what only interpreters said."""
    floor, _, _ = channels()
    arrive(store, floor)
    store.register(Gap("spoken", "fr", 0, Span(0, 3000), "media-missing"))
    advance(store, "spoken")
    store.sequence()
    opened = [encode(event) for event in store.feed(0, 100) if event.type == "gap.opened"]
    for event in opened:
        contract.validate("event", event)
    assert [(event["data"]["channel"], event["data"]["interpretation"]) for event in opened] == [("fr", True)]
