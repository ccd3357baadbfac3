"""Where a recording lies on the meeting clock, found by its sound alone. Pure: arrays in, offsets out.

A recording is cut anew: it starts earlier or later than what was captured, and holes that the encoder had are closed in
it. So its offset is constant piece by piece and unknown, and is looked for in two steps:

1. coarse: envelopes of eight frequency bands, 50 a second, less their own mean of a second, so that neither gain nor a
   codec changes them; the normalised cross-correlation of a part with the whole recording, by FFT in blocks.
2. fine: generalised cross-correlation with phase transform (Knapp and Carter, IEEE Trans. ASSP 24, 1976) on the samples
   of many short windows, whose delays must agree.

What is not certain is left out: a wrong place is worse than none. All numbers were chosen on the bundled sample,
encoded again and in noise; `floorlog bench align` measures them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span

Samples = NDArray[np.int16]
"""Mono audio at 16 kHz: shape (n,), int16."""

Envelope = NDArray[np.float32]
"""Energies of frequency bands: shape (frames, BANDS), float32."""

HOP_MS = 20
HOP = HOP_MS * SAMPLES_PER_MS
WINDOW = 512
BANDS = 8
LOWEST_HZ, HIGHEST_HZ = 150.0, 3800.0
"""What every codec keeps of speech; of equal ratio, as hearing has it."""

FLOOR = 1e-7
"""Energy below which a band counts as silent, of full scale squared: its noise is not compared."""

MEAN_FRAMES = 50
"""The mean that is taken off: of a second, longer than a syllable and shorter than an automatic gain."""

BLOCK_FRAMES = 1 << 15
"""Frames correlated at once: eleven minutes."""

CHUNK_SAMPLES = 60 * SAMPLE_RATE_HZ
"""Samples turned into an envelope at once."""

PROBE_MS = 30_000
SHORTEST_PROBE_MS = 6000
PROBE_EVERY_MS = 60_000
"""What is compared of captured audio: this much of it, at both ends of a continuity and each minute between."""

LEAST_SCORE = 0.4
"""Correlation of envelopes: the same speech in noise as loud as itself stays above it, other speech below."""

LEAST_LEAD = 0.12
"""How much the best place must lead any other: a jingle that is played twice has two places."""

APART_FRAMES = 50
"""Places nearer than a second are one place."""

FINE_MS = 2000
"""Length of a window whose delay is measured."""

REACH_MS = 60
"""How far from the coarse place the exact one is looked for."""

AGREE_MS = 3.0
LEAST_AGREEING = 0.6
LEAST_WINDOWS = 3
"""So many of the windows must have the same delay, within so much."""

SAME_MS = 50
"""Offsets that differ less are one: nothing was cut out between."""


@dataclass(frozen=True, slots=True)
class Part:
    """Captured audio: where it starts on the meeting clock, in ms, and its samples."""

    start_ms: int
    samples: Samples

    @property
    def length_ms(self) -> int:
        """Return how long it lasts, in ms."""
        return len(self.samples) // SAMPLES_PER_MS


@dataclass(frozen=True, slots=True)
class Aligned:
    """Captured audio that was found in the recording: a moment t of `span` is t + `offset_ms` of the recording."""

    span: Span
    offset_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Index:
    """A recording made ready to be looked up: its samples, its envelope's energy up to each frame, and its blocks."""

    samples: Samples
    energy: NDArray[np.float64]
    blocks: tuple[NDArray[np.complex64], ...]


def probes(spans: Iterable[Span]) -> list[Span]:
    """Return what is to be looked up of captured audio: both ends of each stretch, and some of what is between.

    Args:
        spans: stretches without a break, in order and apart.
    """
    found: list[Span] = []
    for span in spans:
        if span.length_ms < SHORTEST_PROBE_MS:
            continue
        if span.length_ms <= PROBE_MS:
            found.append(span)
            continue
        last_ms = span.end_ms - PROBE_MS
        starts = [*range(span.start_ms, last_ms, PROBE_EVERY_MS), last_ms]
        found += [Span(start_ms, start_ms + PROBE_MS) for start_ms in starts]
    return found


