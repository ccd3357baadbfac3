"""The pages over HTTP: who may see what, how they refuse, and the stream that makes them grow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from floorlog.errors import StoreUnavailable
from tests.sitting import MemoryReader, a_meeting, a_record, entity, evidence, noise
from workers.web import create_app
from workers.web.board import Boards
from workers.web.pages import render
from workers.web.stream import Watch, events
from workers.web.turns import turn


@pytest.fixture
def reader() -> MemoryReader:
    reader = MemoryReader()
    reader.add(a_meeting())
    reader.hear("small", noise(1000))
    reader.put(a_record("We thank the President", 0, code="CMR"))
    return reader


@pytest.fixture
def client(reader: MemoryReader) -> Iterator[TestClient]:
    with TestClient(create_app(reader, fetch=reader.fetch), raise_server_exceptions=False) as client:
        yield client


def boards_of(reader: MemoryReader) -> Boards:
    return Boards(reader, lambda meeting: lambda code: code, render)


def test_a_closed_meeting_is_as_if_it_were_not(client: TestClient, reader: MemoryReader) -> None:
    """Not even its existence is told to somebody who is not signed in."""
    reader.add(a_meeting(audience="closed"))
    for path in ("", "/events", "/audio/floor/1000.wav"):
        refused, unknown = client.get(f"/meetings/small{path}"), client.get(f"/meetings/other{path}")
        assert refused.status_code == unknown.status_code == 404
        assert refused.text == unknown.text
    assert "A small meeting" not in client.get("/").text


def test_a_published_meeting_shows_only_what_was_published(client: TestClient, reader: MemoryReader) -> None:
    """Nothing is shown that nobody published, its sound included."""
    reader.add(a_meeting(audience="published"), "ended")
    page = client.get("/meetings/small")
    assert "We" not in page.text.split('<div id="turns">')[1]
    assert "No intervention has been published yet" in page.text
    assert client.get("/meetings/small/audio/floor/1000.wav").status_code == 404
    reader.put(a_record("We thank the President", 0, code="CMR", state="approved"))
    assert ">President<" not in client.get("/meetings/small").text
    reader.put(a_record("We thank the President", 0, code="CMR", state="published"))
    assert ">President<" in client.get("/meetings/small").text
    assert client.get("/meetings/small/audio/floor/1000.wav").status_code == 200


def test_what_was_withdrawn_is_not_shown(client: TestClient, reader: MemoryReader) -> None:
    """A withdrawal takes effect at once."""
    reader.put(a_record("We thank the President", 0, code="CMR", state="withdrawn"))
    assert "Cameroon" not in client.get("/meetings/small").text


def test_a_live_meeting_labels_what_nobody_reviewed(client: TestClient) -> None:
    """A reader must know that this is a machine's text, and that the meeting is made up."""
    page = client.get("/meetings/small").text
    assert "Automatic transcript. Not an official record." in page
    assert "Synthetic" in page
    assert ">Automatic</span>" in page


def test_a_floor_that_is_not_attributed_says_why(client: TestClient, reader: MemoryReader) -> None:
    """No name is better than a wrong name, but a reader deserves the reason."""
    unsure = a_record("We welcome this", 5000)
    unsure["attribution"] |= {
        "confidence": 0.54,
        "alternatives": [{"entity": "NOR", "confidence": 0.54}, {"entity": "SWE", "confidence": 0.31}],
    }
    reader.put(unsure)
    reader.put(a_record("Nothing else was heard", 9000))
    page = client.get("/meetings/small").text
    assert "What was heard does not suffice for a name: the best guess is 54% sure." in page
    assert "It may have been Norway (54%), Sweden (31%)" in page
    assert "Nobody was heard giving the floor" in page


