"""What `floorlog bench` measures. Ratios come from one run side by side, because machines are shared and noisy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from floorlog.config import Settings


def measure(
    settings: Settings, media: Path, *, rounds: int, live: bool, hours: float, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return all figures; see docs/operators.md for what each one means.

    Args:
        settings: of a data folder that holds nothing yet.
        media: a meeting to measure with.
        rounds: how often pipeline and recogniser are timed in turn.
        live: whether to measure latency and memory at real pace.
        hours: length of the long meeting.
        tell: is told what is being done.
    """
    from floorlog.cli.bench import latency, long_meeting, recognition

    found: dict[str, Any] = {}
    tell("pipeline beside recogniser …")
    found |= recognition.measure(settings, media, rounds)
    tell("a long meeting from stored transcripts …")
    found |= long_meeting.measure(hours)
    if live:
        tell("the media at real pace …")
        found |= latency.measure(settings, media)
    return found
