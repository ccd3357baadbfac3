"""The courteous client asks as others want to be asked; no answer can hold it up, fill it or mislead it."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from floorlog.adapters.courtesy import MAX_BODY_BYTES, CourteousClient
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.adapters.host_turns import LONGEST_WAIT_S, Pace
from floorlog.addresses import Policy
from floorlog.errors import AddressRefused, InvalidAnswer, OriginUnavailable
from workers.origin_http import Serving

START = datetime(2026, 9, 14, 8, tzinfo=UTC)


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds

    def utc(self) -> datetime:
        return START + timedelta(seconds=self.now_s)


class Host(Serving):
    """A host whose answers a test gives; `asked` holds the paths and headers of the requests."""

    def __init__(self, answer: Callable[[Request, int], Response]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.at_once = self.most_at_once = 0
        self._answer, self._lock = answer, threading.Lock()
        super().__init__([Route("/{path:path}", self._send, methods=["GET", "POST"])])

    def _send(self, request: Request) -> Response:
        with self._lock:
            self.asked.append((request.url.path, dict(request.headers)))
            count = len(self.asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._answer(request, count)
        finally:
            with self._lock:
                self.at_once -= 1


Serve = Callable[[Callable[[Request, int], Response]], Host]


@pytest.fixture
def serve() -> Iterator[Serve]:
    hosts: list[Host] = []

    def start(answer: Callable[[Request, int], Response]) -> Host:
        hosts.append(Host(answer))
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


@pytest.fixture
def time() -> Time:
    return Time()


def client(time: Time, **more: Any) -> CourteousClient:
    given: dict[str, Any] = {"paces": {"127.0.0.1": Pace(3, 0.0)}, "chance": lambda: 0.0, **more}
    return CourteousClient(
        Policy(()), "https://example.org/us", clock=lambda: time.now_s, sleep=time.sleep, utc_now=time.utc, **given
    )


def fine(request: Request, count: int) -> Response:
    return PlainTextResponse(f"answer {count}")


def test_each_request_says_who_asks_and_where_to_complain(serve: Serve, time: Time) -> None:
    """Whoever runs the service must be able to reach the operator before blocking everybody."""
    host = serve(fine)
    client(time).get(host.address)
    assert "floorlog/" in host.asked[0][1]["user-agent"]
    assert "+https://example.org/us" in host.asked[0][1]["user-agent"]


def test_requests_to_a_host_are_spaced(serve: Serve, time: Time) -> None:
    """A day's pages must not arrive in one burst."""
    host = serve(fine)
    asking = client(time, paces={"127.0.0.1": Pace(3, 0.3)})
    for _ in range(3):
        asking.get(host.address)
    assert time.slept == [0.3, 0.3]


