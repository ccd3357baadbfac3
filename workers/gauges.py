"""What `floorlog status` tells, as gauges for Prometheus: read from store and broker whenever somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from floorlog.clock import parse_rfc3339
from floorlog.errors import RetryableError
from workers.standings import Standing


class Gauges(Collector):
    """Gauges over the status of everything.

    Args:
        look: gives the status, as `floorlog.services.status.of_everything` does.
        now: gives the wall clock's time.
        captures: gives how a meeting's captures on this machine stand.
    """

    def __init__(
        self,
        look: Callable[[], dict[str, Any]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        captures: Callable[[str], Sequence[Standing]] = lambda meeting_id: (),
    ) -> None:
        self._look = look
        self._now = now
        self._captures = captures

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing: registering must not need the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; only `floorlog_status_up` where store or broker do not answer."""
        try:
            status = self._look()
        except RetryableError:
            yield GaugeMetricFamily("floorlog_status_up", "Whether store and broker answer.", 0)
            return
        yield GaugeMetricFamily("floorlog_status_up", "Whether store and broker answer.", 1)
        if status["backlog"] is not None:
            yield GaugeMetricFamily("floorlog_backlog_messages", "Announcements that wait.", status["backlog"])
            oldest = self._seconds_since(status["oldest_published_at"])
            yield GaugeMetricFamily("floorlog_backlog_oldest_seconds", "Age of the oldest one that waits.", oldest)
        dead = status["dead_letters"]
        yield GaugeMetricFamily("floorlog_dead_letters_open", "Dead letters that nobody dealt with.", dead)
        running = [meeting for meeting in status["meetings"] if not meeting["settled"]]
        lag = GaugeMetricFamily("floorlog_meeting_lag_seconds", "Audio announced and not heard.", labels=["meeting_id"])
        held = GaugeMetricFamily("floorlog_meeting_held_seconds", "How long it waits already.", labels=["meeting_id"])
        gap_labels, channel_labels = ["meeting_id", "channel", "cause"], ["meeting_id", "channel"]
        gaps = GaugeMetricFamily("floorlog_meeting_gap_seconds", "Audio that is missing.", labels=gap_labels)
        same = GaugeMetricFamily(
            "floorlog_meeting_identical_segments", "Media segments as on another channel.", labels=channel_labels
        )
        for meeting in running:
            for channel, causes in meeting["gap_ms"].items():
                for cause, ms in causes.items():
                    gaps.add_metric([meeting["id"], channel, cause], ms / 1000)
            for capture in self._captures(meeting["id"]):
                same.add_metric([meeting["id"], capture.channel], capture.identical)
            lag.add_metric([meeting["id"]], meeting["lag_ms"] / 1000)
            held.add_metric([meeting["id"]], self._seconds_since(meeting["waiting_since"]))
        yield lag
        yield held
        yield gaps
        yield same

    def _seconds_since(self, moment: str | None) -> float:
        return 0.0 if moment is None else (self._now() - parse_rfc3339(moment)).total_seconds()
