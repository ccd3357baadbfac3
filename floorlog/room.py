"""What all voices of a meeting have in common, and what is left of a voice without it.

Embeddings of different speakers have a large part in common: of the model itself, and of the room, the microphones and
the codec. Noise shrinks what tells speakers apart and leaves the common part, so that all voices grow alike. Without
the common part, strangers have a cosine of about 0 however noisy it is. What that is worth stands in
docs/decisions/0027-voices-without-the-room.md.
"""

from __future__ import annotations

import base64
import functools
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from floorlog.words import Embedding, VoiceWindow

BEFOREHAND = 40
"""So many windows the common part of the voices that the model was tried with is worth, until the meeting's own tells.

They are 47 voices of the two development meetings, each with equal weight; of windows of 1.5 s, some half a minute.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """The voices heard so far: the sum of their windows, shape (192,), float32, and how many there were."""

    total: Embedding
    windows: int

    def encode(self) -> list[str | int]:
        """Return its JSON form."""
        return [base64.b64encode(self.total.astype("<f4").tobytes()).decode("ascii"), self.windows]

    @staticmethod
    def decode(document: Sequence[str | int]) -> Room:
        """Return the room of a JSON form."""
        total = np.frombuffer(base64.b64decode(str(document[0])), dtype="<f4").astype(np.float32)
        return Room(total, int(document[1]))


SILENT = Room(np.zeros(0, dtype=np.float32), 0)
"""A room in which nothing was heard yet."""


def heard_in(room: Room, windows: Sequence[VoiceWindow]) -> tuple[Room, tuple[VoiceWindow, ...]]:
    """Return the room after windows of voice, and the windows without what all voices have in common."""
    if not windows:
        return room, ()
    vectors = np.stack([window.embedding for window in windows])
    total = vectors.sum(axis=0, dtype=np.float32)
    room = Room(total + room.total if room.windows else total, room.windows + len(windows))
    before = _beforehand()
    weight, common = (BEFOREHAND, before) if len(before) == len(total) else (0, np.zeros_like(total))
    mean = (common * np.float32(weight) + room.total) / np.float32(weight + room.windows)
    return room, tuple(
        replace(window, embedding=vector) for window, vector in zip(windows, vectors - mean, strict=True)
    )


@functools.cache
def _beforehand() -> Embedding:
    file = importlib.resources.files("floorlog") / "data" / "voice" / "campplus-w8.mean.b64"
    return np.frombuffer(base64.b64decode(file.read_bytes()), dtype="<f2").astype(np.float32)
