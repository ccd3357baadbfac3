"""Each example of the dashboard developer's guide, run as its reader would, against a served API."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, expect
from standardwebhooks import Webhook

from floorlog.adapters.store import Store, open_store
from floorlog.client import Client
from floorlog.services import review
from tests import sample_log
from tests.small_floor import a_store
from workers.everything import free_port

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples"
GUIDE = ROOT / "docs/dashboards.md"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
LIMIT_S = 120.0


@dataclass(frozen=True)
class Log:
    """A served log: its address, the store behind it, and a folder to work in."""

    address: str
    store: Store
    folder: Path

    def env(self, **more: str) -> dict[str, str]:
        return {**os.environ, "FLOORLOG_URL": self.address, **more}

    def run(self, name: str, **more: str) -> str:
        """Run an example to its end, and return what it printed."""
        done = subprocess.run(
            command(name), cwd=self.folder, env=self.env(**more), capture_output=True, text=True, timeout=LIMIT_S
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def lines(self, name: str, count: int, **more: str) -> list[str]:
        """Run an example that does not end until it has printed so many lines, and return them."""
        with self.started(name, **more) as printed:
            return [printed.get(timeout=LIMIT_S) for _ in range(count)]

    @contextmanager
    def started(self, name: str, **more: str) -> Iterator[queue.Queue[str]]:
        """Start an example; what it prints comes line by line. It is ended with the block."""
        printed: queue.Queue[str] = queue.Queue()
        process = subprocess.Popen(
            command(name),
            cwd=self.folder,
            env=self.env(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        reader = threading.Thread(target=_pass_on, args=(process.stdout, printed))
        reader.start()
        try:
            yield printed
        finally:
            process.terminate()
            process.wait(LIMIT_S)
            reader.join(LIMIT_S)


def _pass_on(lines: Iterable[str], printed: queue.Queue[str]) -> None:
    for line in lines:
        printed.put(line)


def command(name: str) -> list[str]:
    """How an example is started."""
    programs = {".sh": "sh", ".py": sys.executable, ".mjs": "node"}
    return [programs[Path(name).suffix], str(EXAMPLES / name)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the sample meeting."""
    folder = tmp_path_factory.mktemp("filled")
    with a_store("sqlite", folder) as store:
        sample_log.add_to(store)
    return folder / "floorlog.db"


@contextmanager
def served(filled: Path, folder: Path) -> Iterator[Log]:
    """The sample meeting's log, served by a process of its own."""
    shutil.copy(filled, folder / "floorlog.db")
    url, port = f"sqlite:///{folder / 'floorlog.db'}", free_port()
    store = open_store(url)
    env = {**os.environ, "DATABASE_URL": url, "FLOORLOG_DATA": str(folder / "data"), "FLOORLOG_RATE": "0"}
    process = subprocess.Popen([sys.executable, "-m", "floorlog", "api", "--port", str(port)], env=env)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + LIMIT_S
    try:
        while True:
            try:
                httpx.get(f"{address}/health").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < until
                threading.Event().wait(0.1)
        (folder / "work").mkdir()
        yield Log(address, store, folder / "work")
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        store.close()


