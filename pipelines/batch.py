"""The same graph over a file of announcements: bounded, for archived meetings and for replays without a broker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.services import advance, engines
from pipelines.drive import plan_of, run_once

log = structlog.get_logger()


def read(path: Path) -> list[bytes]:
    """Return the payloads of a file, one a line; blank lines are passed over.

    Raises:
        InvalidSetting: the file cannot be read.
    """
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as fault:
        raise InvalidSetting("--announcements", str(path), f"a readable file is expected ({fault})") from fault


def run(settings: Settings, path: Path, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Run the graph over a file of announcements in bounded runs; return how many payloads it held.

    What fails for now is counted as an attempt and stays unheard; run the file again, which costs little for what is
    stored already. `progress` is told after each run how many payloads are done, and of how many.
    """
    payloads = read(path)
    plan = plan_of(settings)
    for start in range(0, len(payloads), settings.batch):
        run_once(payloads[start : start + settings.batch], plan)
        done = min(start + settings.batch, len(payloads))
        progress(done, len(payloads))
        log.info("batch-done", done=done, of=len(payloads))
    advance.tick(engines.store(plan.store))
    return len(payloads)
