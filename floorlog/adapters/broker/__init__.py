"""Brokers: Google Pub/Sub, and an embedded one for a machine with nothing else installed."""

from __future__ import annotations

from pathlib import Path

from floorlog.adapters.broker.interface import MAX_MESSAGE_BYTES, Backlog, Broker, Message, Outgoing
from floorlog.errors import InvalidSetting

__all__ = ["MAX_MESSAGE_BYTES", "Backlog", "Broker", "Message", "Outgoing", "open_broker"]


def open_broker(url: str) -> Broker:
    """Open the broker that a URL names.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path`, or `pubsub://PROJECT` (Google's emulator when
            PUBSUB_EMULATOR_HOST is set).

    Raises:
        BrokerUnavailable: it cannot be opened now.
        InvalidSetting: the URL names no broker.
    """
    scheme, _, place = url.partition("://")
    if scheme == "sqlite" and place.startswith("/") and len(place) > 1:
        from floorlog.adapters.broker.embedded import EmbeddedBroker

        return EmbeddedBroker(Path(place[1:]))
    if scheme == "pubsub" and place and "/" not in place:
        from floorlog.adapters.broker.google import GoogleBroker  # grpc takes most of a second to load

        return GoogleBroker(place)
    raise InvalidSetting("FLOORLOG_BROKER_URL", url, "sqlite:///PATH or pubsub://PROJECT")