def test_a_delegation_is_named_as_on_the_meetings_day(client: TestClient, reader: MemoryReader) -> None:
    """Turkey became Türkiye in 2022: a log of 2021 says Turkey."""
    record = a_record("We welcome this", 5000)
    record["attribution"] |= {"alternatives": [{"entity": "TUR", "confidence": 0.5}]}
    reader.put(record)
    assert "It may have been Turkey" in client.get("/meetings/small").text
    reader.add(a_meeting(date="2023-02-24"))
    assert "It may have been Türkiye" in client.get("/meetings/small").text


def test_nobody_is_named_as_a_person(reader: MemoryReader) -> None:
    """A name that a machine heard may be garbled; it is not shown before somebody confirmed it."""
    record = a_record("We welcome this", 5000, code="CMR")
    record["speaker"] |= {"name_as_said": "Mr. Garbled Name"}
    shown = turn(record, a_meeting(), lambda code: code)
    assert "Garbled" not in render("_turn.html", turn=shown, listening="floor") + render("_outline.html", turn=shown)


def test_nobody_speaks_on_behalf_of_itself() -> None:
    """A European Union that speaks on behalf of the European Union reads like a mistake."""
    record = a_record("We welcome this", 5000, code="EU", on_behalf_of=[entity("EU"), entity("NOR")])
    assert turn(record, a_meeting(), str).on_behalf_of == ("Norway",)


def test_evidence_for_somebody_else_counts_as_against() -> None:
    """A reader who doubts a name wants to see what speaks against it."""
    record = a_record("We welcome this", 5000, code="CMR")
    record["attribution"]["evidence"] = [
        evidence("announced", "followed by Norway", 1000, "NOR", 0.7),
        evidence("given", "I give the floor to Cameroon", 4000, "CMR", 5.0),
    ]
    reasons = turn(record, a_meeting(), {"NOR": "Norway"}.__getitem__).reasons
    assert [(reason.label, reason.against, reason.entity) for reason in reasons] == [
        ("The chair gave the floor", False, None),
        ("The chair announced who would come", True, "Norway"),
    ]


def test_the_words_keep_what_stands_between_them() -> None:
    """Chinese has no spaces between words, and a text is quoted as it is written."""
    record = a_record("我们 感谢 主席", 0)
    record["text"] = "我们感谢主席"
    tokens = turn(record, a_meeting(), str).paragraphs[0].tokens
    assert "".join(token.before + token.text for token in tokens) == "我们感谢主席"


def test_an_interrupted_intervention_says_where_it_goes_on() -> None:
    """A pause of minutes inside a paragraph would be invisible."""
    record = a_record("before the interruption after it", 0, code="CMR")
    for word in record["words"][3:]:
        word["start_ms"] += 60_000
        word["end_ms"] += 60_000
    record["spans"] = [
        {**record["spans"][0], "end_ms": 1500},
        {**record["spans"][0], "start_ms": 61_500, "end_ms": 62_500},
    ]
    assert [(len(item.tokens), item.resumed) for item in turn(record, a_meeting(), str).paragraphs] == [
        (3, None),
        (2, "0:01:01"),
    ]


