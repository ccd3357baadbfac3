"""The local driver: acknowledge after commit, and never lose what a run could not keep."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from floorlog.adapters.broker import Broker, open_broker
from floorlog.adapters.store import Store, tables
from floorlog.announcements import End, Gap, encode
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.services import advance, dead_letters
from pipelines.drive import Driver, Driving
from pipelines.elements import AttemptLimits, Plan
from tests.announced import Announced

MEETING = "synthetic-briefing"


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    """An embedded broker with a live and a replay subscription."""
    broker = open_broker(f"sqlite:///{tmp_path / 'broker.db'}")
    for topic, subscription in (("audio-segments", "pipeline"), ("audio-segments-replay", "pipeline-replay")):
        broker.create_topic(topic)
        broker.create_subscription(subscription, topic, 60)
    return broker


def driving(batch: int = 16) -> Driving:
    """How the tests drive: from both subscriptions."""
    return Driving(("pipeline", "pipeline-replay"), batch=batch, tick_s=0.0)


def waiting(broker: Broker, subscription: str = "pipeline") -> int:
    """Messages that were not acknowledged."""
    backlog = broker.backlog(subscription)
    assert backlog is not None
    return backlog.messages


def gap(start_ms: int) -> bytes:
    """The announcement of a gap of five seconds."""
    return canonical_json(
        encode(Gap(MEETING, "floor", start_ms // 5000, Span(start_ms, start_ms + 5000), "media-missing"))
    ).encode()


def test_what_is_kept_is_acknowledged(plan: Plan, store: Store, broker: Broker) -> None:
    """Transcripts, gaps, ends and dead letters are all kept; nothing of such a message can be lost any more."""
    for payload in (gap(0), b"not JSON", gap(5000)):
        broker.publish("audio-segments", payload)
    assert Driver(broker, plan, driving()).take_some() == 3
    assert waiting(broker) == 0
    assert len(store.dead_letters()) == 1
    assert store.lag(MEETING)[0].heard_ms == 10_000


def test_what_failed_for_now_is_not_acknowledged(
    plan: Plan, store: Store, broker: Broker, announced: Announced
) -> None:
    """The object may still come; the message does, after a while."""
    document = announced.documents()[0]
    document["audio"]["uri"] += ".gone"
    broker.publish("audio-segments", canonical_json(document).encode())
    Driver(broker, plan, driving()).take_some()
    assert waiting(broker) == 1
    assert store.dead_letters() == []


def test_a_dead_letter_that_was_sent_again_must_succeed_or_fail_again(
    plan: Plan, store: Store, broker: Broker, announced: Announced
) -> None:
    """What is still late the second time must not be lost because it was dead once."""
    document = announced.documents()[0]
    document["audio"]["uri"] += ".gone"
    payload = canonical_json(document).encode()
    broker.publish("audio-segments", payload)
    Driver(broker, replace(plan, limits=AttemptLimits(count=1, age_s=0)), driving()).take_some()
    (letter,) = store.dead_letters()
    assert dead_letters.retry(store, letter.id) == payload
    broker.publish("audio-segments-replay", payload)
    Driver(broker, plan, driving()).take_some()
    assert waiting(broker, "pipeline-replay") == 1


def test_a_run_that_crashes_acknowledges_nothing_until_its_messages_are_dead(
    plan: Plan, store: Store, broker: Broker, announced: Announced
) -> None:
    """A bug must neither lose a message nor hold back the rest for ever: each is tried alone, and counted."""
    broken = replace(plan, recogniser=replace(plan.recogniser, device="no-such-device"))
    broker.publish("audio-segments", announced.payloads[0])
    broker.publish("audio-segments", gap(announced.segments()[0].span.end_ms))
    Driver(broker, broken, driving()).take_some()
    assert waiting(broker) == 1, "the gap is kept, the segment is not"
    hopeless = replace(broken, limits=AttemptLimits(count=1, age_s=0))
    driver = Driver(broker, hopeless, driving())
    broker.publish("audio-segments-replay", announced.payloads[0])
    assert driver.take_some() == 1
    assert [(letter.stage, letter.reason) for letter in store.dead_letters()] == [("run", "crash")]
    assert waiting(broker, "pipeline-replay") == 0


def test_live_meetings_come_before_replays(plan: Plan, store: Store, broker: Broker) -> None:
    """Two years of recordings may wait while one meeting is on air."""
    broker.publish("audio-segments-replay", gap(5000))
    broker.publish("audio-segments", gap(0))
    driver = Driver(broker, plan, driving(batch=1))
    driver.take_some()
    assert (waiting(broker), waiting(broker, "pipeline-replay")) == (0, 1)
    driver.take_some()
    assert waiting(broker, "pipeline-replay") == 0
    assert store.lag(MEETING)[0].heard_ms == 10_000


def test_stopping_finishes_what_is_in_hand(plan: Plan, store: Store, broker: Broker) -> None:
    """SIGTERM sets this event: no lease is left to run out, no work is done twice."""
    stop = threading.Event()
    driver = Driver(broker, plan, driving())
    worker = threading.Thread(target=driver.work, args=(stop,))
    worker.start()
    broker.publish("audio-segments", gap(0))
    store_heard = threading.Event()
    for _ in range(600):
        if store.lag(MEETING)[0].heard_ms == 5000:
            break
        store_heard.wait(0.05)
    stop.set()
    worker.join(timeout=60)
    assert not worker.is_alive()
    assert waiting(broker) == 0


def test_a_bug_in_one_meetings_log_does_not_stop_the_others(
    plan: Plan, store: Store, broker: Broker, announced: Announced
) -> None:
    """An operator can live with one broken log while three meetings are on air; not with four."""
    store.add_meeting(announced.meeting | {"id": "a-broken-one"})
    for meeting_id in ("a-broken-one", MEETING):
        store.register(Gap(meeting_id, "floor", 0, Span(0, 5000), "media-missing"))
    advance.advance(store, "a-broken-one")
    with store.write() as connection:
        connection.execute(sa.update(tables.floor_states).values(state="{}"))
    store.register(Gap("a-broken-one", "floor", 1, Span(5000, 9000), "media-missing"))
    Driver(broker, plan, driving()).tick()
    assert store.lag(MEETING)[0].heard_ms == 5000
    assert store.lag("a-broken-one")[0].heard_ms == 5000


def test_ticks_end_what_waits_too_long(plan: Plan, store: Store, broker: Broker, announced: Announced) -> None:
    """A segment that never comes must not hold its meeting for ever, even when no other message arrives."""
    store.add_meeting(announced.meeting | {"hold_s": 0})
    store.register(Gap(MEETING, "floor", 1, Span(5000, 10_000), "media-missing"))
    store.register(End(MEETING, "floor", 2, 10_000, 1))
    stop = threading.Event()
    driver = Driver(broker, plan, driving())
    worker = threading.Thread(target=driver.work, args=(stop,))
    worker.start()
    pause = threading.Event()
    for _ in range(600):
        if store.summary(MEETING).meeting.state == "ended":
            break
        pause.wait(0.05)
    stop.set()
    worker.join(timeout=60)
    assert [(each.span.start_ms, each.cause) for each in store.gaps(MEETING, "floor")] == [
        (0, "segment-missing"),
        (5000, "media-missing"),
    ]
