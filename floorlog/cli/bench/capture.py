"""Several channels captured at once by one process on one core, against clicks that are mixed into their speech."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.adapters import flac, logs, objects
from floorlog.clock import SAMPLE_RATE_HZ, parse_rfc3339
from workers import capture
from workers.capture.sending import Sheet
from workers.origin_media import encode_samples, samples_of
from workers.origin_playlist import LivePlaylist
from workers.origin_script import FRAME_SAMPLES, MEDIA_RATE_HZ, Take, segments_of
from workers.origin_segments import Rendition
from workers.origin_server import Origin
from workers.origin_tracks import Encoded, rendition
from workers.sources import PlainSource

NAMES = ("floor", "en", "fr", "es", "ar", "zh", "ru")
START = datetime(2021, 2, 24, 15, tzinfo=UTC)
CLICK_HZ, CLICK_S = 7000.0, 0.02
"""Above most of speech, and below half of the 16 kHz at which it is captured."""

SEARCH_S = 0.25
"""How far around its place a click is looked for."""

MEETING: dict[str, Any] = {
    "id": "bench-capture",
    "channels": [{"name": name, "language": None if name == "floor" else name} for name in NAMES],
    "cutting": {"min_ms": 4000, "aim_ms": 10_000, "max_ms": 25_000},
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What the capturing process reports: announcements, seconds on the wall and of CPU, and its largest memory."""

    documents: tuple[bytes, ...]
    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(folder: Path, media: Path, channels: int, *, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return `x_realtime`, `clock_error_ms_max` and what they rest on; see docs/measurements.md.

    Everything is published already, so capture alone sets the pace. Each channel plays the media from another place.

    Args:
        folder: for objects and journals.
        media: a meeting.
        channels: how many are captured at once.
        tell: is told what is being done.
    """
    names = NAMES[:channels]
    tell("encoding the channels …")
    speech = samples_of(media)
    speech = speech[: len(speech) // FRAME_SAMPLES * FRAME_SAMPLES]
    renditions = [_rendition(name, np.roll(speech, len(speech) * n // channels)) for n, name in enumerate(names)]
    tell("capturing …")
    with Origin(renditions, pace=1e6, started_at_unix=time.time() - 1.0) as origin:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_record, args=(origin.url, names, folder, theirs))
        process.start()
        theirs.close()
        try:
            taken: Taken = ours.recv()
        finally:
            process.join()
    length_s = len(speech) / MEDIA_RATE_HZ
    errors = [error for name in names for error in _clock_errors_ms(name, length_s, taken.documents)]
    return {
        "channels": channels,
        "audio_s": round(channels * length_s, 1),
        "wall_s": round(taken.wall_s, 2),
        "cpu_s": round(taken.cpu_s, 2),
        "x_realtime": round(length_s / taken.wall_s, 1),
        "cpu_x_realtime": round(length_s / taken.cpu_s, 1),
        "clicks": len(errors),
        "clock_error_ms_max": round(max(map(abs, errors)), 3),
        "segments": sum(json.loads(data)["kind"] == "segment" for data in taken.documents),
        "peak_memory_mb": round(taken.peak_mb),
    }


def _record(url: str, names: Sequence[str], folder: Path, answer: Any) -> None:
    """Capture on one core: what the other process does."""
    logs.configure("error")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sheet = Sheet()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    capture.follow_all(
        PlainSource(url),
        MEETING,
        {name: folder / f"{name}.db" for name in names},
        objects_base=(folder / "objects").as_uri(),
        broker=sheet,
        topic="bench",
        pace=1000.0,
    )
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.send(Taken(tuple(sheet.payloads), wall_s, cpu_s, peak_mb))


def _rendition(name: str, speech: NDArray[np.float32]) -> Rendition:
    sound = 0.6 * speech
    click = np.real(_click(MEDIA_RATE_HZ)).astype(np.float32)
    for at_s in _places_s(name, len(sound) / MEDIA_RATE_HZ):
        start = round(at_s * MEDIA_RATE_HZ) - len(click) // 2
        sound[start : start + len(click)] += 0.4 * click
    key = f"s{100 + NAMES.index(name)}"
    segments = segments_of([Take(len(sound) / MEDIA_RATE_HZ, first_pts_s=1000.0 + NAMES.index(name))], key)
    playlist = LivePlaylist(segments, START, keep_all=True, key=key)
    made = rendition(name, "ia" if name == "floor" else name, Encoded(encode_samples(sound)), playlist)
    for index in range(len(segments)):
        made.data(index)  # kept from now on: making it is no work of capture's
    return made


def _places_s(name: str, length_s: float) -> Iterator[float]:
    """Yield where a channel's clicks are: about one a second, each channel's at its own moments."""
    chance, at_s = random.Random(name), 1.0
    while at_s < length_s - 1.0:
        yield at_s
        at_s += chance.uniform(0.7, 1.3)


def _click(rate_hz: int) -> NDArray[np.complex64]:
    count = round(CLICK_S * rate_hz) | 1
    at_s = (np.arange(count) - count // 2) / rate_hz
    return np.asarray(np.hanning(count) * np.exp(2j * np.pi * CLICK_HZ * at_s), dtype=np.complex64)


def _clock_errors_ms(name: str, length_s: float, documents: Sequence[bytes]) -> Iterator[float]:
    """Yield how far each click lies from its moment of the wall clock, by a matched filter."""
    sound = np.zeros(round((length_s + 2) * SAMPLE_RATE_HZ), dtype=np.float32)
    for each in map(json.loads, documents):
        if each["kind"] == "segment" and each["channel"] == name:
            part = flac.decode(objects.get(each["audio"]["uri"]), each["audio"]["uri"])
            start = round((parse_rfc3339(each["utc_start"]) - START) / timedelta(seconds=1) * SAMPLE_RATE_HZ)
            sound[start : start + len(part)] = part / np.float32(32768)
    click, reach = _click(SAMPLE_RATE_HZ), round(SEARCH_S * SAMPLE_RATE_HZ)
    half = len(click) // 2
    for at_s in _places_s(name, length_s):
        middle = round(at_s * SAMPLE_RATE_HZ)
        around = sound[middle - reach - half : middle + reach + half + 1]
        found = np.abs(np.convolve(around, np.conj(click[::-1]), mode="valid"))
        yield (int(np.argmax(found)) + middle - reach - at_s * SAMPLE_RATE_HZ) * 1000 / SAMPLE_RATE_HZ
