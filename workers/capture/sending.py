"""Sends what the journal holds: store the object, publish the announcement, forget both; in order, again if need be.

It has a thread of its own, so that a slow bucket or a broker that does not answer never keeps capture from the stream.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog

from floorlog.errors import BrokerUnavailable, RetryableError
from workers.capture.journal import Journal
from workers.capture.recording import Outgoing

RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before the next attempt after attempts that failed in a row; the last one from then on."""

Put = Callable[[str, bytes], None]
"""Stores an object whole under its URI."""

log = structlog.get_logger()


class Publisher(Protocol):
    """The part of a broker that capture needs."""

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Publish one message and return its id, once the broker keeps it."""


@dataclass
class Sheet:
    """A publisher that writes announcements down instead of sending them: for measuring, and for tests."""

    payloads: list[bytes] = field(default_factory=list)

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Write a message down; its id is its number."""
        self.payloads.append(data)
        return str(len(self.payloads))


class Sender:
    """Sends in the background, until told to finish. What went wrong for good is raised where it is next asked for."""

    def __init__(
        self, journal_path: Path, owner: str, meeting_id: str, channel: str, topic: str, broker: Publisher, put: Put
    ) -> None:
        self._journal_path, self._owner = journal_path, owner
        self._attributes = {"meeting_id": meeting_id, "channel": channel}
        self._topic, self._broker, self._put = topic, broker, put
        self._wake, self._finish, self._give_up = threading.Event(), threading.Event(), threading.Event()
        self._failure: BaseException | None = None
        self._log = log.bind(meeting_id=meeting_id, channel=channel)
        self._thread = threading.Thread(target=self._run, name=f"send-{meeting_id}-{channel}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is more to send.

        Raises:
            BaseException: what sending has failed with for good.
        """
        if self._failure is not None:
            raise self._failure
        self._wake.set()

    def finish(self, patience_s: float) -> None:
        """Wait until everything is sent.

        Raises:
            BrokerUnavailable: that took longer than `patience_s`; the journal still holds it.
            BaseException: what sending has failed with for good.
        """
        self._finish.set()
        self._wake.set()
        self._thread.join(patience_s)
        self._give_up.set()
        self._wake.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop after the announcement that is being sent; the journal still holds the rest."""
        self._give_up.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            journal = Journal(self._journal_path, self._owner)
            try:
                self._send_all(journal)
            finally:
                journal.close()
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that asks
            self._failure = error

    def _send_all(self, journal: Journal) -> None:
        failures = 0
        while not self._give_up.is_set():
            self._wake.clear()
            finishing = self._finish.is_set()
            try:
                for outgoing in journal.waiting():
                    self._send(outgoing)
                    journal.sent(outgoing.sequence)
                    failures = 0
                    if self._give_up.is_set():
                        break
            except (RetryableError, OSError) as error:
                wait_s = RETRY_S[min(failures, len(RETRY_S) - 1)]
                self._log.warning("send.failed", fault=str(error), retry_s=wait_s)
                failures += 1
                self._give_up.wait(wait_s)
                continue
            if finishing and not self._give_up.is_set():
                return
            self._wake.wait()
        if self._finish.is_set() and next(journal.waiting(), None) is not None:
            raise BrokerUnavailable("announcements could not be sent in time; they are kept in the journal")

    def _send(self, outgoing: Outgoing) -> None:
        started = time.monotonic()
        if outgoing.uri is not None and outgoing.audio is not None:
            self._put(outgoing.uri, outgoing.audio)
        attributes = {**self._attributes, "kind": outgoing.kind}
        key = f"{attributes['meeting_id']}/{attributes['channel']}"
        self._broker.publish(self._topic, outgoing.document, attributes, key)
        took_s = round(time.monotonic() - started, 3)
        self._log.info("announced", kind=outgoing.kind, sequence=outgoing.sequence, took_s=took_s)
