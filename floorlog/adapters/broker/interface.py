"""What a broker does, whichever it is: topics, subscriptions, and messages on lease.

Delivery is at least once. A message is on lease to one puller at a time; when the lease runs out or is given back,
the message is delivered again. The ordering key travels as data: no broker holds a message back for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from floorlog.errors import InvalidSetting, MessageTooLarge

MAX_MESSAGE_BYTES = 10_000_000
"""What Pub/Sub takes in one message (https://cloud.google.com/pubsub/quotas#resource_limits)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._~%+-]{2,254}")
"""How Pub/Sub names topics and subscriptions (https://cloud.google.com/pubsub/docs/pubsub-basics)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish."""

    data: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message on lease.

    `lease_id` names this delivery, not the message. `attempt` counts deliveries of the message from 1; it is 0 where
    the broker does not count them (Pub/Sub, without a dead-letter policy). Count in the store what must be certain.
    """

    message_id: str
    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    lease_id: str
    attempt: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a subscription holds that was not acknowledged, on lease or not."""

    messages: int
    oldest_published_at: datetime | None


class Broker(Protocol):
    """Carry messages from topics to subscriptions. May be used from several threads.

    Every method raises BrokerUnavailable where the broker does not answer, and InvalidSetting for a name that cannot
    be used or was never created.
    """

    def create_topic(self, topic: str) -> None:
        """Make a topic, unless it is there."""

    def create_subscription(self, subscription: str, topic: str, lease_s: int) -> None:
        """Make a subscription that receives what is published from now on, unless it is there; it never expires.

        Args:
            lease_s: how long a pulled message stays on lease; a subscription that is there takes it for later pulls.
                Pub/Sub takes 10 to 600 s; what lies outside is moved to that bound.

        Raises:
            InvalidSetting: a subscription of that name belongs to another topic, or there is no such topic.
        """

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Publish one message and return its id, once the broker keeps it.

        Raises:
            MessageTooLarge: data, attributes and ordering key together are above MAX_MESSAGE_BYTES.
        """

    def publish_many(self, topic: str, messages: Sequence[Outgoing]) -> list[str]:
        """Publish messages and return their ids, in the same order; much faster than one by one.

        Raises:
            MessageTooLarge: one is above MAX_MESSAGE_BYTES; then none was published.
        """

    def pull(self, subscription: str, max_messages: int, wait_s: float) -> list[Message]:
        """Take up to `max_messages` on lease; wait up to `wait_s` for the first. May return fewer than there are."""

    def acknowledge(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Never deliver these again. A lease id that means nothing (any more) is passed over."""

    def extend(self, subscription: str, lease_ids: Sequence[str], lease_s: float) -> None:
        """Let these leases run out `lease_s` from now. A lease id that means nothing (any more) is passed over."""

    def release(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Give these back, to be delivered again at once. A lease id that means nothing (any more) is passed over."""

    def backlog(self, subscription: str) -> Backlog | None:
        """Return what is not acknowledged yet, or None where the broker cannot say."""

    def close(self) -> None:
        """Let go of files and connections; a waiting pull ends."""


def check_name(kind: str, name: str) -> str:
    """Return the name of a topic or a subscription.

    Raises:
        InvalidSetting: Pub/Sub would not take it.
    """
    if not _NAME.fullmatch(name) or name.startswith("goog"):
        raise InvalidSetting(kind, name, "3 to 255 of A-Z a-z 0-9 - . _ ~ + %, a letter first, not starting with goog")
    return name


def check_message(message: Outgoing) -> Outgoing:
    """Return a message that every broker takes.

    Raises:
        MessageTooLarge: data, attributes and ordering key together are above MAX_MESSAGE_BYTES.
        ValueError: it holds neither data nor attributes, or its attributes or ordering key are beyond Pub/Sub's limits.
    """
    size_bytes = size(message)
    if size_bytes > MAX_MESSAGE_BYTES:
        raise MessageTooLarge(size_bytes, MAX_MESSAGE_BYTES)
    if not message.data and not message.attributes:
        raise ValueError("a message needs data or an attribute")
    if len(message.attributes) > 100 or len(message.ordering_key.encode()) > 1024:
        raise ValueError("a message takes 100 attributes and an ordering key of 1024 bytes")
    for key, value in message.attributes.items():
        if not 0 < len(key.encode()) <= 256 or len(value.encode()) > 1024:
            raise ValueError(f"attribute {key[:40]!r}: a key takes 1 to 256 bytes, a value up to 1024")
    return message


def size(message: Outgoing) -> int:
    """Return what a message counts against the limits: data, attributes and ordering key, in bytes."""
    attributes = sum(len(key.encode()) + len(value.encode()) for key, value in message.attributes.items())
    return len(message.data) + attributes + len(message.ordering_key.encode())
