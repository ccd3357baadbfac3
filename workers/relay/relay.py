"""The relay's process: it numbers what was committed, and keeps one line for each subscriber."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from floorlog.adapters.broker import Broker
from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_history import History
from floorlog.adapters.store.relay_leases import Leases
from floorlog.adapters.store.relay_subscribers import Subscriber, Subscribers
from floorlog.adapters.webhooks import LIMIT_S, Sender
from floorlog.config import Settings
from floorlog.errors import FloorlogError, RetryableError
from floorlog.services import engines, relay
from workers.relay.line import Line, Manner

LOOK_EVERY_S = 0.2
"""How often it is looked for new events, for all lines at once."""

SUBSCRIBERS_EVERY_S = 1.0
"""How often it is looked for subscribers that were added, changed or removed."""

FORGET_EVERY_S = 3600.0
"""How often old deliveries are forgotten."""

log = structlog.get_logger()


def run(settings: Settings, stop: threading.Event) -> None:
    """Relay events until told to stop.

    Raises:
        InvalidSetting: a setting cannot be used.
    """
    store = engines.store()
    store.migrate()
    Relay(settings, store, engines.broker()).run(stop)


class Relay:
    """One relay.

    Args:
        settings: Of this process.
        store: The feed, the subscribers and the deliveries.
        broker: Where the records topic is.
    """

    def __init__(self, settings: Settings, store: Store, broker: Broker) -> None:
        self._settings, self._store, self._broker = settings, store, broker
        self.id = f"relay-{secrets.token_hex(4)}"
        self._leases = Leases(store, self.id, settings.relay_lease_s)
        self._manner = Manner(settings.webhook_retry_s, timedelta(hours=settings.webhook_disable_h))
        self._subscribers, self._history = Subscribers(store), History(store)
        self._lines: dict[str, tuple[Line, Sender | None]] = {}
        self._ending: list[tuple[Line, Sender | None]] = []
        self._position = -1
        self._due = {self._serve: 0.0, self._beat: 0.0, self._forget: 0.0}

    def run(self, stop: threading.Event) -> None:
        """Relay until told to stop; what is being sent then is waited for, and the leases are given back."""
        log.info("relay.started", relay=self.id)
        try:
            while not stop.is_set():
                try:
                    self.look()
                except RetryableError as fault:
                    log.warning("relay.look-failed", reason=fault.reason, fault=str(fault))
                    stop.wait(2.0)
                stop.wait(LOOK_EVERY_S)
        finally:
            for name in list(self._lines):
                self._end(name)
            for line, sender in self._ending:
                line.join(LIMIT_S)
                if sender is not None:
                    sender.close()
            with suppress(FloorlogError):  # the leases run out by themselves
                self._leases.let_go()

    def look(self) -> None:
        """Number what was committed, wake the lines, and do what is due."""
        self._store.sequence()
        position = self._store.last_position()
        for task, every_s in (
            (self._beat, self._settings.relay_lease_s / 3),
            (self._serve, SUBSCRIBERS_EVERY_S),
            (self._forget, FORGET_EVERY_S),
        ):
            if time.monotonic() >= self._due[task]:
                task()
                self._due[task] = time.monotonic() + every_s
        if position != self._position:
            self._position = position
            for line, _ in self._lines.values():
                line.wake(position)
        for line, _ in self._lines.values():
            if line.died:  # a bug: whoever supervises starts the relay again, and it goes on where it stopped
                raise RuntimeError(f"the line of {line.subscriber.id} ended by itself")

    def _beat(self) -> None:
        self._leases.beat()

    def _forget(self) -> None:
        days = self._settings.webhook_history_days
        forgotten = self._history.forget(datetime.now(UTC) - timedelta(days=days))
        if forgotten:
            log.info("relay.forgot", deliveries=forgotten, days=days)

    def _serve(self) -> None:
        """Keep a line for each subscriber that is active, as it is now."""
        self._close_what_ended()
        topic = self._settings.records_topic
        if topic != "none":
            relay.subscribe_topic(self._store, topic, self._settings.topic_scopes())
        now = {each.id: each for each in self._subscribers.all() if each.state == "active" and self._is_ours(each)}
        for name, (line, _) in list(self._lines.items()):
            kept = now.get(name)
            if line.disabled or kept is None or _purpose(kept) != _purpose(line.subscriber):
                self._end(name)
        for name, subscriber in now.items():
            if name not in self._lines:
                self._begin(subscriber)

    def _is_ours(self, subscriber: Subscriber) -> bool:
        return subscriber.kind == "webhook" or subscriber.target == self._settings.records_topic

    def _begin(self, subscriber: Subscriber) -> None:
        sender = None
        if subscriber.kind == "webhook":
            sender = Sender(inside=self._settings.webhooks_inside(), limit_s=LIMIT_S)
            deliver = relay.to_webhook(sender, subscriber)
        else:
            self._broker.create_topic(subscriber.target)
            deliver = relay.to_topic(self._broker, subscriber.target)
        line = Line(self._store, subscriber, self._leases, deliver, self._manner)
        self._lines[subscriber.id] = line, sender
        line.wake(self._position)
        line.start()
        log.info("relay.serves", subscriber=subscriber.id, kind=subscriber.kind)

    def _end(self, name: str) -> None:
        line, sender = self._lines.pop(name)
        line.stop()  # what it is sending may take a while; nobody waits for that
        self._ending.append((line, sender))

    def _close_what_ended(self) -> None:
        for line, sender in [each for each in self._ending if each[0].ended]:
            self._ending.remove((line, sender))
            if sender is not None:
                sender.close()


def _purpose(subscriber: Subscriber) -> tuple[object, ...]:
    return subscriber.target, subscriber.secret, subscriber.wanted
