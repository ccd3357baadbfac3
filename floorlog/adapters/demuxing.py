"""HLS media segments, through PyAV: bytes in, packets with their times out; and whether bytes are one at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av

from floorlog.errors import UnreadableAudio

MOST_PACKETS = 100_000
"""More packets are not believed: half an hour of AAC. A file of 64 MB could hold a week of silence."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Packets of a media segment's audio: presentation time in ticks, and data."""

    codec: str
    extradata: bytes | None
    wraps: bool
    tick_s: Fraction
    packets: tuple[tuple[int, bytes], ...]


def looks_like_media(data: bytes) -> bool:
    """Return whether bytes begin as MPEG-TS, fragmented MP4, ADTS, MP3 or ID3 do. An error page does not."""
    if data[:1] == b"\x47":
        return all(byte == 0x47 for byte in data[: 3 * TS_PACKET_BYTES : TS_PACKET_BYTES])
    return data[4:8] in BOXES or data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0)


TS_PACKET_BYTES = 188
"""Length of a packet of MPEG-TS (ISO/IEC 13818-1)."""

BOXES = (b"ftyp", b"styp", b"moof", b"sidx", b"emsg", b"prft", b"moov", b"free")
"""Names of boxes with which files of fragmented MP4 begin (ISO/IEC 14496-12; CMAF, ISO/IEC 23000-19)."""


def demux(data: bytes, uri: str) -> Track:
    """Return the packets of a media segment's audio; of one that is cut short, those before that.

    Args:
        data: a media segment, after its initialization section if it has one.
        uri: names it in errors.

    Raises:
        UnreadableAudio: it holds no audio, or more than is believed.
    """
    packets: list[tuple[int, bytes]] = []
    try:
        # By name: a guess might find a playlist in it, and FFmpeg would go and read what that names.
        with av.open(io.BytesIO(data), mode="r", format=_form(data)) as container:
            if not container.streams.audio:
                raise UnreadableAudio(uri, "it holds no audio")
            stream = container.streams.audio[0]
            codec, extradata = stream.codec.name, stream.codec_context.extradata
            wraps, tick_s = container.format.name == "mpegts", stream.time_base
            if tick_s is None:
                raise UnreadableAudio(uri, "it has no time")
            try:
                for packet in container.demux(stream):
                    if packet.size and packet.pts is not None:
                        # Bytes alone: side data would make the decoder drop what an edit list names.
                        packets.append((packet.pts, bytes(packet)))
                    if len(packets) > MOST_PACKETS:
                        raise UnreadableAudio(uri, f"it holds more than {MOST_PACKETS} packets")
            except av.FFmpegError:
                pass  # cut short: what came before is whole
    except (av.FFmpegError, ValueError) as error:
        raise UnreadableAudio(uri, str(error)) from error
    return Track(codec, extradata, wraps, tick_s, tuple(packets))


def _form(data: bytes) -> str:
    """Return FFmpeg's name of the form that `looks_like_media` saw."""
    if data[:1] == b"\x47":
        return "mpegts"
    if data[4:8] in BOXES:
        return "mp4"
    body = behind_id3(data)
    # Of a frame's head, two bits tell the layer: 0 in ADTS (ISO/IEC 13818-7), never 0 in MPEG audio (11172-3).
    return "mp3" if len(body) > 1 and body[1] & 0x06 else "aac"


def behind_id3(data: bytes) -> bytes:
    """Return what stands behind the ID3 tags with which packed audio begins."""
    while data[:3] == b"ID3" and len(data) > 10:  # sizes have 7 bits a byte (ID3v2.4, section 6.2)
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        data = data[10 + size :]
    return data
