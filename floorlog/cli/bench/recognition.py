"""The pipeline beside the recogniser alone, on the same audio, with the same threads and concurrent calls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from floorlog.adapters import objects
from floorlog.adapters.broker import Outgoing
from floorlog.announcements import Segment, Tick, decode, encode
from floorlog.clock import Span
from floorlog.config import Settings
from floorlog.identity import canonical_json
from floorlog.services import engines, intake, meetings, recognisers
from floorlog.services.recognisers import LoadedRecogniser
from floorlog.services.transcribe import Prepared, hear, prepare
from pipelines.drive import Driver, Driving, plan_of, run_once
from workers import capture
from workers.capture.sending import Sheet

MEETING = "bench"
"""The meeting whose transcripts the other measurements read again."""

TOPIC = "bench"


class _Announced(NamedTuple):
    """A segment, the bytes of its object, and its announcement as published."""

    segment: Segment
    audio: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds of wall time that each part took."""

    pipeline_s: float
    recogniser_s: float
    unsplit_s: float
    voice_s: float

    def __add__(self, other: _Round) -> _Round:
        return _Round(
            self.pipeline_s + other.pipeline_s,
            self.recogniser_s + other.recogniser_s,
            self.unsplit_s + other.unsplit_s,
            self.voice_s + other.voice_s,
        )


def measure(settings: Settings, media: Path, rounds: int) -> dict[str, Any]:
    """Return `pipeline_over_recogniser`, `voice_over_recogniser`, `pieces_over_segments`, and what they come from.

    All parts are timed in turn on each run of at least 16 segments, because the machine's speed drifts:

    - pipeline: a driver takes the run from its backlog, models and Beam warm.
    - recogniser: the pieces of all segments are decoded by the same loaded model and calls as in the pipeline, with as
      many concurrent calls, and nothing else is done.
    - unsplit: the same for segments that are not split.
    - voice: speech, voice windows and splits are computed for all segments, with as many concurrent calls.
    """
    engines.store().migrate()
    results: list[_Round] = []
    announced: list[_Announced] = []
    for number in range(rounds):
        announced = _captured(settings, media, number)
        results.append(_round(settings, announced))
    audio_s = sum(item.segment.span.length_ms for item in announced) / 1000
    return {
        "audio_s": audio_s,
        "segments": len(announced),
        "rounds": rounds,
        "concurrent_calls": settings.concurrent_calls,
        "threads": settings.threads,
        "pipeline_over_recogniser": _median((each.pipeline_s - each.voice_s) / each.recogniser_s for each in results),
        "voice_over_recogniser": _median(each.voice_s / each.recogniser_s for each in results),
        "pieces_over_segments": _median(each.recogniser_s / each.unsplit_s for each in results),
        "recogniser_x_realtime": _median(audio_s / each.recogniser_s for each in results),
    }


def _captured(settings: Settings, media: Path, number: int) -> list[_Announced]:
    """Capture the media as a meeting of this round's own; return its segments."""
    meeting_id, sheet = MEETING if number == 0 else f"{MEETING}-{number}", Sheet()
    document = meetings.from_toml({"id": meeting_id, "title": "Bench", "body": "None", "date": "2021-02-24"})
    engines.store().add_meeting(document)
    capture.read_file(
        media,
        document,
        "floor",
        objects_base=Path(settings.objects_url).as_uri(),
        broker=sheet,
        topic=TOPIC,
        journal_path=settings.data_dir / f"journal-{number}.db",
    )
    found = []
    for payload in sheet.payloads:
        announcement = decode(intake.parse(payload))
        if isinstance(announcement, Segment):
            found.append(_Announced(announcement, objects.get(announcement.audio.uri), payload))
    return found


def _round(settings: Settings, announced: Sequence[_Announced]) -> _Round:
    """Time each part on one batch of segments after the other, so that all parts see the same machine."""
    broker, plan = engines.broker(), plan_of(settings)
    broker.create_topic(TOPIC)
    broker.create_subscription(TOPIC, TOPIC, settings.lease_s)
    loaded = recognisers.recogniser(plan.recogniser)
    driver = Driver(broker, plan, Driving((TOPIC,), 2 * settings.batch))  # a run takes all that is published for it
    hear(prepare(announced[0].segment, announced[0].audio), loaded)  # warms both models
    run_once([canonical_json(encode(Tick())).encode()], plan)  # and Beam
    total = _Round(0.0, 0.0, 0.0, 0.0)
    with ThreadPoolExecutor(settings.concurrent_calls) as pool:
        for batch in _batches(announced, settings.batch):
            total += _times(batch, driver, loaded, pool)
    return total


def _times(batch: Sequence[_Announced], driver: Driver, loaded: LoadedRecogniser, pool: ThreadPoolExecutor) -> _Round:
    def prepared(item: _Announced) -> Prepared:
        return prepare(item.segment, item.audio)

    def heard(item: Prepared) -> object:
        return hear(item, loaded)

    pieces = [prepared(item) for item in batch]
    recogniser_s = _timed(lambda: list(pool.map(heard, pieces)))
    driver.broker.publish_many(TOPIC, [Outgoing(item.payload) for item in batch])
    pipeline_s = _timed(driver.take_some)
    voice_s = _timed(lambda: list(pool.map(prepared, batch)))
    unsplit_s = _timed(lambda: list(pool.map(heard, [_unsplit(item) for item in pieces])))
    return _Round(pipeline_s, recogniser_s, unsplit_s, voice_s)


def _batches(announced: Sequence[_Announced], size: int) -> Iterator[Sequence[_Announced]]:
    """Yield runs of at least `size` segments; the last one takes what is left as well."""
    count = max(1, len(announced) // size)
    for number in range(count):
        yield announced[number * size : (number + 1) * size if number < count - 1 else None]


def _unsplit(item: Prepared) -> Prepared:
    """Return the same segment to be decoded in one piece, where it holds any speech."""
    return replace(item, pieces=(Span(item.pieces[0].start_ms, item.pieces[-1].end_ms),) if item.pieces else ())


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)
