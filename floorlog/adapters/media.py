"""Media files and HLS media segments, through PyAV: bytes in, mono samples with exact times out.

What was measured (PyAV 18) and is relied on here: a fresh AAC decoder that hears a few packets first gives the same
samples as one that heard everything. So decoding is a function of its arguments, nothing needs to be kept open between
two media segments, and work can go on after a crash as if nothing had happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from floorlog.adapters.demuxing import Track, demux
from floorlog.errors import UnreadableAudio

Native = NDArray[np.float32]
"""Mono audio at the rate of its source: shape (n,), float32."""

PREROLL_PACKETS = 16
"""Packets decoded before the first one that counts. AAC needs 1, spectral band replication 2, MP3's bit reservoir 9."""

DIGEST_DIGITS = 32
"""Hexadecimal digits of a digest that are kept: 128 bits."""

FILE_BLOCK_S = 8
"""How much of a media file is decoded at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """Decoded audio without a step in its time.

    Args:
        at: time of its first sample on the source's own clock, in s.
        rate_hz: samples per second.
        samples: mono; the mean of all channels.
        wraps: whether that clock starts again after 2^33 ticks of 90 kHz (MPEG-TS).
    """

    at: Fraction
    rate_hz: int
    samples: Native
    wraps: bool


@dataclass(frozen=True, slots=True)
class Decoded:
    """One media segment's audio, in order.

    Args:
        runs: the audio.
        damaged_packets: how many packets could not be decoded.
        digest: of the packets without their times: the same for the same audio in any container, at any time.
        track: what the next media segment's decoding begins with.
    """

    runs: tuple[Run, ...]
    damaged_packets: int
    digest: str
    track: Track


@dataclass(frozen=True, slots=True)
class _Frame:
    ticks: int
    tick_s: Fraction
    rate_hz: int
    samples: Native

    @property
    def at(self) -> Fraction:
        return self.ticks * self.tick_s


def decode(data: bytes, before: bytes | Track | None, uri: str, *, tolerance_s: Fraction) -> Decoded:
    """Return the audio of one media segment.

    Nothing is trimmed: in MPEG-TS priming is part of the timeline; an edit list would take samples from each segment.

    Args:
        data: a media segment, after its initialization section if it has one.
        before: the media segment that plays just before it, in the same form, or what was found in it; None at the
            start of a continuity.
        uri: names it in errors.
        tolerance_s: a larger step in time begins a new run.

    Raises:
        UnreadableAudio: it holds no audio that can be decoded.
    """
    track = demux(data, uri)
    decoder = _decoder(track, uri)
    if before is not None:
        earlier = demux(before, uri) if isinstance(before, bytes) else before
        if (earlier.codec, earlier.extradata) == (track.codec, track.extradata):
            for packet in earlier.packets[-PREROLL_PACKETS:]:
                _decode_packet(decoder, packet, earlier.tick_s)
    found: list[_Frame] = []
    damaged = 0
    for packet in track.packets:
        frames = _decode_packet(decoder, packet, track.tick_s)
        damaged += frames is None
        found += [
            _Frame(frame.pts, track.tick_s, frame.sample_rate, _mono(frame))
            for frame in frames or ()
            if frame.pts is not None
        ]
    if not found:
        raise UnreadableAudio(uri, f"none of {len(track.packets)} packets can be decoded")
    digest = hashlib.sha256(b"".join(data for _, data in track.packets)).hexdigest()[:DIGEST_DIGITS]
    return Decoded(tuple(_join(found, track.wraps, tolerance_s)), damaged, digest, track)


def _decoder(track: Track, uri: str) -> AudioCodecContext:
    decoder = av.CodecContext.create(track.codec, "r")
    if not isinstance(decoder, AudioCodecContext):
        raise UnreadableAudio(uri, f"{track.codec} is no audio")
    if track.extradata:
        decoder.extradata = track.extradata
    return decoder


def _decode_packet(decoder: AudioCodecContext, packet: tuple[int, bytes], tick_s: Fraction) -> list[AudioFrame] | None:
    """Return the frames of one packet, or None if it is damaged."""
    ticks, data = packet
    whole = av.Packet(data)
    whole.pts, whole.time_base = ticks, tick_s
    try:
        return [frame for frame in decoder.decode(whole) if frame.samples]
    except av.FFmpegError:
        return None


def _mono(frame: AudioFrame) -> Native:
    """Return the mean of a frame's channels, full scale at 1.0."""
    if frame.format.name in ("fltp", "flt") and frame.layout.nb_channels == 1:  # by far the most frequent
        return np.frombuffer(memoryview(frame.planes[0]), dtype=np.float32, count=frame.samples).copy()
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    samples: NDArray[np.float32] = array.astype(np.float32)
    if array.dtype == np.uint8:
        samples = (samples - np.float32(128)) / np.float32(128)
    elif array.dtype == np.int16 or array.dtype == np.int32:
        samples = samples / np.float32(2 ** (8 * array.dtype.itemsize - 1))
    return np.asarray(samples[0] if len(samples) == 1 else samples.mean(axis=0), dtype=np.float32)


