"""The pipeline beside the recogniser alone, on the same audio, with the same threads and concurrent calls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from floorlog.adapters import objects
from floorlog.announcements import Segment, decode
from floorlog.clock import Span
from floorlog.config import Settings
from floorlog.services import engines, intake, meetings, recognisers
from floorlog.services.transcribe import Prepared, hear, prepare
from pipelines.drive import Driver, Driving, plan_of
from workers import capture

MEETING = "bench"
"""The meeting whose transcripts the other measurements read again."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds of wall time that one round took for each part."""

    pipeline_s: float
    recogniser_s: float
    unsplit_s: float
    voice_s: float


def measure(settings: Settings, media: Path, rounds: int) -> dict[str, Any]:
    """Return `pipeline_over_recogniser`, `voice_over_recogniser`, `pieces_over_segments`, and what they come from.

    - pipeline: a driver takes the whole meeting as a backlog, in runs of at least 16 segments, models warm.
    - recogniser: the pieces of all segments are decoded by the same loaded model and calls as in the pipeline, with as
      many concurrent calls, and nothing else is done.
    - unsplit: the same for segments that are not split.
    - voice: speech, voice windows and splits are computed for all segments, with as many concurrent calls.
    """
    engines.store().migrate()
    results: list[_Round] = []
    segments: list[tuple[Segment, bytes]] = []
    for number in range(rounds):
        segments = _captured(settings, media, number)
        results.append(_round(settings, segments, number))
    audio_s = sum(segment.span.length_ms for segment, _ in segments) / 1000
    return {
        "audio_s": audio_s,
        "segments": len(segments),
        "rounds": rounds,
        "concurrent_calls": settings.concurrent_calls,
        "threads": settings.threads,
        "pipeline_over_recogniser": _median((each.pipeline_s - each.voice_s) / each.recogniser_s for each in results),
        "voice_over_recogniser": _median(each.voice_s / each.recogniser_s for each in results),
        "pieces_over_segments": _median(each.recogniser_s / each.unsplit_s for each in results),
        "recogniser_x_realtime": _median(audio_s / each.recogniser_s for each in results),
    }


def _captured(settings: Settings, media: Path, number: int) -> list[tuple[Segment, bytes]]:
    """Capture the media as a meeting of this round's own; return its segments with their audio."""
    store, broker = engines.store(), engines.broker()
    meeting_id = MEETING if number == 0 else f"{MEETING}-{number}"
    broker.create_topic(_topic(number))
    broker.create_subscription(_topic(number), _topic(number), settings.lease_s)
    document = meetings.from_toml({"id": meeting_id, "title": "Bench", "body": "None", "date": "2021-02-24"})
    store.add_meeting(document)
    capture.read_file(
        media,
        document,
        "floor",
        objects_base=Path(settings.objects_url).as_uri(),
        broker=broker,
        topic=_topic(number),
        journal_path=settings.data_dir / f"journal-{number}.db",
    )
    # A second subscription cannot see what was published before it, so the messages are looked at and given back.
    messages = []
    while batch := broker.pull(_topic(number), 100, 0.0):
        messages += batch
    broker.release(_topic(number), [message.lease_id for message in messages])
    announced = [decode(intake.parse(message.data)) for message in messages]
    return [(item, objects.get(item.audio.uri)) for item in announced if isinstance(item, Segment)]


def _round(settings: Settings, segments: list[tuple[Segment, bytes]], number: int) -> _Round:
    plan = plan_of(settings)
    loaded = recognisers.recogniser(plan.recogniser)
    driving = Driving((_topic(number),), settings.batch, concurrent_calls=settings.concurrent_calls)
    driver = Driver(engines.broker(), plan, driving)

    def drain() -> None:
        while driver.take_some():
            pass

    with ThreadPoolExecutor(settings.concurrent_calls) as pool:

        def all_of(work: Callable[[Item], object], items: Iterable[Item]) -> Callable[[], object]:
            return lambda: list(pool.map(work, items))

        def heard(item: Prepared) -> object:
            return hear(item, loaded)

        prepared = list(pool.map(lambda item: prepare(*item), segments))  # warms the voice model
        heard(prepared[0])  # warms the recogniser
        recogniser_s = _timed(all_of(heard, prepared))
        pipeline_s = _timed(drain)
        voice_s = _timed(all_of(lambda item: prepare(*item), segments))
        unsplit_s = _timed(all_of(heard, [_unsplit(item) for item in prepared]))
    return _Round(pipeline_s, recogniser_s, unsplit_s, voice_s)


def _topic(number: int) -> str:
    return f"bench-{number}"


def _unsplit(item: Prepared) -> Prepared:
    """Return the same segment to be decoded in one piece, where it holds any speech."""
    return replace(item, pieces=(Span(item.pieces[0].start_ms, item.pieces[-1].end_ms),) if item.pieces else ())


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)
