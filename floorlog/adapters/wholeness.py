"""Whether a media segment was cut short: its own form tells how long it should be. No decoding, no guess.

A server or a cache that was interrupted may answer half a segment as if it were all of it, with the right status and
length. Only what is surely missing counts: what stands behind the last part that is understood does not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from floorlog.adapters.demuxing import BOXES, TS_PACKET_BYTES, behind_id3

_PES_HEAD_BYTES = 6
"""Start code, stream and length of a PES packet, which the length does not count (ISO/IEC 13818-1, 2.4.3.6)."""


def missing(data: bytes) -> str | None:
    """Return what shows that the end of a media segment is missing; None if nothing does.

    Args:
        data: in the clear, and of a form that is known (`demuxing.looks_like_media`).
    """
    if data[:1] == b"\x47":
        return _of_transport_stream(data)
    if data[4:8] in BOXES:
        return _of_boxes(data)
    return _of_frames(behind_id3(data))


def _of_transport_stream(data: bytes) -> str | None:
    """Look at the length of all, and of the last PES packet of audio."""
    if len(data) % TS_PACKET_BYTES:
        return f"{len(data)} bytes are no whole packets of MPEG-TS"
    behind: dict[int, int] = {}
    for at in range(len(data) - TS_PACKET_BYTES, -1, -TS_PACKET_BYTES):
        pid, flags = int.from_bytes(data[at + 1 : at + 3]) & 0x1FFF, data[at + 3]
        first = 4 + (1 + data[at + 4] if flags & 0x20 else 0)
        if not flags & 0x10 or first >= TS_PACKET_BYTES:
            continue  # no payload
        behind[pid] = behind.get(pid, 0) + TS_PACKET_BYTES - first
        start = data[at + first : at + min(first + _PES_HEAD_BYTES, TS_PACKET_BYTES)]
        if not data[at + 1] & 0x40:
            continue
        if len(start) == _PES_HEAD_BYTES and start[:3] == b"\0\0\1" and (start[3] & 0xE0 == 0xC0 or start[3] == 0xBD):
            length = int.from_bytes(start[4:])
            short = length and behind[pid] < length + _PES_HEAD_BYTES
            return f"the last packet of audio has {behind[pid]} of {length} bytes" if short else None
        behind[pid] = 0
    return None


def _of_boxes(data: bytes) -> str | None:
    """Look at the length of each box, and whether the samples of each fragment are in a box of media data."""
    boxes = list(_boxes(data, 0, len(data)))
    short = next(((name, end) for name, _, _, end in boxes if end > len(data)), None)
    if short is not None:
        return f"box {short[0].decode('latin-1')} ends at {short[1]} of {len(data)} bytes"
    media = [(start, end) for name, _, start, end in boxes if name == b"mdat"]
    for name, at, start, end in boxes:
        if name == b"moof":
            for first, last in _samples(data, at, start, end):
                if first < last and not any(a <= first and last <= b for a, b in media):
                    return f"samples lie at {first} to {last}, where there is no media data"
    return None


def _boxes(data: bytes, at: int, stop: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield each box's name, where it starts, where its body does, and where it ends (ISO/IEC 14496-12, 4.2)."""
    while at + 8 <= stop:
        size, start = int.from_bytes(data[at : at + 4]), at + 8
        if size == 1 and at + 16 <= stop:
            size, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        elif size == 0:
            size = stop - at
        if at + size < start:
            return  # no box
        yield data[at + 4 : at + 8], at, start, at + size
        at += size


def _samples(data: bytes, moof: int, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield where the samples of a movie fragment's runs lie; those that a movie's defaults tell of are not known."""
    for name, _, first, last in _boxes(data, start, stop):
        if name != b"traf":
            continue
        known, each = False, 0
        at = moof
        for inner, _, begin, end in _boxes(data, first, last):
            body = data[begin : min(end, last)]
            try:
                if inner == b"tfhd":
                    known, each = _head(body)
                elif inner == b"trun" and known:
                    offset, length = _run(body, each)
                    at = at if offset is None else moof + offset
                    yield at, at + length
                    at += length
            except struct.error:
                return


def _head(body: bytes) -> tuple[bool, int]:
    """Return whether a track fragment counts from its moof box, and its samples' usual size (14496-12, 8.8.7)."""
    flags = int.from_bytes(body[1:4])
    at = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2) + 4 * bool(flags & 0x8)
    each = struct.unpack_from(">I", body, at)[0] if flags & 0x10 else 0
    return not flags & 0x1, each


def _run(body: bytes, each: int) -> tuple[int | None, int]:
    """Return a run's offset, if it has one, and how long its samples are together, in bytes (14496-12, 8.8.8)."""
    flags, count = int.from_bytes(body[1:4]), struct.unpack_from(">I", body, 4)[0]
    at = 8
    offset: int | None = None
    if flags & 0x1:
        offset, at = struct.unpack_from(">i", body, at)[0], at + 4
    at += 4 * bool(flags & 0x4)
    if not flags & 0x200:
        return offset, count * each
    fields = [bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800)]
    width = 4 * sum(fields)
    if at + count * width > len(body):
        raise struct.error("the run is longer than its box")
    sizes = at + 4 * fields[0]
    return offset, sum(struct.unpack_from(">I", body, sizes + n * width)[0] for n in range(count))


def _of_frames(body: bytes) -> str | None:
    """Look at the length of each frame of ADTS (ISO/IEC 13818-7, 6.2)."""
    at = 0
    while at + 7 <= len(body) and body[at] == 0xFF and body[at + 1] & 0xF6 == 0xF0:
        size = (body[at + 3] & 3) << 11 | body[at + 4] << 3 | body[at + 5] >> 5
        if size < 7:
            return None
        if at + size > len(body):
            return f"the last frame has {len(body) - at} of {size} bytes"
        at += size
    return "the last frame's head is cut off" if at and 0 < len(body) - at < 7 and body[at] == 0xFF else None
