"""Where a recording lies on the meeting clock: found to the sample, or left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog import alignment
from floorlog.alignment import Aligned, Part, Samples, align, index, offset_for, probes
from floorlog.cli.bench.align import CODINGS, Coding, decoded, encoded
from floorlog.clock import SAMPLES_PER_MS, Span
from tests.sample_audio import sample_audio

LENGTH_MS = 150_000
SPANS = probes([Span(0, LENGTH_MS)])


@pytest.fixture(scope="module")
def meeting() -> Samples:
    return sample_audio(LENGTH_MS)


def noise(length_ms: int, seed: int = 0) -> Samples:
    return (np.random.default_rng(seed).normal(size=length_ms * SAMPLES_PER_MS) * 300).astype(np.int16)


def cut(samples: Samples, start_ms: int, end_ms: int) -> Samples:
    return samples[start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]


def parts(samples: Samples, spans: Sequence[Span] = SPANS) -> Iterator[Part]:
    for span in spans:
        yield Part(span.start_ms, cut(samples, span.start_ms, span.end_ms))


def offsets(samples: Samples, recording: Samples, spans: Sequence[Span] = SPANS) -> dict[Span, int]:
    return {each.span: each.offset_ms for each in align(parts(samples, spans), index(recording))}


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: f"{coding.codec}-{coding.format}")
def test_a_recording_that_was_encoded_again_is_found(meeting: Samples, coding: Coding) -> None:
    """What is fetched has another codec, rate and gain than what was streamed."""
    recording = np.concatenate((noise(41_337), cut(meeting, 12_000, LENGTH_MS) // 3))
    found = offsets(meeting, decoded(encoded(recording, coding)))
    assert len(found) >= 2
    assert all(abs(offset - 29_337) <= 50 for offset in found.values())


@given(lead_ms=st.integers(0, 600_000), trim_ms=st.integers(0, 40_000), at=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_offsets_up_to_ten_minutes_and_trims_are_found_to_the_millisecond(lead_ms: int, trim_ms: int, at: int) -> None:
    """Nobody knows how much was cut off or put before."""
    meeting = sample_audio(LENGTH_MS)
    recording = np.concatenate((noise(lead_ms, at), cut(meeting, trim_ms, LENGTH_MS - 5000)))
    found = offsets(meeting, recording)
    assert Span(60_000, 90_000) in found
    assert all(abs(offset - (lead_ms - trim_ms)) <= 1 for offset in found.values())


def test_an_offset_changes_where_the_recording_was_cut(meeting: Samples) -> None:
    """Holes that an encoder had are closed in what it recorded."""
    recording = np.concatenate((noise(10_000), cut(meeting, 0, 95_000), cut(meeting, 107_500, LENGTH_MS)))
    found = offsets(meeting, recording)
    assert abs(found[Span(60_000, 90_000)] - 10_000) <= 1
    assert abs(found[Span(120_000, 150_000)] + 2500) <= 1


def test_noise_and_another_gain_change_nothing(meeting: Samples) -> None:
    """The two were mixed elsewhere."""
    loud = np.sqrt(np.mean(meeting.astype(np.float64) ** 2))
    noisy = meeting + np.random.default_rng(3).normal(size=len(meeting)) * loud / 2
    found = offsets(meeting, np.concatenate((noise(5000), (0.4 * noisy).astype(np.int16))))
    assert found
    assert all(abs(offset - 5000) <= 1 for offset in found.values())


def test_what_the_recording_does_not_hold_is_not_found(meeting: Samples) -> None:
    """Another meeting in the same voices is another meeting."""
    other = sample_audio(540_000, 200_000)
    assert offsets(meeting, other) == {}
    assert offsets(meeting, meeting[::-1]) == {}
    assert offsets(meeting, noise(300_000)) == {}


@pytest.mark.parametrize("still", [np.zeros(LENGTH_MS * SAMPLES_PER_MS, np.int16), noise(LENGTH_MS, 5)], ids=["0", "n"])
def test_silence_is_found_nowhere(still: Samples) -> None:
    """There is nothing in it to know it by; a place would be made up."""
    assert offsets(still, decoded(encoded(still, CODINGS[0]))) in ({}, offsets(still, still))
    assert offsets(np.zeros_like(still), np.concatenate((noise(3000), still))) == {}


def test_a_jingle_that_is_played_twice_is_found_nowhere_alone(meeting: Samples) -> None:
    """It may be the one or the other."""
    jingle = cut(meeting, 30_000, 42_000)
    recording = np.concatenate((noise(9000), jingle, cut(meeting, 60_000, LENGTH_MS), jingle, noise(4000)))
    assert align([Part(0, jingle)], index(recording)) == ()


def test_a_jingle_whose_own_place_was_trimmed_contradicts_the_rest(meeting: Samples) -> None:
    """It is found at the end of the recording, behind all that was captured after it."""
    jingle = cut(meeting, 30_000, 42_000)
    speech = cut(meeting, 60_000, LENGTH_MS)
    captured = np.concatenate((jingle, speech))
    spans = [Span(0, 12_000), Span(12_000, 42_000), Span(42_000, 72_000)]
    found = offsets(captured, np.concatenate((speech, jingle)), spans)
    assert found == {Span(12_000, 42_000): -12_000, Span(42_000, 72_000): -12_000}


def test_a_recording_that_is_empty_or_shorter_than_a_part_holds_nothing(meeting: Samples) -> None:
    """A download may be cut short."""
    assert offsets(meeting, meeting[:0]) == {}
    assert offsets(meeting, meeting[:300]) == {}
    assert offsets(meeting, cut(meeting, 0, 20_000)) == {}


def test_both_ends_of_every_stretch_are_looked_up() -> None:
    """A gap is filled by what holds on both its sides."""
    found = probes([Span(0, 5000), Span(6000, 20_000), Span(30_000, 300_000)])
    assert found[0] == Span(6000, 20_000)
    assert (found[1].start_ms, found[-1].end_ms) == (30_000, 300_000)
    assert all(one.start_ms < other.start_ms for one, other in pairwise(found))
    assert probes([Span(0, 36_000)]) == [Span(0, 30_000), Span(6000, 36_000)]
    assert max(span.length_ms for span in found) == alignment.PROBE_MS


def test_a_gap_is_placed_by_what_holds_on_both_sides() -> None:
    """Where the sides differ something was cut out between them, nobody knows where."""
    before, behind = Aligned(Span(0, 30_000), 5000, 0.9), Aligned(Span(60_000, 90_000), 5020, 0.9)
    later = Aligned(Span(120_000, 150_000), -2000, 0.9)
    found = [before, behind, later]
    spans = [each.span for each in found]
    assert offset_for(Span(30_000, 60_000), found, spans) == 5000
    assert offset_for(Span(90_000, 120_000), found, spans) is None
    assert offset_for(Span(150_000, 160_000), found, spans) == -2000
    assert offset_for(Span(0, 60_000), [behind], [behind.span]) == 5020
    assert offset_for(Span(0, 60_000), [], []) is None


def test_a_side_that_was_looked_up_and_not_found_leaves_the_gap() -> None:
    """Something was captured there, and the recording does not have it where it should: nothing is certain."""
    before, behind = Aligned(Span(0, 30_000), 5000, 0.9), Aligned(Span(60_000, 90_000), 5000, 0.9)
    spans = [before.span, behind.span]
    assert offset_for(Span(30_000, 60_000), [before], spans) is None
    assert offset_for(Span(30_000, 60_000), [behind], spans) is None
