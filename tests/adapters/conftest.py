"""The brokers that the adapters' tests run on: the embedded one, and Google's through the emulator."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from floorlog.adapters.broker import Broker, Message, open_broker
from floorlog.adapters.broker.embedded import EmbeddedBroker


@dataclass(slots=True)
class FakeClock:
    """Seconds since 1970 that pass when told to."""

    now_s: float = 1_614_178_800.0

    def __call__(self) -> float:
        return self.now_s


@dataclass(slots=True)
class BrokerCase:
    """A broker with one topic and one subscription of its own, and ways to do to it what time and users do."""

    kind: str
    url: str
    broker: Broker
    topic: str
    subscription: str
    pass_s: Callable[[float], None]
    open: Callable[[], Broker]
    opened: list[Broker] = field(default_factory=list)

    def another(self) -> Broker:
        """Open the same broker once more, as another process would."""
        self.opened.append(self.open())
        return self.opened[-1]

    def pull_all(self, wanted: int, broker: Broker | None = None) -> list[Message]:
        """Pull until that many messages are on lease, or none comes for some seconds."""
        pulled: list[Message] = []
        while len(pulled) < wanted:
            batch = (broker or self.broker).pull(self.subscription, min(500, wanted - len(pulled)), 5.0)
            if not batch:
                return pulled
            pulled += batch
        return pulled

    def pull_none(self) -> bool:
        """Return whether nothing can be pulled now."""
        return self.broker.pull(self.subscription, 10, 0) == []


@pytest.fixture(params=["embedded", "emulator"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrokerCase]:
    """Give each broker in turn; leases last 10 s, the least that Pub/Sub takes at creation."""
    unique = uuid.uuid4().hex[:12]
    if request.param == "embedded":
        clock, path = FakeClock(), tmp_path / "broker.sqlite"

        def pass_s(seconds: float) -> None:
            clock.now_s += seconds

        def open_() -> Broker:
            return EmbeddedBroker(path, now=clock)

        url = f"sqlite:///{path}"
    else:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", request.getfixturevalue("emulator_host"))
        url = "pubsub://floorlog-test"

        def pass_s(seconds: float) -> None:
            threading.Event().wait(seconds + 0.5)

        def open_() -> Broker:
            return open_broker(url)

    made = BrokerCase(request.param, url, open_(), f"audio-{unique}", f"pipeline-{unique}", pass_s, open_)
    made.broker.create_topic(made.topic)
    made.broker.create_subscription(made.subscription, made.topic, lease_s=10)
    yield made
    for broker in (made.broker, *made.opened):
        broker.close()
