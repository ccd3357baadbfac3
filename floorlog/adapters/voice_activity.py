"""Voice activity by Silero v6 (inside faster-whisper): a probability of speech for each frame of 32 ms.

The model has a memory, which is handed in and out here: so a stream is heard from its start, block by block, as if all
of it were there at once, and listening goes on after a restart where it stopped. Begun again every second with a second
or two of context, as one might to be without a memory, it hears pauses in noisy speech that are none: on a noisy
recording 6 % of its decisions were others, and cuts fell into the middle of sentences (docs/decisions/0002).

The blocks lie on a fixed grid from the start of a continuity, because sums of floating-point numbers depend on how many
frames are computed at once.
"""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.adapters.resampling import Samples

FRAME_SAMPLES = 512
"""What Silero takes at 16 kHz: 32 ms, which is a whole number of ms (https://github.com/snakers4/silero-vad)."""

BLOCK_FRAMES = 32
"""Frames computed at once: 1.024 s. A cut is seen half of this later on average."""

_TAIL_SAMPLES = 64
"""The model is given the last 4 ms of the frame before each frame (faster_whisper/vad.py, SileroVADModel)."""

_UNITS = 128
"""Size of the model's hidden state and of its cell state (silero_vad_v6.onnx, inputs `h` and `c`)."""

Probabilities = NDArray[np.float32]
"""Probability of speech for each frame: shape (frames,), float32 in [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What the model remembers: its two states, shape (128,), float32, and the last samples, shape (64,), int16."""

    hidden: NDArray[np.float32]
    cell: NDArray[np.float32]
    tail: Samples

    def encode(self) -> str:
        """Return its bytes in base64, little-endian."""
        parts = (self.hidden.astype("<f4"), self.cell.astype("<f4"), self.tail.astype("<i2"))
        return base64.b64encode(b"".join(part.tobytes() for part in parts)).decode("ascii")

    @staticmethod
    def decode(text: str) -> Memory:
        """Return the memory behind `encode`."""
        data = base64.b64decode(text)
        states = np.frombuffer(data[: 8 * _UNITS], dtype="<f4").astype(np.float32)
        tail = np.frombuffer(data[8 * _UNITS :], dtype="<i2").astype(np.int16)
        return Memory(states[:_UNITS], states[_UNITS:], tail)


NOTHING_HEARD = Memory(
    np.zeros(_UNITS, dtype=np.float32), np.zeros(_UNITS, dtype=np.float32), np.zeros(_TAIL_SAMPLES, dtype=np.int16)
)
"""The memory at the start of a continuity."""


def probabilities(samples: Samples, memory: Memory = NOTHING_HEARD) -> tuple[Probabilities, Memory]:
    """Return the probability of speech in each frame, and the memory after them.

    Args:
        samples: int16 mono 16 kHz, a whole number of frames.
        memory: after the samples before these.

    Raises:
        ValueError: the samples are no whole number of frames.
    """
    if len(samples) % FRAME_SAMPLES:
        raise ValueError(f"{len(samples)} samples are no whole number of frames")
    if not len(samples):
        return np.zeros(0, dtype=np.float32), memory
    all_samples = np.concatenate((memory.tail, samples))
    starts = np.arange(0, len(samples), FRAME_SAMPLES)
    frames = all_samples[starts[:, None] + np.arange(_TAIL_SAMPLES + FRAME_SAMPLES)].astype(np.float32) / 32768
    given = {"input": frames, "h": memory.hidden.reshape(1, 1, -1), "c": memory.cell.reshape(1, 1, -1)}
    answer, hidden, cell = _model().run(None, given)
    tail = all_samples[-_TAIL_SAMPLES:].copy()
    return np.asarray(answer, dtype=np.float32).reshape(-1), Memory(hidden.reshape(-1), cell.reshape(-1), tail)


@functools.cache
def _model() -> Any:
    from faster_whisper.vad import get_vad_model  # heavy: loads onnxruntime and the model

    return get_vad_model().session
