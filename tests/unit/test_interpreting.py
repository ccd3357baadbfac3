"""A meeting with interpretation: one intervention once, its words as delivered, and the interpreters' apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog.clock import Span
from floorlog.interpreting import LAG_MS, Stretch, share
from floorlog.interventions import Event, Intervention, begin, decode_state, encode_state, hear
from floorlog.words import Transcript
from tests.spoken import Line, a_meeting, recut, settled_by, the_end, transcripts_of

LONG = (
    "Thank you, Madam President. We have come a long way, and the road goes on before us all, and nobody in this room "
    "knows how long it is. We shall walk it, and we ask all others to walk it with us."
)
CALLED = "I call to order this meeting. I now give the floor to the representative of Kenya."
UNNAMED = "Excellencies, we begin. It is a pleasure to see you here. Next speaker, please."
TURNED = "I thank the representative of Kenya. I now give the floor to the representative of Norway."
CLOSED = "I thank the representative of Norway. The meeting is adjourned."

FLOOR = [
    Line("chair", CALLED), Line("kenya", LONG), Line("chair", TURNED), Line("norway", LONG), Line("chair", CLOSED),
    Line("chair", "That was all. " * 12),
]  # fmt: skip


def interpreted(lines: Sequence[Line], channel: str, late_ms: int, language: str = "en") -> list[Transcript]:
    """The same lines on another channel in one interpreter's voice, later by so much."""
    first, *others = lines
    told = [replace(first, pause_ms=first.pause_ms + late_ms), *others]
    return transcripts_of([replace(line, voice=channel, language=language) for line in told], channel=channel)


def in_order(*channels: Sequence[Transcript], ends: bool = True) -> list[Event]:
    """All that is heard, in the order in which a meeting hears it."""
    events: list[tuple[int, str, int, Event]] = [
        (item.span.end_ms, item.channel, 0, item) for channel in channels for item in channel
    ]
    if ends:
        events += [
            (channel[-1].span.end_ms, channel[-1].channel, 1, the_end(channel)) for channel in channels if channel
        ]
    return [event for *_, event in sorted(events, key=lambda item: item[:3])]


def log_of(events: Sequence[Event], **channels: bool) -> list[Intervention]:
    """The interventions in their last revisions, in order; the state is written down and read again at each event."""
    state, latest = begin(a_meeting("spoken", **(channels or {"floor": False, "en": True, "fr": True}))), {}
    for event in events:
        heard = hear(decode_state(json.loads(json.dumps(encode_state(state)))), event)
        state = heard.state
        latest.update({item.intervention.id: item.intervention for item in heard.settled})
    assert heard.open == ()
    return sorted(latest.values(), key=lambda item: (item.spans[0], item.channel))


def words_given(log: Sequence[Intervention], transcripts: Sequence[Transcript]) -> list[list[str]]:
    """The words of a channel that each intervention was given."""
    channel = transcripts[0].channel
    return [
        [
            word.text
            for transcript in transcripts
            for word in transcript.words
            for part in item.interpretations
            if part.channel == channel and any(span.contains(word.span.start_ms) for span in part.spans)
        ]
        for item in log
    ]


