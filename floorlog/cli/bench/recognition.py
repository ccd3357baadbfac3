"""The pipeline beside the recogniser alone, on the same audio, with the same threads and concurrent calls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floorlog.adapters import objects
from floorlog.announcements import Segment, decode
from floorlog.config import Settings
from floorlog.services import engines, intake, meetings, recognisers
from floorlog.services.recognisers import LoadedRecogniser
from floorlog.services.transcribe import Prepared, hear, prepare
from pipelines.drive import Driver, Driving, plan_of
from workers import capture

MEETING = "bench"
"""The meeting whose transcripts the other measurements read again."""


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds of wall time that one round took for each part."""

    pipeline: float
    recogniser: float
    unsplit: float
    voice: float


def measure(settings: Settings, media: Path, rounds: int) -> dict[str, Any]:
    """Return `pipeline_over_recogniser`, `voice_over_recogniser` and `pieces_over_segments`, and what they come from.

    - pipeline: a driver takes the whole meeting as a backlog, in runs of at least 16 segments, model warm.
    - recogniser: the pieces of all segments are decoded by the same loaded model and calls as in the pipeline, with as
      many concurrent calls, and nothing else is done.
    - unsplit: the same for segments that are not split.
    - voice: speech, voice windows and splits are computed for all segments, with as many concurrent calls.
    """
    store, broker = engines.store(), engines.broker()
    store.migrate()
    plan = plan_of(settings)
    loaded = recognisers.recogniser(plan.recogniser)
    rows: list[_Times] = []
    segments: list[tuple[Segment, bytes]] = []
    for number in range(rounds):
        meeting_id = MEETING if number == 0 else f"{MEETING}-{number}"
        topic, subscription = f"bench-{number}", f"bench-pipeline-{number}"
        broker.create_topic(topic)
        broker.create_subscription(subscription, topic, settings.lease_s)
        document = meetings.from_toml({"id": meeting_id, "title": "Bench", "body": "None", "date": "2021-02-24"})
        store.add_meeting(document)
        capture.read_file(
            media,
            document,
            "floor",
            objects_base=settings.objects_url,
            broker=broker,
            topic=topic,
            journal_path=settings.data_dir / f"journal-{number}",
        )
        segments = _segments(meeting_id)
        with ThreadPoolExecutor(settings.concurrent_calls) as pool:
            each = _in(pool)
            prepared = list(pool.map(lambda item: prepare(*item), segments))  # warms the voice model
            hear(prepared[0], loaded)  # warms the recogniser
            recogniser_s = _timed(lambda: each(lambda item: hear(item, loaded), prepared))
            driver = Driver(
                broker, plan, Driving(subscription, settings.batch, concurrent_calls=settings.concurrent_calls)
            )
            pipeline_s = _timed(lambda: _drain(driver, len(segments) + 1))
            voice_s = _timed(lambda: each(lambda item: prepare(*item), segments))
            unsplit_s = _timed(lambda: each(lambda item: hear(item.unsplit(), loaded), prepared))
        rows.append(_Times(pipeline_s, recogniser_s, unsplit_s, voice_s))
    return {
        "audio_s": sum(segment.span.length_ms for segment, _ in segments) / 1000,
        "segments": len(segments),
        "concurrent_calls": settings.concurrent_calls,
        "threads": settings.threads,
        "pipeline_over_recogniser": _median((row.pipeline - row.voice) / row.recogniser for row in rows),
        "voice_over_recogniser": _median(row.voice / row.recogniser for row in rows),
        "pieces_over_segments": _median(row.recogniser / row.unsplit for row in rows),
        "recogniser_x_realtime": _median(
            sum(segment.span.length_ms for segment, _ in segments) / 1000 / row.recogniser for row in rows
        ),
    }
