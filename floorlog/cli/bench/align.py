"""How exactly a recording is found on the meeting clock: cut anew, encoded again, in noise; and one of other sound."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from floorlog import alignment
from floorlog.adapters import media
from floorlog.adapters.resampling import Resampler
from floorlog.alignment import Aligned, Part, Samples
from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span

WRONG_MS = 50
"""An offset that is further off is wrong."""

LARGEST_OFFSET_S = 600


@dataclass(frozen=True, slots=True)
class Coding:
    """A way to encode: FFmpeg's names of codec and format, samples and bits per second."""

    codec: str
    format: str
    rate_hz: int
    bits: int


CODINGS = (
    Coding("libopus", "ogg", 48_000, 16_000),
    Coding("aac", "mp4", 44_100, 48_000),
    Coding("aac", "mpegts", 48_000, 64_000),
    Coding("libmp3lame", "mp3", 22_050, 32_000),
)


def measure(file: Path, rounds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return `offset_error_ms_max`, `aligned`, `wrong` and more; see docs/operators.md.

    Each round takes another recording of the same meeting: a random lead of other sound of up to ten minutes or a trim,
    a random cut in the middle, a trim at the end, another gain, one of `CODINGS`, every second one with noise 10 dB
    below the speech. Then the meeting is looked up in a recording that holds none of it.
    """
    samples = read(file)
    length_ms = len(samples) // SAMPLES_PER_MS
    spans = alignment.probes([Span(0, length_ms)])
    errors: list[float] = []
    parts = aligned = wrong = 0
    for number in range(rounds):
        tell(f"recording {number + 1} of {rounds} …")
        recording, offset_of = _recorded(samples, number)
        coding = CODINGS[number % len(CODINGS)]
        index = alignment.index(decoded(encoded(recording, coding)))
        found = {each.span: each for each in alignment.align(_parts(samples, spans), index)}
        for span in spans:
            true_ms = offset_of(span)
            parts += true_ms is not None
            each: Aligned | None = found.get(span)
            if each is None:
                continue
            error = min((abs(each.offset_ms - held) for held in offset_of.every(span)), default=1e9)
            aligned += true_ms is not None
            wrong += error > WRONG_MS
            errors.append(error)
    tell("a recording of something else …")
    other = alignment.index(np.concatenate((samples[::-1], _noise(samples, 7))))
    elsewhere = len(alignment.align(_parts(samples, spans), other))
    return {
        "offset_error_ms_max": round(max(errors, default=0.0), 2),
        "parts": parts,
        "aligned": aligned,
        "wrong": wrong + elsewhere,
        "aligned_elsewhere": elsewhere,
        "recordings": rounds,
    }


def read(file: Path) -> Samples:
    """Return a media file's audio at 16 kHz."""
    found: list[Samples] = []
    resampler: Resampler | None = None
    for run in media.read(file, tolerance_s=Fraction(1, 100)):
        resampler, samples = (resampler or Resampler.begin(run.rate_hz)).push(run.samples)
        found.append(samples)
    return np.concatenate([*found, resampler.finish()] if resampler else found)


def encoded(samples: Samples, coding: Coding) -> bytes:
    """Return samples at 16 kHz as a media file."""
    target = io.BytesIO()
    samples = np.pad(samples, (0, -len(samples) % SAMPLE_RATE_HZ))  # no encoder is handed less than a frame at the end
    with av.open(target, "w", format=coding.format) as container:
        stream = container.add_stream(coding.codec, rate=coding.rate_hz)
        context = stream.codec_context
        assert isinstance(context, AudioCodecContext)
        context.bit_rate, context.layout = coding.bits, "mono"
        context.open()
        resampler = av.AudioResampler(
            format=context.format, layout="mono", rate=coding.rate_hz, frame_size=context.frame_size or 960
        )
        for start in range(0, len(samples), 10 * SAMPLE_RATE_HZ):
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[None, start : start + 10 * SAMPLE_RATE_HZ]), format="s16", layout="mono"
            )
            frame.sample_rate = SAMPLE_RATE_HZ
            for part in resampler.resample(frame):
                container.mux(context.encode(part))
        for part in resampler.resample(None):
            container.mux(context.encode(part))
        container.mux(context.encode(None))
    return target.getvalue()


def decoded(data: bytes) -> Samples:
    """Return the audio of a media file in memory at 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    found: list[Samples] = []
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(audio=0):
            found += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        found += [part.to_ndarray()[0] for part in resampler.resample(None)]
    return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class _Truth:
    """Which stretches of the meeting a recording holds, each with its offset in ms."""

    held: tuple[tuple[Span, float], ...]

    def __call__(self, span: Span) -> float | None:
        """Return the offset of a span that is held whole; None for one that is not."""
        return next(
            (off for held, off in self.held if held.start_ms <= span.start_ms and span.end_ms <= held.end_ms), None
        )

    def every(self, span: Span) -> list[float]:
        """Return the offsets of what is held of a span: one with a cut inside has two that are right in part."""
        return [off for held, off in self.held if held.overlap_ms(span)]


def _recorded(samples: Samples, number: int) -> tuple[Samples, _Truth]:
    random = np.random.default_rng(number)
    length_ms = len(samples) // SAMPLES_PER_MS
    shift_ms = float(random.integers(-length_ms // 4, LARGEST_OFFSET_S * 1000))
    trim_ms, lead_ms = (round(-shift_ms), 0) if shift_ms < 0 else (int(random.integers(0, 20_000)), round(shift_ms))
    cut_ms = int(random.integers(length_ms // 3, length_ms // 2))
    goes_on_ms = cut_ms + int(random.integers(2000, 60_000))
    end_ms = length_ms - int(random.integers(0, 20_000))
    lead = _noise(samples, number)[: lead_ms * SAMPLES_PER_MS]
    lead = np.resize(lead, lead_ms * SAMPLES_PER_MS)
    kept = [(trim_ms, cut_ms), (goes_on_ms, end_ms)]
    parts = [samples[first * SAMPLES_PER_MS : last * SAMPLES_PER_MS] for first, last in kept]
    heard = np.concatenate(parts).astype(np.float64)
    if number % 2:
        heard += random.normal(size=len(heard)) * np.sqrt(np.mean(heard**2)) * 10 ** (-10 / 20)
    heard = np.clip(heard * random.uniform(0.3, 1.2), -32768, 32767)
    first = lead_ms - trim_ms
    truth = _Truth(((Span(*kept[0]), first), (Span(*kept[1]), first - (goes_on_ms - cut_ms))))
    return np.concatenate((lead, heard.astype(np.int16))), truth


def _noise(samples: Samples, number: int) -> Samples:
    """Return other sound: the meeting backwards under noise, so that it speaks and says nothing of it."""
    random = np.random.default_rng([number, 1])
    return np.asarray(samples[::-1] // 2 + random.normal(size=len(samples)) * 200, dtype=np.int16)


def _parts(samples: Samples, spans: list[Span]) -> Iterator[Part]:
    for span in spans:
        yield Part(span.start_ms, samples[span.start_ms * SAMPLES_PER_MS : span.end_ms * SAMPLES_PER_MS])
