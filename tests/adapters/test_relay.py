"""The relay's store and its lines: nothing is lost, each record's order is kept, relays share; for both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_deliveries import Deliveries, Delivery, Outcome, Patience
from floorlog.adapters.store.relay_history import History
from floorlog.adapters.store.relay_leases import Leases
from floorlog.adapters.store.relay_subscribers import Subscriber, Subscribers
from floorlog.adapters.webhooks import Answer
from floorlog.errors import UnknownSubscriber
from floorlog.relaying import SHARDS, Wanted, shard_of
from floorlog.services import relay, webhooks
from floorlog.services.people import Actor
from floorlog.services.relay import Message
from tests.happenings import add_meetings, emit, firsts, subject
from tests.small_floor import DATABASES, a_store
from workers.relay.gauges import RelayGauges
from workers.relay.line import Line, Manner

THREE_DAYS = timedelta(days=3)
NOW = datetime(2026, 2, 24, 15, 0, tzinfo=UTC)
ANN = Actor(None, "Ann")


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A live meeting in which nothing has happened."""
    with a_store(request.param, tmp_path) as opened:
        add_meetings(opened, small="live")
        yield opened


@dataclass
class Receiver:
    """Takes what it is sent, unless told otherwise."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    answers: dict[str, Answer] = field(default_factory=dict)
    refused: int = 0

    def __call__(self, message: Message) -> Answer:
        """Take or refuse a message."""
        if message.subject in self.refuses:
            self.refused += 1
            return self.answers.get(message.subject, Answer(500, 3, "it answered 500"))
        self.taken.append((message.subject, message.event_id))
        return Answer(200, 3, None)

    def of(self, number: int) -> list[str]:
        """Return the ids of the events about a record that were taken, in order."""
        return [event for about, event in self.taken if about == subject(number)]


def a_subscriber(store: Store, name: str = "web-1", wanted: Wanted | None = None) -> Subscriber:
    """A webhook that gets everything from the first event on."""
    Subscribers(store).add(name, "webhook", "https://example.org/", "whsec_", "", wanted or Wanted(), 0)
    return Subscribers(store).one(name)


def a_line(
    store: Store, receiver: Receiver, *, relay_id: str = "relay-1", lease_s: float = 60, **manner: float
) -> Line:
    """A line of the one subscriber; a failed delivery is due again after a moment."""
    leases = Leases(store, relay_id, lease_s)
    leases.beat()
    how = Manner(manner.get("retry_s", 0.02), timedelta(days=manner.get("disable_after_days", 3)))
    return Line(store, Subscribers(store).one("web-1"), leases, receiver, how)


@contextmanager
def running(line: Line) -> Iterator[Line]:
    """A line that runs."""
    line.start()
    try:
        yield line
    finally:
        line.stop()
        line.join(20)


def until(there: Callable[[], object], within_s: float = 20) -> None:
    """Wait until something is so."""
    deadline, pause = time.monotonic() + within_s, threading.Event()
    while not there():
        assert time.monotonic() < deadline
        pause.wait(0.01)


def ids(*positions: int) -> list[str]:
    return [f"evt-{position}" for position in positions]


def test_each_record_is_told_in_order(store: Store) -> None:
    """A correction before what it corrects would be worse than none."""
    a_subscriber(store)
    emit(store, 1, 2, 1, 3, 2, 1)
    receiver = Receiver()
    with running(a_line(store, receiver)):
        until(lambda: len(receiver.taken) == 6)
    assert receiver.of(1) == ids(1, 3, 6)
    assert receiver.of(2) == ids(2, 5)
    assert receiver.of(3) == ids(4)


def test_a_record_that_is_refused_holds_back_no_other(store: Store) -> None:
    """One bad record must not silence a webhook, and what comes behind it must not overtake it."""
    a_subscriber(store)
    receiver = Receiver(refuses={subject(1)})
    emit(store, 1, 2, 1, 3)
    with running(a_line(store, receiver)) as line:
        until(lambda: receiver.refused >= 2 and receiver.of(2) and receiver.of(3))
        emit(store, 4)
        line.wake()
        until(lambda: receiver.of(4))
        assert receiver.of(1) == []
        receiver.refuses.clear()
        until(lambda: len(receiver.of(1)) == 2)
    assert receiver.of(1) == ids(1, 3)
    first, *_ = [past for past in History(store).deliveries("web-1", 10) if past.position == 1]
    assert (first.state, first.status, first.error) == ("delivered", 200, None)
    assert first.attempts == receiver.refused + 1


def test_what_was_sent_and_not_written_down_is_sent_again(store: Store) -> None:
    """A relay that dies between the two must not decide that nobody got it; the id tells the receiver."""
    a_subscriber(store)
    emit(store, 1, 2)
    receiver = Receiver()
    with ThreadPoolExecutor(2) as pool:
        dead = a_line(store, receiver, lease_s=0.2)
        dead.step(pool)
        until(lambda: len(receiver.taken) == 2)
    with running(a_line(store, receiver, relay_id="relay-2", lease_s=0.2)):
        until(lambda: len(receiver.taken) == 4)
        until(lambda: Subscribers(store).standing("web-1").waiting == 0)
    assert receiver.of(1) == ids(1, 1)
    assert firsts(receiver.of(2)) == ids(2)


def test_a_cursor_moves_only_behind_what_is_kept(store: Store) -> None:
    """Else a crash between the two would lose an event for good."""
    subscriber = a_subscriber(store)
    emit(store, 1, 2, 3, 4)
    held = {shard_of(subject(1)): 0}
    relay.take_up(store, subscriber, held)
    waiting = {delivery.position for delivery in Deliveries(store).due("web-1", range(SHARDS), 10)}
    assert 1 in waiting
    assert waiting <= {place for place in (1, 2, 3, 4) if shard_of(subject(place)) in held}
    everything = dict.fromkeys(range(SHARDS), 0) | {shard_of(subject(1)): 4}
    relay.take_up(store, subscriber, everything)
    relay.take_up(store, subscriber, everything)  # as another relay would that was frozen meanwhile
    assert Subscribers(store).standing("web-1").waiting == 4
    assert Subscribers(store).standing("web-1").position == 4


def test_relays_share_a_subscriber(store: Store) -> None:
    """Two relays do half of the work each, and never hold the same shard."""
    a_subscriber(store)
    one, two = Leases(store, "relay-1", 60), Leases(store, "relay-2", 60)
    one.beat()
    assert len(one.hold("web-1", ())) == SHARDS
    two.beat()
    assert two.hold("web-1", ()) == {}
    assert len(one.hold("web-1", ())) == SHARDS // 2
    mine, others = one.hold("web-1", ()), two.hold("web-1", ())
    assert len(others) == SHARDS // 2
    assert mine.keys().isdisjoint(others)
    assert Subscribers(store).standing("web-1").relays == ("relay-1", "relay-2")


def test_a_shard_in_use_is_not_given_away(store: Store) -> None:
    """What is being sent belongs to whoever sends it until it is written down."""
    a_subscriber(store)
    one = Leases(store, "relay-1", 60)
    one.hold("web-1", ())
    Leases(store, "relay-2", 60).beat()
    assert one.hold("web-1", (15,)).keys() == {*range(SHARDS // 2), 15}


def test_a_dead_relay_is_replaced_when_its_lease_is_over(store: Store) -> None:
    """Nobody needs to notice that a machine is gone."""
    a_subscriber(store)
    Leases(store, "relay-1", 0.3).hold("web-1", ())
    two = Leases(store, "relay-2", 0.3)
    assert two.hold("web-1", ()) == {}
    until(lambda: len(two.hold("web-1", ())) == SHARDS)


def test_a_relay_that_ends_leaves_nothing_behind(store: Store) -> None:
    """An update must not pause deliveries for the length of a lease."""
    a_subscriber(store)
    one, two = Leases(store, "relay-1", 60), Leases(store, "relay-2", 60)
    one.beat()
    one.hold("web-1", ())
    one.let_go()
    assert len(two.hold("web-1", ())) == SHARDS


def test_two_relays_deliver_everything_once_more_or_less(store: Store) -> None:
    """Sharing must lose nothing and keep the order of each record."""
    a_subscriber(store)
    receiver = Receiver()
    with (
        running(a_line(store, receiver, relay_id="relay-1")) as one,
        running(a_line(store, receiver, relay_id="relay-2")) as two,
    ):
        for _ in range(10):
            emit(store, *range(12))
            one.wake()
            two.wake()
        until(lambda: len(set(receiver.taken)) == 120)
    for number in range(12):
        assert firsts(receiver.of(number)) == ids(*range(number + 1, 121, 12))


def test_a_receiver_that_is_gone_is_asked_no_more(store: Store) -> None:
    """410 is how a receiver says that it does not want to hear from us again."""
    a_subscriber(store)
    emit(store, 1, 2)
    receiver = Receiver(refuses={subject(1)}, answers={subject(1): Answer(410, 3, "it answered 410")})
    with running(a_line(store, receiver)) as line:
        until(lambda: line.disabled)
    after = Subscribers(store).one("web-1")
    assert (after.state, receiver.refused) == ("disabled", 1)
    assert "410" in str(after.why)


def test_a_webhook_that_fails_for_long_is_disabled_and_loses_nothing(store: Store) -> None:
    """Nobody reads its address any more; but when somebody does, everything is still there."""
    a_subscriber(store)
    emit(store, 1, 2)
    receiver = Receiver(refuses={subject(1), subject(2)})
    with running(a_line(store, receiver, disable_after_days=0)) as line:
        until(lambda: line.disabled)
    assert "nothing was delivered since" in str(Subscribers(store).one("web-1").why)
    receiver.refuses.clear()
    emit(store, 3)
    webhooks.switch(store, "web-1", True, ANN, NOW)
    with running(a_line(store, receiver)):
        until(lambda: len(receiver.taken) == 3)
    assert Subscribers(store).one("web-1").failing_since is None


def test_one_event_that_always_fails_is_given_up(store: Store) -> None:
    """It must not hold back its record for ever; it stays in the history, and can be sent again."""
    a_subscriber(store)
    emit(store, 1, 2, 1)
    subscriber = Subscribers(store).one("web-1")
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 0))
    refused, taken = Deliveries(store).due("web-1", range(SHARDS), 10)
    outcomes = [Outcome(refused, 500, 1, "it answered 500"), Outcome(taken, 200, 1, None)]
    assert Deliveries(store).record("web-1", outcomes, Patience(timedelta(0))) is None
    assert [past.position for past in webhooks.deliveries(store, "web-1", 9, "given_up")] == [1]
    assert [each.position for each in Deliveries(store).due("web-1", range(SHARDS), 10)] == [3]
    webhooks.replay(store, "web-1", [1], ANN, NOW)
    assert [each.position for each in Deliveries(store).due("web-1", range(SHARDS), 10)] == [1]


def test_a_replay_sends_again_under_the_same_ids(store: Store) -> None:
    """A receiver that lost its data gets it back without an operator editing anything."""
    a_subscriber(store, wanted=Wanted(types=("record.created",)))
    emit(store, 1, 2)
    emit(store, 1, event_type="record.revised")
    receiver = Receiver()
    with running(a_line(store, receiver)) as line:
        until(lambda: Subscribers(store).standing("web-1").position == 3)
        until(lambda: Subscribers(store).standing("web-1").waiting == 0)
        assert webhooks.replay_range(store, "web-1", 0, None, ANN, NOW) == 2
        line.wake()
        until(lambda: len(receiver.taken) == 4)
    assert receiver.of(1) == ids(1, 1)
    assert {past.attempts for past in History(store).deliveries("web-1", 9)} == {2}
    with pytest.raises(UnknownSubscriber):
        webhooks.replay(store, "web-1", [99], ANN, NOW)


def test_a_subscriber_gets_what_it_may_see_when_it_is_sent(store: Store) -> None:
    """A meeting that was closed meanwhile must not leak out of a queue."""
    a_subscriber(store)
    emit(store, 1)
    subscriber = Subscribers(store).one("web-1")
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 0))
    add_meetings(store, small="closed")
    assert relay.due(store, subscriber, range(SHARDS), 9, ()) == []
    assert [past.state for past in History(store).deliveries("web-1", 9)] == ["passed_over"]


def test_old_deliveries_are_forgotten_and_what_waits_is_kept(store: Store) -> None:
    """The history of a busy year must not grow without end."""
    a_subscriber(store)
    emit(store, 1, 2)
    subscriber = Subscribers(store).one("web-1")
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 0))
    first = Deliveries(store).due("web-1", range(SHARDS), 1)[0]
    Deliveries(store).record("web-1", [Outcome(first, 200, 1, None)], Patience(THREE_DAYS))
    assert History(store).forget(datetime.now(UTC) - timedelta(days=1)) == 0
    assert History(store).forget(datetime.now(UTC) + timedelta(days=1)) == 1
    assert [past.state for past in History(store).deliveries("web-1", 9)] == ["waiting"]


def test_a_subscriber_that_is_removed_meanwhile_leaves_nothing(store: Store) -> None:
    """A relay that is sending to it must not bring it back, or fall over it."""
    a_subscriber(store)
    emit(store, 1)
    subscriber = Subscribers(store).one("web-1")
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 0))
    due = Deliveries(store).due("web-1", range(SHARDS), 1)
    webhooks.remove(store, "web-1", ANN, NOW)
    assert Deliveries(store).record("web-1", [Outcome(due[0], 200, 1, None)], Patience(THREE_DAYS)) is None
    Deliveries(store).park("web-1", [(1, subject(1))], {shard_of(subject(1)): 0}, 1)
    assert Leases(store, "relay-1", 60).hold("web-1", ()) == {}
    assert Subscribers(store).all() == []


def test_nothing_more_is_taken_up_while_too_much_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that is down for days must not fill the store with a copy of the feed."""
    monkeypatch.setattr(relay, "MOST_WAITING", 2)
    subscriber = a_subscriber(store)
    emit(store, 1, 2)
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 0))
    emit(store, 3)
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 2))
    assert Subscribers(store).standing("web-1").position == 2
    delivery: list[Delivery] = Deliveries(store).due("web-1", range(SHARDS), 9)
    Deliveries(store).record("web-1", [Outcome(each, 200, 1, None) for each in delivery], Patience(THREE_DAYS))
    relay.take_up(store, subscriber, dict.fromkeys(range(SHARDS), 2))
    assert Subscribers(store).standing("web-1").position == 3


def test_prometheus_sees_who_is_behind(store: Store) -> None:
    """An operator must hear of a silent webhook before its owner does."""
    a_subscriber(store)
    emit(store, 1, 2, 3)
    relay.take_up(store, Subscribers(store).one("web-1"), dict.fromkeys(range(SHARDS), 0))
    emit(store, 4)
    Subscribers(store).disable("web-1", "tried")
    registry = CollectorRegistry()
    registry.register(RelayGauges(store))
    of = {"subscriber": "web-1"}
    assert registry.get_sample_value("floorlog_relay_behind_events", of) == 1
    assert registry.get_sample_value("floorlog_relay_waiting_deliveries", of) == 3
    assert registry.get_sample_value("floorlog_relay_disabled", of) == 1
