"""Webhooks are signed as the standard says, go only where they may, and survive whatever receivers do."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from floorlog import contract
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_subscribers import Subscribers
from floorlog.adapters.webhooks import Answer, Sender
from floorlog.errors import AddressRefused, InvalidSetting, UnknownMeeting, UnknownSubscriber
from floorlog.relaying import LONGEST_WAIT_S, Wanted, check_receiver, secret_of, signature, wait_s
from floorlog.services import people, relay, webhooks
from floorlog.services.events import CONTENT_TYPE
from floorlog.services.people import Actor
from floorlog.services.relay import Message
from tests.adapters.conftest import BrokerCase
from tests.happenings import add_meetings, emit
from tests.receivers import Behave, body_of, headers_of, receiver, saying
from tests.small_floor import DATABASES, a_store

SECRET = secret_of(bytes(range(32)))
NOW = datetime(2026, 2, 24, 15, 0, tzinfo=UTC)
ANN = Actor(None, "Ann")
LIMIT_S = 0.5


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A live meeting in which nothing has happened."""
    with a_store(request.param, tmp_path) as opened:
        add_meetings(opened, small="live")
        yield opened


@pytest.fixture
def sender() -> Iterator[Sender]:
    """Connections that may go to this machine, and last half a second."""
    opened = Sender(inside=True, limit_s=LIMIT_S)
    yield opened
    opened.close()


def send(sender: Sender, url: str, body: bytes = b"{}") -> Answer:
    return sender.send(url, SECRET, "evt-1", body, CONTENT_TYPE)


def test_a_receiver_can_check_what_it_gets(store: Store, sender: Sender) -> None:
    """Checked by the standard's own library: what only we understand is worth nothing."""
    emit(store, 1)
    subscriber = webhooks.add(store, "http://127.0.0.1/", inside=True, by=ANN, now=NOW, after=0)
    assert subscriber.secret is not None
    relay.take_up(store, subscriber, dict.fromkeys(range(16), 0))
    [(_, message)] = relay.due(store, subscriber, range(16), 9, ())
    with receiver(saying("204 No Content")) as (url, got):
        answer = sender.send(url, subscriber.secret, message.event_id, message.body, CONTENT_TYPE)
    assert (answer.status, answer.error) == (204, None)
    headers = headers_of(got[0])
    assert (headers["webhook-id"], headers["content-type"]) == ("evt-1", "application/cloudevents+json")
    event = standardwebhooks.Webhook(subscriber.secret).verify(body_of(got[0]), headers)
    contract.validate("event", event)
    assert (event["id"], event["sequence"]) == ("evt-1", "1")
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(subscriber.secret).verify(body_of(got[0]).replace(b"evt-1", b"evt-2"), headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(body_of(got[0]), headers)


def endless(connection: socket.socket, _: bytes) -> None:
    """Answer, and never stop."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9999999999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def trickling(connection: socket.socket, _: bytes) -> None:
    """Send a byte of the head now and then, so that no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x")
        threading.Event().wait(0.05)


def endless_head(connection: socket.socket, _: bytes) -> None:
    """Send headers without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x-more: " + b"x" * 8000 + b"\r\n")


def silent(connection: socket.socket, _: bytes) -> None:
    """Keep the connection, and say nothing."""
    connection.recv(1)


@pytest.mark.parametrize(
    ("behave", "status", "error"),
    [
        (saying("500 Oops"), 500, "it answered 500"),
        (saying("302 Found", "location: http://127.0.0.1:1/"), 302, "redirects are not followed"),
        (saying("404 Not Found", body=b"<html>" * 10_000), 404, "it answered 404"),
        (lambda connection, _: connection.sendall(b"\x00\xff garbage\r\n\r\n"), None, "RemoteProtocolError"),
        (lambda connection, _: connection.close(), None, "RemoteProtocolError"),
        (silent, None, "no answer within 0.5 s"),
        (trickling, None, "no answer within 0.5 s"),
        (endless_head, None, "RemoteProtocolError"),
    ],
    ids=["error", "redirect", "long page", "garbage", "hang-up", "silence", "trickle", "endless head"],
)
def test_a_bad_receiver_is_an_ordinary_failure(sender: Sender, behave: Behave, status: int | None, error: str) -> None:
    """Whatever is at the other end, the relay knows what came of it, soon, and goes on."""
    with receiver(behave) as (url, _):
        answer = send(sender, url)
    assert answer.status == status
    assert error in str(answer.error)


def test_an_endless_answer_is_not_read(sender: Sender) -> None:
    """What counts is the status; the rest may be a trap."""
    with receiver(endless) as (url, _):
        answer = send(sender, url)
    assert (answer.status, answer.error) == (200, None)


def test_one_connection_serves_many_events(sender: Sender) -> None:
    """A new handshake for each event would triple the time, and the receiver's work."""

    def polite(connection: socket.socket, _: bytes) -> None:
        for _number in range(3):
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            connection.recv(65536)

    with receiver(polite) as (url, connections):
        assert [send(sender, url).status for _ in range(3)] == [200, 200, 200]
    assert len(connections) == 1


@pytest.mark.parametrize(
    ("value", "asked_s"),
    [("7", 7.0), (format_datetime(datetime(2021, 2, 24, 15, 1, tzinfo=UTC), usegmt=True), 60.0), ("soon", None)],
)
def test_a_receiver_may_say_when_to_come_again(value: str, asked_s: float | None) -> None:
    """Some are busy and know until when (RFC 9110 allows seconds and a date)."""
    began_s = datetime(2021, 2, 24, 15, 0, tzinfo=UTC).timestamp()
    sender = Sender(inside=True, now_s=lambda: began_s)
    with receiver(saying("503 Busy", f"retry-after: {value}")) as (url, _):
        assert send(sender, url).asked_s == asked_s
    sender.close()


def test_waits_grow_are_spread_and_end() -> None:
    """A receiver that comes back must not be met by everything at once, nor wait for days."""
    assert [wait_s(failures, 5, 0.0) for failures in (1, 2, 3)] == [2.5, 5.0, 10.0]
    assert wait_s(1, 5, 0.999) < 5
    assert wait_s(99, 5, 0.999) <= LONGEST_WAIT_S
    assert wait_s(1, 5, 0.0, asked_s=120) == 120
    assert wait_s(1, 5, 0.0, asked_s=10**9) == LONGEST_WAIT_S
    assert wait_s(3, 5, 0.0, asked_s=1) == 10


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/",
        "https://name:secret@example.org/",
        "ftp://example.org/",
        "https://0x7f.1/",
        "https:///hook",
    ],
)
def test_events_do_not_go_where_they_must_not(store: Store, url: str) -> None:
    """An address is all that somebody gives us: it must not open doors inside, nor carry events in the clear."""
    with pytest.raises(AddressRefused):
        webhooks.add(store, url, inside=False, by=ANN, now=NOW)
    assert Subscribers(store).all() == []


