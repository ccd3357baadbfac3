"""Waveforms: how loud each audio object is, worked out once, kept on disk, and laid out on the meeting clock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from floorlog.announcements import Segment
from floorlog.clock import SAMPLE_RATE_HZ
from floorlog.errors import FloorlogError

FINEST_PER_S = 50
"""Peaks of one second that are kept; coarser ones are made of them."""

PER_S = (1, 2, 5, 10, 25, 50)
"""How many peaks of a second can be asked for."""

WITHIN_S = 1.0
"""How long one answer may decode what nobody has looked at; the rest is worked out when asked again."""

IN_MEMORY = 16_384
"""Objects whose peaks stay in memory: about 8 MB, some fifteen channels of three hours."""

log = structlog.get_logger()

Peaks = NDArray[np.uint8]
"""Shape (n,): the largest magnitude in each fiftieth of a second, 0 to 255."""


class Waveforms:
    """Gives the waveform of a channel.

    Args:
        folder: Where peaks are kept: a file for each audio object, named by its hash.
        fetch: Gives the bytes of an object by its URI.
        decode: Gives the samples of FLAC bytes, int16 and mono; the URI names them in errors.
        now: A clock that only grows, in seconds.
    """

    def __init__(
        self,
        folder: Path,
        fetch: Callable[[str], bytes],
        decode: Callable[[bytes, str], NDArray[np.int16]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._fetch, self._decode, self._now = folder, fetch, decode, now
        self._kept = lru_cache(maxsize=IN_MEMORY)(self._from_disk)

    def of(self, segments: Sequence[Segment], end_ms: int, per_s: int) -> tuple[list[int], bool]:
        """Return the waveform from 0 to a moment, and whether it is complete; what is not known yet is 0.

        Args:
            segments: Those of the channel.
            end_ms: Where it ends on the meeting clock.
            per_s: One of `PER_S`.
        """
        laid = np.zeros(-(-end_ms * per_s // 1000), np.uint8)
        complete, until = True, self._now() + WITHIN_S
        for segment in segments:
            if not segment.span.start_ms < end_ms:
                continue
            found = self._known(segment.audio.sha256)
            if found is None and self._now() < until:
                found = self._work_out(segment)
            if found is None:
                complete = False
                continue
            at_ms = segment.span.start_ms + np.arange(len(found)) * (1000 // FINEST_PER_S)
            place = at_ms * per_s // 1000
            inside = place < len(laid)
            np.maximum.at(laid, place[inside], found[inside])
        return laid.tolist(), complete

    def _known(self, sha256: str) -> Peaks | None:
        try:
            return self._kept(sha256)
        except FileNotFoundError:
            return None

    def _from_disk(self, sha256: str) -> Peaks:
        return np.frombuffer(self._path(sha256).read_bytes(), np.uint8)

    def _work_out(self, segment: Segment) -> Peaks:
        """Return an object's peaks, and keep them; one that cannot be read is silent, and tried again next time."""
        try:
            samples = self._decode(self._fetch(segment.audio.uri), segment.audio.uri)
        except FloorlogError as fault:
            log.warning("waveform-without-audio", meeting_id=segment.meeting_id, reason=fault.reason, fault=str(fault))
            return np.zeros(0, np.uint8)
        found = peaks_of(samples)
        path = self._path(segment.audio.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as aside:
            aside.write(found.tobytes())
        Path(aside.name).replace(path)
        return found

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.peaks"


def peaks_of(samples: NDArray[np.int16]) -> Peaks:
    """Return the largest magnitude of each fiftieth of a second; the last may be shorter.

    Args:
        samples: Shape (n,), mono, 16 kHz.
    """
    step = SAMPLE_RATE_HZ // FINEST_PER_S
    loud = np.abs(samples.astype(np.int32))
    loud = np.pad(loud, (0, -len(loud) % step))
    found: Peaks = np.minimum(loud.reshape(-1, step).max(axis=1, initial=0) >> 7, 255).astype(np.uint8)
    return found
