"""Turns grow by utterances."""

from __future__ import annotations

from floorlog.clock import Span
from floorlog.handovers import add
from floorlog.turns import Turns
from floorlog.utterances import Utterance
from floorlog.voices import Voice
from tests.spoken import voice

KENYA = Voice(voice("kenya"), 2000)


def half(number: int) -> Utterance:
    """One of two sentences that share a stretch of two seconds."""
    span = Span(number * 1000, number * 1000 + 1000)
    return Utterance(number, number + 1, span, 7, KENYA, "en", (), 0, 0.5)


def test_a_stretch_of_two_sentences_is_heard_once() -> None:
    """A short greeting counted twice would pass for a voice that is well known."""
    turns, _ = add(Turns("floor"), half(0), "new")
    turns, _ = add(turns, half(1), "same")
    assert turns.turns[0].voice is not None
    assert turns.turns[0].voice.heard_ms == 2000