def test_an_operator_may_allow_this_network() -> None:
    """A receiver beside the store is as common as one outside; names and passwords in addresses never are."""
    check_receiver("http://10.1.2.3:8080/hook", inside=True)
    with pytest.raises(AddressRefused):
        check_receiver("http://name:secret@10.1.2.3/", inside=True)


def test_a_public_name_does_not_lead_inside() -> None:
    """Whoever owns a name can let it point anywhere, a moment after it was looked at, too."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with receiver(saying("200 OK")) as (url, got):
        port = url.rsplit(":", 1)[1].partition("/")[0]
        sender = Sender(inside=False, limit_s=LIMIT_S, transport=GuardedTransport(resolve))
        answers = [send(sender, f"https://hooks.example.org:{port}/") for _ in range(2)]
        sender.close()
    assert ["inside this network" in str(answer.error) for answer in answers] == [True, True]
    assert (asked, got) == (["hooks.example.org"] * 2, [])


def test_a_webhook_is_added_with_a_secret_of_its_own(store: Store) -> None:
    """Two receivers with one secret could speak for us to each other."""
    emit(store, 1)
    one, two = (webhooks.add(store, "https://example.org/", inside=False, by=ANN, now=NOW) for _ in range(2))
    assert one.secret != two.secret
    assert len(str(one.secret)) > 40
    assert Subscribers(store).standing(one.id).position == 1  # what happens from now on
    assert [deed.action for deed in people.trail(store, 5)] == ["webhook.added", "webhook.added"]
    assert not any(str(one.secret) in str(deed.detail) for deed in people.trail(store, 5))


def test_what_makes_no_sense_is_refused_when_it_is_added(store: Store) -> None:
    """A typing error must not look like a webhook to which nothing happens."""

    def add(wanted: Wanted | None = None, secret: str | None = None) -> None:
        webhooks.add(store, "https://example.org/", inside=False, by=ANN, now=NOW, wanted=wanted, secret=secret)

    with pytest.raises(InvalidSetting, match="scope"):
        add(Wanted(scopes=frozenset({"all"})))
    with pytest.raises(InvalidSetting, match="type"):
        add(Wanted(types=("record.publish",)))
    with pytest.raises(UnknownMeeting):
        add(Wanted(meeting_id="other"))
    for secret in ("secret", "whsec_", "whsec_AAAA", "whsec_" + "A" * 33):
        with pytest.raises(InvalidSetting, match="24 to 64 bytes"):
            add(secret=secret)
    add(Wanted("small", ("record.published",), frozenset({"unpublished"})), SECRET)
    assert Subscribers(store).all()[0].secret == SECRET


def test_a_trial_is_an_event_like_the_others(store: Store, sender: Sender) -> None:
    """Whoever sets up a receiver wants to see that it works before something happens."""
    with receiver(saying("200 OK")) as (url, got):
        added = webhooks.add(store, url, inside=True, by=ANN, now=NOW)
        assert webhooks.trial(store, added.id, sender, NOW).error is None
    event = standardwebhooks.Webhook(str(added.secret)).verify(body_of(got[0]), headers_of(got[0]))
    contract.validate("event", event)
    assert event["type"] == "webhook.test"
    assert webhooks.deliveries(store, added.id, 9) == []
    with pytest.raises(UnknownSubscriber):
        webhooks.trial(store, "web-unknown", sender, NOW)


def test_a_topic_carries_the_same_event(case: BrokerCase) -> None:
    """Who reads the topic and who gets a webhook must be able to compare notes; on both brokers."""
    message = Message("evt-7", "record.created", "rec-1", "small", json.dumps({"id": "evt-7"}).encode())
    nowhere: Callable[[Message], Answer] = relay.to_topic(case.broker, f"{case.topic}-unknown")
    assert nowhere(message).error is not None  # an ordinary failure: the topic may be made later
    assert relay.to_topic(case.broker, case.topic)(message).error is None
    [got] = case.pull_all(1)
    assert (got.data, got.ordering_key) == (message.body, "rec-1")
    assert got.attributes["id"] == "evt-7"


def block(language: str, *, holding: str) -> str:
    """An example of the guide, by its language and something that stands in it."""
    guide = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    return next(str(text) for text in found if holding in text)


def a_message(sent_s: int) -> tuple[dict[str, str], bytes]:
    """A message as a receiver gets it."""
    body = '{"id":"evt-1","what":"Größe"}'.encode()
    signed = {"webhook-id": "evt-1", "webhook-timestamp": str(sent_s)}
    return {**signed, "webhook-signature": f"v1,none {signature(SECRET, 'evt-1', sent_s, body)}"}, body


def test_the_guides_python_tells_genuine_from_false() -> None:
    """It is copied by whoever reads it; a mistake there is one in every receiver."""
    names: dict[str, Any] = {}
    exec(block("python", holding="is_genuine"), names)
    headers, body = a_message(int(time.time()))
    assert names["is_genuine"](SECRET, headers, body)
    assert not names["is_genuine"](SECRET, headers, body + b" ")
    assert not names["is_genuine"](SECRET, *a_message(int(time.time()) - 3600))


def test_the_guides_javascript_tells_genuine_from_false(tmp_path: Path) -> None:
    """The same, for those who write servers in it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is missing; on Debian: apt-get install nodejs")
    headers, body = a_message(int(time.time()))
    old, _ = a_message(int(time.time()) - 3600)
    asked = [[headers, body.decode()], [headers, body.decode() + " "], [old, body.decode()]]
    (tmp_path / "check.mjs").write_text(
        f"{block('js', holding='isGenuine')}\n"
        f"console.log(JSON.stringify({json.dumps(asked)}.map("
        f"([headers, body]) => isGenuine({json.dumps(SECRET)}, headers, Buffer.from(body)))))",
        "utf-8",
    )
    told = subprocess.run([node, "check.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert json.loads(told) == [True, False, False]


def test_the_guides_table_drops_repeats_and_what_is_older() -> None:
    """The rule that the guide gives to receivers, on what a receiver may get."""
    statement = block("sql", holding="seen")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE seen (subject TEXT PRIMARY KEY, sequence INTEGER)")
        came = [("a", 1), ("b", 2), ("a", 1), ("a", 4), ("a", 3), ("b", 2)]
        taken = [
            (subject, sequence)
            for subject, sequence in came
            if connection.execute(statement, {"subject": subject, "sequence": sequence}).rowcount
        ]
    assert taken == [("a", 1), ("b", 2), ("a", 4)]
