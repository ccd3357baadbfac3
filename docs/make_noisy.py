"""Make a noisy copy of a meeting: reverberation, babble of its own voices, and Opus at 14 kbit/s.

python docs/make_noisy.py MEETING.opus NOISY.opus
"""

from __future__ import annotations

import sys

import av
import numpy as np
from scipy.signal import fftconvolve

RATE_HZ = 16_000
REVERB_S, DECAY_PER_S, DIRECT = 0.5, 12.0, 6.0
"""Length of the room's answer, how fast it dies away (9 dB each tenth of a second), and the direct sound."""

BABBLE_DB, VOICES = 12.0, 5
"""Speech is so much louder than a babble of so many copies of the meeting, shifted against each other."""

BITS_PER_S = 14_000


def main() -> None:
    """Read, spoil, write."""
    source, target = sys.argv[1:3]
    resampler = av.AudioResampler("s16", "mono", RATE_HZ)
    with av.open(source) as file:
        frames = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    clean = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32) / 32768
    random = np.random.default_rng(5)
    times_s = np.arange(int(REVERB_S * RATE_HZ)) / RATE_HZ
    room = random.normal(size=len(times_s)) * np.exp(-DECAY_PER_S * times_s)
    room[0] = DIRECT
    heard = fftconvolve(clean, room / np.sqrt((room**2).sum()))[: len(clean)]
    away = 30 * RATE_HZ
    babble = sum(np.roll(clean, int(random.integers(away, len(clean) - away))) for _ in range(VOICES))
    muffled = random.normal(size=3000) * np.exp(-np.arange(3000) / 900)
    babble = fftconvolve(babble, muffled)[: len(clean)]
    speech = np.abs(clean) > 0.01
    babble *= np.sqrt((heard[speech] ** 2).mean() / (babble**2).mean()) * 10 ** (-BABBLE_DB / 20)
    mixed = heard + babble
    samples = (mixed / np.abs(mixed).max() / 1.1 * 32767).astype(np.int16)
    with av.open(target, "w") as file:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        stream.bit_rate = BITS_PER_S
        up = av.AudioResampler("s16", "mono", 48_000)
        for start in range(0, len(samples), RATE_HZ):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + RATE_HZ], "s16", "mono")
            frame.sample_rate = RATE_HZ
            for out in up.resample(frame):
                file.mux(stream.encode(out))
        file.mux(stream.encode(None))


if __name__ == "__main__":
    main()
