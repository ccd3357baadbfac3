"""The feed, the stream and the live snapshot over HTTP, as a dashboard asks for them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from floorlog.adapters.store import Store
from floorlog.adapters.store.outbox import Page
from floorlog.relaying import EVERYTHING
from floorlog.services import keys
from floorlog.services.advance import advance
from floorlog.services.people import Actor
from tests.browser import served
from tests.happenings import add_meetings, emit, subject
from tests.small_floor import SMALL_MACHINE, a_store, arrive, end, said
from workers.web.v1 import create_api
from workers.web.v1.hub import KEPT, Hub

LIMIT_S = 30.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three meetings, one of each audience, in which nothing has happened."""
    with a_store("sqlite", tmp_path) as opened:
        add_meetings(opened, small="live", shut="closed", done="published")
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """The API, asked directly."""
    with TestClient(create_api(store)) as client:
        yield client


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    """The API on a port of this machine."""
    app = create_api(store)
    with served(app) as url:
        yield url
        app.state.live.stop()


@dataclass
class Message:
    """One server-sent event."""

    id: str | None = None
    event: str = "message"
    data: Any = None


@dataclass
class Follower:
    """Follows a stream in a thread, and keeps what came."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Message] = field(default_factory=list)
    comments: int = 0
    status: int = 0
    ended: bool = False
    began: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._leave = threading.Event()

    def _follow(self) -> None:
        with httpx.Client(timeout=LIMIT_S) as http, http.stream("GET", self.url, headers=self.headers) as response:
            self.status = response.status_code
            message = Message()
            for line in response.iter_lines():
                self.began.set()
                name, _, value = line.partition(": ")
                if not line:
                    if message.data is not None:
                        self.got.append(message)
                    message = Message()
                elif line.startswith(":"):
                    self.comments += 1
                elif name == "id":
                    message.id = value
                elif name == "event":
                    message.event = value
                elif name == "data":
                    message.data = json.loads(value)
                if self._leave.is_set():
                    break
            self.ended = True

    def of(self, event: str) -> list[Message]:
        """Return the messages of a type."""
        return [message for message in self.got if message.event == event]


@contextmanager
def following(url: str, **headers: str) -> Iterator[Follower]:
    """A follower that is connected."""
    follower = Follower(url, {name.replace("_", "-"): value for name, value in headers.items()})
    follower._thread.start()
    assert follower.began.wait(LIMIT_S)
    yield follower
    follower._leave.set()


def until(there: Any) -> None:
    """Wait until something is so."""
    deadline, pause = time.monotonic() + LIMIT_S, threading.Event()
    while not there():
        assert time.monotonic() < deadline
        pause.wait(0.01)


def a_key(store: Store, *scopes: str) -> str:
    _, secret = keys.add(store, "a reader", scopes, Actor(None, "Ann"), datetime.now(UTC))
    return f"Bearer {secret}"


def test_the_feed_is_read_page_by_page(client: TestClient, store: Store) -> None:
    """A dashboard starts here: everything so far, then from time to time what is new."""
    emit(store, 1, 2, 3)
    first = client.get("/changes", params={"limit": 2}).json()
    assert [event["subject"] for event in first["events"]] == [subject(1), subject(2)]
    assert first["more"] is True
    second = client.get("/changes", params={"after": first["next"]}).json()
    assert [event["id"] for event in second["events"]] == ["evt-3"]
    assert second["more"] is False
    assert (second["licence"], second["synthetic"]) == ("CC0-1.0", True)
    again = client.get("/changes", params={"after": second["next"]}).json()
    assert (again["events"], again["next"]) == ([], second["next"])


def test_now_is_a_cursor_without_a_past(client: TestClient, store: Store) -> None:
    """Who has just loaded everything else wants to know what happens from then on."""
    emit(store, 1, 2)
    now = client.get("/changes", params={"after": "now"}).json()
    assert (now["events"], now["next"], now["more"]) == ([], "2", False)


def test_a_key_opens_more_of_the_feed(client: TestClient, store: Store) -> None:
    """Without a key only what everybody may see, and a closed meeting is as if it were not."""
    emit(store, 1, meeting_id="shut", event_type="record.published")
    emit(store, 1, meeting_id="done")
    assert client.get("/changes").json()["events"] == []
    assert client.get("/changes", params={"meeting": "shut"}).status_code == 404
    assert client.get("/changes", params={"meeting": "nowhere"}).status_code == 404
    headers = {"authorization": a_key(store, "closed", "unpublished")}
    assert len(client.get("/changes", headers=headers).json()["events"]) == 2
    assert len(client.get("/changes", params={"meeting": "shut"}, headers=headers).json()["events"]) == 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("after=yesterday", "after"),
        ("after=99", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("type=record.gone", "type"),
        ("meeting=A", "meeting"),
        ("metting=small", "metting"),
    ],
)
def test_a_bad_question_is_told_by_name(client: TestClient, query: str, parameter: str) -> None:
    """A typing error must not look like a quiet meeting."""
    refused = client.get(f"/changes?{query}")
    assert (refused.status_code, refused.json()["parameter"]) == (400, parameter)


def test_the_stream_brings_what_happens(address: str, store: Store) -> None:
    """Each event once, in order, under the id with which it can be asked for again."""
    emit(store, 1)
    with following(f"{address}/stream?meeting=small") as follower:
        emit(store, 2, 3)
        emit(store, 4, meeting_id="done", event_type="record.published")
        emit(store, 5, event_type="record.published")
        until(lambda: len(follower.got) == 3)
    assert [message.id for message in follower.got] == ["2", "3", "5"]
    assert [message.event for message in follower.got] == ["record.created"] * 2 + ["record.published"]
    assert [message.data["sequence"] for message in follower.got] == ["2", "3", "5"]


def test_a_reader_who_comes_back_misses_nothing(address: str, store: Store) -> None:
    """Trains have tunnels. The header of a browser that reconnects counts more than the address it began with."""
    emit(store, *range(250))
    with following(f"{address}/stream?after=1", last_event_id="3") as follower:
        until(lambda: len(follower.got) == 247)
        emit(store, 250)
        until(lambda: len(follower.got) == 248)
    assert [message.id for message in follower.got] == [str(number) for number in range(4, 252)]


def test_one_type_may_be_followed(address: str, store: Store) -> None:
    """A counter of what was published needs nothing else."""
    with following(f"{address}/stream?type=record.published&type=meeting.ended&after=0") as follower:
        emit(store, 1)
        emit(store, 1, event_type="record.published")
        until(lambda: follower.got)
    assert [message.event for message in follower.got] == ["record.published"]


def test_a_stream_that_may_not_be_read_is_refused(client: TestClient) -> None:
    """A browser must get an answer that it understands before it waits for ever."""
    assert client.get("/stream?meeting=shut").status_code == 404
    assert client.get("/stream?live=true").json()["parameter"] == "live"
    assert client.get("/stream?after=99").json()["parameter"] == "after"


def test_a_hundred_readers_are_served_by_one_look(address: str, store: Store) -> None:
    """A popular meeting must not cost the store more than a quiet one."""
    with ThreadPoolExecutor(100) as pool:
        followers = [Follower(f"{address}/stream?meeting=small") for _ in range(100)]
        for follower in followers:
            pool.submit(follower._follow)
        for follower in followers:
            assert follower.began.wait(LIMIT_S)
        emit(store, 1, 2, 3)
        until(lambda: all(len(follower.got) == 3 for follower in followers))
        assert {tuple(message.id for message in follower.got) for follower in followers} == {("1", "2", "3")}
        for follower in followers:
            follower._leave.set()
        emit(store, 4)


def test_a_meeting_is_told_as_it_is_heard(address: str, store: Store) -> None:
    """The page of a live meeting shows the sentence that is being spoken, and who has the floor."""
    with following(f"{address}/stream?meeting=small&live=true") as follower:
        until(lambda: follower.of("live"))
        assert follower.of("live")[0].data["state"] == "scheduled"
        arrive(store, said(0, 10, "open-a", "b"))
        advance(store, "small", SMALL_MACHINE)
        until(lambda: follower.of("live")[-1].data["open"])
        arrive(store, said(10, 20, "c", "d"))
        advance(store, "small", SMALL_MACHINE)
        until(lambda: follower.of("live")[-1].data["open"][0]["text"] == "open-a b c d")
        last = follower.of("live")[-1]
        arrive(store, end(20))
        advance(store, "small", SMALL_MACHINE)
        until(lambda: follower.of("live")[-1].data["state"] == "ended")
    assert last.id is None
    assert (last.data["state"], last.data["heard_until_ms"]) == ("live", 20_000)
    assert last.data["open"][0]["review"] == {"state": "provisional"}
    assert "words" not in last.data["open"][0]
    assert last.data["floor"]["record_id"] == last.data["open"][0]["id"]
    assert (last.data["licence"], last.data["synthetic"]) == ("CC0-1.0", True)
    assert follower.of("live")[-1].data["open"] == []


def test_what_is_said_is_told_to_those_who_may_hear_it(client: TestClient, store: Store) -> None:
    """Of a meeting that shows only what was published, everybody may know that it is on, and no word of it."""
    add_meetings(store, small="published")
    arrive(store, said(0, 10, "open-a", "b"))
    advance(store, "small", SMALL_MACHINE)
    told = client.get("/meetings/small/live").json()
    assert (told["state"], told["open"], told["floor"]) == ("live", [], None)
    headers = {"authorization": a_key(store, "unpublished")}
    assert client.get("/meetings/small/live", headers=headers).json()["open"][0]["text"] == "open-a b"
    assert client.get("/meetings/shut/live").status_code == 404


def test_a_stream_ends_with_the_key_that_opened_it(store: Store) -> None:
    """A key that was revoked must not go on reading for as long as it stays connected."""
    app = create_api(store)
    app.state.live._keep_alive_s = 0.05
    with served(app) as url:
        header = a_key(store, "closed")
        with following(f"{url}/stream?meeting=shut", authorization=header) as follower:
            until(lambda: follower.comments > 1)
            assert not follower.ended
            [key] = keys.listed(store)
            keys.revoke(store, key.id, Actor(None, "Ann"), datetime.now(UTC))
            until(lambda: follower.ended)
        app.state.live.stop()


def test_the_hub_rests_while_nobody_follows(store: Store) -> None:
    """A server that nobody watches must leave the store alone, and start again with the next reader."""
    looks = 0

    def page(after: int | None) -> Page:
        nonlocal looks
        looks += 1
        store.sequence()
        if after is None:
            return Page((), store.last_position(), False, store.last_position())
        return store.page(after, 100, EVERYTHING)

    async def live() -> None:
        hub = Hub(page, lambda _: {}, look_every_s=0.005)
        for number in (1, 2):
            async with hub.following():
                assert await hub.more(-1, None, None, LIMIT_S)
                position = store.last_position()
                emit(store, number)
                assert await hub.more(position, None, None, LIMIT_S)
                kept = hub.behind(position)
                assert kept is not None
                assert [item.position for item in kept] == [number]
            await a_moment()
            rested = looks
            await a_moment()
            assert looks == rested

    asyncio.run(live())


async def a_moment() -> None:
    """Time for ten looks, if anybody looked."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.05)


