"""One subscriber's line: a thread that takes up its events and sends what is due, several records at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import structlog

from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_deliveries import Deliveries, Delivery, Outcome, Patience
from floorlog.adapters.store.relay_leases import Leases
from floorlog.adapters.store.relay_subscribers import Subscriber
from floorlog.adapters.webhooks import Answer
from floorlog.errors import RetryableError
from floorlog.relaying import wait_s
from floorlog.services import relay
from floorlog.services.relay import Deliver

SENDERS = 8
"""Events of one subscriber that are sent at once, each of another record."""

LOOK_EVERY_S = 0.5
"""How often it is looked for retries whose time has come."""

AGAIN_AFTER_S = 2.0
"""Pause after the store did not answer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manner:
    """How lines deliver.

    Args:
        retry_s: Wait after a first failure.
        disable_after: How long nothing may be delivered before a subscriber is disabled.
        senders: Events sent at once.
    """

    retry_s: float
    disable_after: timedelta
    senders: int = SENDERS


class Line:
    """Serves one subscriber until told to stop.

    Args:
        store: The feed and the deliveries.
        subscriber: Who is served.
        leases: Of this relay.
        deliver: Sends one message; called in threads.
        manner: How it is done.
        chance: Random numbers in [0, 1).
    """

    def __init__(
        self,
        store: Store,
        subscriber: Subscriber,
        leases: Leases,
        deliver: Deliver,
        manner: Manner,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.subscriber = subscriber
        self._store, self._leases, self._deliver, self._manner = store, leases, deliver, manner
        self._chance = chance
        self._deliveries, self._patience = Deliveries(store), Patience(manner.disable_after)
        self._flying: dict[Future[Answer], Delivery] = {}
        self._wake, self._stop = threading.Event(), threading.Event()
        self._last: int | None = None
        self._thread = threading.Thread(target=self._run, name=f"line-{subscriber.id}", daemon=True)
        self.disabled = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self, last: int | None = None) -> None:
        """Look now: there is something new; `last` is the position of the last event, where it is known."""
        self._last = last
        self._wake.set()

    def stop(self) -> None:
        """End once what is being sent has ended."""
        self._stop.set()
        self._wake.set()

    def join(self, within_s: float) -> None:
        """Wait until it has ended, so long at most."""
        self._thread.join(within_s)

    @property
    def ended(self) -> bool:
        """Return whether it has ended."""
        return not self._thread.is_alive()

    @property
    def died(self) -> bool:
        """Return whether it ended without being told to."""
        return self.ended and not (self._stop.is_set() or self.disabled)

    def _run(self) -> None:
        with ThreadPoolExecutor(self._manner.senders, thread_name_prefix=self.subscriber.id) as pool:
            while not (self._stop.is_set() or self.disabled):
                self._wake.clear()
                try:
                    again = self.step(pool)
                except RetryableError as fault:
                    log.warning("relay.store-failed", subscriber=self.subscriber.id, reason=fault.reason)
                    self._stop.wait(AGAIN_AFTER_S)
                    continue
                if not again:
                    self._wake.wait(LOOK_EVERY_S)
        self._keep_outcomes(list(self._flying))

    def step(self, pool: ThreadPoolExecutor) -> bool:
        """Keep what came of attempts, take events up, send what is due; return whether there is more to do at once."""
        self._keep_outcomes([future for future in self._flying if future.done()])
        if self.disabled:
            return False
        held = self._leases.hold(self.subscriber.id, {each.shard for each in self._flying.values()})
        is_behind = self._last is None or min(held.values(), default=self._last) < self._last
        more = is_behind and relay.take_up(self._store, self.subscriber, held)
        free = self._manner.senders - len(self._flying)
        if not held or not free:
            return False
        sending = {each.subject for each in self._flying.values()}
        due = relay.due(self._store, self.subscriber, held, free, sending)
        for delivery, message in due:
            future = pool.submit(self._deliver, message)
            self._flying[future] = delivery
            future.add_done_callback(lambda _: self._wake.set())
        return more and len(due) < free

    def _keep_outcomes(self, ended: list[Future[Answer]]) -> None:
        outcomes = [self._outcome(self._flying[future], future.result()) for future in ended]
        if outcomes:
            why = self._deliveries.record(self.subscriber.id, outcomes, self._patience)
            if why is not None:
                log.error("relay.disabled", subscriber=self.subscriber.id, why=why)
                self.disabled = True
        for future in ended:
            del self._flying[future]

    def _outcome(self, delivery: Delivery, answer: Answer) -> Outcome:
        if answer.error is None:
            return Outcome(delivery, answer.status, answer.duration_ms, None)
        again_s = wait_s(delivery.attempts + 1, self._manner.retry_s, self._chance(), answer.asked_s)
        log.info(
            "relay.not-delivered",
            subscriber=self.subscriber.id,
            position=delivery.position,
            status=answer.status,
            error=answer.error,
            again_s=round(again_s, 1),
        )
        return Outcome(delivery, answer.status, answer.duration_ms, answer.error, again_s, answer.gone)
