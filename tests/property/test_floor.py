"""The floor machine: its interventions tile what was said, and its state is complete and small."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog.announcements import Gap
from floorlog.clock import Span
from floorlog.interventions import Event, Intervention, begin, decode_state, encode_state, hear
from floorlog.words import Transcript
from tests.spoken import Line, a_meeting, the_end, transcripts_of

TEXTS = (
    "I now give the floor to the representative of Kenya.",
    "I thank the representative of Kenya. Norway, please.",
    "Thank you. Peru.",
    "Thank you, Madam President. My delegation aligns itself with the statement of the African Group.",
    "the work goes on and on without a stop",
    "Point of order, Madam President.",
    "Please conclude.",
    "Peru may continue.",
    "Thanks, Fiji.",
    "I thank you.",
    "",
)

lines = st.builds(
    Line,
    st.sampled_from(["chair", "a", "b", "c"]),
    st.sampled_from(TEXTS),
    st.sampled_from([0, 100, 400, 900]),
    st.sampled_from(["en", "fr"]),
    st.sampled_from([None, None, None, 700, 5000]),
)
scripts = st.lists(lines, min_size=1, max_size=14)


def log_of_events(events: list[Event]) -> list[Intervention]:
    state = begin(a_meeting())
    latest = {}
    for event in events:
        heard = hear(state, event)
        state = heard.state
        latest.update({item.intervention.id: item.intervention for item in heard.settled})
    assert heard.open == ()
    return sorted(latest.values(), key=lambda item: item.spans[0])


def with_gap(transcripts: list[Transcript]) -> list[Event]:
    """The same sitting, in which one transcript is missing."""
    middle = transcripts[len(transcripts) // 2]
    gap = Gap(middle.meeting_id, middle.channel, 0, middle.span, "segment-missing")
    return [gap if item is middle else item for item in transcripts]


@settings(deadline=None, max_examples=40)
@given(scripts, st.booleans(), st.booleans())
def test_interventions_tile_the_utterances(script: list[Line], voices: bool, gap: bool) -> None:
    """Every word starts in exactly one span of one intervention: nothing is lost, nothing is said twice."""
    transcripts = transcripts_of(script, voices=voices)
    events = with_gap(transcripts) if gap else [*transcripts]
    log = log_of_events([*events, the_end(transcripts)])
    spans = sorted(span for item in log for span in item.spans)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(spans))
    starts = [word.span.start_ms for item in events if isinstance(item, Transcript) for word in item.words]
    assert all(sum(span.contains(start) for span in spans) == 1 for start in starts)


@settings(deadline=None, max_examples=20)
@given(scripts, st.booleans())
def test_a_stored_state_decides_the_same_as_a_kept_one(script: list[Line], voices: bool) -> None:
    """Each event may be heard by another process; what it does must not depend on that."""
    transcripts = transcripts_of(script, voices=voices)
    kept, stored = begin(a_meeting()), begin(a_meeting())
    events: list[Event] = [*transcripts, the_end(transcripts)]
    for event in events:
        first, second = hear(kept, event), hear(stored, event)
        assert first.settled == second.settled
        assert first.open == second.open
        kept, stored = first.state, decode_state(json.loads(json.dumps(encode_state(second.state))))


@settings(deadline=None, max_examples=6)
@given(scripts)
def test_the_state_does_not_grow_with_the_meeting(script: list[Line]) -> None:
    """A meeting of a day must cost as much for each event as one of an hour."""
    transcripts = transcripts_of(script * 12)
    state = begin(a_meeting())
    for event in transcripts:
        state = hear(state, event).state
    assert len(json.dumps(encode_state(state))) < 64_000
    pending = state.channels[0].pending
    assert len(pending.words) < 400


@settings(deadline=None, max_examples=20)
@given(scripts)
def test_what_is_open_or_settled_covers_all_that_was_said(script: list[Line]) -> None:
    """A live reader must see every word at once, in an intervention that is still open if need be."""
    transcripts = transcripts_of(script)
    state = begin(a_meeting())
    done: list[Span] = []
    said: list[int] = []
    for event in transcripts:
        heard = hear(state, event)
        state = heard.state
        done.extend(span for item in heard.settled for span in item.intervention.spans)
        said.extend(word.span.start_ms for word in event.words)
        spans = [*done, *(span for item in heard.open for span in item.spans)]
        assert all(any(span.contains(start) for span in spans) for start in said)
