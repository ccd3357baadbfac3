"""Where segments are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from floorlog import cutting
from floorlog.cutting import FRAME_MS, Cut, Rule
from floorlog.errors import InvalidSetting

SPEECH, SILENCE = 0.95, 0.02


def frames(length_ms: int, probability: float) -> list[float]:
    return [probability] * round(length_ms / FRAME_MS)


def cuts_of(*parts: list[float], rule: Rule | None = None) -> list[Cut]:
    heard = [probability for part in parts for probability in part]
    return list(cutting.hear(cutting.State(), heard, rule or Rule())[1])


def test_a_pause_after_the_least_length_ends_a_segment_in_its_middle() -> None:
    """Words on both sides keep a little silence, which the recogniser needs."""
    (cut,) = cuts_of(frames(6000, SPEECH), frames(512, SILENCE), frames(3000, SPEECH))
    assert cut.kind == "pause"
    assert cut.frame * FRAME_MS == 6016 + 256
    assert cut.speech_frames == 188


def test_a_pause_before_the_least_length_does_not() -> None:
    """Short pieces cost the recogniser more and tell it less."""
    assert not cuts_of(frames(3000, SPEECH), frames(640, SILENCE), frames(5000, SPEECH))


def test_past_the_aim_a_short_pause_is_enough() -> None:
    """Words should not wait for a long pause for long."""
    assert not cuts_of(frames(8000, SPEECH), frames(320, SILENCE), frames(1000, SPEECH))
    (cut,) = cuts_of(frames(11_000, SPEECH), frames(320, SILENCE), frames(3000, SPEECH))
    assert cut.kind == "pause"
    assert 11_000 <= cut.frame * FRAME_MS < 11_320


def test_speech_without_a_pause_is_cut_at_its_quietest_moment() -> None:
    """A word that must be split is split where it hurts least, and the announcement says so."""
    (cut,) = cuts_of(frames(22_000, SPEECH), frames(192, 0.6), frames(6000, SPEECH))
    assert cut.kind == "forced"
    assert 22_000 <= cut.frame * FRAME_MS <= 22_192


def test_no_segment_is_longer_than_the_most() -> None:
    """The recogniser's window is 30 s."""
    cuts = cuts_of(frames(120_000, SPEECH))
    starts = [0, *(cut.frame for cut in cuts)]
    assert all((later - earlier) * FRAME_MS <= 25_000 for earlier, later in pairwise(starts))
    assert {cut.kind for cut in cuts} == {"forced"}


def test_silence_is_cut_seldom_and_just_before_speech_begins() -> None:
    """An interval of an hour must not become a thousand objects, and its end must not hang on to the first words."""
    cuts = cuts_of(frames(60_000, SILENCE), frames(2000, SPEECH))
    assert [cut.kind for cut in cuts] == ["pause"] * len(cuts)
    assert len(cuts) == 3
    assert cuts[-1].speech_frames == 0
    assert 59_500 <= cuts[-1].frame * FRAME_MS < 60_000


def test_doubt_does_not_end_speech() -> None:
    """Silero's own hysteresis: a soft syllable inside a word is no pause."""
    assert not cuts_of(frames(6000, SPEECH), frames(640, 0.4), frames(3000, SPEECH))


def test_a_meeting_sets_its_own_lengths() -> None:
    """An operator of a meeting with long turns may want longer segments."""
    rule = Rule.of({"min_ms": 1000, "aim_ms": 2000, "max_ms": 6000, "pause_ms": 300})
    assert rule.short_pause_ms == 250
    assert len(cuts_of(frames(1200, SPEECH), frames(320, SILENCE), frames(1500, SPEECH), rule=rule)) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"min_ms": 5000, "aim_ms": 4000, "max_ms": 25_000},
        {"aim_ms": 30_000},
        {"min_ms": 100},
        {"pause_ms": 100},
        {"pause": 500},
    ],
)
def test_lengths_that_contradict_each_other_are_refused(settings: dict[str, int]) -> None:
    """Found when the meeting starts, not in the middle of it."""
    with pytest.raises(InvalidSetting):
        Rule.of(settings)
