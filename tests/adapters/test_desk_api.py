"""The workbench's routes over a real store, on both databases: every route, conflicts, claims, limits, hostile text."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import event
from starlette.requests import Request

from floorlog import words
from floorlog.adapters import flac
from floorlog.adapters.store import Store, claims
from floorlog.adapters.store.ledger import settle_items
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import Span, after
from floorlog.identity import record_id
from floorlog.omissions import Omission
from floorlog.services.advance import advance
from floorlog.services.bench import Bench
from tests import small_floor
from tests.sitting import BEGAN, a_meeting, a_record, noise
from tests.small_floor import DATABASES, SMALL_MACHINE, a_store
from tests.spoken import voice
from workers.web import create_app
from workers.web.desk import Desk
from workers.web.desk.changes import Changes
from workers.web.desk.problems import LONGEST_BODY
from workers.web.people import Always, Person, Session
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
                tx.add_record(record, "machine", state=record["review"]["state"])
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


@dataclass
class Leaving:
    """Sessions of one person, who signs out after being asked for a number of times."""

    person: Person
    leave_after: int = 1000

    def of(self, request: Request) -> Session | None:
        self.leave_after -= 1
        return Session(self.person, "token-of-tests") if self.leave_after >= 0 else None


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


def correction(operation: str, after: Any, before: Any = None, reason: str | None = None) -> dict[str, Any]:
    """A correction with an id of its own."""
    return {
        "id": f"cor-{uuid.uuid4().hex}",
        "operation": operation,
        "before": before,
        "after": after,
        "reason": reason,
    }


def text(made: str, reason: str | None = None) -> dict[str, Any]:
    """The body of a correction of a text."""
    return {"corrections": [correction("text", {"text": made}, reason=reason)]}


def save(client: TestClient, record_id: str, revision: int, body: dict[str, Any]) -> Response:
    """Save corrections, bound to the revision that was seen."""
    headers = {"if-match": f'"{revision}"'}
    answer: Response = client.post(f"/desk/api/records/{record_id}/corrections", json=body, headers=headers)
    return answer


def bring(client: TestClient, record_id: str, revision: int, to: str, reason: str | None = None) -> Response:
    """Bring a record into another state."""
    body, headers = {"to": to, "reason": reason}, {"if-match": f'"{revision}"'}
    answer: Response = client.post(f"/desk/api/records/{record_id}/state", json=body, headers=headers)
    return answer


def test_a_correction_makes_a_revision_and_the_queue_moves_on(case: Case) -> None:
    """What a reviewer saves is there for everybody at once."""
    case.put(FIRST, SECOND)
    client = case.client(BOB)
    speaker = {
        "entity": FIRST["speaker"]["entity"],
        "name_as_said": None,
        "role": None,
        "capacity": None,
        "person": None,
    }
    saved = save(client, SECOND["id"], 1, {"corrections": [correction("speaker", {"speaker": speaker})]})
    (record,) = got(saved)["records"]
    assert (record["revision"], record["review"]["state"], saved.headers["etag"]) == (2, "in_review", '"2"')
    assert record["speaker"]["entity"]["code"] == "CMR"
    slugs = {
        reason["slug"]
        for item in got(client.get("/desk/api/queue"))["items"]
        for reason in item["reasons"]
        if item["record_id"] == SECOND["id"]
    }
    assert slugs == {"unreviewed"}
    row = got(client.get("/desk/api/meetings/small"))["rows"][1]
    assert (row["heading"], row["revision"], row["state"]) == ("Cameroon", 2, "in_review")


def test_a_save_needs_the_revision_that_was_seen(case: Case) -> None:
    """Without it, one reviewer would silently undo another's work."""
    case.put(FIRST)
    client, path = case.client(BOB), f"/desk/api/records/{FIRST['id']}/corrections"
    problem = got(client.post(path, json=text("Other")), 428)
    assert problem["type"] == "urn:floorlog:problem:revision-needed"
    for tag in ("*", "3", 'W/"1"', '"1", "2"', '"-1"'):
        assert got(client.post(path, json=text("Other"), headers={"if-match": tag}), 412)["status"] == 412