def test_no_more_than_the_allowed_requests_are_in_flight(serve: Serve, time: Time) -> None:
    """Threads share one client, and its limits with it."""
    enough, go_on = threading.Semaphore(0), threading.Event()

    def slow(request: Request, count: int) -> Response:
        enough.release()
        go_on.wait(20)
        return PlainTextResponse("")

    host = serve(slow)
    asking = client(time, paces={"127.0.0.1": Pace(2, 0.0)})
    threads = [threading.Thread(target=asking.get, args=(host.address,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert enough.acquire(timeout=20)
    assert enough.acquire(timeout=20)
    assert not enough.acquire(timeout=0.3)
    go_on.set()
    for thread in threads:
        thread.join()
    assert (host.most_at_once, len(host.asked)) == (2, 5)


def test_a_kept_answer_is_given_again_until_its_time_is_over(serve: Serve, time: Time, tmp_path: Path) -> None:
    """Two commands within five minutes need one request; a new process knows what the last one asked."""
    host = serve(fine)
    assert client(time, kept=tmp_path).get(host.address, ttl_s=300).text == "answer 1"
    assert client(time, kept=tmp_path).get(host.address, ttl_s=300).text == "answer 1"
    time.now_s = 301
    assert client(time, kept=tmp_path).get(host.address, ttl_s=300).text == "answer 2"


def test_faults_are_not_kept(serve: Serve, time: Time, tmp_path: Path) -> None:
    """A page that was not there a minute ago may be there now."""
    host = serve(lambda request, count: PlainTextResponse("", 404 if count == 1 else 200))
    asking = client(time, kept=tmp_path)
    assert [asking.get(host.address, ttl_s=300).status for _ in range(2)] == [404, 200]


def test_a_damaged_file_of_kept_answers_is_asked_anew(serve: Serve, time: Time, tmp_path: Path) -> None:
    """A full disk leaves half a file; that must not stop a command."""
    host = serve(fine)
    asking = client(time, kept=tmp_path)
    asking.get(host.address, ttl_s=300)
    for path in tmp_path.iterdir():
        path.write_text('{"until": "2100')
    assert asking.get(host.address, ttl_s=300).text == "answer 2"


def test_a_fault_that_may_pass_is_tried_twice_more_with_growing_waits(serve: Serve, time: Time) -> None:
    """One bad gateway must not end a command; a third one is told."""
    host = serve(lambda request, count: PlainTextResponse("", 502 if count < 3 else 200))
    assert client(time).get(host.address).status == 200
    assert time.slept == [1.0, 2.0]
    broken = serve(lambda request, count: PlainTextResponse("", 500))
    with pytest.raises(OriginUnavailable, match="HTTP 500"):
        client(time).get(broken.address)
    assert len(broken.asked) == 3


def test_waits_are_not_the_same_for_everybody(serve: Serve, time: Time) -> None:
    """A thousand clients that failed together must not come back together."""
    host = serve(lambda request, count: PlainTextResponse("", 502 if count < 2 else 200))
    client(time, chance=lambda: 0.5).get(host.address)
    assert time.slept == [1.25]


@pytest.mark.parametrize("header", ["7", (START + timedelta(seconds=7)).strftime("%a, %d %b %Y %H:%M:%S GMT")])
def test_the_service_says_how_long_to_wait(serve: Serve, time: Time, header: str) -> None:
    """Retry-After is obeyed, in seconds or as a date, and by every request to that host."""
    host = serve(lambda request, count: PlainTextResponse("", 429 if count < 2 else 200, {"Retry-After": header}))
    assert client(time).get(host.address).status == 200
    assert sum(time.slept) == pytest.approx(7.0)


def test_a_long_wait_is_not_waited_for_and_the_host_is_left_alone(serve: Serve, time: Time) -> None:
    """An hour's ban is told at once, and until it is over no request is made."""
    host = serve(lambda request, count: PlainTextResponse("", 503, {"Retry-After": "3600"}))
    asking = client(time)
    for _ in range(3):
        with pytest.raises(OriginUnavailable, match=r"3600 s"):
            asking.get(host.address)
    assert (len(host.asked), time.slept) == (1, [])
    assert LONGEST_WAIT_S < 3600


@pytest.mark.parametrize("header", ["soon", "-5", "1e99", "\xb2", "9" * 400, "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_a_strange_wait_is_none(serve: Serve, time: Time, header: str) -> None:
    """What the header holds is somebody else's text."""
    host = serve(lambda request, count: PlainTextResponse("", 503 if count < 2 else 200, {"Retry-After": header}))
    if header.startswith("999"):
        with pytest.raises(OriginUnavailable):
            client(time).get(host.address)
    else:
        assert client(time).get(host.address).status == 200


def test_redirects_are_followed_and_what_they_name_is_checked(serve: Serve, time: Time) -> None:
    """A redirect may lead on, not into this network or to anybody else's host."""
    host = serve(
        lambda request, count: RedirectResponse("/end") if request.url.path != "/end" else PlainTextResponse("there")
    )
    answer = client(time).get(f"{host.address}/start")
    assert (answer.text, answer.url) == ("there", f"{host.address}/end")
    for target in ("http://10.0.0.1/", "https://example.com/", "file:///etc/passwd", "http://[::1"):
        astray = serve(lambda request, count, target=target: Response("", 302, {"Location": target}))  # type: ignore[misc]
        with pytest.raises((AddressRefused, OriginUnavailable)):
            client(time).get(astray.address)


def test_a_redirect_loop_ends(serve: Serve, time: Time) -> None:
    """Two pages that lead to each other would be followed for ever."""
    host = serve(lambda request, count: RedirectResponse(f"/{count}"))
    with pytest.raises(InvalidAnswer, match="redirects"):
        client(time).get(host.address)
    assert len(host.asked) == 6


def test_more_than_the_allowed_bytes_are_not_read(serve: Serve, time: Time) -> None:
    """A page of 100 MB, or one that never ends, must not fill the memory."""

    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(65536)

    host = serve(lambda request, count: StreamingResponse(endless()))
    with pytest.raises(InvalidAnswer, match="bytes"):
        client(time).get(host.address)


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read(serve: Serve, time: Time) -> None:
    """A megabyte of gzip holds a gigabyte of zeros."""
    bomb = gzip.compress(bytes(20 * MAX_BODY_BYTES))
    host = serve(lambda request, count: Response(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(InvalidAnswer, match="bytes"):
        client(time).get(host.address)


@pytest.mark.parametrize("body", ["<html>", "", "[" * 100_000, "\x00"])
def test_what_is_no_json_is_named(serve: Serve, time: Time, body: str) -> None:
    """A captive portal answers everything with its own page."""
    host = serve(lambda request, count: Response(body, media_type="text/html"))
    with pytest.raises(InvalidAnswer, match="JSON is expected, not text/html"):
        client(time).post_json(host.address, {})


@pytest.mark.parametrize("dripped", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_slow_drip_ends(time: Time, dripped: bytes) -> None:
    """A byte every moment keeps every time-out of a socket from running out, in headers and in bodies."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(dripped)
                    while not over.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        try:
            with pytest.raises(OriginUnavailable, match=r"timed out|too long"):
                client(time, timeout_s=0.3).get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("said", [b"", b"\x00\xff garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000])
def test_what_is_no_http_is_a_fault_that_may_pass(time: Time, said: bytes) -> None:
    """Something else listens on the port, or the connection broke."""

    def talk(listener: socket.socket) -> None:
        for _ in range(3):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=(listener,))
        thread.start()
        with pytest.raises(OriginUnavailable):
            client(time).get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()


def test_a_public_name_that_resolves_into_this_network_is_refused(serve: Serve, time: Time) -> None:
    """A host on the list whose name was pointed at this machine would pass every check of its spelling."""
    host = serve(fine)
    names = {"cdn.un.org": ["127.0.0.1"], "webtv.un.org": ["127.0.0.1"]}
    transport = GuardedTransport(resolve=lambda name, port: names[name])
    asking = CourteousClient(Policy(("un.org",)), transport=transport, clock=lambda: time.now_s, sleep=time.sleep)
    with pytest.raises(AddressRefused, match="inside this network"):
        asking.get(f"http://cdn.un.org:{host.port}/", named_by="http://www.un.org/page")
    assert host.asked == []
    assert asking.get(f"http://webtv.un.org:{host.port}/").status == 200  # an operator named it


def test_a_name_is_resolved_once_for_a_connection(serve: Serve, time: Time) -> None:
    """A name that is public when it is looked at and private when it is connected to must gain nothing."""
    asked: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    host = serve(fine)
    transport = GuardedTransport(resolve=resolve)
    asking = CourteousClient(Policy(()), transport=transport, clock=lambda: time.now_s, sleep=time.sleep)
    asking.get(f"http://rehearsal.test:{host.port}/")
    assert asked == ["rehearsal.test"]


class Nowhere(httpcore.NetworkBackend):
    """A network in which nobody answers."""

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError(f"{host} does not answer")


def test_a_name_that_was_public_may_not_lead_inside_later(time: Time) -> None:
    """A page's own host is believed because of what it was when it was first asked."""
    found = iter(["8.8.8.8"] * 3 + ["127.0.0.1"])
    transport = GuardedTransport(resolve=lambda name, port: [next(found)], backend=Nowhere())
    asking = CourteousClient(Policy(()), transport=transport, clock=lambda: time.now_s, sleep=time.sleep)
    with pytest.raises(OriginUnavailable, match="does not answer"):
        asking.get("http://rebinding.test/page")
    with pytest.raises(AddressRefused, match="inside this network"):
        asking.get("http://rebinding.test/next", named_by="http://rebinding.test/page")


def test_a_name_without_an_address_is_a_fault_that_may_pass(time: Time) -> None:
    """The network of a meeting room comes and goes."""

    def resolve(name: str, port: int) -> list[str]:
        raise socket.gaierror("no address")

    transport = GuardedTransport(resolve=resolve)
    asking = CourteousClient(Policy(()), transport=transport, clock=lambda: time.now_s, sleep=time.sleep)
    with pytest.raises(OriginUnavailable, match="no address"):
        asking.get("http://webtv.un.org/")
