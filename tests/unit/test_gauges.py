"""Prometheus sees what `floorlog status` tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from floorlog.errors import StoreUnavailable
from workers.gauges import Gauges
from workers.standings import Standing

NOW = datetime(2021, 2, 24, 15, 1, 0, tzinfo=UTC)


def status(**changes: Any) -> dict[str, Any]:
    """Return a status with one running meeting and one that is settled."""
    running: dict[str, Any] = {
        "id": "running",
        "lag_ms": 12_500,
        "settled": False,
        "waiting_since": "2021-02-24T15:00:30.000Z",
    }
    running["gap_ms"] = {"floor": {"stall": 7500, "media-missing": 4000}, "en": {"stall": 250}}
    settled = {"id": "settled", "lag_ms": 0, "settled": True, "waiting_since": None, "gap_ms": {}}
    return {
        "backlog": 3,
        "oldest_published_at": "2021-02-24T15:00:00.000Z",
        "dead_letters": 2,
        "meetings": [running, settled],
        **changes,
    }


def registry(look: Any) -> CollectorRegistry:
    """Return a registry with the gauges over a status."""
    made = CollectorRegistry()
    made.register(Gauges(look, lambda: NOW))
    return made


def test_backlog_lag_and_dead_letters_are_gauges() -> None:
    """Alerts rest on these numbers, in seconds and messages."""
    gauges = registry(status)
    assert gauges.get_sample_value("floorlog_status_up") == 1
    assert gauges.get_sample_value("floorlog_backlog_messages") == 3
    assert gauges.get_sample_value("floorlog_backlog_oldest_seconds") == 60
    assert gauges.get_sample_value("floorlog_dead_letters_open") == 2
    assert gauges.get_sample_value("floorlog_meeting_lag_seconds", {"meeting_id": "running"}) == 12.5
    assert gauges.get_sample_value("floorlog_meeting_held_seconds", {"meeting_id": "running"}) == 30


def test_what_is_missing_is_a_gauge_by_channel_and_cause() -> None:
    """A channel that dies in the middle of a meeting must call somebody while it can still be mended."""
    made = CollectorRegistry()
    standing = Standing("en", "running", 60_000, 6, 1, 2)
    made.register(Gauges(status, lambda: NOW, lambda meeting_id: [standing]))
    of = {"meeting_id": "running", "channel": "floor", "cause": "stall"}
    assert made.get_sample_value("floorlog_meeting_gap_seconds", of) == 7.5
    assert made.get_sample_value("floorlog_meeting_gap_seconds", {**of, "channel": "en"}) == 0.25
    same = {"meeting_id": "running", "channel": "en"}
    assert made.get_sample_value("floorlog_meeting_identical_segments", same) == 2


def test_a_settled_meeting_has_no_gauge() -> None:
    """Each label costs a time series for ever, and there are thousands of meetings."""
    assert registry(status).get_sample_value("floorlog_meeting_lag_seconds", {"meeting_id": "settled"}) is None


def test_a_backlog_that_nobody_can_tell_has_no_gauge() -> None:
    """Pub/Sub itself does not tell its backlog; a zero would look like a pipeline that keeps up."""
    gauges = registry(lambda: status(backlog=None, oldest_published_at=None))
    assert gauges.get_sample_value("floorlog_backlog_messages") is None
    assert gauges.get_sample_value("floorlog_dead_letters_open") == 2


def test_a_store_that_does_not_answer_is_a_number_too() -> None:
    """Metrics must tell of an outage, not share it; registering must not need the store either."""

    def unreachable() -> dict[str, Any]:
        raise StoreUnavailable

    gauges = registry(unreachable)
    assert gauges.get_sample_value("floorlog_status_up") == 0
    assert gauges.get_sample_value("floorlog_dead_letters_open") is None
