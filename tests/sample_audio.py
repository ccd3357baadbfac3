"""The audio of the bundled sample."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from floorlog.adapters import media
from floorlog.clock import SAMPLES_PER_MS
from floorlog.services.meetings import SAMPLE


def sample_audio(until_ms: int, from_ms: int = 0) -> media.Samples:
    """Return a stretch of the sample: int16 mono 16 kHz."""
    resampler, heard = None, []
    for run in media.read(SAMPLE / "meeting.opus", tolerance_s=Fraction(1, 10)):
        resampler = resampler or media.Resampler.begin(run.rate_hz)
        resampler, samples = resampler.push(run.samples)
        heard.append(samples)
        if sum(map(len, heard)) >= until_ms * SAMPLES_PER_MS:
            break
    return np.concatenate(heard)[from_ms * SAMPLES_PER_MS : until_ms * SAMPLES_PER_MS]