@pytest.fixture(scope="module")
def log(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log that no test changes."""
    with served(filled, tmp_path_factory.mktemp("log")) as running:
        yield running


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Iterator[Log]:
    """A log of the test's own."""
    with served(filled, tmp_path) as running:
        yield running


def revise(log: Log, codes: tuple[str, str] = ("NOR", "CUB")) -> tuple[str, str]:
    """Publish the statements of two delegations, correct the first, withdraw the second; return their ids."""
    store, person = log.store, sample_log.ANN
    first, second = (sample_log.said_by(store, code) for code in codes)
    review.approve(store, sample_log.MEETING, [first, second], person)
    review.publish(store, sample_log.MEETING, [first, second], person)
    revision = review.record(store, first)["revision"]
    kind = {"id": "cor-example-kind", "operation": "kind", "after": {"kind": "right_of_reply"}, "reason": "It was one."}
    review.correct(store, first, revision, [kind], person)
    revision = review.record(store, second)["revision"]
    review.change_state(store, second, revision, "withdrawn", person, "Attributed wrongly.")
    return first, second


def documents(printed: str) -> list[Any]:
    """JSON documents that were printed one behind the other."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while at < len(printed.rstrip()):
        document, at = decoder.raw_decode(printed, at)
        found.append(document)
        at += len(printed[at:]) - len(printed[at:].lstrip())
    return found


def test_the_first_requests_answer(log: Log) -> None:
    """Who gets nothing from the first command leaves."""
    meetings, statements = documents(log.run("first.sh"))
    assert [item["id"] for item in meetings["items"]] == [sample_log.MEETING]
    assert statements["items"][0]["speaker"]["entity"]["name"] == "Norway"
    assert statements["synthetic"] is True


def test_a_search_with_curl_shows_the_passage(log: Log) -> None:
    """Spaces and accents in a search must arrive."""
    (found,) = documents(log.run("search.sh"))
    parts = found["items"][0]["highlight"]["parts"]
    assert {part["text"].lower() for part in parts if part["hit"]} >= {"human", "rights"}


def test_a_citation_is_had_in_every_form(log: Log) -> None:
    """A citation must be readable by people and programs."""
    printed = log.run("cite.sh")
    assert "WEBVTT" in printed
    assert "Norway" in printed
    assert '"schema":"record/1"' in printed.replace(" ", "")


def test_what_is_known_is_not_sent_again(log: Log) -> None:
    """A dashboard that polls must not cost a page each time."""
    assert log.run("etag.sh").split() == ["200", "304"]


def test_the_files_are_read_by_duckdb(log: Log) -> None:
    """Whoever analyses works with files, and with SQL."""
    log.run("files.sh")
    minutes = query(log, "speaking_time.sql")
    assert ("Norway", 1, 0.4) in minutes
    assert all(earlier[2] >= later[2] for earlier, later in pairwise(minutes))
    themes = query(log, "themes.sql")
    assert ("Norway", "civic-space") in {row[:2] for row in themes}
    assert all(row[2] for row in themes)
    assert all(60 < pace < 300 for _, _, pace in query(log, "words.sql"))


def query(log: Log, name: str) -> list[tuple[Any, ...]]:
    """Run a file of SQL in the folder in which the files lie."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for form in ("parquet", "jsonl"):
        text = text.replace(f"'meeting.{form}'", f"'{log.folder / f'meeting.{form}'}'")
    return duckdb.connect().execute(text).fetchall()


def test_the_feed_with_curl_goes_on_where_it_was(own: Log) -> None:
    """A job that runs every hour must see each event once."""
    assert log_types(own.run("changes.sh")) == {"record.created": 35}
    assert own.run("changes.sh") == "nothing new\n"
    revise(own)
    assert log_types(own.run("changes.sh")).keys() >= {"record.published", "record.corrected", "record.withdrawn"}


def log_types(printed: str) -> dict[str, int]:
    """How many events of each type were printed."""
    found = re.findall(r'"type":"([a-z.]+)"', printed)
    return {name: found.count(name) for name in found}


def test_the_latest_statements_are_printed(log: Log) -> None:
    """The smallest program with the client."""
    printed = log.run("latest.py")
    assert "machine" in printed
    assert "Norway fully supports" in printed


def test_a_hit_leads_to_its_moment(log: Log) -> None:
    """A quotation without its place cannot be checked."""
    printed = log.run("search.py")
    assert re.search(r"\[human\] \[rights\]", printed, re.IGNORECASE)
    assert re.search(r"/meetings/synthetic-briefing\?.*t=", printed)


def test_a_copy_stays_right_through_corrections_and_withdrawals(own: Log) -> None:
    """What was withdrawn must not stand in somebody's copy for ever."""
    own.run("copy_of_all.py")
    corrected, withdrawn = revise(own)
    own.run("copy_of_all.py")
    with sqlite3.connect(own.folder / "copy.db") as copy:
        kept = {key: json.loads(text) for key, text in copy.execute("SELECT id, document FROM records")}
    assert kept[corrected]["kind"] == "right_of_reply"
    assert kept[corrected]["review"]["state"] == "corrected"
    assert withdrawn not in kept
    with Client(own.address) as client:
        assert {record["id"]: record["text"] for record in client.interventions()} == {
            key: document["text"] for key, document in kept.items()
        }
    assert own.run("copy_of_all.py") == ""


def test_who_has_the_floor_is_told_at_once(log: Log) -> None:
    """A page that shows nothing until something happens looks broken."""
    assert log.lines("on_air.py", 1) == ["ended: nobody has the floor\n"]


def test_a_correction_is_printed_with_before_after_and_reason(own: Log) -> None:
    """Corrections must reach whoever quoted the record."""
    corrected, _ = revise(own)
    printed = "".join(own.lines("corrections.py", 3, AFTER="0"))
    assert re.search(rf"record\.corrected {corrected} It was one\.", printed)
    assert "kind: 'statement' -> 'right_of_reply'" in printed


def test_events_reach_node_as_they_happen(own: Log) -> None:
    """A server in JavaScript has no EventSource."""
    with own.started("stream.mjs", AFTER="0") as printed:
        first = [printed.get(timeout=LIMIT_S).split() for _ in range(35)]
        corrected, withdrawn = revise(own)
        later = [printed.get(timeout=LIMIT_S).split() for _ in range(4)]
    assert [int(line[0]) for line in first] == list(range(1, 36))
    assert {(line[1], line[2]) for line in later} >= {("record.published", corrected), ("record.published", withdrawn)}


def test_pages_of_a_meeting_are_read_with_fetch(log: Log) -> None:
    """What a browser would do, with pages of five."""
    lines = log.run("latest.mjs").splitlines()
    assert len(lines) == 14
    assert "European Union" in lines[0]


@pytest.mark.parametrize("name", ["receiver.py", "receiver.mjs"])
def test_a_receiver_believes_what_is_signed_once(log: Log, name: str) -> None:
    """Anybody can send to a receiver; and each delivery may come twice."""
    port, event = free_port(), {"id": "evt-7", "type": "record.published", "subject": "rec-a", "data": {}}
    body = json.dumps(event)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "evt-7",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("evt-7", now, body),
    }
    address, until = f"http://127.0.0.1:{port}/", time.monotonic() + LIMIT_S
    with log.started(name, FLOORLOG_WEBHOOK_SECRET=SECRET, PORT=str(port)) as printed:
        while True:
            try:
                answers = [httpx.post(address, content=body, headers=headers).status_code for _ in range(2)]
                break
            except httpx.ConnectError:
                assert time.monotonic() < until
                threading.Event().wait(0.1)
        forged = httpx.post(address, content=body.replace("rec-a", "rec-b"), headers=headers).status_code
        assert "evt-7 record.published rec-a" in printed.get(timeout=LIMIT_S)
    assert answers == [204, 204]
    assert forged == 401
    assert not [line for line in printed.queue if "record.published" in line]


