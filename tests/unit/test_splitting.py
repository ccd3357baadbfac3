"""Where a segment's speech is split into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floorlog import splitting
from floorlog.clock import Span
from floorlog.cutting import FRAME_MS
from floorlog.splitting import RULE
from floorlog.words import VoiceWindow
from tests.spoken import voice

SPEECH, SILENCE = 0.95, 0.02


def frames(*parts: tuple[int, float]) -> list[float]:
    """Probabilities of speech: parts that last so many ms with that probability."""
    return [probability for length_ms, probability in parts for _ in range(length_ms // FRAME_MS)]


def heard(runs: Sequence[Span], speakers: Sequence[tuple[int, str]]) -> list[VoiceWindow]:
    """What is heard in the windows of the runs where each speaker has the floor until a moment."""
    found = []
    for number, window in enumerate(splitting.windows(runs)):
        middle = (window.start_ms + window.end_ms) // 2
        name = next(name for until_ms, name in speakers if middle < until_ms)
        found.append(VoiceWindow(window, voice(name, number + 1)))
    return found


def test_a_breath_ends_a_run_and_a_shorter_silence_does_not() -> None:
    """A change of voice hardly ever comes without a breath, so a run is taken to hold one voice."""
    probabilities = frames((960, SPEECH), (64, SILENCE), (960, SPEECH), (96, SILENCE), (960, SPEECH))
    assert splitting.runs(probabilities, 3040) == (Span(0, 1984), Span(2080, 3040))


def test_speech_ends_below_a_lower_limit_than_it_begins_at() -> None:
    """A word that fades must not be torn in two."""
    probabilities = frames((320, SPEECH), (320, 0.4), (320, SPEECH), (320, 0.4))
    assert splitting.runs([0.4, 0.4, *probabilities, 0.1], 1500) == (Span(64, 1344),)


def test_a_click_is_no_speech() -> None:
    """Each stretch of speech is decoded, and the recogniser makes words of anything."""
    assert splitting.runs(frames((960, SILENCE), (96, SPEECH), (960, SILENCE)), 2016) == ()


def test_a_short_sound_beside_speech_belongs_to_it() -> None:
    """A plosive before a vowel can stand alone for a moment."""
    runs = splitting.runs(frames((320, SILENCE), (64, SPEECH), (160, SILENCE), (960, SPEECH)), 1504)
    assert runs == (Span(320, 384), Span(544, 1504))


def test_nothing_reaches_past_the_end_of_the_segment() -> None:
    """The last frame is filled up with silence, and a span past the segment would not keep the contract."""
    runs = splitting.runs(frames((1024, SPEECH)), 1010)
    assert runs == (Span(0, 1010),)
    assert splitting.speech(runs, 1010) == (Span(0, 1010),)
    assert splitting.windows(runs) == (Span(0, 1010),)
    assert splitting.split(runs, heard(runs, [(1010, "chair")]), 1010) == (Span(0, 1010),)


def test_speech_has_a_little_silence_around_it_and_its_spans_stay_apart() -> None:
    """The ledger counts what is not speech as silence; the ends of words are quiet."""
    runs = (Span(1000, 2000), Span(2400, 3000), Span(3500, 4000))
    assert splitting.speech(runs, 5000) == (Span(800, 3200), Span(3300, 4200))


def test_windows_of_voice_lie_in_one_run_each_and_cover_it() -> None:
    """A window that holds two voices looks like a third one."""
    runs = (Span(0, 300), Span(500, 1300), Span(1400, 5000))
    windows = splitting.windows(runs)
    assert windows[0] == Span(500, 1300)
    assert windows[1].start_ms == 1400
    assert windows[-1] == Span(3500, 5000)
    assert all(0 < right.start_ms - left.start_ms <= RULE.hop_ms for left, right in pairwise(windows[1:]))


def test_one_voice_is_one_piece_however_often_it_pauses() -> None:
    """Each piece costs time, and the recogniser understands less of a short one."""
    runs = (Span(200, 2200), Span(2500, 4000), Span(4300, 4800), Span(5500, 9000))
    assert splitting.split(runs, heard(runs, [(9500, "delegate")]), 9500) == (Span(0, 9200),)


def test_a_short_line_of_the_chair_between_two_statements_is_a_piece() -> None:
    """The recogniser drops it in a longer chunk, and it says who has the floor next."""
    runs = (Span(0, 3000), Span(3200, 6000), Span(6300, 7300), Span(7500, 10_000), Span(10_200, 13_000))
    voices = heard(runs, [(6200, "one"), (7400, "chair"), (13_000, "two")])
    assert splitting.split(runs, voices, 13_000) == (Span(0, 6150), Span(6150, 7400), Span(7400, 13_000))


def test_an_interruption_without_a_breath_is_found_where_the_voices_differ_clearly() -> None:
    """A point of order does not wait for a pause."""
    runs = (Span(0, 10_000),)
    first, second = splitting.split(runs, heard(runs, [(5000, "one"), (10_000, "two")]), 10_000)
    assert abs(first.end_ms - 5000) < RULE.hop_ms
    assert first.end_ms == second.start_ms


def test_a_word_too_short_to_know_its_voice_is_not_torn() -> None:
    """The cut falls into the longest silence near the change of voice."""
    runs = (Span(0, 4000), Span(4150, 4350), Span(4750, 9000))
    voices = heard(runs, [(4500, "one"), (9000, "two")])
    assert splitting.split(runs, voices, 9000) == (Span(0, 4550), Span(4550, 9000))


def test_without_any_voice_speech_is_one_piece() -> None:
    """Words too short for a voice are words all the same."""
    assert splitting.split((Span(500, 700), Span(900, 1100)), [], 2000) == (Span(300, 1300),)


def test_silence_has_no_pieces() -> None:
    """Without speech the recogniser hears `Thank you`."""
    assert splitting.runs(frames((5000, SILENCE)), 5000) == ()
    assert splitting.split((), [], 5000) == ()


@st.composite
def spoken_segments(draw: st.DrawFn) -> tuple[tuple[Span, ...], list[VoiceWindow], int]:
    """Runs, voices heard in them, and the segment's length."""
    parts = draw(st.lists(st.tuples(st.integers(96, 900), st.integers(32, 5000)), min_size=1, max_size=12))
    runs, at_ms = [], 0
    for silence_ms, speech_ms in parts:
        runs.append(Span(at_ms + silence_ms, at_ms + silence_ms + speech_ms))
        at_ms = runs[-1].end_ms
    names = draw(st.lists(st.sampled_from("abc"), min_size=len(runs), max_size=len(runs)))
    voices = heard(runs, [(run.end_ms, name) for run, name in zip(runs, names, strict=True)])
    return tuple(runs), voices, at_ms + draw(st.integers(0, 500))


