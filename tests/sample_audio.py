"""The audio of the bundled sample."""

from __future__ import annotations

import numpy as np
import soundfile
from numpy.typing import NDArray

from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS
from floorlog.services.meetings import SAMPLE


def sample_audio(until_ms: int, from_ms: int = 0) -> NDArray[np.int16]:
    """Return a stretch of the sample: int16 mono 16 kHz."""
    with soundfile.SoundFile(SAMPLE / "meeting.opus") as file:
        assert (file.samplerate, file.channels) == (SAMPLE_RATE_HZ, 1)
        file.seek(from_ms * SAMPLES_PER_MS)
        return np.asarray(file.read((until_ms - from_ms) * SAMPLES_PER_MS, dtype="int16"))
