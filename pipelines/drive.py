"""The local driver: pull, run the graph over what was pulled as a bounded pipeline, acknowledge what is kept.

Why not a streaming runner: none that installs from PyPI streams correctly on one machine (docs/decisions).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import apache_beam as beam
import structlog
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from floorlog.adapters.broker import Broker, Message
from floorlog.config import Settings
from floorlog.errors import RetryableError
from floorlog.services import advance, engines, faults, intake, recognisers
from pipelines.elements import AttemptLimits, Fault, Plan
from pipelines.interventions import build

log = structlog.get_logger()

WAIT_S = 0.5
"""Seconds that a pull waits for a first message; also how late a stop or a tick may be."""


@dataclass(frozen=True, slots=True)
class Driving:
    """How the driver works.

    Args:
        subscriptions: what it pulls from, the most urgent first: the next one is asked only when this one is empty.
        batch: messages that one bounded run takes at most.
        lease_s: seconds of a lease; extended every third of it while a run lasts.
        tick_s: seconds between two looks at the deadlines.
        backoff_s: seconds until a message that failed for now is delivered again.
    """

    subscriptions: tuple[str, ...]
    batch: int = 16
    lease_s: int = 60
    tick_s: float = 2.0
    backoff_s: int = 10


def run_once(payloads: Sequence[bytes], plan: Plan) -> None:
    """Run the graph over payloads as one bounded pipeline on the runner that is named here.

    Raises:
        RuntimeError: a step raised, which is a bug: faults of the input leave on tagged outputs.
    """
    options = PipelineOptions(["--direct_num_workers=1", "--direct_running_mode=in_memory"])
    with beam.Pipeline(runner=FnApiRunner(), options=options) as pipeline:
        build(pipeline | "Read announcements" >> beam.Create(list(payloads), reshuffle=False), plan)


class Driver:
    """Pulls from its subscriptions until it is told to stop. Several drivers may share a subscription."""

    def __init__(self, broker: Broker, plan: Plan, driving: Driving) -> None:
        self.broker, self.plan, self.driving = broker, plan, driving
        self.store = engines.store(plan.store)
        self._ticked_at = 0.0

    def work(self, stop: threading.Event) -> None:
        """Take messages and ticks until `stop` is set; what is in hand then is finished and acknowledged."""
        while not stop.is_set():
            try:
                self.take_some()
                if time.monotonic() - self._ticked_at >= self.driving.tick_s:
                    self._ticked_at = time.monotonic()
                    self.tick()
            except RetryableError as error:
                log.warning("driver-waits", reason=error.reason)
                stop.wait(1.0)

    def tick(self) -> None:
        """Advance every meeting that has something to hear; a bug in one meeting's log must not stop the others'."""
        for meeting_id in self.store.meetings_to_advance():
            try:
                advance.advance(self.store, meeting_id)
            except RetryableError:
                raise
            except Exception as crash:
                log.error("advance-crashed", meeting_id=meeting_id, error=type(crash).__name__, exc_info=crash)

    def take_some(self) -> int:
        """Take what the most urgent subscription holds, up to a batch; return how many messages that was."""
        for number, subscription in enumerate(self.driving.subscriptions):
            messages = self.broker.pull(subscription, self.driving.batch, wait_s=WAIT_S if number == 0 else 0.0)
            if messages:
                self.take(subscription, messages)
                return len(messages)
        return 0

    def take(self, subscription: str, messages: Sequence[Message]) -> None:
        """Run the graph over messages, then acknowledge those whose transcript or dead letter is kept."""
        with self._leases_extended(subscription, [message.lease_id for message in messages]):
            try:
                payloads = list(dict.fromkeys(message.data for message in messages))  # a repeated one is done once
                run_once(payloads, self.plan)
            except Exception as crash:
                log.error("run-crashed", messages=len(messages), error=type(crash).__name__, exc_info=crash)
                self._one_by_one(messages)
        kept = [message.lease_id for message in messages if intake.kept(self.store, message.data, self.plan.recogniser)]
        self.broker.acknowledge(subscription, kept)
        again = sorted({message.lease_id for message in messages} - set(kept))
        if again:
            self.broker.extend(subscription, again, self.driving.backoff_s)
        log.info("run-done", messages=len(messages), kept=len(kept), again=len(again))

    def _one_by_one(self, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                run_once([message.data], self.plan)
            except Exception as crash:  # noqa: BLE001 -- the same boundary, for one message
                log.error("message-crashed", message_id=message.message_id, error=type(crash).__name__)
                if not intake.kept(self.store, message.data, self.plan.recogniser):
                    faults.judge(self.store, Fault.crash(message.data, crash), self.plan.limits)

    @contextmanager
    def _leases_extended(self, subscription: str, lease_ids: Sequence[str]) -> Iterator[None]:
        done = threading.Event()

        def extend() -> None:
            while not done.wait(self.driving.lease_s / 3):
                try:
                    self.broker.extend(subscription, lease_ids, self.driving.lease_s)
                except RetryableError as error:
                    log.warning("lease-not-extended", reason=error.reason)

        extender = threading.Thread(target=extend, name="leases", daemon=True)
        extender.start()
        try:
            yield
        finally:
            done.set()
            extender.join()


def plan_of(settings: Settings) -> Plan:
    """Return the plan that the settings describe; secrets stay names."""
    return Plan(recogniser=recognisers.settings_of(settings), limits=AttemptLimits(count=settings.attempts))


def work(settings: Settings, stop: threading.Event) -> None:
    """Drive the pipeline from the settings' subscriptions, live meetings first, until told to stop."""
    plan = plan_of(settings)
    driving = Driving(
        (settings.subscription, settings.replay_subscription),
        batch=settings.batch,
        lease_s=settings.lease_s,
    )
    recognisers.recogniser(plan.recogniser)  # before the first message is on lease
    broker = engines.broker()
    intake.prepare(broker, settings)
    Driver(broker, plan, driving).work(stop)