def test_the_hub_keeps_some_and_leaves_the_rest_to_the_store(store: Store) -> None:
    """Memory must not grow with a meeting; who is far behind reads the store."""
    emit(store, 1)

    def page(after: int | None) -> Page:
        if after is None:
            return Page((), 1, False, 1)
        return store.page(after, 3 * KEPT, EVERYTHING)

    async def live() -> None:
        hub = Hub(page, lambda _: {}, look_every_s=0.005)
        async with hub.following():
            assert await hub.more(0, None, None, LIMIT_S)
            assert hub.behind(0) is None
            assert hub.behind(1) == []
            emit(store, *range(KEPT + 10))
            assert await hub.more(1, None, None, LIMIT_S)
            assert hub.behind(1) is None
            assert len(hub.behind(11) or ()) == KEPT
            emit(store, 1, event_type="record.withdrawn")
            assert await hub.more(KEPT + 11, None, None, LIMIT_S)
            assert hub.behind(KEPT + 5) is None  # what was kept before may tell what is withdrawn
            assert len(hub.behind(KEPT + 11) or ()) == 1

    asyncio.run(live())


def test_a_hub_that_broke_ends_its_streams_and_begins_again(store: Store) -> None:
    """A bug must not leave readers connected to nothing, for ever and without a word."""
    broken = True

    def page(after: int | None) -> Page:
        if broken:
            raise ZeroDivisionError
        return Page((), 0, False, 0)

    async def live() -> None:
        nonlocal broken
        hub = Hub(page, lambda _: {}, look_every_s=0.005)
        async with hub.following():
            with pytest.raises(ZeroDivisionError):
                await hub.more(0, None, None, 0.2)
            broken = False
        async with hub.following():
            assert await hub.more(-1, None, None, LIMIT_S)

    asyncio.run(live())
