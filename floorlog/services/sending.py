"""Publish announcements on a person's behalf: what the broker refuses for good is kept as a dead letter."""

from __future__ import annotations

from floorlog.adapters.broker import Broker
from floorlog.adapters.store import Store
from floorlog.errors import MessageTooLarge
from floorlog.services import faults
from floorlog.services.faults import AttemptLimits, Fault


def publish(store: Store, broker: Broker, topic: str, payload: bytes) -> bool:
    """Publish a payload; return whether the broker took it. A dead letter is kept of one that is too large.

    Raises:
        BrokerUnavailable: the broker does not answer; nothing was published.
        StoreUnavailable: the dead letter could not be kept.
    """
    try:
        broker.publish(topic, payload)
    except MessageTooLarge as error:
        faults.judge(store, Fault.of("publish", payload, error), AttemptLimits())
        return False
    return True
