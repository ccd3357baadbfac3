"""The virtual WAV file of a channel: a header, then every segment's samples, with silence where there is none.

No such file is ever written. `parts` tells which bytes of which segment make up a byte range, so that a range of a
meeting of hours costs what the range costs. What has been heard never moves, so a file that ends at a given moment of
the meeting clock never changes, except where audio turns up late; its `entity_tag` then changes too.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from floorlog.announcements import Segment
from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span
from floorlog.identity import digest

BYTES_PER_SAMPLE = 2
BYTES_PER_MS = SAMPLES_PER_MS * BYTES_PER_SAMPLE
HEADER_BYTES = 44
"""RIFF chunk, format chunk of 16 bytes and the head of the data chunk
(Multimedia Programming Interface and Data Specifications 1.0, Microsoft and IBM, 1991)."""

LONGEST_MS = (2**32 - 1 - (HEADER_BYTES - 8)) // BYTES_PER_MS
"""A RIFF size has 32 bits: 37 hours at 16 kHz and 16 bits."""


@dataclass(frozen=True, slots=True)
class Header:
    """Bytes of the header."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Samples:
    """Bytes of one segment's samples: signed, little-endian, 16 bits; `first_byte` counts from its first sample."""

    segment: Segment
    first_byte: int
    length_bytes: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Zero bytes, where no audio is known."""

    length_bytes: int


Part = Header | Samples | Silence


@dataclass(frozen=True, slots=True)
class Timeline:
    """One channel from 0 to `end_ms` on the meeting clock; its segments are in order and apart, and start before it."""

    end_ms: int
    segments: tuple[Segment, ...]

    @property
    def size_bytes(self) -> int:
        """Return how long the whole file is, header included."""
        return HEADER_BYTES + self.end_ms * BYTES_PER_MS


def lay_out(segments: Iterable[Segment], end_ms: int) -> Timeline:
    """Return the timeline of a channel up to a moment of the meeting clock.

    Args:
        segments: Those of the channel, in any order. Of two that overlap the earlier one is played.
        end_ms: Where the file ends, from 1 to `LONGEST_MS`.

    Raises:
        ValueError: the file would be empty, or longer than RIFF allows.
    """
    if not 0 < end_ms <= LONGEST_MS:
        raise ValueError(f"a WAV file of {end_ms} ms cannot be laid out")
    kept: list[Segment] = []
    for segment in sorted(segments, key=lambda item: item.span):
        if segment.span.start_ms >= end_ms:
            break
        if not kept or segment.span.start_ms >= kept[-1].span.end_ms:
            kept.append(segment)
    return Timeline(end_ms, tuple(kept))


def heard_until_ms(spans: Iterable[Span]) -> int:
    """Return up to when a channel is known without a break: where its run of segments and gaps ends; 0 if none came.

    Args:
        spans: Spans of segments and gaps, in any order.
    """
    until_ms: int | None = None
    for span in sorted(spans):
        if until_ms is not None and span.start_ms > until_ms:
            break
        until_ms = max(until_ms or 0, span.end_ms)
    return until_ms or 0


def entity_tag(timeline: Timeline) -> str:
    """Return the strong entity tag of the file, quotes included (RFC 9110, section 8.8.3)."""
    facts = [f"{item.span.start_ms}-{item.span.end_ms}-{item.audio.sha256}" for item in timeline.segments]
    return f'"{digest("wav/1", timeline.end_ms, *facts)}"'


def parts(timeline: Timeline, first_byte: int, length_bytes: int) -> Iterator[Part]:
    """Yield what makes up a byte range of the file, in order; the lengths add up to the range.

    Args:
        timeline: What the file holds.
        first_byte: Where the range starts in the file.
        length_bytes: How long it is; what lies behind the end of the file is left out.
    """
    end_byte = min(first_byte + length_bytes, timeline.size_bytes)
    if first_byte < min(HEADER_BYTES, end_byte):
        yield Header(header(timeline)[first_byte:end_byte])
    at = max(first_byte - HEADER_BYTES, 0)  # from here on, bytes count from the first sample
    end = end_byte - HEADER_BYTES
    index = max(0, bisect_right(timeline.segments, at // BYTES_PER_MS, key=lambda item: item.span.start_ms) - 1)
    for segment in timeline.segments[index:]:
        starts, ends = segment.span.start_ms * BYTES_PER_MS, segment.span.end_ms * BYTES_PER_MS
        if starts >= end:
            break
        if at < starts:
            yield Silence(starts - at)
            at = starts
        if at < min(ends, end):
            yield Samples(segment, at - starts, min(ends, end) - at)
            at = min(ends, end)
    if at < end:
        yield Silence(end - at)


def header(timeline: Timeline) -> bytes:
    """Return the file's first `HEADER_BYTES` bytes: mono, 16 bits, PCM."""
    data_bytes = timeline.end_ms * BYTES_PER_MS
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        data_bytes + HEADER_BYTES - 8,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        SAMPLE_RATE_HZ,
        SAMPLE_RATE_HZ * BYTES_PER_SAMPLE,
        BYTES_PER_SAMPLE,
        BYTES_PER_SAMPLE * 8,
        b"data",
        data_bytes,
    )