def _join(found: list[_Frame], wraps: bool, tolerance_s: Fraction) -> Iterator[Run]:
    """Yield the longest runs of frames that follow each other in time."""
    first, parts, length = found[0], [found[0].samples], len(found[0].samples)
    for frame in found[1:]:
        if frame.rate_hz != first.rate_hz or not _follows(first, length, frame, wraps, tolerance_s):
            yield Run(first.at, first.rate_hz, np.concatenate(parts), wraps)
            first, parts, length = frame, [], 0
        parts.append(frame.samples)
        length += len(frame.samples)
    yield Run(first.at, first.rate_hz, np.concatenate(parts), wraps)


def _follows(first: _Frame, length: int, frame: _Frame, wraps: bool, tolerance_s: Fraction) -> bool:
    """Tell whether a frame comes `length` samples after the first one, or nearly."""
    tick_s, rate_hz = first.tick_s, first.rate_hz
    if frame.tick_s == tick_s:  # nearly always; whole numbers are much quicker than fractions
        step = (frame.ticks - first.ticks) * tick_s.numerator * rate_hz - length * tick_s.denominator
        if abs(step) * tolerance_s.denominator <= tolerance_s.numerator * rate_hz * tick_s.denominator:
            return True
    return abs(step_s(first.at + Fraction(length, rate_hz), frame.at, wraps)) <= tolerance_s


WRAP_S = Fraction(2**33, 90_000)
"""The clock of MPEG-TS starts again after this long, 26.5 h (ISO/IEC 13818-1: 33 bits of 90 kHz)."""


def step_s(expected: Fraction, found: Fraction, wraps: bool) -> Fraction:
    """Return how much later than expected something came; on a clock that wraps, the smaller way round."""
    step = found - expected
    return (step + WRAP_S / 2) % WRAP_S - WRAP_S / 2 if wraps else step


def read(path: Path, *, tolerance_s: Fraction) -> Iterator[Run]:
    """Yield the audio of a media file in order, some seconds at once; damaged packets leave a step in time.

    Args:
        path: the file.
        tolerance_s: a larger step in time begins a new run.

    Raises:
        UnreadableAudio: it holds no audio that can be decoded.
    """
    found: list[_Frame] = []
    length = 0
    last: _Frame | None = None
    for frame in _frames_of(path):
        ticks, tick_s = frame.pts, frame.time_base
        if ticks is None or tick_s is None:  # a form without times: what follows, follows at once
            tick_s = Fraction(1, frame.sample_rate)
            ticks = 0 if last is None else round(last.at / tick_s) + len(last.samples)
        last = _Frame(ticks, tick_s, frame.sample_rate, _mono(frame))
        found.append(last)
        length += frame.samples
        if length >= FILE_BLOCK_S * frame.sample_rate:
            yield from _join(found, wraps=False, tolerance_s=tolerance_s)
            found, length = [], 0
    if found:
        yield from _join(found, wraps=False, tolerance_s=tolerance_s)
    if last is None:
        raise UnreadableAudio(str(path), "it holds no audio that can be decoded")


def _frames_of(path: Path) -> Iterator[AudioFrame]:
    try:
        with av.open(str(path), mode="r") as container:
            if not container.streams.audio:
                raise UnreadableAudio(str(path), "it holds no audio")
            for packet in container.demux(container.streams.audio[0]):
                try:
                    frames = packet.decode()
                except av.InvalidDataError:
                    continue  # a damaged packet
                yield from (frame for frame in frames if isinstance(frame, AudioFrame) and frame.samples)
    except (av.FFmpegError, OSError) as error:
        raise UnreadableAudio(str(path), str(error)) from error