def test_a_page_from_anywhere_shows_the_meeting(own: Log, browser: Browser) -> None:
    """A dashboard is served from somewhere else: the browser must let it read."""
    page = browser.new_page()
    page.goto(f"{(EXAMPLES / 'watch.html').as_uri()}?log={own.address}")
    expect(page.locator("#floor")).to_have_text("Nobody has the floor")
    expect(page.locator("#log li")).to_have_count(10)
    revise(own, ("PSE", "AZE"))
    expect(page.locator("#log")).to_contain_text("Palestine (corrected)", timeout=LIMIT_S * 1000)
    page.close()


def test_each_example_is_run() -> None:
    """An example that nobody runs is wrong sooner or later."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in sorted(EXAMPLES.iterdir()) if f"{path.name}" not in source] == []


def blocks(kinds: str) -> list[str]:
    """The guide's blocks of code of some kinds."""
    return re.findall(rf"^```(?:{kinds})\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_guide_shows_the_examples_as_they_are() -> None:
    """What a reader copies is what was run: each block of code is a whole example, or its part between two lines."""
    examples = [path.read_text(encoding="utf-8") for path in EXAMPLES.iterdir()]
    assert [block for block in blocks("sh|python|js|sql|html") if not any(block in text for text in examples)] == []
    assert re.findall(r"^```(?!sh$|python$|js$|sql$|html$|json$|text$|$)(\w+)", GUIDE.read_text(), re.MULTILINE) == []


def test_the_guide_shows_answers_as_they_are(log: Log) -> None:
    """A wrong answer in a guide costs an afternoon: each has the members that are shown, with the values shown."""
    shown = [json.loads(block) for block in blocks("json")]
    assert shown
    for document in shown:
        answer = httpx.get(log.address + document["request"]).json()
        assert differences(document["answer"], answer) == []


def differences(shown: Any, found: Any, path: str = "$") -> list[str]:
    """Where an answer is not as shown; "…" stands for any value, and what is not shown may be there."""
    if shown == "…":
        return []
    if isinstance(shown, dict) and isinstance(found, dict):
        missing = [f"{path}.{name}" for name in shown.keys() - found.keys()]
        return missing + [
            each
            for name in shown.keys() & found.keys()
            for each in differences(shown[name], found[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and isinstance(found, list) and len(shown) <= len(found):
        return [each for at, item in enumerate(shown) for each in differences(item, found[at], f"{path}[{at}]")]
    return [] if shown == found else [f"{path}: {found!r}"]


pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("node") is None,
    reason="needs curl and Node: apt-get install curl nodejs",
)
