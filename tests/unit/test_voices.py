"""Voices: what a stretch sounds like, and how surely two are one."""

from __future__ import annotations

import json

import numpy as np

from floorlog.clock import Span
from floorlog.voices import Voice, cosine, merged, same_voice, voices_of
from floorlog.words import VoiceWindow
from tests.spoken import voice


def heard(name: str, start_ms: int, end_ms: int, noise: int = 1) -> VoiceWindow:
    return VoiceWindow(Span(start_ms, end_ms), voice(name, noise))


def voice_of(name: str, heard_ms: int = 3000, noise: int = 1) -> Voice:
    (found,) = voices_of([Span(0, heard_ms)], [heard(name, 0, heard_ms, noise)])
    assert found is not None
    return found


def test_one_voice_is_told_from_two() -> None:
    """Everything that voices decide rests on this."""
    assert same_voice(voice_of("a"), voice_of("a", noise=2)) > 3
    assert same_voice(voice_of("a"), voice_of("b")) < -3


def test_a_short_stretch_counts_less() -> None:
    """Half a second of speech is little to know a voice by."""
    assert abs(same_voice(voice_of("a", 400), voice_of("b"))) < abs(same_voice(voice_of("a"), voice_of("b")))


def test_an_unknown_voice_says_nothing() -> None:
    """Text without audio must be judged by its words alone."""
    assert same_voice(None, voice_of("a")) == 0.0


def test_windows_count_for_the_stretch_in_which_they_lie() -> None:
    """A window across a change of voice holds both, and must not speak for either if others can."""
    windows = [heard("a", 0, 1500), heard("b", 1000, 2500), heard("b", 2000, 3500, 2)]
    first, second, none = voices_of([Span(0, 1500), Span(1600, 3500), Span(9000, 9500)], windows)
    assert first is not None
    assert second is not None
    assert none is None
    assert cosine(first, voice_of("a")) > cosine(first, voice_of("b"))
    assert cosine(second, voice_of("b")) > cosine(second, voice_of("a"))


def test_encoding_a_voice_changes_nothing() -> None:
    """A state that is written and read must decide the same as one that is not."""
    for one in (voice_of("a"), merged(voice_of("a"), voice_of("a", noise=3))):
        assert one is not None
        again = Voice.decode(json.loads(json.dumps(one.encode())))
        assert np.array_equal(again.vector, one.vector)
        assert again.encode() == one.encode()


def test_a_merged_voice_is_nearer_to_both() -> None:
    """More speech makes a better picture of a voice."""
    one, other = voice_of("a", noise=1), voice_of("a", noise=2)
    both = merged(one, other)
    assert both is not None
    assert both.heard_ms == 6000
    assert min(cosine(both, one), cosine(both, other)) > cosine(one, other)