@pytest.mark.parametrize("late_ms", [0, 1500, 3000, 5500])
def test_an_intervention_counts_once_and_holds_what_its_interpreters_said(late_ms: int) -> None:
    """A dashboard that counts statements must not count one for each language it was heard in."""
    floor, english = transcripts_of(FLOOR), interpreted(FLOOR, "en", late_ms)
    french = interpreted(FLOOR, "fr", late_ms // 2, "fr")
    log = log_of(in_order(floor, english, french))
    assert {item.channel for item in log} == {"floor"}
    assert [item.attribution.entity for item in log] == ["CHAIR", "KEN", "CHAIR", "NOR", "CHAIR"]
    for other in (english, french):
        given_words = words_given(log, other)
        assert [" ".join(words) for words in given_words] == [
            CALLED, LONG, TURNED, LONG, f"{CLOSED} {('That was all. ' * 12).strip()}"
        ]  # fmt: skip


def test_a_cue_that_only_the_interpretation_has_names_the_floors_speaker() -> None:
    """The chair's words may be lost on the floor, or be in a language without phrases; what is heard counts."""
    lost = [Line("chair", UNNAMED), *FLOOR[1:2], Line("chair", "Next speaker, please."), *FLOOR[3:4], FLOOR[5]]
    floor, english = transcripts_of(lost), interpreted(FLOOR, "en", 2500)
    (kenya,) = [item for item in log_of(in_order(floor, english)) if item.attribution.entity == "KEN"]
    assert kenya.channel == "floor"
    (evidence,) = [item for item in kenya.attribution.evidence if item.type == "other-channel"]
    assert evidence.channel == "en"
    assert "the representative of Kenya" in evidence.quote


def test_a_cue_that_is_heard_after_the_turn_was_settled_names_it_later() -> None:
    """An interpretation may fall behind; what it says in the end counts, with the reason."""
    lost = [Line("chair", UNNAMED), FLOOR[1], Line("chair", "Next speaker, please."), FLOOR[3], FLOOR[5], FLOOR[3]]
    floor, english = transcripts_of(lost), interpreted([*FLOOR, FLOOR[3]], "en", 2500)
    at_once = recut(english, {len(english) - 1}, range(len(english)))
    settled = settled_by(in_order(floor, at_once), a_meeting(floor=False, en=True))
    assert [
        (item.intervention.attribution.entity, item.reason)
        for item in settled
        if item.intervention.spans[0] == Span(6600, 23400)
    ] == [(None, None), ("KEN", "other-channel-later")]


def test_a_voice_on_an_interpretation_identifies_nobody() -> None:
    """An interpreter sounds the same whoever has the floor."""
    unnamed = [Line("chair", UNNAMED), Line("peru", LONG), Line("chair", "Next speaker, please."), Line("chile", LONG)]
    floor, english = transcripts_of([*FLOOR[:-1], *unnamed]), interpreted([*FLOOR[:-1], *unnamed], "en", 2000)
    log = log_of(in_order(floor, english))
    assert [item.attribution.entity for item in log if item.kind == "statement"] == ["KEN", "NOR", None, None]
    assert not [
        item
        for said in log
        for item in said.attribution.evidence
        if item.channel == "en" and item.type == "voice-known"
    ]


def test_a_missing_interpretation_holds_nothing() -> None:
    """A channel that is only an extra must never keep the log from going on."""
    floor = transcripts_of(FLOOR)
    alone = settled_by(in_order(floor), a_meeting())
    beside = settled_by(in_order(floor), a_meeting(floor=False, en=True, fr=True))
    assert beside == alone


def test_an_interpretation_that_stops_gives_what_there_was() -> None:
    """What was heard of it stays, and what the floor said is there in any case."""
    floor, english = transcripts_of(FLOOR), interpreted(FLOOR, "en", 2000)
    log = log_of(in_order(floor, english[:2]))
    assert [" ".join(words) for words in words_given(log, english)] == [CALLED, LONG, "", "", ""]


def test_the_interpretation_of_what_was_settled_comes_as_a_revision() -> None:
    """The floor's words are not held back for an interpreter, and a reader is told why the record changed."""
    floor, english = transcripts_of(FLOOR), interpreted(FLOOR, "en", 6000)
    settled = settled_by(in_order(floor, english), a_meeting(floor=False, en=True))
    reasons = {item.reason for item in settled}
    assert reasons == {None, "interpretation-heard"}


def test_a_meeting_of_one_channel_is_as_it_was() -> None:
    """Nothing that is only for interpretation may touch a meeting that has none, nor one of an interpretation alone."""
    assert begin(a_meeting(floor=False)).interpreting is None
    assert begin(a_meeting(en=True)).interpreting is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 60), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 60), st.booleans()), min_size=1, max_size=6),
)
def test_no_word_is_lost_and_none_is_given_twice(
    floor: list[tuple[int, int, bool]], other: list[tuple[int, int, bool]]
) -> None:
    """The words of an interpretation must be those that were said, however badly its turns fit the floor's."""

    def lines(shape: list[tuple[int, int, bool]], who: str) -> list[Line]:
        return [
            Line(f"{who}{place if own else 0}", "so " * words, pause) for place, (pause, words, own) in enumerate(shape)
        ]

    floors, english = transcripts_of(lines(floor, "a")), transcripts_of(lines(other, "b"), channel="en")
    log = log_of(in_order(floors, english), floor=False, en=True)
    given_words = words_given(log, english)
    assert sum(map(len, given_words)) == sum(len(item.words) for item in english)


def test_what_matches_no_turn_goes_by_the_clock_some_seconds_late() -> None:
    """Where the interpretation's turns were not told apart, its words still have to go somewhere, and only once."""
    said = [Stretch(0, True, Span(0, 10_000)), Stretch(10_000, False, Span(10_000, 20_000))]
    found = list(share(said, Stretch(0, True, Span(0, 60_000))))
    assert found == [(0, Span(0, 10_000 + LAG_MS)), (10_000, Span(10_000 + LAG_MS, 60_000))]