def test_a_stale_save_gets_both_texts_and_what_they_began_with(case: Case) -> None:
    """Two reviewers at once: nobody's words are lost, and the page can merge them."""
    case.put(FIRST)
    ann, bob = case.client(ANN), case.client(BOB)
    got(save(ann, FIRST["id"], 1, text("Cameroon takes the floor to thank us")))
    mine = text("Cameroon took the floor to thank you")
    answer = save(bob, FIRST["id"], 1, mine)
    problem = got(answer, 409)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:floorlog:problem:stale-revision"
    assert problem["yours"] == mine["corrections"]
    assert (problem["theirs"]["revision"], problem["theirs"]["text"][-2:]) == (2, "us")
    assert (problem["base"]["revision"], problem["base"]["text"]) == (1, FIRST["text"])
    merged = got(save(bob, FIRST["id"], 2, text("Cameroon took the floor to thank us")))
    assert merged["records"][0]["revision"] == 3


def test_a_save_that_is_repeated_counts_once(case: Case) -> None:
    """A page whose connection broke sends its work again, and cannot know whether it arrived."""
    case.put(FIRST)
    client, body = case.client(BOB), text("Cameroon thanks you")
    once, again = (got(save(client, FIRST["id"], 1, body)) for _ in range(2))
    assert again == once


