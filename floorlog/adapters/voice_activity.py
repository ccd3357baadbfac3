"""Voice activity by Silero v6 (inside faster-whisper): a probability of speech for each frame of 32 ms.

The model has a memory, so its answer depends on where listening began. Here it always begins at the same places: frames
are listened to in blocks on a fixed grid from the start of a continuity, each after the same stretch of context. So the
probability of a frame depends on the audio alone, and may be computed again from any block on.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAME_SAMPLES = 512
"""What Silero takes at 16 kHz: 32 ms, which is a whole number of ms (https://github.com/snakers4/silero-vad)."""

BLOCK_FRAMES = 32
"""Frames computed at once: 1.024 s. A cut is seen half of this later on average; half of it costs twice the CPU."""

CONTEXT_FRAMES = 48
"""Frames listened to before each block: 1.536 s. Measured on the sample: 1.1 % of decisions differ from listening to
all of it at once, with 1.0 s and with 2.0 s of context as well."""

Probabilities = NDArray[np.float32]
"""Probability of speech for each frame: shape (frames,), float32 in [0, 1]."""


def probabilities(samples: NDArray[np.int16], context_frames: int) -> Probabilities:
    """Return the probability of speech in each frame of one block.

    Args:
        samples: context, then the block; int16 mono 16 kHz, a whole number of frames.
        context_frames: how many of the frames are context; `CONTEXT_FRAMES`, or less at the start of a continuity.

    Raises:
        ValueError: the samples are no whole number of frames.
    """
    if len(samples) % FRAME_SAMPLES:
        raise ValueError(f"{len(samples)} samples are no whole number of frames")
    # One frame more: the wrapper blanks the end of the last frame in place (faster_whisper/vad.py, SileroVADModel).
    heard = np.zeros(len(samples) + FRAME_SAMPLES, dtype=np.float32)
    np.multiply(samples, 1 / 32768, out=heard[: len(samples)], casting="unsafe")
    answer: Probabilities = np.asarray(_model()(heard), dtype=np.float32).reshape(-1)[context_frames:-1]
    return answer


@functools.cache
def _model() -> Any:
    from faster_whisper.vad import get_vad_model  # heavy: loads onnxruntime and the model

    return get_vad_model()
