"""Voices: what a stretch of speech sounds like, and how surely two stretches are one voice.

A voice is anonymous and local to a meeting and channel. It cuts; it never names by itself.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from floorlog.clock import Span
from floorlog.words import Embedding, VoiceWindow

SAME_VOICE_COSINE = ((500, 0.15), (1200, 0.18), (2000, 0.21), (3500, 0.25))
"""Cosine at which same and other voice are equally likely, by ms of the shorter stretch; between, a straight line.

Of voices without what the room has in common (room.py). Where both errors are equally frequent on the development
meetings: .22 to .30 above 2.5 s in quiet ones, .14 to .16 in noisy ones; .17 and .09 below (docs/voice_measures.py).
"""

LOG_ODDS_PER_COSINE = 18.0
"""How steeply the log-odds of being one voice rise with the cosine; from 14 to 22 nothing changed on quiet meetings."""

MOST_LOG_ODDS = 5.0
"""No single comparison of voices counts more than this."""

FULL_TRUST_MS = 1000
"""A stretch this long counts fully, a shorter one in proportion."""

MORE_TRUST_MS = 6000
MORE_TRUST = 1.5
"""A stretch this long counts so much more, because it was heard several times."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What a stretch sounds like: a unit vector, and how much speech it rests on, in ms.

    The vector points where whole numbers from -127 to 127 can, so that 192 bytes hold it and encoding it changes
    nothing. That moves a cosine by less than 0.005.
    """

    vector: Embedding
    heard_ms: int

    def encode(self) -> list[str | int]:
        """Return its JSON form."""
        numbers = np.round(self.vector * (_LARGEST / np.abs(self.vector).max())).astype(np.int8)
        return [base64.b64encode(numbers.tobytes()).decode("ascii"), self.heard_ms]

    @staticmethod
    def decode(document: Sequence[str | int]) -> Voice:
        """Return the voice of a JSON form."""
        numbers = np.frombuffer(base64.b64decode(str(document[0])), dtype=np.int8)
        return Voice(_unit(numbers.astype(np.float32)), int(document[1]))


_LARGEST = 127


def _unit(vector: Embedding) -> Embedding:
    return vector / np.float32(np.sqrt(np.dot(vector, vector)))


def _rounded(vector: Embedding) -> Embedding:
    """Return the nearest direction that `Voice` can hold."""
    largest = float(np.abs(vector).max())
    if largest == 0.0:
        return vector
    return _unit(np.round(vector * np.float32(_LARGEST / largest)))


def voices_of(spans: Sequence[Span], windows: Sequence[VoiceWindow]) -> list[Voice | None]:
    """Return what each span sounds like, or None where no window tells.

    A window counts for a span by how much of it lies inside; those that lie mostly outside count only where there
    are no others.

    Args:
        spans: Stretches of one voice each, as far as is known.
        windows: The voice windows around them, in order.
    """
    if not windows or not spans:
        return [None] * len(spans)
    starts = np.array([window.span.start_ms for window in windows])
    ends = np.array([window.span.end_ms for window in windows])
    vectors = np.stack([window.embedding for window in windows])
    voices: list[Voice | None] = []
    for span in spans:
        inside = np.minimum(ends, span.end_ms) - np.maximum(starts, span.start_ms)
        share = np.clip(inside, 0, None) / (ends - starts)
        weights = np.where(share >= 0.6, share**2, 0.0)
        if not weights.any():
            best = float(share.max())
            if best < 0.25:
                voices.append(None)
                continue
            weights = np.where(share >= best - 1e-9, 1.0, 0.0)
            heard_ms = int(span.length_ms * best)
        else:
            heard_ms = span.length_ms
        voices.append(Voice(_rounded(weights.astype(np.float32) @ vectors), heard_ms))
    return voices


def merged(one: Voice | None, other: Voice | None, most_ms: int = 60_000) -> Voice | None:
    """Return the voice that rests on both; the first weighs at most `most_ms`, so that it can still move."""
    if one is None or other is None:
        return one or other
    weight = min(one.heard_ms, most_ms)
    total = one.vector * np.float32(weight) + other.vector * np.float32(other.heard_ms)
    return Voice(_rounded(total), one.heard_ms + other.heard_ms)


def cosine(one: Voice, other: Voice) -> float:
    """Return the cosine of two voices: near 1 for the same where it is quiet, about 0 for strangers wherever."""
    return float(np.dot(one.vector, other.vector))


def same_voice(one: Voice | None, other: Voice | None) -> float:
    """Return the log-odds that two stretches are one voice; 0 where one is not known."""
    if one is None or other is None:
        return 0.0
    shorter_ms = min(one.heard_ms, other.heard_ms)
    odds = (cosine(one, other) - _even(shorter_ms)) * LOG_ODDS_PER_COSINE
    trust = min(1.0, shorter_ms / FULL_TRUST_MS) if shorter_ms < MORE_TRUST_MS else MORE_TRUST
    return max(-MOST_LOG_ODDS, min(MOST_LOG_ODDS, odds)) * trust


def _even(heard_ms: int) -> float:
    """Return the cosine at which the odds are even."""
    before_ms, before = SAME_VOICE_COSINE[0]
    for at_ms, value in SAME_VOICE_COSINE[1:]:
        if heard_ms < at_ms:
            return before + (value - before) * max(0.0, (heard_ms - before_ms) / (at_ms - before_ms))
        before_ms, before = at_ms, value
    return before
