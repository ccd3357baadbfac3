"""The client against a server of a few lines: pages, errors, patience, streams, and signed deliveries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest
from standardwebhooks import Webhook

from floorlog import client
from floorlog.client import BadRequest, Client, Gone, NotFound, Problem, TooMany, Unreachable, WebhookRefused
from floorlog.client.following import Lines

ROOT = Path(__file__).parents[2]
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
EVENT = {"specversion": "1.0", "id": "evt-1", "type": "record.published", "data": {"meeting_id": "small"}}


class Server:
    """Answers what it was told to, in order, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers, self.asked, self.waited_s = list(answers), list[httpx.Request](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        return answer(request) if callable(answer) else answer

    def client(self, **more: Any) -> Client:
        return Client("http://log.test", transport=httpx.MockTransport(self), wait=self.waited_s.append, **more)


def problem(status: int, **fields: Any) -> httpx.Response:
    """An answer that is an error."""
    return httpx.Response(status, json={"type": "about:blank", "title": "No", "status": status, "detail": "", **fields})


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


class Broken(httpx.SyncByteStream):
    """A stream that breaks off behind its last chunk."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        raise httpx.ReadError("reset")


def test_a_list_goes_on_page_after_page() -> None:
    """A reader who asks for all must not stop at the first hundred."""
    server = Server(
        httpx.Response(200, json={"items": [{"id": "a"}, {"id": "b"}], "next": "c1"}),
        httpx.Response(200, json={"items": [{"id": "c"}], "next": None}),
    )
    found = list(server.client().interventions(entity=["FRA", "DEU"], from_="2021-02-24", interpretation=False))
    assert [item["id"] for item in found] == ["a", "b", "c"]
    assert [request.url.params.get_list("entity") for request in server.asked] == [["FRA", "DEU"]] * 2
    assert server.asked[1].url.params["cursor"] == "c1"
    assert server.asked[0].url.params["from"] == "2021-02-24"
    assert server.asked[0].url.params["interpretation"] == "false"
    assert "cursor" not in server.asked[0].url.params


def test_only_pages_that_are_needed_are_asked_for() -> None:
    """Who wants the latest ten must not pay for a hundred thousand."""
    server = Server(httpx.Response(200, json={"items": [{"id": "a"}, {"id": "b"}], "next": "c1"}))
    assert next(server.client().interventions())["id"] == "a"
    assert len(server.asked) == 1


def test_a_bad_parameter_is_named() -> None:
    """The developer must learn which of ten parameters was wrong."""
    server = Server(problem(400, parameter="entity", detail="there is no such code"))
    with pytest.raises(BadRequest) as raised:
        list(server.client().interventions(entity="XXX"))
    assert raised.value.parameter == "entity"
    assert "entity" in str(raised.value)


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (410, Gone), (500, Problem), (401, client.NotAllowed)])
def test_each_kind_of_error_can_be_caught_alone(status: int, kind: type[Problem]) -> None:
    """What was withdrawn must be deleted by a dashboard, what is not found need not."""
    with pytest.raises(kind) as raised:
        Server(problem(status, reason="said in error")).client().intervention("rec-a")
    assert raised.value.status == status
    assert raised.value.fields["reason"] == "said in error"


def test_an_error_that_is_no_problem_document_is_still_told() -> None:
    """A proxy between client and server speaks HTML."""
    with pytest.raises(Problem, match="500 Internal Server Error: <h1>"):
        Server(httpx.Response(500, text="<h1>Oops</h1>")).client().meeting("small")


def test_it_waits_as_long_as_the_server_asks() -> None:
    """A rate limit is no failure as long as the client keeps to it."""
    server = Server(
        httpx.Response(429, headers={"retry-after": "7"}),
        httpx.Response(503),
        httpx.Response(200, json={"id": "small"}),
    )
    assert server.client().meeting("small")["id"] == "small"
    assert server.waited_s[0] == 7
    assert 0 < server.waited_s[1] <= 1


def test_it_does_not_wait_for_hours() -> None:
    """A program that hangs without a word is worse than an error."""
    server = Server(httpx.Response(429, headers={"retry-after": "3600"}))
    with pytest.raises(TooMany) as raised:
        server.client().meeting("small")
    assert raised.value.retry_after_s == 3600
    assert server.waited_s == []


def test_a_lost_connection_is_tried_again_and_then_told() -> None:
    """A server that restarts is back within seconds; one that is gone must be named."""
    server = Server(unreachable, httpx.Response(200, stream=Broken(b"{")), httpx.Response(200, json={}))
    server.client().meeting("small")
    server = Server(*[unreachable] * 3)
    with pytest.raises(Unreachable, match=r"log\.test"):
        server.client(tries=3).meeting("small")
    assert len(server.waited_s) == 2


def test_the_key_goes_with_each_request() -> None:
    """Without it a reader with a key would silently see less."""
    server = Server(httpx.Response(200, json={}))
    server.client(key="flk_secret").meeting("small")
    assert server.asked[0].headers["authorization"] == "Bearer flk_secret"


def test_changes_go_on_where_they_were_left() -> None:
    """What was handled must not be lost when the program stops in the middle of a page."""
    pages = [
        {"events": [{"id": "evt-1", "sequence": "1"}, {"id": "evt-2", "sequence": "2"}], "next": "2", "more": True},
        {"events": [{"id": "evt-3", "sequence": "3"}], "next": "9", "more": False},
    ]
    server = Server(*(httpx.Response(200, json=page) for page in pages))
    changes = server.client().changes(meeting="small")
    seen = []
    for event in changes:
        seen.append((event["id"], changes.cursor))
    assert seen == [("evt-1", None), ("evt-2", "1"), ("evt-3", "2")]
    assert changes.cursor == "9"
    assert "after" not in server.asked[0].url.params
    assert server.asked[1].url.params["after"] == "2"


def sse(number: int) -> bytes:
    """An event as the stream sends it."""
    data = json.dumps({"id": f"evt-{number}", "data": {"title": "line\u2028break"}}, ensure_ascii=False)
    return f"event: record.published\nid: {number}\ndata: {data}\n\n".encode()


def test_a_stream_goes_on_behind_the_last_event_wherever_it_breaks() -> None:
    """A dashboard runs for months, its connection for hours."""
    server = Server(
        httpx.Response(200, stream=Broken(b"retry: 2000\n\n", b": hello\n\n" + sse(4), sse(5)[:20])),
        httpx.Response(503, headers={"retry-after": "3"}),
        unreachable,
        httpx.Response(200, content=sse(5) + sse(6)),
    )
    events = server.client().stream(type=["record.published"], after="3")
    assert [next(events)["id"] for _ in range(3)] == ["evt-4", "evt-5", "evt-6"]
    assert [request.headers.get("last-event-id") for request in server.asked] == ["3", "4", "4", "4"]
    assert 2 <= server.waited_s[0] <= 2.5
    assert server.waited_s[1] == 3


def test_a_stream_that_is_refused_is_told() -> None:
    """Asking for ever what is never given would look like silence."""
    with pytest.raises(BadRequest):
        next(Server(problem(400, parameter="type")).client().stream(type="nothing"))


def test_snapshots_of_a_live_meeting_are_told_from_events() -> None:
    """Who has the floor comes beside the events, and has no id."""
    live = b'event: live\ndata: {"state": "live", "floor": null}\n\n'
    server = Server(httpx.Response(200, content=sse(1) + live))
    assert next(server.client().follow("small"))["floor"] is None
    assert server.asked[0].url.params["live"] == "true"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_stream_is_read_alike_however_it_is_cut(size: int) -> None:
    """Networks cut where they like, inside a letter, too."""
    whole = "id: 1\r\nevent: a\r\ndata: é\r\ndata:2\r\n\r\n: alive\n\ndata: x\n\n".encode()
    lines = Lines()
    cut = [whole[at : at + size] for at in range(0, len(whole), size)]
    found = [message for chunk in cut for message in lines.take(chunk)]
    assert [(item.event, item.id, item.data) for item in found] == [("a", "1", "é\n2"), ("message", None, "x")]


def delivery(at_s: int = 1_700_000_000) -> tuple[dict[str, str], bytes]:
    """A delivery as the library of Standard Webhooks signs it."""
    from datetime import UTC, datetime

    body = json.dumps(EVENT).encode()
    signature = Webhook(SECRET).sign("evt-1", datetime.fromtimestamp(at_s, UTC), body.decode())
    return {"Webhook-Id": "evt-1", "Webhook-Timestamp": str(at_s), "Webhook-Signature": signature}, body


def test_a_signed_delivery_is_believed() -> None:
    """The signature is the one that every library of Standard Webhooks makes."""
    headers, body = delivery()
    assert client.verify_webhook(headers, body, SECRET, now_s=1_700_000_299) == EVENT
    older = headers | {"Webhook-Signature": f"v1a,xyz v1,AAAA {headers['Webhook-Signature']}"}
    assert client.verify_webhook(older, body.decode(), SECRET, now_s=1_700_000_000) == EVENT


@pytest.mark.parametrize(
    ("changes", "body", "now_s"),
    [
        ({}, b"{}", 1_700_000_000),
        ({"Webhook-Id": "evt-2"}, None, 1_700_000_000),
        ({"Webhook-Timestamp": "1700000001"}, None, 1_700_000_000),
        ({"Webhook-Timestamp": "soon"}, None, 1_700_000_000),
        ({"Webhook-Signature": "v1,"}, None, 1_700_000_000),
        ({"Webhook-Signature": "v1,é"}, None, 1_700_000_000),
        ({}, None, 1_700_000_301),
        ({}, None, 1_699_999_699),
    ],
)
def test_a_delivery_that_was_changed_or_is_old_is_refused(
    changes: dict[str, str], body: bytes | None, now_s: float
) -> None:
    """Anybody can send to a receiver's address."""
    headers, signed = delivery()
    with pytest.raises(WebhookRefused):
        client.verify_webhook(headers | changes, signed if body is None else body, SECRET, now_s=now_s)


def test_a_delivery_without_its_headers_is_refused() -> None:
    """A missing signature is no signature."""
    headers, body = delivery()
    del headers["Webhook-Signature"]
    with pytest.raises(WebhookRefused, match="webhook-signature"):
        client.verify_webhook(headers, body, SECRET, now_s=1_700_000_000)


def test_an_export_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    """Half a file under a whole one's name would be read as all there is."""
    kept = tmp_path / "small.csv"
    kept.write_text("before")
    server = Server(httpx.Response(200, stream=Broken(b"id,te")), httpx.Response(200, content=b"id,text\n"))
    with pytest.raises(Unreachable):
        server.client().export("small", "csv", kept)
    assert kept.read_text() == "before"
    server.client().export("small", "csv", kept)
    assert kept.read_text() == "id,text\n"


@pytest.mark.parametrize(
    ("schema", "pointer", "typed"),
    [
        ("record", (), client.Record),
        ("event", (), client.Event),
        ("event", ("$defs", "record_data"), client.EventData),
        ("event", ("$defs", "meeting_data"), client.EventData),
        ("event", ("$defs", "gap_data"), client.EventData),
        ("definitions", ("$defs", "speaker"), client.Speaker),
        ("definitions", ("$defs", "entity"), client.Entity),
        ("definitions", ("$defs", "themes", "items"), client.Theme),
        ("definitions", ("$defs", "record_words", "items"), client.Word),
        ("definitions", ("$defs", "record_spans", "items"), client.RecordSpan),
        ("record", ("properties", "attribution"), client.Attribution),
        ("record", ("properties", "attribution", "properties", "evidence", "items"), client.Evidence),
        ("record", ("properties", "interpretations", "items"), client.Interpretation),
    ],
)
def test_the_types_have_every_property_of_the_schemas(schema: str, pointer: tuple[str, ...], typed: type) -> None:
    """A property that the types do not know cannot be read without silencing the type checker."""
    document = json.loads((ROOT / f"schemas/{schema}.v1.schema.json").read_text(encoding="utf-8"))
    for name in pointer:
        document = document[name]
    assert set(document["properties"]) - set(get_type_hints(typed)) == set()


def test_it_brings_nothing_but_httpx_along() -> None:
    """Who reads records must not install a speech recogniser."""
    code = (
        "import sys, httpx; before = set(sys.modules); import floorlog.client; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in found if name not in sys.stdlib_module_names] == ["floorlog"]


def test_each_public_name_is_described() -> None:
    """The docstrings are what an editor shows."""
    described = [name for name in client.__all__ if name != "State"]  # a choice of texts, which can have no docstring
    assert [name for name in described if not getattr(client, name).__doc__] == []
    methods = [name for name in vars(Client) if not name.startswith("_")]
    assert [name for name in methods if not getattr(Client, name).__doc__] == []
