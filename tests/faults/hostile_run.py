"""Captures everything hostile at once, beside a good meeting, in one process; prints what came of it as JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from floorlog.errors import FloorlogError
from tests.faults import stage
from tests.faults.stage import MEETING, Kept, heard
from workers import capture
from workers.origin_hostile import CROWDED, LISTS, PLAYLISTS, SERVED, serve
from workers.origin_script import Take
from workers.sources import PlainSource

PATIENCE_S, REQUEST_S, PACE = 3.0, 4.0, 40.0


def follow(url: str, folder: Path, stop: threading.Event) -> dict[str, Any]:
    kept, began_s = Kept(), time.monotonic()
    found: dict[str, Any] = {}
    try:
        capture.follow(
            PlainSource(url),
            MEETING,
            "floor",
            journal_path=folder / "floor.db",
            objects_base="memory://objects",
            broker=kept,
            topic="audio-segments",
            put=kept.put,
            listen=heard,
            stop=stop,
            pace=PACE,
            patience_s=PATIENCE_S,
            request_s=REQUEST_S,
        )
    except FloorlogError as fault:
        found = {"reason": fault.reason, "message": str(fault)}
    except BaseException as bug:  # noqa: BLE001 - what is no FloorlogError is reported, and fails the test
        found = {"bug": repr(bug)}
    documents = [json.loads(data) for data in kept.documents]
    return {
        **found,
        "seconds": time.monotonic() - began_s,
        "kinds": [each["kind"] for each in documents],
        "causes": [each["cause"] for each in documents if each["kind"] == "gap"],
        "stopped": stop.is_set(),
    }


def main() -> None:
    def good(folder: Path) -> dict[str, Any]:
        played = stage.play({"floor": stage.stream("floor", (Take(72.0, segment_s=4.0),))}, folder, pace=6.0)["floor"]
        error_ms = stage.check(played, stage.zero_s(played.kept))
        return {"lost": sorted(played.listed - played.given), "error_ms": error_ms}

    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    names = sys.argv[2:] or [*PLAYLISTS, *LISTS, *SERVED, CROWDED]
    stop = threading.Event()
    timer = threading.Timer(float(sys.argv[1]), stop.set)
    timer.start()
    with tempfile.TemporaryDirectory() as folder, serve() as origin, ThreadPoolExecutor(len(names) + 1) as pool:

        def job(name: str) -> Callable[[], dict[str, Any]]:
            own = Path(folder, str(names.index(name)))
            own.mkdir()
            return lambda: follow(f"{origin.address}/in/{quote(name)}.m3u8", own, stop)

        beside = Path(folder, "good")
        beside.mkdir()
        meeting = pool.submit(good, beside)
        jobs = {name: pool.submit(job(name)) for name in names}
        found: dict[str, Any] = {name: future.result() for name, future in jobs.items()}
        found["good"] = meeting.result()
    timer.cancel()
    after_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"found": found, "before_mb": before_kb / 1024, "peak_mb": after_kb / 1024}))


if __name__ == "__main__":
    main()
