"""What all voices have in common says nothing about whose they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.clock import Span
from floorlog.room import BEFOREHAND, SILENT, Room, heard_in
from floorlog.voices import cosine, voices_of
from floorlog.words import Embedding, VoiceWindow


def unit(vector: NDArray[Any]) -> Embedding:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def windows(voice: Embedding, count: int, at_ms: int, random: np.random.Generator) -> list[VoiceWindow]:
    """Return windows of one voice, each with noise of its own."""
    noise = random.normal(0, 0.05, (count, len(voice)))
    starts = range(at_ms, at_ms + 1500 * count, 1500)
    return [VoiceWindow(Span(at, at + 1500), unit(voice + own)) for at, own in zip(starts, noise, strict=True)]


def likeness(common: float) -> tuple[float, float]:
    """Return the cosines of one voice and of two, late in a meeting whose voices share so much."""
    random = np.random.default_rng(3)
    shared = unit(random.normal(size=192)) * np.float32(common)
    speakers = [shared + unit(random.normal(size=192)) * np.float32(0.5) for _ in range(12)]
    room = SILENT
    for index in range(48):
        room, _ = heard_in(room, windows(speakers[index % 12], 6, index * 9000, random))
    heard = [
        windows(speakers[0], 4, 0, random),
        windows(speakers[0], 4, 6000, random),
        windows(speakers[1], 4, 12_000, random),
    ]
    found = [voices_of([Span(own[0].span.start_ms, own[-1].span.end_ms)], heard_in(room, own)[1])[0] for own in heard]
    first, again, other = (voice for voice in found if voice is not None)
    return cosine(first, again), cosine(first, other)


def test_strangers_are_strangers_however_much_the_room_makes_them_alike() -> None:
    """In a noisy room everybody sounded like everybody, and one delegation had the floor for an hour."""
    for common in (0.2, 1.0, 3.0):
        same, other = likeness(common)
        assert same > 0.5
        assert abs(other) < 0.3


def test_a_room_goes_through_its_json_to_the_bit() -> None:
    """A state that is read back must decide as the one that was never written."""
    room, _ = heard_in(SILENT, windows(np.ones(192, dtype=np.float32), 3, 0, np.random.default_rng(1)))
    again = Room.decode(room.encode())
    assert again.encode() == room.encode()
    assert Room.decode(SILENT.encode()).windows == 0


def test_the_first_voice_is_not_taken_for_the_room() -> None:
    """With nobody else heard the mean is the speaker's own, and nothing would be left of the voice."""
    random = np.random.default_rng(2)
    voice = unit(random.normal(size=192))
    room, heard = heard_in(SILENT, windows(voice, BEFOREHAND // 4, 0, random))
    assert room.windows == BEFOREHAND // 4
    assert all(np.dot(unit(window.embedding), voice) > 0.5 for window in heard)


def test_silence_changes_nothing() -> None:
    """A segment without speech is no news about the room."""
    assert heard_in(SILENT, ()) == (SILENT, ())
