"""The relays, the API and a receiver are killed at random moments: every subscriber still ends with the same events.

FLOORLOG_KILLS says how often (8 by default); `docs/events.md` has the figures of a hundred.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from floorlog.adapters.broker import Broker, open_broker
from floorlog.adapters.store import Store
from floorlog.relaying import EVERYTHING, secret_of
from floorlog.services import webhooks
from floorlog.services.people import Actor
from tests.e2e import running
from tests.happenings import add_meetings, emit, firsts
from tests.small_floor import DATABASES, a_store
from workers.everything import free_port

KILLS = int(os.environ.get("FLOORLOG_KILLS", "8"))
RECORDS = 40
AHEAD = 300
"""Events that may happen before the slowest subscriber has them: on a slow machine less happens."""

LIMIT_S = 300.0
SECRET = secret_of(bytes(range(32)))
TYPES = ("record.created", "record.published", "record.corrected")

Event = tuple[str, str]
"""What it is about, and its id."""


@dataclass
class Got:
    """What one subscriber got, in order, with repeats."""

    events: list[Event] = field(default_factory=list)

    def by_record(self) -> dict[str, list[str]]:
        """Return what is left when repeats are dropped by id: of each record the ids, in order."""
        kept: dict[str, list[str]] = {}
        for subject, event_id in firsts(self.events):
            kept.setdefault(subject, []).append(event_id)
        return kept


class Parts:
    """Processes that are started again when they are killed."""

    def __init__(self, commands: dict[str, Sequence[str]], env: dict[str, str], log: Path) -> None:
        self.commands, self._env, self._log = commands, env, log
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one."""
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", *self.commands[name]]
            self._running[name] = subprocess.Popen(command, env=self._env, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """Kill one so that it cannot do anything any more."""
        self._running[name].kill()
        self._running[name].wait()

    @contextmanager
    def up(self) -> Iterator[None]:
        """Run all of them for a while."""
        for name in self.commands:
            self.start(name)
        try:
            yield
        finally:
            for name in self.commands:
                self.kill(name)


class Reading:
    """Readers that come back whenever they are cut off: the feed, the stream, and the topic."""

    def __init__(self, address: str, broker: Broker) -> None:
        self.feed, self.stream, self.topic = Got(), Got(), Got()
        self._address, self._broker = address, broker
        self._http = httpx.Client(timeout=httpx.Timeout(10, read=20))
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._again, args=(each,), daemon=True)
            for each in (self._read_feed, self._follow, self._pull)
        ]

    @contextmanager
    def on(self) -> Iterator[None]:
        """Read for a while."""
        self._cursor, self._last_id = "0", "0"
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(30)
            self._http.close()

    def _again(self, read: Callable[[], None]) -> None:
        while not self._stop.wait(0.2):
            with suppress(httpx.HTTPError):
                read()

    def _read_feed(self) -> None:
        asked = {"after": self._cursor, "limit": "1000"}
        page = self._http.get(f"{self._address}/v1/changes", params=asked).raise_for_status()
        self.feed.events += [(event["subject"], event["id"]) for event in page.json()["events"]]
        self._cursor = page.json()["next"]

    def _follow(self) -> None:
        headers = {"last-event-id": self._last_id}
        url = f"{self._address}/v1/stream"
        with self._http.stream("GET", url, headers=headers) as response:
            response.raise_for_status()
            place = ""
            for line in response.iter_lines():
                if line.startswith("id: "):
                    place = line.removeprefix("id: ")
                elif line.startswith("data: "):
                    event = json.loads(line.removeprefix("data: "))
                    self.stream.events.append((event["subject"], event["id"]))
                    self._last_id = place
                if self._stop.is_set():
                    return

    def _pull(self) -> None:
        for message in self._broker.pull("dashboard", 100, 0.5):
            self.topic.events.append((message.ordering_key, json.loads(message.data)["id"]))
            self._broker.acknowledge("dashboard", [message.lease_id])


def received(path: Path) -> Got:
    """What the receiver kept; a line that a kill cut short is none that it confirmed."""
    got = Got()
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        with suppress(ValueError):
            subject, event_id = json.loads(line)
            got.events.append((subject, event_id))
    return got


