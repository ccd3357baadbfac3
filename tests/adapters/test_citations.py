"""Permanent addresses: what they lead to, in which form, and what they say of what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import webvtt
from fastapi.testclient import TestClient

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.services import keys, policies
from floorlog.services.people import Actor
from tests import library
from tests.library import CLOSED, LIVE, PUBLISHED, rec
from tests.small_floor import a_store
from workers.web.accepting import wanted_form
from workers.web.app import create_app
from workers.web.people import Always, Person
from workers.web.shelf import Shelf
from workers.web.v1 import create_api

CLERK = Actor(None, "the clerk")
CORRECTED = f"/interventions/{rec(PUBLISHED, 20)}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The meetings of the library, which no test of these changes."""
    with a_store("sqlite", tmp_path_factory.mktemp("library")) as opened:
        library.fill(opened)
        yield opened


def client_of(store: Store, role: str | None = None) -> TestClient:
    """Whoever is signed in with a role, or nobody."""
    people = Always(Person("p-1", "Ann", role)) if role else None
    return TestClient(create_app(Shelf(store), people=people, api=create_api(store)), follow_redirects=False)


@pytest.fixture
def client(store: Store) -> TestClient:
    """Somebody with the address in a footnote."""
    return client_of(store)


@pytest.mark.parametrize(
    ("ending", "accept", "media_type"),
    [
        ("", "", "text/html"),
        ("", "*/*", "text/html"),
        ("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("", "application/json", "application/json"),
        ("", "text/plain", "text/plain"),
        ("", "text/vtt;q=0.9, application/json;q=0.1", "text/vtt"),
        (".json", "text/html", "application/json"),
        (".txt", "", "text/plain"),
        (".vtt", "", "text/vtt"),
    ],
)
def test_an_intervention_comes_in_the_form_that_is_asked_for(
    client: TestClient, ending: str, accept: str, media_type: str
) -> None:
    """One address serves the reader of a footnote and the program that checks it."""
    for path in (CORRECTED, f"{CORRECTED}/revisions/3"):
        answer = client.get(path + ending, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)
        assert f'<http://testserver{CORRECTED}>; rel="latest-version"' in answer.headers["link"]
        assert "Norway" in answer.text
        assert "Accept" in answer.headers["vary"]
        again = client.get(path + ending, headers={"accept": accept, "if-none-match": answer.headers["etag"]})
        assert again.status_code == 304


def test_what_was_quoted_stays_though_it_was_corrected(client: TestClient) -> None:
    """A quotation must be found as it was quoted, and be told that it was corrected."""
    assert "breefing" in client.get(f"{CORRECTED}/revisions/3.txt").text
    assert "briefing" in client.get(f"{CORRECTED}.txt").text
    assert client.get(f"{CORRECTED}/revisions/3.json").json()["url"].endswith("/revisions/3")
    page = client.get(f"{CORRECTED}/revisions/3").text
    assert "A later one stands now" in page
    assert "misheard" in page
    assert "A later one" not in client.get(CORRECTED).text


def test_a_page_says_how_far_to_trust_it(client: TestClient) -> None:
    """Whoever follows a footnote sees this page and nothing else of ours."""
    page = client.get(f"/interventions/{rec(LIVE, 20)}").text
    for said in (
        "Automatic transcript. Not an official record.",
        "Written by the machine. Nobody has reviewed it.",
        "No State said any of it.",
        "Licence: CC0-1.0",
        "on behalf of <strong>Group of 77 and China</strong>",
        f'href="/meetings/{LIVE}?t=0:00:20"',
    ):
        assert said in page
    french = client.get(f"/interventions/{rec(PUBLISHED, 120)}").text
    assert 'lang="fr" dir="auto"' in french
    assert "English interpretation" in french


def test_what_was_said_cannot_become_part_of_a_page(tmp_path: Path) -> None:
    """What a person says into a microphone is no markup of ours."""
    with a_store("sqlite", tmp_path) as store:
        library.fill(store)
        library.put(store, library.said(LIVE, 200, None, "<script>alert(1)</script> --> WEBVTT"))
        client, path = client_of(store), f"/interventions/{rec(LIVE, 200)}"
        assert "<script>" not in client.get(path).text
        assert client.get(path).headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert "&lt;script&gt;" in client.get(path).text
        captions = webvtt.from_buffer(StringIO(client.get(f"{path}.vtt").text))
        assert "alert(1)" in " ".join(caption.text for caption in captions.captions)


def test_what_is_gone_says_why_in_every_form(client: TestClient) -> None:
    """A dead footnote without a reason looks like our fault, or like a secret."""
    for at_s, reason in ((40, "the wrong meeting"), (60, "removed on request")):
        path = f"/interventions/{rec(PUBLISHED, at_s)}"
        for address in (path, f"{path}/revisions/3"):
            page = client.get(address)
            assert page.status_code == 410
            assert reason in page.text
            assert page.headers["content-type"].startswith("text/html")
            for ending in (".json", ".txt", ".vtt"):
                refused = client.get(address + ending)
                assert (refused.status_code, refused.json()["reason"]) == (410, reason)


def test_what_became_part_of_another_leads_to_it_in_the_same_form(client: TestClient) -> None:
    """An id in a footnote must lead somewhere for good."""
    merged, whole = f"/interventions/{rec(PUBLISHED, 160)}", f"http://testserver/interventions/{rec(PUBLISHED, 140)}"
    for ending in ("", ".json", ".txt", ".vtt"):
        answer = client.get(merged + ending)
        assert (answer.status_code, answer.headers["location"]) == (308, whole + ending)
    assert f"{merged}/revisions/3" in client.get(f"{merged}/revisions/3.json").json()["url"], "what it said stays"


def test_what_is_not_shown_does_not_seem_to_exist(client: TestClient) -> None:
    """An address must not tell that a closed meeting took place."""
    for hidden, absent in (
        (f"/interventions/{rec(CLOSED, 0)}.json", f"/interventions/{rec(CLOSED, 99)}.json"),
        (f"/interventions/{rec(PUBLISHED, 0)}", f"/interventions/{rec(PUBLISHED, 99)}"),
        (f"/meetings/{CLOSED}.json", "/meetings/no-such-one.json"),
        (f"/meetings/{CLOSED}.vtt?t=0:00:01", "/meetings/no-such-one.vtt?t=0:00:01"),
    ):
        one, other = client.get(hidden), client.get(absent)
        assert (one.status_code, one.text) == (404, other.text)


@pytest.mark.parametrize(
    "path",
    [
        "/interventions/x",
        "/interventions/x.json",
        "/interventions/%00.json",
        f"{CORRECTED}.exe",
        f"{CORRECTED}/revisions/0",
        f"{CORRECTED}/revisions/9.json",
        f"{CORRECTED}/revisions/1.txt",
        f"{CORRECTED}/revisions/-1",
        f"{CORRECTED}/revisions/99999999999999999999.json",
        f"{CORRECTED}/revisions/٣",
        "/meetings/..%2f..%2fetc.json",
    ],
)
def test_what_names_nothing_is_not_found(client: TestClient, path: str) -> None:
    """Addresses are typed from paper."""
    assert client.get(path).status_code == 404


def test_a_meeting_and_a_moment_of_it_are_data_too(client: TestClient) -> None:
    """Who had the floor at a moment is the question that this is made for."""
    whole = client.get(f"/meetings/{LIVE}.json").json()
    assert [item["id"] for item in whole["interventions"]] == [rec(LIVE, at_s) for at_s in (0, 20, 40, 60)]
    at = client.get(f"/meetings/{LIVE}.json?t=0:00:21.5").json()
    assert [item["speaker"]["entity"]["code"] for item in at["interventions"]] == ["CMR"]
    assert (at["at_ms"], at["url"]) == (21_500, f"http://testserver/meetings/{LIVE}?t=0:00:21.5")
    assert client.get(f"/meetings/{LIVE}.json?t=1:00:00").json()["interventions"] == []
    assert "Cameroon" in client.get(f"/meetings/{LIVE}.txt?t=21").text
    assert "Norway" not in client.get(f"/meetings/{LIVE}.txt?t=21").text
    captions = webvtt.from_buffer(StringIO(client.get(f"/meetings/{LIVE}.vtt").text))
    assert captions[0].start == "00:00:00.000"
    for t in ("x", "1:99:00", "", "-1", "9" * 30):
        answer = client.get(f"/meetings/{LIVE}.json", params={"t": t})
        assert (answer.status_code, answer.json()["parameter"]) == (400, "t")


def test_the_record_in_json_is_the_record_of_the_contract(client: TestClient) -> None:
    """Whoever keeps it keeps a document with a schema."""
    document = client.get(f"{CORRECTED}.json").json()
    beside = {"self", "url", "moment_url", "started_at", "duration_ms"}
    contract.validate("record", {name: value for name, value in document.items() if name not in beside})


def test_those_inside_and_owners_of_keys_see_more_and_nobody_keeps_it(store: Store) -> None:
    """A reviewer follows the link that a dashboard with a key shows."""
    hidden = f"/interventions/{rec(CLOSED, 0)}"
    inside = client_of(store, "viewer")
    assert inside.get(hidden).headers["cache-control"] == "private, no-cache"
    assert "Cookie" in inside.get(hidden).headers["vary"]
    assert inside.get(f"{hidden}.json").status_code == 200
    _, secret = keys.add(store, "Tests", ["closed"], CLERK, datetime.now(UTC))
    answer = client_of(store).get(f"{hidden}.txt", headers={"authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert client_of(store).get(CORRECTED).headers["cache-control"] == "public, no-cache"


def test_what_is_removed_on_request_is_gone_at_once(tmp_path: Path) -> None:
    """A copy that a browser keeps must be asked for anew."""
    with a_store("sqlite", tmp_path) as store:
        library.fill(store)
        client = client_of(store)
        kept = client.get(f"{CORRECTED}.json")
        assert "no-cache" in kept.headers["cache-control"]
        policies.suppress(store, rec(PUBLISHED, 20), "asked for by letter", CLERK)
        tag = {"if-none-match": kept.headers["etag"]}
        assert client.get(f"{CORRECTED}.json", headers=tag).status_code == 410
        assert client.get(f"{CORRECTED}/revisions/3.json", headers=tag).status_code == 410
        assert rec(PUBLISHED, 20) not in client.get(f"/meetings/{PUBLISHED}.json").text


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "html"),
        ("image/png", "html"),
        ("text/*", "html"),
        ("text/*;q=0.5, text/vtt", "vtt"),
        ("application/*", "json"),
        ("text/html;q=0, */*", "json"),
        ("application/json;q=bad", "html"),
        (";;,,", "html"),
    ],
)
def test_the_form_is_what_the_reader_likes_best(accept: str, form: str) -> None:
    """Browsers and libraries write this header in many ways; none of them is a fault."""
    assert wanted_form(accept) == form