def index(recording: Samples) -> Index:
    """Return a recording made ready to be looked up; takes 10 MB an hour, whatever `recording` is mapped to."""
    envelope = _levelled(np.concatenate(list(_envelopes(recording)) or [np.zeros((0, BANDS), np.float32)]))
    energy = np.concatenate(([0.0], np.cumsum(np.sum(envelope.astype(np.float64) ** 2, axis=1))))
    blocks = tuple(
        np.fft.rfft(envelope[start : start + BLOCK_FRAMES], BLOCK_FRAMES, axis=0).astype(np.complex64)
        for start in range(0, len(envelope), _step())
    )
    return Index(recording, energy, blocks)


def align(parts: Iterable[Part], recording: Index) -> tuple[Aligned, ...]:
    """Find captured audio in a recording; what is not certain, or contradicts the rest, is left out.

    Args:
        parts: at most `PROBE_MS` each, in order; see `probes`.
        recording: where to look.
    """
    return _consistent([found for part in parts if (found := _look_up(part, recording)) is not None])


def offset_for(gap: Span, aligned: Sequence[Aligned], looked_up: Sequence[Span]) -> int | None:
    """Return the offset at which a recording holds what is missing in a gap; None where that is not certain.

    It is the one that holds on both sides: where they differ, something was cut out of the recording between, and
    nobody knows where. One side is enough only where nothing was captured on the other.

    Args:
        gap: on the meeting clock.
        aligned: what was found of the captured audio, in order.
        looked_up: what was looked for, found or not.
    """
    before = [each for each in aligned if each.span.end_ms <= gap.start_ms]
    behind = [each for each in aligned if each.span.start_ms >= gap.end_ms]
    if not before and any(span.end_ms <= gap.start_ms for span in looked_up):
        return None
    if not behind and any(span.start_ms >= gap.end_ms for span in looked_up):
        return None
    if before and behind and abs(before[-1].offset_ms - behind[0].offset_ms) > SAME_MS:
        return None
    if before:
        return before[-1].offset_ms
    return behind[0].offset_ms if behind else None


def _envelopes(samples: Samples) -> Iterator[Envelope]:
    """Yield the envelope of samples, chunk by chunk; as many frames as there are whole windows."""
    frequencies = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE_HZ)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    bands = np.stack([(frequencies >= low) & (frequencies < high) for low, high in pairwise(edges)], axis=1).astype(
        np.float32
    )
    window = np.hanning(WINDOW).astype(np.float32)
    for start in range(0, len(samples), CHUNK_SAMPLES):
        chunk = np.asarray(samples[start : start + CHUNK_SAMPLES + WINDOW - HOP], dtype=np.float32) / np.float32(32768)
        if len(chunk) < WINDOW:
            return
        frames = np.lib.stride_tricks.sliding_window_view(chunk, WINDOW)[::HOP]
        power = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32) ** 2 / np.float32(WINDOW**2)
        yield np.asarray(np.log(power @ bands + np.float32(FLOOR)), dtype=np.float32)


