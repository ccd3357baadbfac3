"""The floor: who holds it, decided from voices and cues together."""

from __future__ import annotations

import numpy as np

from floorlog.clock import Span
from floorlog.floor import Floor, decide
from floorlog.utterances import Said, Utterance
from floorlog.voices import Voice, cosine
from tests.unit.test_voices import voice_of

CHAIR, KENYA, PERU = voice_of("chair"), voice_of("kenya"), voice_of("peru")


def utterance(number: int, voice: Voice | None, *kinds: str) -> Utterance:
    span = Span(number * 4000, number * 4000 + 3500)
    said = tuple(Said(kind, "", span, None, None, 1.0) for kind in kinds)
    return Utterance(number, number + 1, span, number, voice, "en", said, 500, 1.0)


def steps_of(floor: Floor, *parts: tuple[Voice | None, str]) -> list[str]:
    return list(decide(floor, [utterance(i, voice, *kinds.split()) for i, (voice, kinds) in enumerate(parts)]))


AT_WORK = Floor(chairs=(CHAIR,), chair_speaks=False, holder=KENYA)


def test_the_holder_goes_on_while_the_voice_does() -> None:
    """A pause is no change of holder."""
    assert steps_of(AT_WORK, (KENYA, ""), (KENYA, "closes")) == ["same", "same"]


def test_the_chairs_voice_takes_the_floor_back_without_a_cue() -> None:
    """Chairs do not always speak in phrases."""
    assert steps_of(AT_WORK, (KENYA, ""), (CHAIR, ""), (PERU, "")) == ["same", "chair", "new"]


def test_a_voice_that_is_neither_the_holders_nor_the_chairs_is_a_new_holder() -> None:
    """The chair's line between two statements may be lost altogether."""
    assert steps_of(AT_WORK, (KENYA, ""), (PERU, ""), (PERU, "")) == ["same", "new", "same"]


def test_the_same_voice_after_the_chairs_interruption_resumes() -> None:
    """One statement stays one record."""
    assert steps_of(AT_WORK, (KENYA, ""), (CHAIR, "interrupts"), (KENYA, "")) == ["same", "chair", "resumed"]


def test_a_delegate_who_sounds_like_the_chair_is_told_by_the_cue() -> None:
    """Voices resemble each other up to a cosine of .81; a cue says that somebody else speaks now."""
    floor = Floor(chairs=(CHAIR,), chair_speaks=True)
    mixed = CHAIR.vector * np.float32(1.35) + KENYA.vector
    twin = Voice(mixed / np.linalg.norm(mixed), 3000)
    assert cosine(twin, CHAIR) > 0.75
    assert steps_of(floor, (CHAIR, "gives_named"), (twin, "opens represents"), (KENYA, ""))[1] == "new"


def test_without_voices_the_cues_decide() -> None:
    """Text alone must do where there is no audio."""
    floor = Floor(chair_speaks=True)
    parts = [
        (None, "gives_named"),
        (None, "opens"),
        (None, ""),
        (None, "thanks_named"),
        (None, "gives_named"),
        (None, ""),
    ]
    assert steps_of(floor, *parts) == ["chair", "new", "same", "chair", "chair", "new"]