def nested(levels: int) -> dict[str, Any]:
    """An object in an object, and so on."""
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"deeper": found}
    return found


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ({"operation": "text", "after": {"text": 5}}, "after"),
        ({"operation": "no-such", "after": {}}, "operation"),
        ({"operation": "text", "after": "text"}, "after"),
        ({"operation": "text", "after": {"text": "half \ud800"}}, "corrections[0].after.text"),
        ({"operation": "text", "after": {"text": "nul \x00"}}, "corrections[0].after.text"),
        ({"operation": "kind", "after": {"kind": "song"}}, "kind"),
        ({"operation": "text", "after": {"text": "a"}, "surprise": 1}, "surprise"),
        ({"operation": "restore", "after": {"revision": 99}}, "revision"),
        ({"operation": "restore", "after": {"revision": 10**40}}, "revision"),
        ({"operation": "split", "after": {"at_ms": 10**40}}, "at_ms"),
        ({"operation": "note", "after": nested(30)}, ".deeper"),
        ({"operation": "note", "after": nested(300)}, ".deeper"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_with_its_place(case: Case, item: dict[str, Any], path: str) -> None:
    """The page can show what is wrong where it is wrong."""
    case.put(FIRST)
    body = {"corrections": [{"id": "cor-1", "before": None, "reason": None, **item}]}
    headers = {"if-match": '"1"', "content-type": "application/json"}
    url = f"/desk/api/records/{FIRST['id']}/corrections"
    problem = got(case.client(BOB).post(url, content=json.dumps(body), headers=headers), 422)
    assert path in problem["path"]
    assert got(case.client(BOB).get(f"/desk/api/records/{FIRST['id']}"))["revision"] == 1


@pytest.mark.parametrize("content", [b"not json", b"[1]", b"{}", b'{"corrections": []}', b"[" * 100_000, b"\xff\xfe"])
def test_a_body_that_is_no_request_is_refused(case: Case, content: bytes) -> None:
    """A broken page must not stop the server."""
    case.put(FIRST)
    url, headers = f"/desk/api/records/{FIRST['id']}/corrections", {"if-match": '"1"'}
    headers["content-type"] = "application/json"
    answer = case.client(BOB).post(url, content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_above_4_megabytes_is_refused_however_it_is_sent(case: Case) -> None:
    """One request must not fill the memory."""
    case.put(FIRST)
    client, url = case.client(BOB), f"/desk/api/records/{FIRST['id']}/corrections"
    headers = {"if-match": '"1"', "content-type": "application/json"}
    long = b'{"corrections": "' + b"a" * LONGEST_BODY + b'"}'
    assert got(client.post(url, content=long, headers=headers), 413)["limit_bytes"] == LONGEST_BODY
    assert got(client.post(url, content=iter([long[:100], long[100:]]), headers=headers), 413)["status"] == 413


def test_the_whole_life_of_a_record(case: Case) -> None:
    """Machine, in review, approved, published, corrected, withdrawn: each by who may do it, all in the history."""
    case.put(FIRST)
    ann, bob, key = case.client(ANN), case.client(BOB), FIRST["id"]
    got(save(bob, key, 1, text("Cameroon takes the floor")))
    assert bring(bob, key, 2, "approved").status_code == 403
    got(bring(ann, key, 2, "approved"))
    got(bring(ann, key, 3, "published"))
    assert save(bob, key, 4, text("Other", "better")).status_code == 403
    refused = got(save(ann, key, 4, text("Cameroon has the floor")), 409)
    assert (refused["type"], refused["state"]) == ("urn:floorlog:problem:transition-refused", "published")
    (corrected,) = got(save(ann, key, 4, text("Cameroon has the floor", "misheard")))["records"]
    assert corrected["review"]["state"] == "corrected"
    assert got(bring(ann, key, 5, "withdrawn"), 409)["why"] == "a reason is needed"
    (withdrawn,) = got(bring(ann, key, 5, "withdrawn", "asked for"))["records"]
    assert withdrawn["review"]["state"] == "withdrawn"
    history = got(bob.get(f"/desk/api/records/{key}/history"))["revisions"]
    assert [item["state"] for item in history] == [
        "machine",
        "in_review",
        "approved",
        "published",
        "corrected",
        "withdrawn",
    ]
    assert [item["author"] for item in history] == [None, "p-bob", "p-ann", "p-ann", "p-ann", "p-ann"]
    assert "".join(piece["before"] for piece in history[1]["text"]) == FIRST["text"]
    assert got(bob.get(f"/desk/api/records/{key}?revision=4"))["text"] == "Cameroon takes the floor"
    assert bob.get(f"/desk/api/records/{key}?revision=40").status_code == 404
    progress = got(bob.get("/desk/api/queue"))["progress"][0]
    assert (progress["total"], progress["withdrawn"]) == (1, 1)


def test_nobody_may_smuggle_a_state_past_their_role(case: Case) -> None:
    """A correction may change the state, too: the right is asked for wherever it comes in."""
    case.put(FIRST)
    body = {"corrections": [correction("state", {"state": "approved"})]}
    assert save(case.client(BOB), FIRST["id"], 1, body).status_code == 403
    assert save(case.client(VIC), FIRST["id"], 1, text("Other")).status_code == 403
    got(save(case.client(ANN), FIRST["id"], 1, body))


def test_who_may_not_publish_moves_no_boundary_of_what_is_public(case: Case) -> None:
    """A neighbour's boundary is its content, and it is public."""
    near = a_record("who says this", 3500)
    case.put(FIRST, near)
    ann, bob = case.client(ANN), case.client(BOB)
    got(bring(ann, FIRST["id"], 1, "approved"))
    got(bring(ann, FIRST["id"], 2, "published"))
    spans = {"spans": [{"start_ms": 3000, "end_ms": 5000}]}
    body = {"corrections": [correction("span", spans, reason="earlier")]}
    assert save(bob, near["id"], 1, body).status_code == 403
    changed = got(save(ann, near["id"], 1, body))
    assert {item["id"] for item in changed["records"]} == {FIRST["id"], near["id"]}


def test_undo_and_redo_act_on_the_meetings_journal_of_one_person(case: Case) -> None:
    """A reviewer takes back their own last step, not somebody else's."""
    case.put(FIRST, SECOND)
    ann, bob = case.client(ANN), case.client(BOB)
    got(save(bob, FIRST["id"], 1, text("One")))
    got(save(ann, SECOND["id"], 1, text("Two")))
    (undone,) = got(bob.post("/desk/api/meetings/small/undo"))["records"]
    assert (undone["id"], undone["text"]) == (FIRST["id"], FIRST["text"])
    (redone,) = got(bob.post("/desk/api/meetings/small/redo"))["records"]
    assert redone["text"] == "One"
    assert got(bob.post("/desk/api/meetings/small/redo")) == {"records": [], "retired": []}
    assert got(ann.get(f"/desk/api/records/{SECOND['id']}"))["text"] == "Two"


def test_a_split_and_a_merge_go_back_exactly(case: Case) -> None:
    """What was cut wrongly is whole again with one key."""
    case.put(FIRST)
    client = case.client(BOB)
    before = got(client.get(f"/desk/api/records/{FIRST['id']}"))
    split = {"corrections": [correction("split", {"at_ms": 2000})]}
    made = got(save(client, FIRST["id"], 1, split))
    assert len(made["records"]) == 2
    assert len(got(client.get("/desk/api/meetings/small"))["rows"]) == 2
    undone = got(client.post("/desk/api/meetings/small/undo"))
    assert len(undone["retired"]) == 1
    after = got(client.get(f"/desk/api/records/{FIRST['id']}"))
    assert (after["text"], after["words"], after["spans"]) == (before["text"], before["words"], before["spans"])
    gone = client.get(f"/desk/api/records/{undone['retired'][0]}")
    assert got(gone, 410)["successors"] == [FIRST["id"]]


def test_what_was_missed_is_inserted(case: Case) -> None:
    """A silence that the log has no words for gets them from a person."""
    case.put(FIRST)
    after = {
        "channel": "floor",
        "spans": [{"start_ms": 20_000, "end_ms": 25_000}],
        "kind": "statement",
        "speaker": None,
        "text": "we heard this",
    }
    client = case.client(BOB)
    body = {"corrections": [correction("insert", after)]}
    (made,) = got(client.post("/desk/api/meetings/small/corrections", json=body), 201)["records"]
    assert (made["text"], made["revision"]) == ("we heard this", 1)
    assert len(got(client.get("/desk/api/meetings/small"))["rows"]) == 2
    assert client.post("/desk/api/meetings/small/corrections", json=text("a")).status_code == 422
    assert client.post("/desk/api/meetings/none/corrections", json=body).status_code == 404


def test_a_meeting_is_approved_and_published_at_once_by_whom_it_may(case: Case) -> None:
    """Six hundred clicks would be six hundred reasons not to."""
    case.put(FIRST, SECOND)
    assert case.client(BOB).post("/desk/api/meetings/small/approve", json={}).status_code == 403
    found = got(case.client(ANN).post("/desk/api/meetings/small/approve", json={"record_ids": [FIRST["id"]]}))
    assert [(item["id"], "words" in item) for item in found["records"]] == [(FIRST["id"], False)]
    got(case.client(ANN).post("/desk/api/meetings/small/approve", json={"record_ids": None}))
    progress = got(case.client(VIC).get("/desk/api/queue"))["progress"][0]
    assert (progress["approved"], progress["machine"]) == (2, 0)
    assert case.client(BOB).post("/desk/api/meetings/small/publish", json={}).status_code == 403
    published = got(case.client(ANN).post("/desk/api/meetings/small/publish", json={"record_ids": None}))
    assert {item["review"]["state"] for item in published["records"]} == {"published"}
    unknown = case.client(ANN).post("/desk/api/meetings/small/approve", json={"record_ids": ["rec-none"]})
    assert unknown.status_code == 404


def test_replace_goes_through_the_meeting_and_is_one_step(case: Case) -> None:
    """A name that the machine misheard everywhere is put right everywhere."""
    case.put(FIRST, a_record("thank you to thank them", 30_000))
    client = case.client(BOB)
    body = {"find": "Thank", "replace": "praise", "match_case": False, "whole_words": True}
    assert len(got(client.post("/desk/api/meetings/small/replace", json=body))["records"]) == 2
    assert got(client.get(f"/desk/api/records/{FIRST['id']}"))["text"] == "Cameroon takes the floor to praise you"
    assert len(got(client.post("/desk/api/meetings/small/undo"))["records"]) == 2
    assert client.post("/desk/api/meetings/small/replace", json={**body, "find": ""}).status_code == 422
    assert client.post("/desk/api/meetings/small/replace", json={**body, "reason": "misheard"}).status_code == 403


def test_a_claim_is_held_renewed_and_given_back(case: Case) -> None:
    """Two reviewers do not begin the same record, and nobody holds one for ever."""
    case.put(FIRST)
    ann, bob, body = case.client(ANN), case.client(BOB), {"record_id": FIRST["id"]}
    first = got(bob.post("/desk/api/claims", json=body))
    assert first["claimed_by"]["name"] == "Bob"
    assert got(bob.post("/desk/api/claims", json=body))["until"] >= first["until"]
    refused = got(ann.post("/desk/api/claims", json=body), 409)
    assert refused["claimed_by"]["id"] == "p-bob"
    assert got(ann.get("/desk/api/meetings/small"))["rows"][0]["claimed_by"]["id"] == "p-bob"
    assert [item["record_id"] for item in got(bob.get("/desk/api/queue?mine=true"))["items"]] == [FIRST["id"]]
    assert got(ann.get("/desk/api/queue?mine=true"))["items"] == []
    assert got(ann.delete(f"/desk/api/claims/{FIRST['id']}")) == {"released": False}
    assert got(bob.delete(f"/desk/api/claims/{FIRST['id']}")) == {"released": True}
    assert got(ann.post("/desk/api/claims", json=body))["claimed_by"]["id"] == "p-ann"
    assert ann.post("/desk/api/claims", json={"record_id": "rec-none"}).status_code == 404
    assert case.client(VIC).post("/desk/api/claims", json=body).status_code == 403


def test_a_claim_that_was_not_renewed_ends(case: Case) -> None:
    """Who went to lunch does not keep the others from working."""
    case.put(FIRST)
    claims.claim(case.store, FIRST["id"], "p-bob", "Bob", -1)
    assert claims.active_claims(case.store) == {}
    body = {"record_id": FIRST["id"]}
    assert got(case.client(ANN).post("/desk/api/claims", json=body))["claimed_by"]["id"] == "p-ann"


def test_open_pages_are_told_that_a_claim_ran_out(case: Case) -> None:
    """Nobody does anything when a claim ends, and yet the others must see that the record is free."""
    case.put(FIRST)
    changes = Changes(Desk(Bench(case.store, SMALL_MACHINE), case.folder / "peaks"))
    claims.claim(case.store, FIRST["id"], "p-ann", "Ann", for_s=0.3)
    while_held = changes.version("small")
    deadline, waiting = time.monotonic() + 20, threading.Event()
    while changes.version("small") == while_held:
        assert time.monotonic() < deadline
        waiting.wait(0.05)
    assert changes.since("small", while_held)["record_ids"] == [FIRST["id"]]


def test_of_two_who_claim_at_once_one_gets_it(case: Case) -> None:
    """The table decides, not who looked first."""
    case.put(FIRST)
    with ThreadPoolExecutor(8) as pool:
        held = list(
            pool.map(lambda n: claims.claim(case.store, FIRST["id"], f"p-{n}", f"P {n}", 60).person_id, range(8))
        )
    assert len(set(held)) == 1


def test_time_is_counted_once_and_capped(case: Case) -> None:
    """Minutes per audio hour must not grow because a page stood open or was open twice."""
    case.put(FIRST, SECOND)
    client = case.client(BOB)
    assert got(client.post("/desk/api/time", json={"record_id": FIRST["id"], "seconds": 3600}))["counted_s"] == 60
    again = got(client.post("/desk/api/time", json={"record_id": SECOND["id"], "seconds": 60}))["counted_s"]
    assert again < 30
    assert client.post("/desk/api/time", json={"record_id": FIRST["id"], "seconds": -1}).status_code == 422
    raw = client.post("/desk/api/time", content='{"record_id": "a", "seconds": NaN}')
    assert raw.status_code == 422
    assert client.post("/desk/api/time", json={"record_id": "rec-none", "seconds": 1}).status_code == 404
    progress = got(client.get("/desk/api/queue"))["progress"][0]
    minutes, hours = (60 + again) / 60, (3.5 + (2.5 if again else 0)) / 3600
    assert progress["minutes_per_audio_hour"] == pytest.approx(minutes / hours, rel=0.01)


def test_the_queue_has_pages_filters_and_what_the_log_is_silent_about(case: Case) -> None:
    """A reviewer goes through everything once, and chooses what."""
    records = [a_record(f"number {n}", 10_000 * n, code="CMR" if n % 2 else None) for n in range(12)]
    case.put(*records)
    omission = Omission("floor", Span(200_000, 230_000), "speech-without-words", None, "medium")
    with case.store.locked("small") as tx:
        settle_items(tx, [], [omission])
    client = case.client(BOB)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        found = got(client.get("/desk/api/queue", params={"limit": 5, **({"cursor": cursor} if cursor else {})}))
        assert found["total"] == 13
        seen += [item["record_id"] or item["review_item_id"] for item in found["items"]]
        cursor = found["cursor"]
    item_id = omission.id("small")
    assert len(seen) == len(set(seen)) == 13
    assert item_id in seen
    assert got(client.get("/desk/api/queue?reason=unattributed"))["total"] == 6
    assert got(client.get("/desk/api/queue?state=in_review"))["total"] == 0
    assert got(client.get("/desk/api/queue?meeting=small&reason=speech-without-words"))["total"] == 1
    assert client.get("/desk/api/queue?meeting=none").status_code == 404
    assert got(client.get("/desk/api/queue?cursor=nonsense"), 422)["path"] == "$.cursor"
    closed = client.post(f"/desk/api/review-items/{item_id}", json={"state": "closed", "reason": "applause"})
    assert (got(closed)["closed_by"], got(closed)["closed_reason"]) == ("p-bob", "applause")
    assert got(client.get("/desk/api/queue"))["total"] == 12
    got(client.post(f"/desk/api/review-items/{item_id}", json={"state": "open"}))
    assert got(client.get("/desk/api/queue"))["total"] == 13
    assert client.post("/desk/api/review-items/rev-none", json={"state": "open"}).status_code == 404


def test_a_page_that_follows_is_told_which_records_to_read_again(case: Case) -> None:
    """A page of three hours reads again what changed, and nothing else."""
    case.put(FIRST, SECOND)
    desk = Desk(Bench(case.store, SMALL_MACHINE), case.folder / "peaks")
    changes = Changes(desk)
    version = changes.version("small")
    assert changes.since("small", version) == {"version": version, "record_ids": []}
    got(save(case.client(BOB), SECOND["id"], 1, text("Somebody says this")))
    after = changes.since("small", version)
    assert after["record_ids"] == [SECOND["id"]]
    got(case.client(BOB).post("/desk/api/claims", json={"record_id": FIRST["id"]}))
    assert changes.since("small", after["version"])["record_ids"] == [FIRST["id"]]
    assert changes.since("small", "unknown")["record_ids"] is None


def test_the_stream_says_what_changed_until_one_signs_out(case: Case) -> None:
    """Two reviewers see each other's work without loading anything again; who left is told no more."""
    case.put(FIRST)
    sessions = Leaving(VIC)
    app = create_app(
        Shelf(case.store, SMALL_MACHINE),
        people=sessions,
        desk=Desk(Bench(case.store, SMALL_MACHINE), case.folder / "peaks"),
        look_every_s=0.01,
    )
    with TestClient(app) as client:
        assert client.get("/desk/api/meetings/none/changes").status_code == 404
        version = got(client.get("/desk/api/meetings/small"))["version"]
        got(save(case.client(BOB), FIRST["id"], 1, text("One")))
        sessions.leave_after = 2  # the request itself, and one look
        answer = client.get(f"/desk/api/meetings/small/changes?since={version}")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines() if ": " in line and line[0] != ":")
    assert fields["event"] == "changed"
    assert json.loads(fields["data"]) == {"version": fields["id"], "record_ids": [FIRST["id"]]}


def test_a_live_meeting_grows_row_by_row(case: Case) -> None:
    """What is still being said is there, has no revision to correct, and becomes a record under the same id."""
    client, path = case.client(BOB), "/desk/api/meetings/small"
    small_floor.arrive(case.store, small_floor.said(0, 10, "open-a", "hello"))
    advance(case.store, "small", SMALL_MACHINE)
    (row,) = got(client.get(path))["rows"]
    assert (row["state"], row["revision"], row["words"]) == ("provisional", None, 2)
    (words_of,) = got(client.get(f"{path}/records?ids={row['record_id']}"))["records"]
    assert words_of["text"] == "open-a hello"
    assert save(client, row["record_id"], 0, text("hallo")).status_code == 404
    assert got(client.get("/desk/api/queue"))["total"] == 0
    small_floor.arrive(case.store, small_floor.said(10, 20, "open-b", "good", "day"), small_floor.end(20))
    advance(case.store, "small", SMALL_MACHINE)
    rows = got(client.get(path))["rows"]
    assert [(item["revision"], item["state"]) for item in rows] == [(1, "machine"), (1, "machine")]
    assert rows[0]["record_id"] == row["record_id"]
    assert got(client.get("/desk/api/queue"))["total"] == 2


def test_a_meeting_of_any_length_takes_as_many_statements(case: Case) -> None:
    """Six hundred records must not be six hundred questions to the database."""
    counted: list[str] = []
    event.listen(case.store.engine, "before_cursor_execute", lambda *about: counted.append(about[2]))

    def statements(path: str) -> int:
        client = case.client(VIC)
        counted.clear()
        got(client.get(path))
        return len(counted)

    few = [a_record(f"number {n}", 10_000 * n, code="CMR") for n in range(3)]
    many = [a_record(f"number {n}", 10_000 * n, code="CMR") for n in range(3, 40)]
    paths = ("/desk/api/meetings/small", "/desk/api/queue", "/desk/api/meetings/small/records?ids=")
    case.put(*few)
    before = [statements(path + (",".join(item["id"] for item in few) if path[-1] == "=" else "")) for path in paths]
    case.put(*many)
    after = [statements(path + (",".join(item["id"] for item in many) if path[-1] == "=" else "")) for path in paths]
    assert before == after


def test_a_voice_is_found_wherever_it_speaks_but_never_an_interpreters(case: Case) -> None:
    """One click names all turns of a delegation; an interpreter speaks for everybody."""
    case.store.add_meeting(small_floor.a_meeting(channels=("floor", "fr")))
    for channel in ("floor", "fr"):
        for n in range(3):
            segment = small_floor.said(10 * n, 10 * n + 10, "a", channel=channel).segment
            case.store.register(segment)
            span = segment.span
            case.store.put_transcript(
                words.encode(
                    words.Transcript(
                        "small",
                        channel,
                        segment.id,
                        span,
                        words.Recogniser("fp", "small", "0" * 64, {}, "1"),
                        (),
                        (span,),
                        (words.VoiceWindow(span, voice("one" if n != 1 else "two")),),
                        (),
                    )
                )
            )
    mine, theirs, again = (a_record("a " * 20, 10_000 * n) for n in range(3))
    french = a_record("b " * 20, 0, channel="fr", id=record_id("small", "fr", 0), interpretation=True)
    case.put(mine, theirs, again, french)
    found = got(case.client(VIC).get(f"/desk/api/records/{mine['id']}/voice"))["records"]
    assert [item["record_id"] for item in found] == [again["id"]]
    assert found[0]["similarity"] > 0.9
    assert got(case.client(VIC).get(f"/desk/api/records/{french['id']}/voice"))["records"] == []


def test_audio_of_a_closed_meeting_is_for_those_inside(case: Case) -> None:
    """A reviewer hears what the public may not."""
    case.store.add_meeting(a_meeting(audience="closed"))
    case.hear(0, 2000)
    path = "/audio/floor/2000.wav"
    answer = case.client(VIC).get(f"/desk/api/meetings/small{path}", headers={"range": "bytes=44-143"})
    assert (answer.status_code, len(answer.content)) == (206, 100)
    assert case.client(VIC).get("/desk/api/meetings/small/audio/floor/2001.wav").status_code == 404


HOSTILE = [
    "<script>alert(1)</script>",
    "\u202eevil\u2066",
    "word " * 5000,
    "\u0301" * 400 + "\u202e",
    "'; DROP TABLE records; --",
    "{{7*7}}${7*7}%s%n",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd e\u0301",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_text_comes_back_as_it_is_and_as_json(case: Case, said: str) -> None:
    """What was said is shown, never run: the answer is data, of a type that no browser runs."""
    case.put(FIRST)
    client = case.client(BOB)
    answer = save(client, FIRST["id"], 1, text(said))
    assert got(answer)["records"][0]["text"] == said
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert got(client.get("/desk/api/entities", params={"q": said[:300]}))["entities"] is not None
    got(client.post("/desk/api/meetings/small/undo"))


@pytest.mark.parametrize("name", ["..", "%00", "a%2Fb", "a" * 300, "%F0%9F%92%A9", "'", "rec-1%0d%0a"])
def test_names_that_no_record_can_have_are_not_found(case: Case, name: str) -> None:
    """What stands in an address is never passed on unlooked at."""
    client = case.client(ANN)
    for path in (f"records/{name}", f"records/{name}/history", f"meetings/{name}", f"meetings/{name}/peaks"):
        assert client.get(f"/desk/api/{path}").status_code in (404, 307), path


def test_nobody_reads_without_signing_in(case: Case) -> None:
    """The workbench shows what is not public yet."""
    case.put(FIRST)
    app = create_app(
        Shelf(case.store, SMALL_MACHINE), desk=Desk(Bench(case.store, SMALL_MACHINE), case.folder / "peaks")
    )
    client = TestClient(app)
    assert client.get("/desk/api/meetings/small").status_code == 401
    assert client.get("/desk", follow_redirects=False).status_code == 303


def test_the_pages_are_for_those_inside(case: Case) -> None:
    """The shells hold nothing but the way to the data."""
    client = case.client(VIC)
    assert client.get("/desk").status_code == 200
    page = client.get("/desk/meetings/small")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert client.get("/desk/meetings/none").status_code == 404
