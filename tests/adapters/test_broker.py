"""What every broker keeps to: one suite, run on the embedded broker and on Google's through the emulator."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floorlog.adapters.broker import MAX_MESSAGE_BYTES, Message, Outgoing, open_broker
from floorlog.errors import InvalidSetting, MessageTooLarge
from tests.adapters.conftest import BrokerCase


def ids(messages: list[Message]) -> list[str]:
    return [message.lease_id for message in messages]


def test_a_message_arrives_as_it_was_published(case: BrokerCase) -> None:
    """Announcements are bytes with attributes; nothing of them may change on the way."""
    message_id = case.broker.publish(case.topic, b"\x00\xff{}", {"schema": "segment/1", "Größe": "é"}, "ga-2021-02-24")
    (message,) = case.pull_all(1)
    assert (message.message_id, message.data) == (message_id, b"\x00\xff{}")
    assert message.attributes == {"schema": "segment/1", "Größe": "é"}
    assert message.published_at.tzinfo is UTC
    assert message.published_at > datetime(2020, 1, 1, tzinfo=UTC)


def test_the_ordering_key_travels_as_data(case: BrokerCase) -> None:
    """The driver groups by meeting, but a message on lease must not hold back the next one of its meeting."""
    for sequence in range(5):
        case.broker.publish(case.topic, b"%d" % sequence, ordering_key="meeting-a" if sequence % 2 else "meeting-b")
    messages = case.pull_all(5)
    assert {(message.data, message.ordering_key) for message in messages} == {
        (b"0", "meeting-b"),
        (b"1", "meeting-a"),
        (b"2", "meeting-b"),
        (b"3", "meeting-a"),
        (b"4", "meeting-b"),
    }


def test_each_subscription_gets_every_message_published_after_it(case: BrokerCase) -> None:
    """A webhook relay beside a dashboard must not take its events away."""
    case.broker.publish(case.topic, b"before")
    later = case.subscription + "-later"
    case.broker.create_subscription(later, case.topic, lease_s=10)
    case.broker.publish(case.topic, b"after")
    assert {message.data for message in case.pull_all(2)} == {b"before", b"after"}
    (seen,) = case.broker.pull(later, 10, 5.0)
    assert seen.data == b"after"
    case.broker.acknowledge(later, [seen.lease_id])
    assert case.broker.pull(later, 10, 0) == []


def test_an_acknowledged_message_never_comes_again(case: BrokerCase) -> None:
    """What is committed is done: work on it again would be waste."""
    case.broker.publish(case.topic, b"done")
    (message,) = case.pull_all(1)
    case.broker.extend(case.subscription, [message.lease_id], 1)
    case.broker.acknowledge(case.subscription, [message.lease_id])
    case.pass_s(1)
    assert case.pull_none()


def test_a_lease_that_runs_out_is_delivered_again_and_the_old_one_is_void(case: BrokerCase) -> None:
    """A driver that was too slow must not acknowledge what another one now works on."""
    case.broker.publish(case.topic, b"slow")
    (first,) = case.pull_all(1)
    assert case.pull_none()
    case.broker.extend(case.subscription, [first.lease_id], 1)
    case.pass_s(1)
    (second,) = case.pull_all(1)
    assert (second.message_id, second.data) == (first.message_id, b"slow")
    assert second.lease_id != first.lease_id
    case.broker.acknowledge(case.subscription, [first.lease_id])
    case.broker.release(case.subscription, [first.lease_id])
    case.broker.extend(case.subscription, [first.lease_id], 0)
    assert case.pull_none()  # the old lease did not give the new one back
    case.broker.release(case.subscription, [second.lease_id])
    (third,) = case.pull_all(1)  # nor did it acknowledge it
    assert third.message_id == first.message_id


def test_an_extended_lease_does_not_run_out(case: BrokerCase) -> None:
    """Transcribing may take longer than a lease; the driver keeps it by extending."""
    case.broker.publish_many(case.topic, [Outgoing(b"kept"), Outgoing(b"left")])
    messages = {message.data: message for message in case.pull_all(2)}
    case.broker.extend(case.subscription, [messages[b"left"].lease_id], 1)
    case.broker.extend(case.subscription, [messages[b"kept"].lease_id], 60)
    case.pass_s(10)  # the lease that the subscription gives
    assert [message.data for message in case.pull_all(1)] == [b"left"]
    assert case.pull_none()
    case.broker.acknowledge(case.subscription, [messages[b"kept"].lease_id])
    case.broker.acknowledge(case.subscription, ids(list(messages.values())))


def test_a_released_message_comes_again_at_once(case: BrokerCase) -> None:
    """A driver that stops gives back what it did not begin, so that another need not wait for the lease."""
    case.broker.publish(case.topic, b"back")
    (first,) = case.pull_all(1)
    case.broker.release(case.subscription, [first.lease_id])
    (second,) = case.pull_all(1)
    assert second.message_id == first.message_id


def test_attempts_are_counted_where_the_broker_can(case: BrokerCase) -> None:
    """The embedded broker counts deliveries; Pub/Sub only under a dead-letter policy, and says 0 without one."""
    case.broker.publish(case.topic, b"again")
    attempts = []
    for _ in range(3):
        (message,) = case.pull_all(1)
        attempts.append(message.attempt)
        case.broker.release(case.subscription, [message.lease_id])
    assert attempts == ([1, 2, 3] if case.kind == "embedded" else [0, 0, 0])


def test_a_lease_id_that_means_nothing_is_passed_over(case: BrokerCase) -> None:
    """After a crash an old lease id may come up; it must not stop the others in the same call."""
    case.broker.publish_many(case.topic, [Outgoing(b"a"), Outgoing(b"b")])
    first, second = case.pull_all(2)
    nonsense = ["bogus", "12-34", "-1", "9" * 40 + "-1", "é", "'; DROP TABLE delivery; --"]
    case.broker.extend(case.subscription, [*nonsense, first.lease_id], 60)
    case.broker.release(case.subscription, [*nonsense, second.lease_id])
    (again,) = case.pull_all(1)
    assert again.message_id == second.message_id
    case.broker.acknowledge(case.subscription, [*nonsense, first.lease_id, again.lease_id, again.lease_id])
    case.broker.acknowledge(case.subscription, [])
    assert case.pull_none()


def test_a_large_backlog_is_delivered_whole_and_once(case: BrokerCase) -> None:
    """After a night without a driver every announcement still arrives, and none twice."""
    published = [b"%d" % number for number in range(2000)]
    message_ids = case.broker.publish_many(case.topic, [Outgoing(data) for data in published])
    assert len(set(message_ids)) == 2000
    messages = case.pull_all(2000)
    assert sorted(int(message.data) for message in messages) == list(range(2000))
    case.broker.acknowledge(case.subscription, ids(messages))
    assert case.pull_none()


def test_two_consumers_never_hold_the_same_message(case: BrokerCase) -> None:
    """Several drivers share one subscription; each segment is transcribed by one of them."""
    case.broker.publish_many(case.topic, [Outgoing(b"%d" % number) for number in range(300)])
    held: list[list[Message]] = [[], [], []]

    def consume(mine: list[Message]) -> None:
        broker = case.another()
        while batch := broker.pull(case.subscription, 7, 1.0):
            mine.extend(batch)
            broker.extend(case.subscription, ids(batch), 60)

    threads = [threading.Thread(target=consume, args=(mine,)) for mine in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [message.message_id for mine in held for message in mine]
    assert len(everything) == 300
    assert len(set(everything)) == 300


def test_a_pull_waits_for_the_first_message(case: BrokerCase) -> None:
    """A live segment must not wait for the next round of an idle driver."""
    waiting = threading.Thread(target=lambda: case.another().publish(case.topic, b"live"))
    timer = threading.Timer(0.3, waiting.start)
    timer.start()
    messages = case.broker.pull(case.subscription, 10, 30.0)
    timer.join()
    waiting.join()
    assert [message.data for message in messages] == [b"live"]


def test_closing_ends_a_waiting_pull(case: BrokerCase) -> None:
    """A driver that is told to stop must not hang in a pull."""
    broker = case.another()
    timer = threading.Timer(0.3, broker.close)
    timer.start()
    assert broker.pull(case.subscription, 10, 60.0) == []
    timer.join()


def test_a_message_beyond_the_limit_is_refused_by_every_broker(case: BrokerCase) -> None:
    """What fits one broker must fit the other: moving to the cloud may not lose a message."""
    whole = b"x" * MAX_MESSAGE_BYTES
    with pytest.raises(MessageTooLarge):
        case.broker.publish(case.topic, whole, {"a": "b"})
    with pytest.raises(MessageTooLarge):
        case.broker.publish_many(case.topic, [Outgoing(b"small"), Outgoing(whole + b"x")])
    assert case.pull_none()
    case.broker.publish(case.topic, whole)
    (message,) = case.pull_all(1)
    assert message.data == whole


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(b""),
        Outgoing(b"x", {"": "no key"}),
        Outgoing(b"x", {"k": "v" * 1025}),
        Outgoing(b"x", {str(number): "" for number in range(101)}),
        Outgoing(b"x", ordering_key="k" * 1025),
    ],
    ids=["empty", "key", "value", "attributes", "ordering key"],
)
def test_what_pubsub_would_not_take_is_refused_by_every_broker(case: BrokerCase, message: Outgoing) -> None:
    """A message that only the embedded broker takes would be a bug that shows up first in production."""
    with pytest.raises(ValueError, match=r"message needs|takes"):
        case.broker.publish_many(case.topic, [message])
    assert case.pull_none()


def test_creating_again_changes_nothing_but_the_lease(case: BrokerCase) -> None:
    """Every worker creates what it needs when it starts; messages that wait must stay."""
    case.broker.publish(case.topic, b"waits")
    case.broker.create_topic(case.topic)
    case.broker.create_subscription(case.subscription, case.topic, lease_s=20)
    (message,) = case.pull_all(1)
    assert message.data == b"waits"


def test_a_subscription_of_another_topic_is_refused(case: BrokerCase) -> None:
    """A driver that was pointed at the wrong topic must be told, not fed."""
    case.broker.create_topic(case.topic + "-replay")
    with pytest.raises(InvalidSetting, match="another topic"):
        case.broker.create_subscription(case.subscription, case.topic + "-replay", lease_s=10)


def test_what_was_never_created_is_named(case: BrokerCase) -> None:
    """A misspelt topic must be an error that names it, not a message lost."""
    missing = "nowhere-" + case.topic
    with pytest.raises(InvalidSetting, match=missing):
        case.broker.publish(missing, b"x")
    with pytest.raises(InvalidSetting, match=missing):
        case.broker.pull(missing, 1, 0)
    with pytest.raises(InvalidSetting, match=missing):
        case.broker.acknowledge(missing, ["1-1"])
    with pytest.raises(InvalidSetting, match=missing):
        case.broker.create_subscription("sub-" + case.topic, missing, lease_s=10)


@pytest.mark.parametrize("name", ["", "ab", "1abc", "a b c", "google-topic", "a/b/c", "a" * 256])
def test_a_name_that_pubsub_would_not_take_is_refused(case: BrokerCase, name: str) -> None:
    """Names that work on one machine must work in the cloud."""
    with pytest.raises(InvalidSetting):
        case.broker.create_topic(name)
    with pytest.raises(InvalidSetting):
        case.broker.create_subscription(name, case.topic, lease_s=10)


def test_the_backlog_is_told_where_the_broker_knows_it(case: BrokerCase) -> None:
    """Operators watch how far a driver is behind; Pub/Sub tells that only through Cloud Monitoring."""
    case.broker.publish_many(case.topic, [Outgoing(b"a"), Outgoing(b"b")])
    case.pull_all(1)
    backlog = case.broker.backlog(case.subscription)
    if case.kind == "embedded":
        assert backlog is not None
        assert backlog.messages == 2
        assert backlog.oldest_published_at == datetime(2021, 2, 24, 15, tzinfo=UTC)
    else:
        assert backlog is None


_CONSUMER = """
import sys
from floorlog.adapters.broker import open_broker
broker = open_broker(sys.argv[1])
(message,) = broker.pull(sys.argv[2], 1, 30.0)
broker.extend(sys.argv[2], [message.lease_id], float(sys.argv[3]))
print(message.message_id, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_consumer_held_is_delivered_again(case: BrokerCase) -> None:
    """A driver that dies in the middle of its work loses nothing."""
    live = open_broker(case.url)  # on the real clock, as the consumer's process is
    message_id = live.publish(case.topic, b"survives")
    consumer = subprocess.Popen(
        [sys.executable, "-c", _CONSUMER, case.url, case.subscription, "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert consumer.stdout is not None
    assert consumer.stdin is not None
    held = consumer.stdout.readline().strip()
    consumer.send_signal(signal.SIGKILL)
    consumer.wait()
    consumer.stdin.close()
    consumer.stdout.close()
    assert held == message_id
    (again,) = live.pull(case.subscription, 10, 30.0)
    assert again.message_id == message_id
    live.acknowledge(case.subscription, [again.lease_id])
    live.close()


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "pubsub://", "pubsub://a/b", "kafka://x", "/tmp/b.db"])
def test_a_url_that_names_no_broker_is_refused(url: str) -> None:
    """The message names the setting and the two forms that it takes."""
    with pytest.raises(InvalidSetting, match="FLOORLOG_BROKER_URL"):
        open_broker(url)


def test_a_relative_sqlite_url_lies_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL is read as SQLAlchemy reads it: three slashes relative, four absolute."""
    monkeypatch.chdir(tmp_path)
    open_broker("sqlite:///data/broker.sqlite").close()
    open_broker(f"sqlite:///{tmp_path}/absolute.sqlite").close()
    assert (tmp_path / "data" / "broker.sqlite").is_file()
    assert (tmp_path / "absolute.sqlite").is_file()
