"""Cut a media file into MPEG-TS segments of AAC, once, into a folder that later runs use again."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import groupby, islice
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from floorlog.errors import UnreadableAudio
from floorlog.identity import canonical_json, digest
from workers.origin_forms import transport_stream
from workers.origin_script import FRAME_SAMPLES, FRAME_TICKS, MEDIA_RATE_HZ, TICKS_PER_S, MediaSegment

_VERSION = 1  # of what is written; part of the folder's name
_BIT_RATE = 96_000
_ENCODER = {"aac_pns": "0"}  # perceptual noise substitution draws at random: decoders could not be compared

SOURCE_LAG_S = FRAME_SAMPLES / MEDIA_RATE_HZ
"""How much later the source is heard than its place on the media's time line: the encoder's priming, 21.3 ms."""

FIRST_PTS_S = 3600.0
"""Where media timestamps begin; any value will do."""


@dataclass(frozen=True, slots=True)
class Break:
    """A discontinuity: the media stops at `at_s`, goes on `hole_s` later, and its timestamps begin anew."""

    at_s: float
    hole_s: float = 0.0


def prepare(
    media: Path,
    cache: Path,
    *,
    segment_s: float = 6.0,
    breaks: Sequence[Break] = (),
    first_pts_s: float = FIRST_PTS_S,
) -> tuple[Path, tuple[MediaSegment, ...]]:
    """Return the folder of a media file's segments and their list; encode them if they are not there yet.

    One encoder lives from one break to the next, so that one decoder that is fed all packets gives the source again.

    Args:
        media: any file with an audio stream that FFmpeg reads; it is mixed down to one channel.
        cache: where the folder is kept, under a name made of the file's content and the settings.
        first_pts_s: timestamp of each continuity's first packet, in seconds; up to 95,443 (33 bits at 90 kHz).

    Raises:
        UnreadableAudio: the file is missing, has no audio, or cannot be decoded.
    """
    try:
        with media.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise UnreadableAudio(str(media), str(fault)) from fault
    settings = {"segment_s": segment_s, "breaks": [asdict(one) for one in breaks], "first_pts_s": first_pts_s}
    folder = cache / digest(_VERSION, content, canonical_json(settings))
    if not folder.is_dir():
        aside = cache / f".{uuid.uuid4().hex}.part"
        aside.mkdir(parents=True)
        try:
            segments = _write(media, aside, segment_s, breaks, round(first_pts_s * TICKS_PER_S))
            (aside / "segments.json").write_text(json.dumps([asdict(segment) for segment in segments]))
            try:
                aside.rename(folder)
            except OSError:
                if not folder.is_dir():  # otherwise another process was faster, and made the same
                    raise
        except av.FFmpegError as fault:
            raise UnreadableAudio(str(media), str(fault)) from fault
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    listed = json.loads((folder / "segments.json").read_text())
    return folder, tuple(MediaSegment(**segment) for segment in listed)


def _write(media: Path, folder: Path, segment_s: float, breaks: Sequence[Break], first_pts: int) -> list[MediaSegment]:
    segment_samples = segment_s * MEDIA_RATE_HZ
    segments: list[MediaSegment] = []
    for continuity, start_frame, packets in _continuities(media, breaks):
        chunks = groupby(enumerate(packets), key=lambda pair: int(pair[0] * FRAME_SAMPLES // segment_samples))
        for _, chunk in chunks:
            numbers, payloads = zip(*((number, bytes(packet)) for number, packet in chunk), strict=True)
            name = f"seg-{len(segments)}-s100-a.ts"
            data = transport_stream(payloads, first_pts + numbers[0] * FRAME_TICKS)
            (folder / name).write_bytes(data)
            start_samples = (start_frame + numbers[0]) * FRAME_SAMPLES
            segments.append(MediaSegment(name, start_samples, len(payloads) * FRAME_SAMPLES, continuity))
    if not segments:
        raise UnreadableAudio(str(media), "it holds no audio")
    return segments


def _continuities(media: Path, breaks: Sequence[Break]) -> Iterator[tuple[int, int, Iterator[Packet[AudioStream]]]]:
    """Give each continuity's number, the frame at which it starts, and its packets; take them in order."""
    spans = _spans(breaks)

    def continuity_of(pair: tuple[int, AudioFrame]) -> int | None:
        inside = (number for number, (start, stop) in enumerate(spans) if start <= pair[0] and not stop <= pair[0])
        return next(inside, None)

    for continuity, frames in groupby(enumerate(_frames(media)), key=continuity_of):
        if continuity is not None:
            start, stop = spans[continuity]
            packets = _encode(frame for _, frame in frames)
            # What the encoder still holds at a break would reach beyond it; at the end it is the source's last frame.
            yield continuity, start, packets if stop == math.inf else islice(packets, int(stop) - start)


def _spans(breaks: Sequence[Break]) -> list[tuple[int, float]]:
    """Return where each continuity starts and stops, in whole frames."""
    spans: list[tuple[int, float]] = []
    start = 0
    for one in breaks:
        stop = round(one.at_s * MEDIA_RATE_HZ / FRAME_SAMPLES)
        if stop <= start or one.hole_s < 0:
            raise ValueError(f"breaks come in order and do not overlap: {one}")
        spans.append((start, stop))
        start = stop + round(one.hole_s * MEDIA_RATE_HZ / FRAME_SAMPLES)
    return [*spans, (start, math.inf)]


def _frames(media: Path) -> Iterator[AudioFrame]:
    """Decode a file to frames of 1024 samples, mono, float planar, 48 kHz; the last one may be shorter."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=MEDIA_RATE_HZ, frame_size=FRAME_SAMPLES)
    with av.open(str(media)) as source:
        if not source.streams.audio:
            return
        for frame in source.decode(source.streams.audio[0]):
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def _encode(frames: Iterable[AudioFrame]) -> Iterator[Packet[AudioStream]]:
    """Encode with one AAC encoder; there is one packet more than frames, for its priming comes first."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = MEDIA_RATE_HZ, "mono", "fltp"
    encoder.time_base, encoder.bit_rate, encoder.options = Fraction(1, MEDIA_RATE_HZ), _BIT_RATE, _ENCODER
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number * FRAME_SAMPLES, Fraction(1, MEDIA_RATE_HZ)
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def samples_of(media: Path) -> NDArray[np.float32]:
    """Return a media file's audio: mono, 48 kHz, shape (n,).

    Raises:
        UnreadableAudio: the file is missing, has no audio, or cannot be decoded.
    """
    try:
        parts = [frame.to_ndarray().reshape(-1) for frame in _frames(media)]
    except (OSError, av.FFmpegError) as fault:
        raise UnreadableAudio(str(media), str(fault)) from fault
    if not parts:
        raise UnreadableAudio(str(media), "it holds no audio")
    return np.concatenate(parts).astype(np.float32)


def encode_samples(samples: NDArray[np.float32]) -> list[bytes]:
    """Return the AAC packets of mono audio at 48 kHz; one more than frames, for the encoder's priming comes first."""
    parts = (samples[None, start : start + FRAME_SAMPLES] for start in range(0, len(samples), FRAME_SAMPLES))
    frames = (AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout="mono") for part in parts)
    return [bytes(packet) for packet in _encode(_at_rate(frames))]


def _at_rate(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    for frame in frames:
        frame.sample_rate = MEDIA_RATE_HZ
        yield frame
