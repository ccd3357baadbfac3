"""What the embedded broker promises beyond the common suite: durability, several processes, indexed searches."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from floorlog.adapters.broker import Outgoing, tables
from floorlog.adapters.broker.embedded import EmbeddedBroker
from floorlog.errors import BrokerUnavailable, InvalidSetting
from tests.adapters.conftest import FakeClock

TOPIC, SUBSCRIPTION = "audio-segments", "pipeline"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(tmp_path: Path, clock: FakeClock) -> Iterator[EmbeddedBroker]:
    made = EmbeddedBroker(tmp_path / "broker.sqlite", now=clock)
    made.create_topic(TOPIC)
    made.create_subscription(SUBSCRIPTION, TOPIC, lease_s=10)
    yield made
    made.close()


def test_messages_come_in_the_order_of_publishing_even_when_delivered_again(
    broker: EmbeddedBroker, clock: FakeClock
) -> None:
    """A long backlog must not starve what a killed driver left behind."""
    broker.publish_many(TOPIC, [Outgoing(b"%d" % number) for number in range(6)])
    broker.pull(SUBSCRIPTION, 2, 0)
    clock.now_s += 10
    assert [message.data for message in broker.pull(SUBSCRIPTION, 4, 0)] == [b"0", b"1", b"2", b"3"]


def test_the_lease_ends_at_its_time_and_not_before(broker: EmbeddedBroker, clock: FakeClock) -> None:
    """The driver extends leases at a known distance from their end."""
    broker.publish(TOPIC, b"x")
    broker.pull(SUBSCRIPTION, 1, 0)
    clock.now_s += 9.999
    assert broker.pull(SUBSCRIPTION, 1, 0) == []
    clock.now_s += 0.001
    assert len(broker.pull(SUBSCRIPTION, 1, 0)) == 1


def test_a_late_acknowledgement_counts_while_nobody_else_has_the_message(
    broker: EmbeddedBroker, clock: FakeClock
) -> None:
    """The work is committed by then: doing it again would be waste."""
    broker.publish(TOPIC, b"x")
    (message,) = broker.pull(SUBSCRIPTION, 1, 0)
    clock.now_s += 60
    broker.acknowledge(SUBSCRIPTION, [message.lease_id])
    assert broker.pull(SUBSCRIPTION, 1, 0) == []


def test_a_released_lease_does_not_acknowledge(broker: EmbeddedBroker) -> None:
    """What was given back belongs to whoever pulls next."""
    broker.publish(TOPIC, b"x")
    (message,) = broker.pull(SUBSCRIPTION, 1, 0)
    broker.release(SUBSCRIPTION, [message.lease_id])
    broker.acknowledge(SUBSCRIPTION, [message.lease_id])
    assert len(broker.pull(SUBSCRIPTION, 1, 0)) == 1


def test_a_lease_is_bound_to_its_subscription(broker: EmbeddedBroker) -> None:
    """A lease id used on another subscription must not touch that one's messages."""
    broker.create_subscription("relay", TOPIC, lease_s=10)
    broker.publish(TOPIC, b"x")
    (message,) = broker.pull(SUBSCRIPTION, 1, 0)
    broker.acknowledge("relay", [message.lease_id])
    broker.release("relay", [message.lease_id])
    assert broker.pull(SUBSCRIPTION, 1, 0) == []
    assert len(broker.pull("relay", 1, 0)) == 1


def test_a_new_lease_length_holds_for_later_pulls(broker: EmbeddedBroker, clock: FakeClock) -> None:
    """An operator changes the length of leases by starting a driver with another setting."""
    broker.create_subscription(SUBSCRIPTION, TOPIC, lease_s=30)
    broker.publish(TOPIC, b"x")
    broker.pull(SUBSCRIPTION, 1, 0)
    clock.now_s += 29
    assert broker.pull(SUBSCRIPTION, 1, 0) == []


