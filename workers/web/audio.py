"""The audio of a channel as one WAV file that can be seeked in; only the objects behind a range are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import structlog
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter

from floorlog.announcements import Segment
from floorlog.audio_timeline import BYTES_PER_MS, Header, Samples, Silence, Timeline, parts
from floorlog.errors import CorruptAudio, FloorlogError, UnreadableAudio

DECODED_SEGMENTS = 64
"""Segments kept decoded: at 10 s each about 20 MB, and never more than 51 MB."""

SILENCE_BYTES = 64 * 1024
"""Silence is sent in pieces of this size."""

log = structlog.get_logger()


class AudioReader:
    """Reads ranges of virtual WAV files.

    Args:
        fetch: Gives the bytes of an object by its URI.
        decode: Gives the samples of FLAC bytes, int16 and mono; the URI names them in errors.
        registry: Where faults are counted.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        decode: Callable[[bytes, str], NDArray[np.int16]],
        registry: CollectorRegistry,
    ) -> None:
        self._fetch, self._decode = fetch, decode
        self._samples = lru_cache(maxsize=DECODED_SEGMENTS)(self._read)
        self._faults = Counter(
            "floorlog_web_audio_faults", "Objects that were played as silence.", ("reason",), registry=registry
        )

    def stream(self, timeline: Timeline, first_byte: int, length_bytes: int) -> Iterator[bytes]:
        """Yield the bytes of a range; an object that is missing or corrupt sounds as silence, and is logged."""
        for part in parts(timeline, first_byte, length_bytes):
            match part:
                case Header():
                    yield part.data
                case Silence():
                    yield from _silence(part.length_bytes)
                case Samples():
                    samples = self._samples_or_none(part.segment)
                    if samples is None:
                        yield from _silence(part.length_bytes)
                    else:
                        yield samples[part.first_byte : part.first_byte + part.length_bytes]

    def _samples_or_none(self, segment: Segment) -> bytes | None:
        try:
            return self._samples(segment)
        except FloorlogError as fault:
            self._faults.labels(fault.reason).inc()
            log.warning(
                "audio-played-as-silence",
                meeting_id=segment.meeting_id,
                segment_id=segment.id,
                reason=fault.reason,
                fault=str(fault),
            )
            return None

    def _read(self, segment: Segment) -> bytes:
        data = self._fetch(segment.audio.uri)
        found = hashlib.sha256(data).hexdigest()
        if found != segment.audio.sha256:
            raise CorruptAudio(segment.audio.uri, segment.audio.sha256, found)
        samples = self._decode(data, segment.audio.uri).astype("<i2", copy=False).tobytes()
        if len(samples) != segment.span.length_ms * BYTES_PER_MS:
            raise UnreadableAudio(segment.audio.uri, f"it holds {len(samples) // BYTES_PER_MS} ms")
        return samples


def _silence(length_bytes: int) -> Iterator[bytes]:
    for at in range(0, length_bytes, SILENCE_BYTES):
        yield bytes(min(SILENCE_BYTES, length_bytes - at))
