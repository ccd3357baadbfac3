"""A broker that is Google Pub/Sub: the real service, or Google's emulator when PUBSUB_EMULATOR_HOST is set.

Pulls are synchronous and leases are extended by whoever works: with StreamingPull, the messages of a killed client
came back very slowly. Pub/Sub counts attempts only under a dead-letter policy, so `attempt` is 0 without one; and
it acknowledges on a best effort, so that an old lease may still acknowledge a message that was delivered again.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import grpc  # type: ignore[import-untyped]
from google.api_core import exceptions
from google.api_core.retry import Retry, if_transient_error
from google.auth import exceptions as auth
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import ReceivedMessage

from floorlog.adapters.broker.interface import (
    MAX_MESSAGE_BYTES,
    Backlog,
    Message,
    Outgoing,
    check_message,
    check_name,
    size,
)
from floorlog.errors import BrokerUnavailable, InvalidSetting, MessageTooLarge

# https://cloud.google.com/pubsub/quotas: 1,000 messages and 10 MB in a publish request; 1,000 messages in a pull;
# 512 KiB in a request that acknowledges or extends (an id has some 200 bytes); leases of 10 to 600 s.
_PUBLISH_MESSAGES = 1000
_PULL_MESSAGES = 1000
_LEASE_IDS = 1000
_MIN_LEASE_S, _MAX_LEASE_S = 10, 600

_MIN_WAIT_S = 1.0
_LOOK_S = 0.1  # between two questions, where an answer without messages came before the wait was over
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]  # gRPC stops at 4 MB


class GoogleBroker:
    """Carry messages through Google Pub/Sub.

    Args:
        project: the Google Cloud project; any name will do with the emulator.
        answer_s: how long one request may take, its repetitions included.

    Raises:
        InvalidSetting: there are no credentials.
    """

    def __init__(self, project: str, answer_s: float = 30.0) -> None:
        self._project, self._answer_s = project, answer_s
        self._closed = threading.Event()
        self._retry = Retry(predicate=if_transient_error, initial=0.1, maximum=5.0, timeout=self._answer_s)
        self._publisher, self._subscriber = _connect()

    def create_topic(self, topic: str) -> None:
        """Make a topic, unless it is there."""
        with _named_faults("topic", check_name("topic", topic)):
            try:
                self._publisher.create_topic(
                    request={"name": self._topic(topic)}, retry=self._retry, timeout=self._answer_s
                )
            except exceptions.AlreadyExists:
                return

    def create_subscription(self, subscription: str, topic: str, lease_s: int) -> None:
        """Make a subscription that never expires, unless it is there; then it takes the new lease."""
        wanted = {
            "name": self._subscription(check_name("subscription", subscription)),
            "topic": self._topic(topic),
            "ack_deadline_seconds": min(max(_MIN_LEASE_S, lease_s), _MAX_LEASE_S),
            "expiration_policy": {},  # no time to live: it never expires
        }
        with _named_faults("topic", topic):
            try:
                self._subscriber.create_subscription(request=wanted, retry=self._retry, timeout=self._answer_s)
            except exceptions.AlreadyExists:
                self._renew(wanted)

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Publish one message and return its id, once Pub/Sub keeps it."""
        return self.publish_many(topic, [Outgoing(data, attributes or {}, ordering_key)])[0]

    def publish_many(self, topic: str, messages: Sequence[Outgoing]) -> list[str]:
        """Publish messages and return their ids in the same order; if it fails, some may have been published."""
        for message in messages:
            check_message(message)
        ids: list[str] = []
        for batch in _batches(messages):
            request = {
                "topic": self._topic(topic),
                "messages": [
                    {"data": one.data, "attributes": dict(one.attributes), "ordering_key": one.ordering_key}
                    for one in batch
                ],
            }
            with _named_faults("topic", topic):
                try:
                    answer = self._publisher.publish(request=request, retry=self._retry, timeout=self._answer_s)
                except exceptions.InvalidArgument as fault:
                    total_bytes = sum(size(one) for one in batch)
                    if len(batch) == 1 and total_bytes > 0.99 * MAX_MESSAGE_BYTES:  # its envelope counts too
                        raise MessageTooLarge(total_bytes, MAX_MESSAGE_BYTES) from fault
                    raise
            ids.extend(answer.message_ids)
        return ids

    def pull(self, subscription: str, max_messages: int, wait_s: float) -> list[Message]:
        """Take up to `max_messages` (1,000 at most) on lease; wait up to `wait_s`, but at least 1 s, for the first.

        Messages whose answer comes after the wait are on lease to nobody until it runs out: hence the 1 s.
        """
        deadline = time.monotonic() + wait_s
        while True:
            messages = self._pull(subscription, max_messages, deadline - time.monotonic())
            if messages or self._closed.wait(min(_LOOK_S, max(0.0, deadline - time.monotonic()))):
                return messages
            if time.monotonic() >= deadline:
                return []

    def _pull(self, subscription: str, max_messages: int, wait_s: float) -> list[Message]:
        """Ask once. Pub/Sub waits for messages before it answers; the emulator answers at once."""
        request = {
            "subscription": self._subscription(subscription),
            "max_messages": min(max_messages, _PULL_MESSAGES),
        }
        with _named_faults("subscription", subscription):
            try:
                answer = self._subscriber.pull(request=request, retry=None, timeout=max(wait_s, _MIN_WAIT_S))
            except exceptions.DeadlineExceeded:
                return []
            except (exceptions.Cancelled, ValueError):  # ValueError: gRPC's word for a closed channel
                if not self._closed.is_set():
                    raise
                return []
        return [_message(received) for received in answer.received_messages]

    def acknowledge(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Never deliver these again."""
        path = self._subscription(subscription)

        def send(ids: Sequence[str]) -> None:
            request = {"subscription": path, "ack_ids": ids}
            self._subscriber.acknowledge(request=request, retry=self._retry, timeout=self._answer_s)

        self._for_each_lease(subscription, lease_ids, send)

    def extend(self, subscription: str, lease_ids: Sequence[str], lease_s: float) -> None:
        """Let these leases run out `lease_s` from now (whole seconds, at least 1 and at most 600)."""
        self._set_deadline(subscription, lease_ids, min(max(1, math.ceil(lease_s)), _MAX_LEASE_S))

    def release(self, subscription: str, lease_ids: Sequence[str]) -> None:
        """Give these back, to be delivered again at once."""
        self._set_deadline(subscription, lease_ids, 0)

    def backlog(self, subscription: str) -> Backlog | None:
        """Return None: Pub/Sub tells its backlog only through Cloud Monitoring."""
        return None

    def close(self) -> None:
        """Close the connections; a waiting pull ends."""
        self._closed.set()
        self._publisher.transport.close()  # type: ignore[no-untyped-call]
        self._subscriber.transport.close()  # type: ignore[no-untyped-call]

    def _topic(self, name: str) -> str:
        return f"projects/{self._project}/topics/{name}"

    def _subscription(self, name: str) -> str:
        return f"projects/{self._project}/subscriptions/{name}"

    def _renew(self, wanted: Mapping[str, object]) -> None:
        found = self._subscriber.get_subscription(
            request={"subscription": wanted["name"]}, retry=self._retry, timeout=self._answer_s
        )
        if found.topic != wanted["topic"]:
            raise InvalidSetting("subscription", str(wanted["name"]), f"it belongs to another topic, {found.topic}")
        if found.ack_deadline_seconds != wanted["ack_deadline_seconds"]:
            self._subscriber.update_subscription(
                request={"subscription": wanted, "update_mask": {"paths": ["ack_deadline_seconds"]}},
                retry=self._retry,
                timeout=self._answer_s,
            )

    def _set_deadline(self, subscription: str, lease_ids: Sequence[str], lease_s: int) -> None:
        path = self._subscription(subscription)

        def send(ids: Sequence[str]) -> None:
            request = {"subscription": path, "ack_ids": ids, "ack_deadline_seconds": lease_s}
            self._subscriber.modify_ack_deadline(request=request, retry=self._retry, timeout=self._answer_s)

        self._for_each_lease(subscription, lease_ids, send)

    def _for_each_lease(
        self, subscription: str, lease_ids: Sequence[str], send: Callable[[Sequence[str]], None]
    ) -> None:
        """Send lease ids in requests of the size that Pub/Sub takes; one bad id must not spoil the others."""
        with _named_faults("subscription", subscription):
            for start in range(0, len(lease_ids), _LEASE_IDS):
                _send_halving(lease_ids[start : start + _LEASE_IDS], send)


def _send_halving(lease_ids: Sequence[str], send: Callable[[Sequence[str]], None]) -> None:
    try:
        send(lease_ids)
    except exceptions.InvalidArgument:
        if len(lease_ids) > 1:
            middle = len(lease_ids) // 2
            _send_halving(lease_ids[:middle], send)
            _send_halving(lease_ids[middle:], send)


def _batches(messages: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Split messages into requests that Pub/Sub takes; half of its limit, so that envelopes always fit."""
    batch: list[Outgoing] = []
    total_bytes = 0
    for message in messages:
        if batch and (len(batch) == _PUBLISH_MESSAGES or total_bytes + size(message) > MAX_MESSAGE_BYTES // 2):
            yield batch
            batch, total_bytes = [], 0
        batch.append(message)
        total_bytes += size(message)
    if batch:
        yield batch


def _message(received: ReceivedMessage) -> Message:
    return Message(
        message_id=received.message.message_id,
        data=received.message.data,
        attributes=dict(received.message.attributes),
        ordering_key=received.message.ordering_key,
        lease_id=received.ack_id,
        attempt=received.delivery_attempt,
        published_at=datetime.fromtimestamp(received.message.publish_time.timestamp(), UTC),
    )


def _connect() -> tuple[PublisherClient, SubscriberClient]:
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    if emulator:
        channel = grpc.insecure_channel(emulator, options=_UNLIMITED)
        return (
            PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
            SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
        )
    try:
        return PublisherClient(), SubscriberClient()
    except auth.DefaultCredentialsError as fault:
        remedy = "set GOOGLE_APPLICATION_CREDENTIALS, or PUBSUB_EMULATOR_HOST for the emulator"
        raise InvalidSetting("FLOORLOG_BROKER_URL", "pubsub://", f"{fault}; {remedy}") from fault


@contextmanager
def _named_faults(kind: str, name: str) -> Iterator[None]:
    """Raise Google's faults as ours: what was never created is a setting; all else may pass."""
    try:
        yield
    except exceptions.NotFound as fault:
        raise InvalidSetting(kind, name, "no such topic or subscription was created") from fault
    except exceptions.InvalidArgument:
        raise  # a request that Pub/Sub can never take is a bug of ours
    except (exceptions.GoogleAPIError, auth.GoogleAuthError) as fault:
        raise BrokerUnavailable(f"{name}: {fault}") from fault