def test_acknowledged_messages_are_deleted_with_their_last_subscription(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """The file of a machine that listens for years must not grow for ever."""
    broker.create_subscription("relay", TOPIC, lease_s=10)
    broker.publish(TOPIC, b"x")
    broker.create_topic("unheard")
    broker.publish("unheard", b"nobody asks for it")
    for subscription, left in ((SUBSCRIPTION, 1), ("relay", 0)):
        (message,) = broker.pull(subscription, 1, 0)
        broker.acknowledge(subscription, [message.lease_id])
        with sqlite3.connect(tmp_path / "broker.sqlite") as reader:
            assert reader.execute("SELECT count(*) FROM message").fetchone() == (left,)
            assert reader.execute("SELECT count(*) FROM delivery").fetchone() == (left,)


def test_what_is_on_lease_and_what_waits_survives_opening_again(
    broker: EmbeddedBroker, tmp_path: Path, clock: FakeClock
) -> None:
    """A machine that restarts goes on with the same leases and attempts."""
    broker.publish_many(TOPIC, [Outgoing(b"held"), Outgoing(b"waits")])
    (held,) = broker.pull(SUBSCRIPTION, 1, 0)
    broker.close()
    again = EmbeddedBroker(tmp_path / "broker.sqlite", now=clock)
    assert [message.data for message in again.pull(SUBSCRIPTION, 10, 0)] == [b"waits"]
    clock.now_s += 10
    assert {(message.data, message.attempt) for message in again.pull(SUBSCRIPTION, 10, 0)} == {
        (b"held", 2),
        (b"waits", 2),
    }
    again.acknowledge(SUBSCRIPTION, [held.lease_id])
    assert again.backlog(SUBSCRIPTION).messages == 2
    again.close()


def test_a_pull_searches_no_table_from_end_to_end(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Pulling one message from 100,000 must cost what pulling one from ten costs."""
    broker.publish_many(TOPIC, [Outgoing(b"x")])
    with sqlite3.connect(tmp_path / "broker.sqlite") as reader:
        parameters = {"subscription": 1, "now": 0.0, "limit": 10}
        plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {tables.DUE}", parameters)]
    assert any("delivery_waiting" in step for step in plan)
    assert any("delivery_leased" in step for step in plan)
    assert not any(step.startswith("SCAN delivery") for step in plan)


def test_a_backlog_of_a_hundred_thousand_is_pulled_in_order(broker: EmbeddedBroker) -> None:
    """A meeting's whole archive may be replayed at once; each message still comes, oldest first."""
    broker.publish_many(TOPIC, [Outgoing(b"%d" % number) for number in range(100_000)])
    seen: list[int] = []
    while messages := broker.pull(SUBSCRIPTION, 5_000, 0):
        seen += [int(message.data) for message in messages]
        broker.acknowledge(SUBSCRIPTION, [message.lease_id for message in messages])
    assert seen == list(range(100_000))


def test_a_publication_that_fails_publishes_nothing(broker: EmbeddedBroker) -> None:
    """The relay repeats the whole batch: a half that went out would go out twice."""
    with pytest.raises(ValueError, match="needs data"):
        broker.publish_many(TOPIC, [Outgoing(b"good"), Outgoing(b"")])
    assert broker.pull(SUBSCRIPTION, 10, 0) == []


def test_a_closed_broker_says_so(broker: EmbeddedBroker) -> None:
    """Use after closing is not silence."""
    broker.close()
    with pytest.raises(BrokerUnavailable, match="closed"):
        broker.publish(TOPIC, b"x")


def test_a_file_that_is_no_broker_is_named(tmp_path: Path) -> None:
    """A path that points at something else must not be overwritten."""
    path = tmp_path / "meeting.opus"
    path.write_bytes(b"OggS" * 1000)
    with pytest.raises(BrokerUnavailable, match=r"meeting\.opus"):
        EmbeddedBroker(path)
    assert path.read_bytes() == b"OggS" * 1000


def test_a_file_of_a_newer_version_is_refused(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """An older Floorlog must not write into tables that it does not know."""
    with sqlite3.connect(tmp_path / "broker.sqlite") as writer:
        writer.execute("PRAGMA user_version = 99")
    with pytest.raises(InvalidSetting, match="newer"):
        EmbeddedBroker(tmp_path / "broker.sqlite")


_WORKER = """
import sys
from pathlib import Path
from floorlog.adapters.broker.embedded import EmbeddedBroker
sys.stdin.readline()
broker = EmbeddedBroker(Path(sys.argv[1]))
broker.create_topic("audio-segments")
broker.create_subscription("pipeline", "audio-segments", 600)
for number in range(50):
    print("published", broker.publish("audio-segments", f"{sys.argv[2]}/{number}".encode()), flush=True)
for message in broker.pull("pipeline", 30, 5.0):
    print("held", message.message_id, flush=True)
"""


def test_several_processes_share_a_file_that_is_not_made_yet(tmp_path: Path) -> None:
    """Capture, driver and relay start at the same moment; the first makes the file, all use it."""
    path = tmp_path / "new" / "broker.sqlite"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    lines = [line.split() for worker in workers for line in worker.communicate()[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0] * 6
    published = [line[1] for line in lines if line[0] == "published"]
    held = [line[1] for line in lines if line[0] == "held"]
    assert len(published) == len(set(published)) == 300
    assert len(held) == len(set(held)) == 180


_MORTAL = """
import sys
from pathlib import Path
from floorlog.adapters.broker.embedded import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]))
number = 0
while True:
    broker.publish("audio-segments", f"{sys.argv[2]}/{number}".encode())
    print("published", f"{sys.argv[2]}/{number}", flush=True)
    number += 1
    for message in broker.pull("pipeline", 1, 0) if number % 2 else []:
        print("finished", message.data.decode(), flush=True)
        broker.acknowledge("pipeline", [message.lease_id])
"""


def test_killing_in_the_middle_of_transactions_loses_nothing(tmp_path: Path) -> None:
    """Twenty times kill -9: what was published and not finished is there, and nothing is there twice."""
    path = tmp_path / "broker.sqlite"
    setup = EmbeddedBroker(path)
    setup.create_topic(TOPIC)
    setup.create_subscription(SUBSCRIPTION, TOPIC, lease_s=600)
    setup.close()
    chance = random.Random(20210224)
    published: set[str] = set()
    finished: set[str] = set()
    for life in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", _MORTAL, str(path), str(life)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        threading.Event().wait(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        for line in (first + process.communicate()[0]).splitlines(keepends=True):
            if line.endswith("\n"):  # a line that was cut off by the kill says nothing
                word, name = line.split()
                (published if word == "published" else finished).add(name)
    after = EmbeddedBroker(path, now=lambda: 4e9)  # when every lease has run out
    left = [message.data.decode() for message in after.pull(SUBSCRIPTION, 1_000_000, 0)]
    after.close()
    assert len(left) == len(set(left))
    assert published - finished <= set(left)
    assert len(published) > 20
    with sqlite3.connect(path) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
