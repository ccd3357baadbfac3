"""A click track: a short note every 1.024 s, each channel with its own tune, so that any part of it tells where it is.

Encoded once, note by note, with silence around each one, so that notes can be put together in any order: hours of audio
cost no more than a few seconds of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from workers.origin_media import encode_samples
from workers.origin_script import FRAME_SAMPLES, MEDIA_RATE_HZ

UNIT_FRAMES = 48
UNIT_SAMPLES = UNIT_FRAMES * FRAME_SAMPLES
"""From one click to the next: 1.024 s, which is a whole number of frames, and of samples at 16 kHz."""

NOTES_HZ = tuple(range(500, 3700, 200))
"""Far enough apart to tell from 20 ms of one; four in a row are unlike any other four in hours of a tune."""

CLICK_S = 0.02
HEARD_RATE_HZ = 16_000
HEARD_UNIT = UNIT_SAMPLES * HEARD_RATE_HZ // MEDIA_RATE_HZ


@dataclass(frozen=True)
class ClickTrack:
    """One channel's tune.

    Args:
        channel: names it; another channel has another one.
    """

    channel: str

    @cached_property
    def _tune(self) -> Tune:
        return Tune(self.channel)

    def note(self, unit: int) -> int:
        """Return which note a unit holds, as a place in `NOTES_HZ`."""
        return self._tune[unit]

    def payloads(self, first_frame: int, count: int) -> list[bytes]:
        """Return AAC packets; the frame decoded from packet n begins at sample n * 1024 of the track."""
        frames = range(first_frame, first_frame + count)
        return [_packets(self._tune[frame // UNIT_FRAMES])[frame % UNIT_FRAMES] for frame in frames]


class Tune:
    """Notes drawn at random once and for all, as many as are asked for."""

    def __init__(self, channel: str) -> None:
        self._random, self._notes = random.Random(channel), list[int]()

    def __getitem__(self, unit: int) -> int:
        while len(self._notes) <= unit:
            self._notes.append(self._random.randrange(len(NOTES_HZ)))
        return self._notes[unit]


def click(note: int, rate_hz: int) -> NDArray[np.float32]:
    """Return the sound of a note, whose middle is where the click counts as being."""
    count = round(CLICK_S * rate_hz) | 1
    at_s = (np.arange(count) - count // 2) / rate_hz
    return np.asarray(0.5 * np.hanning(count) * np.cos(2 * np.pi * NOTES_HZ[note] * at_s), dtype=np.float32)


@cache
def _packets(note: int) -> tuple[bytes, ...]:
    """Return the packets of one unit, cut out of an encoding with silence before and behind it."""
    samples = np.zeros(3 * UNIT_SAMPLES, dtype=np.float32)
    sound = click(note, MEDIA_RATE_HZ)
    start = UNIT_SAMPLES + UNIT_SAMPLES // 2 - len(sound) // 2
    samples[start : start + len(sound)] += sound
    coded = encode_samples(samples)
    return tuple(coded[1 + UNIT_FRAMES : 1 + 2 * UNIT_FRAMES])  # packet n gives the samples before those of frame n


@dataclass(frozen=True, slots=True)
class Heard:
    """A click that was found: how far from its place, in ms, which note, and how much of its unit's energy it is."""

    unit: int
    error_ms: float
    note: int
    share: float


def listen(samples: NDArray[np.int16], units: Sequence[int]) -> Iterable[Heard]:
    """Yield the clicks of units that are heard whole.

    Args:
        samples: int16 at 16 kHz, shape (units * 16384,): the units one behind the other, as they should lie.
        units: their numbers.
    """
    sound = samples.reshape(-1, HEARD_UNIT).astype(np.float32) / 32768
    energy = sound**2
    total = energy.sum(axis=1)
    places = np.arange(HEARD_UNIT)
    middle = (energy @ places) / np.maximum(total, 1e-12)
    spectrum = np.abs(np.fft.rfft(sound, axis=1))
    frequency = np.argmax(spectrum, axis=1) * HEARD_RATE_HZ / HEARD_UNIT
    nearest = np.abs(np.asarray(NOTES_HZ)[None, :] - frequency[:, None])
    half = round(CLICK_S * HEARD_RATE_HZ)
    for row, unit in enumerate(units):
        at = int(np.clip(round(float(middle[row])), half, HEARD_UNIT - half))
        inside = float(energy[row, at - half : at + half].sum())
        note = int(np.argmin(nearest[row])) if total[row] > 1e-3 and nearest[row].min() < 90 else -1
        error_ms = (float(middle[row]) - HEARD_UNIT // 2) * 1000 / HEARD_RATE_HZ
        yield Heard(unit, error_ms, note, inside / max(float(total[row]), 1e-12))