@contextmanager
def happening(store: Store, told: Callable[[], int]) -> Iterator[None]:
    """Let events happen, about several records at once, as long as not too many wait to be told."""
    over, chance = threading.Event(), random.Random(4)

    def happen() -> None:
        while not over.wait(0.05):
            if store.last_position() - told() > AHEAD:
                continue
            emit(store, *chance.sample(range(RECORDS), 5), event_type=chance.choice(TYPES))

    thread = threading.Thread(target=happen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


def until(there: Callable[[], bool], so_far: Callable[[], str] = str) -> None:
    """Wait until something is so."""
    deadline, pause = time.monotonic() + LIMIT_S, threading.Event()
    while not there():
        assert time.monotonic() < deadline, so_far()
        pause.wait(0.05)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A live meeting in which nothing has happened."""
    with a_store(request.param, tmp_path) as opened:
        add_meetings(opened, small="live")
        yield opened


def test_whatever_is_killed_everybody_gets_everything_in_order(store: Store, tmp_path: Path) -> None:
    """The stream, webhooks, the topic and the feed may repeat an event; they may not lose or swap one."""
    receiver_port, kept = free_port(), tmp_path / "received.jsonl"
    env = running.environment(
        tmp_path,
        DATABASE_URL=store.engine.url.render_as_string(hide_password=False),
        FLOORLOG_WEBHOOK_INSIDE="yes",
        FLOORLOG_WEBHOOK_RETRY_S="1",
        FLOORLOG_RELAY_LEASE_S="2",
        FLOORLOG_RATE="0",
        LOG_LEVEL="warning",
    )
    hook = f"http://127.0.0.1:{receiver_port}/hook"
    actor, now = Actor(None, "Ann"), datetime(2026, 2, 24, tzinfo=UTC)
    webhooks.add(store, hook, inside=True, by=actor, now=now, after=0, secret=SECRET)
    broker = open_broker(f"sqlite:///{tmp_path / 'broker.db'}")
    broker.create_topic("records")
    broker.create_subscription("dashboard", "records", 60)
    parts = Parts(
        {
            "receiver": ("tests.e2e.receiving", str(receiver_port), str(kept), SECRET),
            "relay-1": ("floorlog", "relay"),
            "relay-2": ("floorlog", "relay"),
            "api": ("floorlog", "api"),
        },
        env,
        tmp_path / "log",
    )
    reading = Reading(f"http://127.0.0.1:{env['FLOORLOG_PORT']}", broker)
    chance, pause = random.Random(20210224), threading.Event()

    def served_by(name: str) -> int:
        if name == "api":
            return min(len(reading.feed.events), len(reading.stream.events))
        return len(received(kept).events) if name == "receiver" else len(reading.topic.events)

    def is_at_work(name: str) -> bool:
        return served_by(name) > began[name]

    began = dict.fromkeys(parts.commands, 0)
    with parts.up(), reading.on():
        with happening(store, lambda: min(map(served_by, parts.commands))):
            for number in range(KILLS):
                name = tuple(parts.commands)[number % len(parts.commands)]
                until(partial(is_at_work, name))  # else nothing could be lost
                pause.wait(chance.uniform(0.0, 1.0))
                parts.kill(name)
                began[name] = served_by(name)
                parts.start(name)
        store.sequence()
        expected = Got([(row.subject, f"evt-{row.position}") for row in store.page(0, 10**6, EVERYTHING).rows])
        everybody = {"feed": reading.feed, "stream": reading.stream, "topic": reading.topic}

        def missing() -> dict[str, int]:
            everybody["webhook"] = received(kept)
            return {name: len(set(expected.events) - set(got.events)) for name, got in everybody.items()}

        until(lambda: not any(missing().values()), lambda: f"{missing()} {(tmp_path / 'log').read_text()[-3000:]}")
    broker.close()
    repeats = {name: len(got.events) - len(set(got.events)) for name, got in everybody.items()}
    print(f"{KILLS} kills, {len(expected.events)} events, repeats: {repeats}")
    for name, got in everybody.items():
        assert got.by_record() == expected.by_record(), name
