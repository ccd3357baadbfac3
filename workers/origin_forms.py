"""AAC packets in the forms in which HLS carries them: MPEG-TS, fragmented MP4, packed audio; and encrypted."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import av
from av.packet import Packet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from workers.origin_script import FRAME_SAMPLES, FRAME_TICKS, MEDIA_RATE_HZ, TICKS_PER_S

_TFDT = b"tfdt\x01\x00\x00\x00"
"""What stands before baseMediaDecodeTime, 64 bits (ISO/IEC 14496-12, 8.8.12)."""


def transport_stream(payloads: Sequence[bytes], ticks: int) -> bytes:
    """Mux AAC packets into one MPEG-TS file whose first packet has this timestamp, in 90 kHz ticks."""
    output = io.BytesIO()
    with av.open(output, "w", format="mpegts", options={"mpegts_copyts": "1"}) as container:
        stream = container.add_stream("aac", rate=MEDIA_RATE_HZ, layout="mono")
        for number, payload in enumerate(payloads):
            packet = Packet(payload)
            packet.stream, packet.time_base = stream, Fraction(1, TICKS_PER_S)
            packet.pts = packet.dts = ticks + number * FRAME_TICKS
            packet.duration = FRAME_TICKS
            container.mux(packet)
    return output.getvalue()


@cache
def initialization(edit_list: bool) -> bytes:
    """Return an initialization section of fragmented MP4; an edit list says that the first frame is priming."""
    return _split(_mp4([bytes(8)], edit_list))[0]


def fragment(payloads: Sequence[bytes], ticks: int, edit_list: bool) -> bytes:
    """Mux AAC packets into one movie fragment whose first packet is presented at this time, in 90 kHz ticks.

    An edit list takes one frame from presentation times, so the decode time is one frame later.
    """
    whole = _split(_mp4(payloads, edit_list))[1]
    at = whole.index(_TFDT) + len(_TFDT)
    decode = ticks * MEDIA_RATE_HZ // TICKS_PER_S + (FRAME_SAMPLES if edit_list else 0)
    return whole[:at] + struct.pack(">Q", decode) + whole[at + 8 :]


def _mp4(payloads: Sequence[bytes], edit_list: bool) -> bytes:
    output = io.BytesIO()
    flags = f"{'delay_moov' if edit_list else 'empty_moov'}+default_base_moof+frag_custom+skip_trailer"
    with av.open(output, "w", format="mp4", options={"movflags": flags, "use_editlist": str(int(edit_list))}) as file:
        stream = file.add_stream("aac", rate=MEDIA_RATE_HZ, layout="mono")
        stream.codec_context.open()
        for number, payload in enumerate(payloads):
            packet = Packet(payload)
            packet.stream, packet.time_base = stream, Fraction(1, MEDIA_RATE_HZ)
            packet.pts = packet.dts = (number - edit_list) * FRAME_SAMPLES
            packet.duration = FRAME_SAMPLES
            file.mux(packet)
    return output.getvalue()


def _split(file: bytes) -> tuple[bytes, bytes]:
    at = file.index(b"moof") - 4
    return file[:at], file[at:]


def packed(payloads: Sequence[bytes], ticks: int) -> bytes:
    """Return AAC packets as ADTS behind an ID3 tag with their timestamp (RFC 8216, section 3.4)."""
    owner = b"com.apple.streaming.transportStreamTimestamp\x00"
    private = owner + struct.pack(">Q", ticks % 2**33)
    frame = b"PRIV" + _synchsafe(len(private)) + b"\x00\x00" + private
    tag = b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame
    return tag + b"".join(_adts(len(payload)) + payload for payload in payloads)


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _adts(payload_bytes: int) -> bytes:
    """Return the header of an ADTS frame: AAC-LC, 48 kHz, mono, no checksum (ISO/IEC 13818-7, 6.2)."""
    size = payload_bytes + 7
    return bytes([0xFF, 0xF1, 0x4C, 0x40 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC])


def encrypted(data: bytes, key: bytes, vector: int) -> bytes:
    """Encrypt a media segment whole: AES-128, CBC, PKCS7 (RFC 8216, section 4.3.2.4)."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES128(key), modes.CBC(vector.to_bytes(16, "big"))).encryptor()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