@pytest.mark.parametrize(
    "path", ["/", "/meetings/small", "/nothing", "/static/app.css", "/meetings/small/audio/floor/1000.wav"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    """One page without them is enough for an attacker."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/meetings/../app.py"],
)
def test_no_path_leads_out_of_the_static_folder(client: TestClient, path: str) -> None:
    """Code, settings and data lie next door."""
    assert client.get(path).status_code == 404


def test_errors_are_pages_that_tell_nothing_internal(client: TestClient, reader: MemoryReader) -> None:
    """A reader needs a way back, an attacker no details."""
    missing = client.get("/meetings/none")
    assert (missing.status_code, "All meetings" in missing.text) == (404, True)
    assert client.post("/").status_code == 405

    def fail(meeting_id: str) -> Any:
        raise RuntimeError("secret detail")

    reader.records = fail  # type: ignore[method-assign]
    broken = client.get("/meetings/small")
    assert (broken.status_code, "secret" in broken.text) == (500, False)
    assert "content-security-policy" in broken.headers


def test_a_store_that_does_not_answer_makes_the_process_unready(client: TestClient, reader: MemoryReader) -> None:
    """A load balancer takes it out, and readers are told to come back."""
    assert client.get("/health").status_code == client.get("/ready").status_code == 200

    def fail(_: Any) -> Any:
        raise StoreUnavailable("it is gone")

    reader.versions = reader.sitting = fail  # type: ignore[method-assign, assignment]
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    page = client.get("/meetings/small")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")


def test_metrics_name_routes_and_not_paths(client: TestClient) -> None:
    """What a visitor types must not fill the monitoring's memory."""
    client.get("/meetings/small")
    client.get("/meetings/guess-1")
    client.get("/some/guess")
    metrics = client.get("/metrics").text
    assert 'floorlog_web_answers_total{route="/meetings/{meeting_id}",status="200"} 1.0' in metrics
    assert "guess" not in metrics


def test_a_change_holds_only_what_the_reader_does_not_have(reader: MemoryReader) -> None:
    """Ten seconds of speech must not send two hours of it again."""
    boards = boards_of(reader)
    first = boards.board("small")
    assert first is not None
    added = a_record("Norway aligns itself", 5000, code="NOR")
    reader.put(added)
    change = boards.changes("small", None, first.version)
    assert change is not None
    assert [item["id"] for item in change["changed"]] == [added["id"]]
    assert change["ids"] == [*first.pieces, added["id"]]
    again = boards.changes("small", None, change["version"])
    assert again is not None
    assert (again["version"], again["changed"]) == (change["version"], [])


def test_a_reader_who_comes_back_from_long_ago_gets_everything(reader: MemoryReader) -> None:
    """A restarted server remembers no versions; its readers must still end up with the right page."""
    change = boards_of(reader).changes("small", None, "a version of another process")
    assert change is not None
    assert len(change["changed"]) == len(change["ids"]) == 1


def test_the_stream_goes_on_from_the_last_event_id(reader: MemoryReader) -> None:
    """A lost connection loses no words and repeats none."""

    async def scenario() -> list[bytes]:
        boards = boards_of(reader)
        board = boards.board("small")
        assert board is not None
        watch = Watch(reader.versions, 0.01)
        watching = asyncio.create_task(watch.run())
        received = []
        stream = events(watch, "small", lambda since: boards.changes("small", None, since), board.version)
        received.append(await anext(stream))  # how long to wait before connecting again
        coming = asyncio.ensure_future(anext(stream))
        reader.put(a_record("Norway aligns itself", 5000, code="NOR"))
        received.append(await coming)
        last_id = next(line[4:] for line in received[1].decode().split("\n") if line.startswith("id: "))
        reader.put(a_record("Then somebody else", 9000))
        resumed = events(watch, "small", lambda since: boards.changes("small", None, since), last_id)
        received += [await anext(resumed), await anext(resumed)]
        watching.cancel()
        return received

    received = asyncio.run(asyncio.wait_for(scenario(), 30))
    changes = [json.loads(event.decode().split("data: ")[1].split("\n")[0]) for event in (received[1], received[3])]
    assert [[item["id"] for item in change["changed"]] for change in changes] == [
        change["ids"][-1:] for change in changes
    ]
    assert [len(change["ids"]) for change in changes] == [2, 3]


def test_the_stream_ends_when_the_meeting_is_closed(reader: MemoryReader) -> None:
    """Closing a meeting reaches those who are already reading it."""

    async def scenario() -> int:
        boards = boards_of(reader)
        watch = Watch(reader.versions, 0.01)
        watching = asyncio.create_task(watch.run())
        count = 0
        async for _ in events(watch, "small", lambda since: boards.changes("small", None, since), ""):
            count += 1
            reader.add(a_meeting(audience="closed"))
        watching.cancel()
        return count

    assert asyncio.run(asyncio.wait_for(scenario(), 30)) == 1  # the greeting; then there is nothing to show


def test_streams_end_when_the_server_stops(reader: MemoryReader) -> None:
    """A restart must not wait for readers to close their tabs."""

    async def scenario() -> int:
        boards = boards_of(reader)
        watch = Watch(reader.versions, 0.01)
        watching = asyncio.create_task(watch.run())
        count = 0
        async for _ in events(watch, "small", lambda since: boards.changes("small", None, since), ""):
            count += 1
            if count == 2:
                watch.stop()
        await watching
        return count

    assert asyncio.run(asyncio.wait_for(scenario(), 30)) >= 2


def test_the_store_is_asked_once_for_all_readers_and_not_for_none(reader: MemoryReader) -> None:
    """A thousand readers must cost the store what one does."""
    asked: list[tuple[str, ...]] = []

    def versions(meeting_ids: Any) -> dict[str, str]:
        asked.append(tuple(meeting_ids))
        return reader.versions(meeting_ids)

    async def scenario() -> None:
        watch = Watch(versions, 0.01)
        watching = asyncio.create_task(watch.run())
        await asyncio.wait_for(asyncio.gather(*(watch.another("small", None, 20) for _ in range(100))), 20)
        watching.cancel()

    asyncio.run(scenario())
    assert set(asked) == {("small",)}
    assert len(asked) < 10


def test_a_channel_of_interpretation_has_its_own_log(client: TestClient, reader: MemoryReader) -> None:
    """The floor's words and the interpreter's are one speech: side by side they would read as two."""
    reader.add(a_meeting(channels=[{"name": "floor"}, {"name": "en", "language": "en", "interpretation": True}]))
    reader.put(a_record("Merci Monsieur", 5000, code="EU", language_text="fr"))
    interpreted = a_record("Thank you Sir", 5010, code="EU", channel="en", interpretation=True)
    reader.put({**interpreted, "on_behalf_of": [entity("G77")]})
    assert "Merci" in client.get("/meetings/small").text
    assert "Sir" not in client.get("/meetings/small").text
    assert "Sir" in client.get("/meetings/small?channel=en").text
    assert client.get("/meetings/small?channel=xx").status_code == 404


def an_interpretation(channel: str, text: str, at_ms: int) -> dict[str, Any]:
    """An interpretation as records hold it; its words last 300 ms and start every 500 ms."""
    told = a_record(text, at_ms)
    span = {name: told["spans"][0][name] for name in ("start_ms", "end_ms")}
    return {"channel": channel, "language": channel, "spans": [span], "text": text, "words": told["words"]}


THREE = [{"name": "floor"}, {"name": "en"}, {"name": "ar"}]


def test_an_interpretation_is_labelled_and_folded_under_what_was_delivered(
    client: TestClient, reader: MemoryReader
) -> None:
    """Nobody may take an interpreter's words for the speaker's; a screen reader must know their language."""
    reader.add(a_meeting(channels=THREE))
    told = [an_interpretation("ar", "شكرا", 7500), an_interpretation("en", "Thank you Sir", 7000)]
    reader.put(a_record("Merci Monsieur", 5000, code="EU", language_text="fr", interpretations=told))
    page = client.get("/meetings/small").text
    assert "As delivered, in" in page
    assert page.count("<summary>English interpretation</summary>") == 1
    assert (
        'aria-label="Arabic interpretation of European Union" aria-describedby="words-help" lang="ar" dir="auto"'
        in page
    )
    assert '<details class="interpretation" open>' not in page
    english = client.get("/meetings/small?channel=en").text
    assert english.count('<details class="interpretation" open>') == 1
    assert "Merci" in english


def test_the_ledger_is_data_and_sums_to_the_clock(client: TestClient, reader: MemoryReader) -> None:
    """A dashboard shows what is missing, too."""
    reader.add(a_meeting(channels=THREE))
    reader.miss("small", 2000, "en")
    found = client.get("/meetings/small/coverage.json").json()
    assert found["clock_ms"] == 2000
    assert [item["channel"] for item in found["channels"]] == ["floor", "en", "ar"]
    assert {sum(item["totals_ms"].values()) for item in found["channels"]} == {2000}
    assert found["channels"][1]["entries"] == [{"start_ms": 0, "end_ms": 2000, "kind": "gap", "cause": "media-missing"}]
    page = client.get("/meetings/small").text
    assert page.count('<svg class="bar"') == 3
    assert '<th scope="row">Arabic interpretation</th>' in page


def test_what_is_to_be_looked_at_is_on_the_page_and_is_data(client: TestClient, reader: MemoryReader) -> None:
    """A hole in the log that nobody is told of stays a hole."""
    item = {
        "id": "rev-a",
        "channel": "floor",
        "span": {"start_ms": 61_000, "end_ms": 75_000},
        "reason": "gap",
        "cause": "fell-behind",
        "severity": "medium",
        "state": "open",
    }
    reader.to_look_at = [item, {**item, "id": "rev-b", "state": "closed"}]
    page = client.get("/meetings/small").text
    assert "1 to look at" in page
    assert "gap: the audio left the stream before it could be fetched" in page
    assert [each["id"] for each in client.get("/meetings/small/review-items.json").json()["items"]] == [
        "rev-a",
        "rev-b",
    ]


def test_nothing_of_the_ledger_is_told_where_nobody_may_listen(client: TestClient, reader: MemoryReader) -> None:
    """Who is not to know of a meeting is not to know how long it spoke."""
    reader.add(a_meeting(audience="published"))
    assert client.get("/meetings/small/coverage.json").json()["channels"] == []
    assert client.get("/meetings/small/review-items.json").json()["items"] == []
    reader.add(a_meeting(audience="closed"))
    assert client.get("/meetings/small/coverage.json").status_code == 404
    assert client.get("/meetings/small/review-items.json").status_code == 404


def test_what_a_page_said_of_the_meeting_is_text_and_its_links_are_secure(
    client: TestClient, reader: MemoryReader
) -> None:
    """The words come from another site: they must not be able to do anything here."""
    documents = [
        {"title": "<script>alert(1)</script>", "url": "javascript:alert(1)", "symbol": "A/75/1"},
        {"title": "Plain", "url": "http://www.example.org/", "symbol": None},
        {"title": "Concept note", "url": "https://www.example.org/note.pdf", "symbol": None},
    ]
    reader.add(a_meeting(summary="One.\n\n<b>Two.</b>", categories=["<i>"], related_documents=documents))
    page = client.get("/meetings/small").text
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert "<b>Two" not in page
    assert "<p>&lt;b&gt;Two.&lt;/b&gt;</p>" in page
    assert "http://www.example.org" not in page
    assert '<a href="https://www.example.org/note.pdf" rel="noopener noreferrer nofollow">Concept note</a>' in page


def test_a_theme_leads_to_its_passages(client: TestClient, reader: MemoryReader) -> None:
    """A reader hears what is behind a chip; a theme of a lexicon that is not here is shown by its id."""
    text = "Thank you. Gender equality matters. So does bread."
    tags = [
        ("gender-equality", "Gender equality matters.", "call-to-action/1"),
        ("daily_bread", "So does bread.", "mine/3"),
    ]
    themes = [
        {"theme": theme, "quote": quote, "offset": text.index(quote), "rule": "one", "version": version}
        for theme, quote, version in tags
    ]
    shown = turn(a_record(text, 10_000, code="CMR", themes=themes), a_meeting(), lambda code: code).topics
    assert [(item.label, item.passages[0].start_ms, item.passages[0].end_ms) for item in shown] == [
        ("Gender equality", 11_000, 12_300),
        ("Daily bread", 12_500, 13_800),
    ]
    reader.put(a_record(text, 10_000, code="CMR", themes=themes))
    page = client.get("/meetings/small").text
    assert 'title="Gender equality and rights for women"' in page
    assert 'data-play="11000" data-until="12300"' in page
