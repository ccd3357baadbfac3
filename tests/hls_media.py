"""Made-up HLS media for tests: AAC in MPEG-TS or fragmented MP4, with any timestamps."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

RATE_HZ = 48_000
FRAME = 1024
"""Samples of an AAC frame; the encoder puts one frame of silence before everything."""


def clicks(length_s: float, every_s: float = 1.0, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """Return clicks on a bed of faint noise, the first one half an interval in: short raised-cosine pulses."""
    rng = np.random.default_rng(7)
    samples = rng.normal(0, 1e-4, round(length_s * rate_hz)).astype(np.float32)
    pulse = np.hanning(2 * (rate_hz // 4000) + 1).astype(np.float32)
    for at_s in np.arange(every_s / 2, length_s - 0.01, every_s):
        middle = round(at_s * rate_hz)
        samples[middle - len(pulse) // 2 : middle + len(pulse) // 2 + 1] += 0.5 * pulse
    return samples


def noise(length_s: float, rate_hz: int = RATE_HZ, seed: int = 1) -> NDArray[np.float32]:
    """Return coloured noise whose loudness comes and goes."""
    rng = np.random.default_rng(seed)
    count = round(length_s * rate_hz)
    loudness = 0.1 * (1 + np.sin(np.arange(count) / rate_hz * 2.1))
    return (rng.normal(0, 0.3, count) * loudness).astype(np.float32)


def packets(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> list[av.Packet[av.AudioStream]]:
    """Return AAC packets of mono audio; without noise substitution, whose noise is the decoder's own."""
    context = av.CodecContext.create("aac", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.format, context.bit_rate = rate_hz, av.AudioFormat("fltp"), 64_000
    context.layout = "mono"
    context.options = {"aac_pns": "0"}
    found: list[av.Packet[av.AudioStream]] = []
    for start in range(0, len(samples), FRAME):
        part = np.ascontiguousarray(samples[None, start : start + FRAME])
        frame = AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, start
        found += context.encode(frame)
    return found + context.encode(None)


def ts_segments(
    samples: NDArray[np.float32],
    frames_each: int,
    first_ticks: int = 900_000,
    rate_hz: int = RATE_HZ,
) -> list[bytes]:
    """Return MPEG-TS media segments of one encoder; the first packet's timestamp is `first_ticks` (90 kHz, 33 bits)."""
    coded = packets(samples, rate_hz)
    segments = []
    for begin in range(0, len(coded), frames_each):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format="mpegts", options={"mpegts_copyts": "1"}) as container:
            stream = container.add_stream("aac", rate=rate_hz, layout="mono")
            stream.time_base = Fraction(1, 90_000)
            for index, packet in enumerate(coded[begin : begin + frames_each], begin):
                copy = av.Packet(bytes(packet))
                ticks = first_ticks + round(index * FRAME * 90_000 / rate_hz)  # the muxer writes 33 bits of it
                copy.pts = copy.dts = ticks
                copy.time_base = stream.time_base
                copy.stream = stream
                container.mux(copy)
        segments.append(buffer.getvalue())
    return segments


def mp4_segments(samples: NDArray[np.float32], segment_s: int, rate_hz: int = RATE_HZ) -> tuple[bytes, list[bytes]]:
    """Return an initialization section and media segments in fragmented MP4, as FFmpeg's HLS muxer makes them."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"hls_segment_type": "fmp4", "hls_time": str(segment_s), "hls_list_size": "0"}
        with av.open(f"{folder}/list.m3u8", "w", format="hls", options=options) as container:
            stream = container.add_stream("aac", rate=rate_hz, layout="mono", options={"aac_pns": "0"})
            for start in range(0, len(samples), FRAME):
                part = np.ascontiguousarray(samples[None, start : start + FRAME])
                frame = AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = rate_hz, start
                for packet in stream.encode(frame):
                    container.mux(packet)
            for packet in stream.encode(None):
                container.mux(packet)
        parts = sorted(Path(folder).glob("*.m4s"), key=lambda path: int("".join(filter(str.isdigit, path.stem))))
        return (Path(folder) / "init.mp4").read_bytes(), [path.read_bytes() for path in parts]
