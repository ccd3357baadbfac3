"""Cutting: segments tile the clock, keep their bounds, and do not depend on how the audio was handed over."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from floorlog import cutting
from floorlog.cutting import FRAME_MS, Cut, Rule, State

runs = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from([0.0, 0.02, 0.34, 0.36, 0.49, 0.5, 0.7, 0.99])), max_size=40
)
heard = runs.map(lambda parts: [probability for count, probability in parts for _ in range(count)])


def rule_of(values: tuple[int, int, int, int, int]) -> Rule:
    least, to_aim, to_most, short, more = values
    return Rule(least, least + to_aim, least + to_aim + to_most, short + more, short)


rules = st.tuples(
    st.integers(192, 8000),
    st.integers(0, 8000),
    st.integers(400, 12_000),
    st.integers(32, 600),
    st.integers(0, 600),
).map(rule_of)


@given(heard, rules)
def test_segments_tile_the_clock_within_their_bounds(probabilities: list[float], rule: Rule) -> None:
    """Every frame belongs to one segment, and none is shorter or longer than the meeting allows."""
    state, cuts = cutting.hear(State(), probabilities, rule)
    edges = [0, *(cut.frame for cut in cuts)]
    for start, end in pairwise(edges):
        assert rule.min_ms <= (end - start) * FRAME_MS <= rule.max_ms
    assert state.start == edges[-1]
    assert len(state.heard) == len(probabilities) - state.start
    assert len(state.heard) * FRAME_MS <= rule.max_ms


@given(heard, rules, st.lists(st.integers(0, 200), max_size=30))
def test_how_frames_are_handed_over_makes_no_difference(
    probabilities: list[float], rule: Rule, pieces: list[int]
) -> None:
    """Cuts never depend on pace, load, or where a capture was interrupted; a state survives its JSON form."""
    state, cuts, position = State(), list[Cut](), 0
    for length in [*pieces, len(probabilities)]:
        state, found = cutting.hear(State.decode(state.encode()), probabilities[position : position + length], rule)
        cuts += found
        position += length
    assert (state, tuple(cuts)) == cutting.hear(State(), probabilities, rule)


@given(heard, rules)
def test_a_cut_in_a_pause_splits_no_speech(probabilities: list[float], rule: Rule) -> None:
    """The frames on both sides of such a cut are silent."""
    for cut in cutting.hear(State(), probabilities, rule)[1]:
        if cut.kind == "pause":
            assert probabilities[cut.frame - 1] < cutting.LOUD


@given(heard, rules)
def test_speech_is_counted_once(probabilities: list[float], rule: Rule) -> None:
    """The speech ratios of the segments add up to what was heard."""
    state, cuts = cutting.hear(State(), probabilities, rule)
    everything = Rule(min_ms=10**9, aim_ms=10**9, max_ms=2 * 10**9)
    whole, _ = cutting.hear(State(), probabilities, everything)
    assert sum(cut.speech_frames for cut in cuts) + state.speech_frames == whole.speech_frames
