"""A long meeting, heard from stored transcripts: how fast the floor is, and whether it gets slower."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

from floorlog import words
from floorlog.announcements import End, Segment
from floorlog.cli.bench.recognition import MEETING
from floorlog.identity import segment_id
from floorlog.services import engines, meetings
from floorlog.services.advance import advance

PARTS = 10


def measure(hours: float) -> dict[str, Any]:
    """Return `core_x_realtime` and `long_meeting_cost_ratio`.

    The transcripts of the meeting that the recogniser was measured with are stored again and again, each time later on
    the clock; only what advances the floor to committed records is timed, on one core, a tenth at a time.
    """
    store = engines.store()
    segments = store.audio(MEETING, "floor", 0, 2**40)
    with store.reading(MEETING) as reader:
        heard = reader.transcripts([segment.id for segment in segments])
    transcripts = [words.encode(heard[segment.id]) for segment in segments]
    length_ms = segments[-1].span.end_ms
    repeats = max(PARTS, round(hours * 3_600_000 / length_ms))
    document = meetings.from_toml({"id": "bench-long", "title": "Bench", "body": "None", "date": "2021-02-24"})
    store.add_meeting(document)
    taken_s: list[float] = []
    cores = os.sched_getaffinity(0)
    for part in range(PARTS):
        for repeat in range(repeats * part // PARTS, repeats * (part + 1) // PARTS):
            for number, (segment, transcript) in enumerate(zip(segments, transcripts, strict=True)):
                moved = _later(segment, repeat * length_ms, repeat * len(segments) + number)
                store.register(moved)
                store.put_transcript(_moved(transcript, repeat * length_ms, moved))
        if part == PARTS - 1:
            last = repeats * len(segments)
            store.register(End("bench-long", "floor", last, repeats * length_ms, last - 1))
        os.sched_setaffinity(0, {min(cores)})
        began = time.perf_counter()
        advance(store, "bench-long")
        taken_s.append(time.perf_counter() - began)
        os.sched_setaffinity(0, cores)
    return {
        "long_meeting_hours": round(repeats * length_ms / 3_600_000, 2),
        "core_x_realtime": round(repeats * length_ms / 1000 / sum(taken_s), 1),
        "long_meeting_cost_ratio": round(taken_s[-1] / taken_s[0], 3),
    }


def _later(segment: Segment, offset_ms: int, sequence: int) -> Segment:
    span = replace(segment.span, start_ms=segment.span.start_ms + offset_ms, end_ms=segment.span.end_ms + offset_ms)
    return replace(
        segment,
        meeting_id="bench-long",
        sequence=sequence,
        span=span,
        utc_start=segment.utc_start + timedelta(milliseconds=offset_ms),
    )


def _moved(transcript: dict[str, Any], offset_ms: int, segment: Segment) -> dict[str, Any]:
    """Return a transcript's document moved on the clock into another meeting."""
    moved = _shifted(transcript, offset_ms)
    start_ms = segment.span.start_ms
    return {**moved, "meeting_id": segment.meeting_id, "segment_id": segment_id("bench-long", "floor", start_ms)}


def _shifted(value: Any, offset_ms: int) -> Any:
    match value:
        case dict():
            return {
                key: item + offset_ms if key in ("start_ms", "end_ms") else _shifted(item, offset_ms)
                for key, item in value.items()
            }
        case list():
            return [_shifted(item, offset_ms) for item in value]
        case _:
            return value