def _levelled(envelope: Envelope) -> Envelope:
    """Return an envelope less its own mean of a second."""
    if not len(envelope):
        return envelope
    sums = np.concatenate((np.zeros((1, BANDS)), np.cumsum(envelope, axis=0, dtype=np.float64)))
    at = np.arange(len(envelope))
    first, last = np.maximum(at - MEAN_FRAMES // 2, 0), np.minimum(at + MEAN_FRAMES // 2, len(envelope))
    mean = (sums[last] - sums[first]) / (last - first)[:, None]
    return np.asarray(envelope - mean, dtype=np.float32)


def _step() -> int:
    """Return how many frames further each block starts: a whole part fits behind each start."""
    return BLOCK_FRAMES - PROBE_MS // HOP_MS


def _look_up(part: Part, recording: Index) -> Aligned | None:
    envelopes = list(_envelopes(part.samples))
    if part.length_ms > PROBE_MS or not envelopes:
        return None
    scores = _scores(_levelled(np.concatenate(envelopes)), recording)
    if not len(scores):
        return None
    best = int(np.argmax(scores))
    beside = np.concatenate((scores[: max(0, best - APART_FRAMES)], scores[best + APART_FRAMES + 1 :]))
    lead = float(scores[best]) - (float(beside.max()) if len(beside) else 0.0)
    if scores[best] < LEAST_SCORE or lead < LEAST_LEAD:
        return None
    delay = _delay(part.samples, recording.samples, best * HOP)
    if delay is None:
        return None
    at_sample, agreeing = delay
    span = Span(part.start_ms, part.start_ms + part.length_ms)
    confidence = round(min(1.0, float(scores[best])) * agreeing, 3)
    return Aligned(span, round(at_sample / SAMPLES_PER_MS) - part.start_ms, confidence)


def _scores(part: Envelope, recording: Index) -> NDArray[np.float64]:
    """Return the normalised correlation of a part with the recording, for each frame at which it may begin."""
    places = len(recording.energy) - len(part)
    own = float(np.sum(part.astype(np.float64) ** 2))
    if places <= 0 or own < 1.0:
        return np.zeros(0)
    spectrum = np.conj(np.fft.rfft(part, BLOCK_FRAMES, axis=0).astype(np.complex64))
    products = np.empty(places)
    for number, block in enumerate(recording.blocks):
        start = number * _step()
        length = min(_step(), places - start)
        if length > 0:
            products[start : start + length] = np.fft.irfft((block * spectrum).sum(axis=1), BLOCK_FRAMES)[:length]
    theirs = recording.energy[len(part) :][:places] - recording.energy[:places]
    return np.asarray(products / np.sqrt(own * np.maximum(theirs, 0.05 * own)))


def _delay(part: Samples, recording: Samples, near: int) -> tuple[float, float] | None:
    """Return the sample of the recording at which a part begins, and the share of its windows that say so."""
    window, reach = FINE_MS * SAMPLES_PER_MS, REACH_MS * SAMPLES_PER_MS
    starts = [start for start in range(0, len(part) - window + 1, window) if near + start - reach >= 0]
    starts = [start for start in starts if near + start + window + reach <= len(recording)]
    energies = np.array([np.mean(part[start : start + window].astype(np.float64) ** 2) for start in starts])
    delays = np.array(
        [
            _phase_delay(part[start : start + window], recording[near + start - reach : near + start + window + reach])
            for start, energy in zip(starts, energies, strict=True)
            if energy > 0.02 * energies.max() and energy > 1.0
        ]
    )
    if len(delays) < LEAST_WINDOWS:
        return None
    agree = AGREE_MS * SAMPLES_PER_MS
    counts = np.array([np.sum(np.abs(delays - delay) <= agree) for delay in delays])
    around = delays[np.abs(delays - delays[int(np.argmax(counts))]) <= agree]
    share = len(around) / len(delays)
    if len(around) < LEAST_WINDOWS or share < LEAST_AGREEING:
        return None
    return near - reach + float(np.median(around)), share


def _phase_delay(window: Samples, around: Samples) -> float:
    """Return by how many samples a window comes later than the start of the audio around it."""
    size = 1 << (len(around) + len(window) - 1).bit_length()
    one = np.fft.rfft(np.asarray(around, dtype=np.float64), size)
    other = np.fft.rfft(np.asarray(window, dtype=np.float64), size)
    cross = one * np.conj(other)
    frequencies = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    cross[(frequencies < LOWEST_HZ) | (frequencies > HIGHEST_HZ)] = 0
    # Frequencies in which there is nothing have a phase of their own: they count less, not as much as all others.
    strength = np.abs(cross)
    cross /= strength + 0.01 * strength.max() + 1e-9
    lags = np.fft.irfft(cross, size)[: len(around) - len(window) + 1]
    return float(np.argmax(lags))


def _consistent(found: Sequence[Aligned]) -> tuple[Aligned, ...]:
    """Return those that stand in the recording in the order in which they were captured, the most of them there are.

    A recording leaves out, and never repeats or reorders: what was found elsewhere is another playing of a jingle.
    """
    best: list[tuple[float, int | None]] = []
    for number, each in enumerate(found):
        starts_ms = each.span.start_ms + each.offset_ms
        weight, before = 0.0, None
        for earlier in range(number):
            ends_ms = found[earlier].span.end_ms + found[earlier].offset_ms
            # Two parts may overlap on the clock; they overlap as much in the recording.
            shared_ms = max(0, found[earlier].span.end_ms - each.span.start_ms)
            if ends_ms - shared_ms <= starts_ms + SAME_MS and best[earlier][0] > weight:
                weight, before = best[earlier][0], earlier
        best.append((weight + each.confidence * each.span.length_ms, before))
    chain: list[Aligned] = []
    at = max(range(len(found)), key=lambda number: best[number][0], default=None)
    while at is not None:
        chain.append(found[at])
        at = best[at][1]
    return tuple(reversed(chain))
