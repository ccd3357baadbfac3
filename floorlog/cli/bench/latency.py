"""A meeting at real pace through every process: how long a word takes to the store, and what each process holds."""

from __future__ import annotations

import bisect
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from floorlog.config import Settings
from floorlog.services import engines, intake, meetings, status
from workers.everything import PAGES, PIPELINE, free_port
from workers.supervise import Part, Supervisor

MEETING = "bench-live"


def measure(settings: Settings, media: Path, pace: float = 1.0) -> dict[str, Any]:
    """Return `live_latency_s` and `memory_mb`.

    Latency is that of each word: from the moment at which the origin lists the media segment that holds the word's
    end, to the moment at which the word's transcript is committed (the database's clock, the same machine). Capture
    starts at the newest media segment. Memory is the largest resident set that was seen of each process.
    """
    store = engines.store()
    store.migrate()
    intake.prepare(engines.broker(), settings)
    start_at = datetime.now(UTC).replace(microsecond=0)
    store.add_meeting(
        meetings.from_toml({"id": MEETING, "title": "Bench", "body": "None", "date": f"{start_at:%Y-%m-%d}"})
    )
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    environment = {**settings.environment(), "FLOORLOG_PORT": str(free_port())}
    served = Part(
        "origin",
        (
            "origin",
            str(media),
            f"--port={port}",
            f"--pace={pace}",
            f"--start-at={start_at.isoformat()}",
            "--keep-all",
        ),
    )
    follows = Part("capture", ("capture", MEETING, f"{origin}/master.m3u8", "--start=newest"), finishes=True)
    stop = threading.Event()
    supervisor = Supervisor((PAGES, served, PIPELINE, follows), environment)
    watcher = threading.Thread(target=supervisor.run, args=(stop,))
    watcher.start()
    largest: dict[str, int] = {}
    try:
        while not status.of_meeting(store, MEETING).settled:
            _weigh(supervisor, largest)
            time.sleep(2.0)
        listed = httpx.get(f"{origin}/listed.json", timeout=30).json()
    finally:
        stop.set()
        watcher.join()
    latencies = sorted(_latencies(start_at, listed))
    return {
        "live_latency_s": {
            "p50": round(statistics.median(latencies), 2),
            "p95": round(latencies[int(len(latencies) * 0.95)], 2),
            "max": round(latencies[-1], 2),
            "words": len(latencies),
        },
        "memory_mb": {name: round(size / 2**20) for name, size in sorted(largest.items())},
    }


def _latencies(start_at: datetime, listed: list[dict[str, Any]]) -> list[float]:
    """Return, for each word, the seconds from its media segment's listing to its commit."""
    store = engines.store()
    ends_s = [entry["end_s"] for entry in listed]
    found = []
    for segment, stored_at, transcript in store.commits(MEETING, "floor"):
        for word in (word for piece in transcript["pieces"] for word in piece["words"]):
            at = segment.utc_start + timedelta(milliseconds=word["span"]["end_ms"] - segment.span.start_ms)
            entry = listed[min(bisect.bisect_left(ends_s, (at - start_at).total_seconds()), len(listed) - 1)]
            found.append(stored_at.timestamp() - entry["listed_at"])
    return found


def _weigh(supervisor: Supervisor, largest: dict[str, int]) -> None:
    for name, process in list(supervisor.running.items()):
        try:
            size = psutil.Process(process.pid).memory_info().rss
        except psutil.NoSuchProcess:
            continue
        largest[name] = max(largest.get(name, 0), size)
