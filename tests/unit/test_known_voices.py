"""Voices recall a delegation heard before only where they say something in this room."""

from __future__ import annotations

import numpy as np

from floorlog.clock import Span
from floorlog.known_voices import attribution_of
from floorlog.turns import KnownVoice, Turn, Turns
from floorlog.voices import Voice

HEARD_MS = 20_000


def sounding(*likenesses: float) -> tuple[Voice, list[Voice]]:
    """A voice, and others whose cosines to it are those given."""
    own = np.zeros(192, np.float32)
    own[0] = 1.0
    others = []
    for place, likeness in enumerate(likenesses, start=1):
        vector = np.zeros(192, np.float32)
        vector[0], vector[place] = likeness, np.sqrt(1 - likeness**2)
        others.append(Voice(vector, HEARD_MS))
    return Voice(own, HEARD_MS), others


def named(*likenesses: float) -> str | None:
    """Whom a turn without any words of its own is taken for, when KEN, PER and NOR were heard before."""
    voice, others = sounding(*likenesses)
    known = tuple(KnownVoice(code, other) for code, other in zip(("KEN", "PER", "NOR"), others, strict=True))
    turn = Turn(100_000, chair=False, spans=(Span(100_000, 120_000),), voice=voice)
    return attribution_of(Turns("floor", known=known), turn).entity


def test_a_voice_that_stands_out_is_known_again() -> None:
    """The same delegate who speaks twice needs no cue the second time."""
    assert named(0.9, 0.4, 0.3) == "KEN"


def test_a_room_that_makes_all_voices_alike_lets_none_be_recalled() -> None:
    """Reverberation and low bitrates gave two States each other's name at a cosine of .84."""
    assert named(0.84, 0.73, 0.70) is None
    assert named(0.95, 0.73, 0.70) == "KEN"


def test_two_voices_that_are_equally_close_are_nobodys() -> None:
    """A wrong name is worse than none."""
    assert named(0.9, 0.85, 0.3) is None
