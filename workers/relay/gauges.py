"""How far each subscriber is served, as gauges for Prometheus: read from the store whenever somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_subscribers import Subscribers
from floorlog.errors import RetryableError


class RelayGauges(Collector):
    """Gauges over the subscribers.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._subscribers = Subscribers(store)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing: registering must not need the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; none where the store does not answer."""
        of = ["subscriber"]
        behind = GaugeMetricFamily("floorlog_relay_behind_events", "Events that were not taken up yet.", labels=of)
        waiting = GaugeMetricFamily("floorlog_relay_waiting_deliveries", "Deliveries that wait.", labels=of)
        disabled = GaugeMetricFamily("floorlog_relay_disabled", "Whether it is served no more.", labels=of)
        try:
            for each in self._subscribers.all():
                standing = self._subscribers.standing(each.id)
                behind.add_metric([each.id], max(0, standing.last - standing.position))
                waiting.add_metric([each.id], standing.waiting)
                disabled.add_metric([each.id], each.state == "disabled")
        except RetryableError:
            return
        yield behind
        yield waiting
        yield disabled
