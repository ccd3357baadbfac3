"""What a relay does for a subscriber: take events up, find what is due, and say it as it may be said now."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from floorlog.adapters.broker import Broker
from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_deliveries import MOST_WAITING, Deliveries, Delivery
from floorlog.adapters.store.relay_subscribers import Subscriber, Subscribers
from floorlog.adapters.webhooks import Answer, Sender
from floorlog.errors import BrokerUnavailable, InvalidSetting, MessageTooLarge
from floorlog.relaying import Wanted
from floorlog.services.events import CONTENT_TYPE, body

TAKEN = 500
"""Events taken up in one transaction."""

TOPIC_PREFIX = "topic-"


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is sent."""

    event_id: str
    type: str
    subject: str
    meeting_id: str
    body: bytes


Deliver = Callable[[Message], Answer]
"""Send a message; return what came of it, and raise nothing that can be foreseen."""


def take_up(store: Store, subscriber: Subscriber, cursors: Mapping[int, int]) -> bool:
    """Keep the next events that a subscriber gets as deliveries; return whether there are more to take up now.

    Args:
        store: The feed.
        subscriber: Who gets them.
        cursors: The position of each shard that this relay serves.
    """
    deliveries = Deliveries(store)
    if not cursors or deliveries.waiting(subscriber.id) >= MOST_WAITING:
        return False
    after = min(cursors.values())
    page = store.page(after, TAKEN, subscriber.wanted)
    if page.next <= after:
        return False
    events = [(row.position, row.subject) for row in page.rows]
    deliveries.park(subscriber.id, events, cursors, page.next)
    return page.more


def due(
    store: Store, subscriber: Subscriber, shards: Collection[int], limit: int, sending: Collection[str]
) -> list[tuple[Delivery, Message]]:
    """Return what is to be sent now, as the subscriber may see it now; what it must not see is passed over.

    Args:
        store: The feed.
        subscriber: Who gets it.
        shards: The shards that this relay serves.
        limit: How many at most.
        sending: Records of which something is being sent.
    """
    deliveries = Deliveries(store)
    found = deliveries.due(subscriber.id, shards, limit, sending)
    # Whatever it wants now: a replay was asked for by hand.
    events = store.events_at([each.position for each in found], Wanted(scopes=subscriber.wanted.scopes))
    hidden = [each for each in found if each.position not in events]
    if hidden:
        deliveries.pass_over(hidden)
    return [
        (each, Message(f"evt-{row.position}", row.type, row.subject, row.meeting_id, body(row)))
        for each in found
        if (row := events.get(each.position)) is not None
    ]


def to_webhook(sender: Sender, subscriber: Subscriber) -> Deliver:
    """Return what sends messages to a webhook."""
    secret = subscriber.secret or ""
    return lambda message: sender.send(subscriber.target, secret, message.event_id, message.body, CONTENT_TYPE)


def to_topic(broker: Broker, topic: str) -> Deliver:
    """Return what publishes messages to a topic, with the record as ordering key."""

    def publish(message: Message) -> Answer:
        began = time.monotonic()
        attributes = {
            "content-type": CONTENT_TYPE,
            "id": message.event_id,
            "type": message.type,
            "meeting_id": message.meeting_id,
        }
        error = None
        try:
            broker.publish(topic, message.body, attributes, message.subject)
        except (BrokerUnavailable, InvalidSetting, MessageTooLarge) as fault:
            error = str(fault)[:300]
        return Answer(None, round(1000 * (time.monotonic() - began)), error)

    return publish


def subscribe_topic(store: Store, topic: str, scopes: Sequence[str]) -> None:
    """Let a topic get every event from the first on, unless it does already."""
    wanted = Wanted(scopes=frozenset(scopes))
    Subscribers(store).add(TOPIC_PREFIX + topic, "topic", topic, None, "The records topic", wanted, 0)
