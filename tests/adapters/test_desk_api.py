"""The workbench's routes over a real store, on both databases: every route, conflicts, claims, limits, hostile text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from floorlog.adapters import flac
from floorlog.adapters.store import Store
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import Span, after
from floorlog.services.bench import Bench
from tests.sitting import BEGAN, a_meeting, a_record, noise
from tests.small_floor import DATABASES, SMALL_MACHINE, a_store
from workers.web import create_app
from workers.web.desk import Desk
from workers.web.people import Always, Person
from workers.web.shelf import Shelf

ANN = Person("p-ann", "Ann", "approver")
BOB = Person("p-bob", "Bob", "reviewer")
VIC = Person("p-vic", "Vic", "viewer")


@dataclass
class Case:
    """A store with one meeting, and a browser for each person."""

    store: Store
    folder: Path
    objects: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def client(self, person: Person) -> TestClient:
        """A browser in which somebody is signed in."""
        app = create_app(
            Shelf(self.store, SMALL_MACHINE),
            people=Always(person),
            desk=Desk(Bench(self.store, SMALL_MACHINE), self.folder / "peaks"),
            fetch=self.fetch,
        )
        return TestClient(app, headers={"x-csrf-token": "token-of-tests"})

    def fetch(self, uri: str) -> bytes:
        self.fetched.append(uri)
        return self.objects[uri]

    def put(self, *records: dict[str, Any]) -> None:
        """Store records as the machine's."""
        with self.store.locked(records[0]["meeting_id"]) as tx:
            for record in records:
                content = {key: value for key, value in record.items() if key != "review"}
                tx.add_record(content, "machine", state=record["review"]["state"])
                tx.emit("record.created", record["id"], {"record_id": record["id"], "revision": 1, "reason": None}, 1)

    def hear(self, start_ms: int, length_ms: int, channel: str = "floor") -> None:
        """Announce audio."""
        data = flac.encode(noise(length_ms))
        uri = f"mem://{channel}/{start_ms}.flac"
        self.objects[uri] = data
        span = Span(start_ms, start_ms + length_ms)
        audio = AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data))
        self.store.register(
            Segment("small", channel, start_ms, span, after(BEGAN, start_ms), "given", 0, audio, "pause", 0.9)
        )


@pytest.fixture(params=DATABASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with a_store(request.param, tmp_path) as store:
        store.add_meeting(a_meeting())
        yield Case(store, tmp_path)


FIRST = a_record("Cameroon takes the floor to thank you", 0, code="CMR")
SECOND = a_record("nobody knows who says this", 10_000)


def got(response: Response, status: int = 200) -> dict[str, Any]:
    """The JSON of an answer that has the status."""
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found


def test_the_session_says_who_asks_and_what_they_may_do(case: Case) -> None:
    """The page shows only what the person may do, and sends the token with each change."""
    found = got(case.client(BOB).get("/desk/api/session"))
    assert found == {
        "person": {"id": "p-bob", "name": "Bob", "role": "reviewer"},
        "may": ["view", "review"],
        "csrf": "token-of-tests",
    }


def test_a_meeting_opens_without_its_words(case: Case) -> None:
    """Three hours must open at once: the words of what is visible are fetched apart."""
    case.put(FIRST, SECOND)
    case.hear(0, 20_000)
    found = got(case.client(VIC).get("/desk/api/meetings/small"))
    assert [row["heading"] for row in found["rows"]] == ["Cameroon", "Not attributed"]
    assert [row["words"] for row in found["rows"]] == [7, 5]
    assert found["duration_ms"] == 20_000
    assert found["floor"][0] == {"start_ms": 0, "end_ms": 3500, "entity": "CMR", "record_id": FIRST["id"]}
    assert [(item["name"], item["end_ms"]) for item in found["channels"]] == [("floor", 20_000)]


def test_records_come_with_their_words_in_batches(case: Case) -> None:
    """What is visible is fetched at once, in the order asked for, and what is not there is left out."""
    case.put(FIRST, SECOND)
    client = case.client(VIC)
    ids = f"{SECOND['id']},rec-unknown,{FIRST['id']}"
    found = got(client.get(f"/desk/api/meetings/small/records?ids={ids}"))
    assert [(item["id"], item["revision"], item["notes"]) for item in found["records"]] == [
        (SECOND["id"], 1, []),
        (FIRST["id"], 1, []),
    ]
    one = client.get(f"/desk/api/records/{FIRST['id']}")
    assert (one.headers["etag"], got(one)["text"]) == ('"1"', FIRST["text"])
    too_many = client.get("/desk/api/meetings/small/records?ids=" + ",".join(f"rec-{n}" for n in range(51)))
    assert got(too_many, 422)["path"] == "$.ids"


def test_the_waveform_is_worked_out_once(case: Case) -> None:
    """Three hours are never decoded twice."""
    case.hear(0, 4000)
    case.hear(4000, 6000)
    client = case.client(VIC)
    found = got(client.get("/desk/api/meetings/small/peaks?per_s=10"))
    assert (len(found["peaks"]), found["complete"], min(found["peaks"]) > 5) == (100, True, True)
    assert got(case.client(VIC).get("/desk/api/meetings/small/peaks?per_s=50"))["complete"]
    assert len(case.fetched) == 2
    assert got(client.get("/desk/api/meetings/small/peaks?per_s=3"), 422)["path"] == "$.per_s"


def test_the_queue_begins_with_what_is_worst(case: Case) -> None:
    """A reviewer's first minute goes where a mistake is likely and matters."""
    case.put(FIRST, SECOND)
    found = got(case.client(VIC).get("/desk/api/queue"))
    assert [item["record_id"] for item in found["items"]] == [SECOND["id"], FIRST["id"]]
    assert found["items"][0]["reasons"][0]["slug"] == "unattributed"
    assert found["progress"][0]["total"] == 2
    assert found["progress"][0]["minutes_per_audio_hour"] is None


def test_entities_are_found_in_six_languages(case: Case) -> None:
    """A reviewer types what they know."""
    client = case.client(BOB)
    for typed in ("CMR", "camer", "Камерун", "喀麦隆", "الكاميرون", "Cameroun"):
        found = got(client.get("/desk/api/entities", params={"q": typed, "date": "2021-02-24"}))
        assert found["entities"][0]["code"] == "CMR", typed
    assert len(got(client.get("/desk/api/entities?limit=5"))["entities"]) == 5