@given(spoken_segments())
def test_pieces_hold_all_speech_once_and_in_order(segment: tuple[tuple[Span, ...], list[VoiceWindow], int]) -> None:
    """What lies in no piece is never decoded; what lies in two is written down twice."""
    runs, voices, length_ms = segment
    pieces = splitting.split(runs, voices, length_ms)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(pieces))
    assert pieces[0].start_ms >= 0
    assert pieces[-1].end_ms <= length_ms
    for run in runs:
        assert sum(run.overlap_ms(piece) for piece in pieces) == run.length_ms


@given(spoken_segments())
def test_the_pieces_found_cost_least(segment: tuple[tuple[Span, ...], list[VoiceWindow], int]) -> None:
    """No single cut more or less explains the voices better: the search is exact."""
    runs, voices, length_ms = segment
    pieces = splitting.split(runs, voices, length_ms)
    least = _cost(pieces, runs, voices)
    for left, right in pairwise(pieces):
        if left.end_ms != right.start_ms or not any(run.contains(left.end_ms) for run in runs):
            joined = [piece for piece in pieces if piece not in (left, right)]
            assert least <= _cost([*joined, Span(left.start_ms, right.end_ms)], runs, voices) + 1e-6


def _cost(pieces: Sequence[Span], runs: Sequence[Span], voices: Sequence[VoiceWindow]) -> float:
    """What pieces cost that are cut at breaths only, written out once more from the definition."""
    total = 0.0
    for piece in pieces:
        own = np.zeros(192)
        seconds = 0.0
        for run in runs:
            inside = [voice for voice in voices if run.overlap_ms(voice.span) and run.overlap_ms(piece)]
            centres = [(window.span.start_ms + window.span.end_ms) // 2 for window in inside]
            borders = [run.start_ms, *((a + b) // 2 for a, b in pairwise(centres)), run.end_ms]
            for window, (start, end) in zip(inside, pairwise(borders), strict=False):
                if piece.contains((start + end) // 2):
                    own += window.embedding.astype(np.float64) * (end - start) / 1000
                    seconds += (end - start) / 1000
        total += seconds - float(np.linalg.norm(own)) + min(RULE.cost, RULE.cost_per_s * seconds)
    return total
