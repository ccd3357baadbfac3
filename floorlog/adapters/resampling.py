"""Resampling to 16 kHz, through PyAV, such that it can go on at any sample as if it had never stopped.

What was measured (PyAV 18) and is relied on: a fresh resampler that starts at a whole period of its phase gives the
same samples as one that heard everything, after 14 samples; how samples are handed to it makes no difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from floorlog.adapters.media import Native
from floorlog.clock import SAMPLE_RATE_HZ

Samples = NDArray[np.int16]
"""Mono audio at 16 kHz: shape (n,), int16."""

TAIL_SAMPLES = 4096
"""Native samples that a resampler hears before those that count; its filter spans 32 output samples."""


@dataclass(frozen=True, slots=True)
class Resampler:
    """Where resampling to 16 kHz stands in one continuity. How the samples are handed in makes no difference.

    Args:
        rate_hz: native rate.
        taken: native samples taken so far.
        given: samples at 16 kHz given so far.
        tail: the last native samples; the first of them falls on a sample at 16 kHz.
    """

    rate_hz: int
    taken: int
    given: int
    tail: Native

    @staticmethod
    def begin(rate_hz: int) -> Resampler:
        """Return a resampler that has heard nothing."""
        return Resampler(rate_hz, 0, 0, np.zeros(0, dtype=np.float32))

    def push(self, samples: Native) -> tuple[Resampler, Samples]:
        """Take more samples; return the resampler after them and all that is now certain at 16 kHz."""
        return self._take(samples, last=False)

    def finish(self) -> Samples:
        """Return what is left at 16 kHz when nothing follows."""
        return self._take(np.zeros(0, dtype=np.float32), last=True)[1]

    def _take(self, samples: Native, *, last: bool) -> tuple[Resampler, Samples]:
        heard = np.concatenate((self.tail, samples))
        if not len(heard):
            return self, np.zeros(0, dtype=np.int16)
        shared = math.gcd(self.rate_hz, SAMPLE_RATE_HZ)
        period, per_period = self.rate_hz // shared, SAMPLE_RATE_HZ // shared
        first = (self.taken - len(self.tail)) // period * per_period
        out = _resample(heard, self.rate_hz, last=last)
        taken = self.taken + len(samples)
        total = first + len(out)
        if last:
            total = -(-taken * SAMPLE_RATE_HZ // self.rate_hz)
            out = np.concatenate((out, np.zeros(max(0, total - first - len(out)), dtype=np.int16)))
        fresh = out[self.given - first : total - first]
        keep = max(0, (taken - TAIL_SAMPLES) // period * period)
        tail = heard[max(0, keep - (self.taken - len(self.tail))) :]
        return replace(self, taken=taken, given=max(self.given, total), tail=tail), fresh


def _resample(samples: Native, rate_hz: int, *, last: bool) -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="flt", layout="mono")
    frame.sample_rate = rate_hz
    frames = resampler.resample(frame) + (resampler.resample(None) if last else [])
    parts = [part.to_ndarray()[0] for part in frames]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
