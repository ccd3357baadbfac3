"""Files over HTTP: types, names, conditions and refusals, as programs and browsers meet them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from floorlog.adapters.store import Store
from floorlog.exports.formats import FORMATS
from floorlog.services import policies
from tests import library
from tests.library import CLOSED, LIVE, PUBLISHED, rec
from tests.small_floor import a_store
from workers.web import create_app
from workers.web.shelf import Shelf
from workers.web.v1 import create_api


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The meetings of the library."""
    with a_store("sqlite", tmp_path_factory.mktemp("files")) as opened:
        library.fill(opened)
        yield opened


@pytest.fixture(scope="module")
def client(store: Store) -> TestClient:
    """Whoever has no key."""
    return TestClient(create_app(Shelf(store), api=create_api(store)), raise_server_exceptions=False)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_has_its_type_and_a_safe_name(client: TestClient, name: str) -> None:
    """Browsers decide by the type what to do, and save under the name that is given."""
    answer = client.get(f"/v1/meetings/{LIVE}/export.{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FORMATS[name].media_type
    shown = "inline" if name == "html" else "attachment"
    assert answer.headers["content-disposition"] == f'{shown}; filename="{LIVE}.{name}"'
    assert "access-control-allow-origin" in answer.headers
    assert answer.content


def test_a_meetings_file_is_not_sent_again_while_it_is_the_same(client: TestClient) -> None:
    """A dashboard asks every minute."""
    address = f"/v1/meetings/{LIVE}/export.csv"
    tag = client.get(address).headers["etag"]
    again = client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get(f"{address}?kind=chair", headers={"if-none-match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag


def test_a_changed_meeting_has_another_file(client: TestClient, store: Store) -> None:
    """What was corrected must not be kept from whoever asks whether it changed."""
    address = f"/v1/meetings/{PUBLISHED}/export.txt"
    tag = client.get(address).headers["etag"]
    text = {"text": "Norway has said another thing"}
    library.correct(store, rec(PUBLISHED, 20), "text", text, "misheard", id="cor-another")
    answer = client.get(address, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert "Norway has said another thing" in answer.text


def test_what_is_hidden_on_request_is_at_once_in_no_file(client: TestClient, store: Store) -> None:
    """A condition must not keep the old file with somebody who asks for the new one."""
    address = f"/v1/meetings/{LIVE}/export.jsonl"
    before = client.get(address)
    assert rec(LIVE, 60) in before.text
    policies.suppress(store, rec(LIVE, 60), "asked for", library.CLERK)
    after = client.get(address, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert rec(LIVE, 60) not in after.text


def test_the_log_may_show_its_style_and_run_nothing(client: TestClient) -> None:
    """It is shown from our address: the policy is what stands between a text and our readers."""
    policy = client.get(f"/v1/meetings/{LIVE}/export.html").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_hidden_meetings_and_those_that_do_not_exist_look_alike(client: TestClient) -> None:
    """A refusal must not tell that there is something to refuse."""
    hidden, missing = (client.get(f"/v1/meetings/{meeting}/export.jsonl") for meeting in (CLOSED, "no-such-one"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json() == missing.json()
    assert client.get(f"/v1/export.jsonl?meeting={CLOSED}").status_code == 404


def test_captions_of_all_meetings_are_refused_by_name(client: TestClient) -> None:
    """Times of two clocks in one file are times of none."""
    answer = client.get("/v1/export.vtt")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "meeting"
    assert client.get(f"/v1/export.vtt?meeting={LIVE}").text.startswith("WEBVTT\n")


def test_a_code_that_nobody_has_is_refused_by_name(client: TestClient) -> None:
    """A misspelt country is not a country that said nothing."""
    refused = client.get(f"/v1/meetings/{LIVE}/export.csv?entity=NRO")
    assert (refused.status_code, refused.json()["parameter"]) == (400, "entity")


def test_filters_choose_and_the_file_says_so(client: TestClient) -> None:
    """The same words as in a list of interventions, over all meetings."""
    answer = client.get("/v1/export.txt?entity=NOR&kind=statement&from=2021-02-24")
    assert "Only entity NOR; kind statement; from 2021-02-24T00:00:00.000Z." in answer.text
    assert rec(LIVE, 40) in answer.text
    assert rec(LIVE, 20) not in answer.text
    assert client.get("/v1/export.txt?nobody=knows").json()["parameter"] == "nobody"
    assert client.get("/v1/export.pdf").status_code == 404


def test_the_language_of_the_words_can_be_chosen(client: TestClient) -> None:
    """A viewer who knows no French reads the interpreter, and is told so."""
    french = client.get(f"/v1/meetings/{PUBLISHED}/export.vtt?language=fr").text
    english = client.get(f"/v1/meetings/{PUBLISHED}/export.vtt?language=fr&text_language=en")
    assert "Nous parlons" in french
    assert "<v.published.interpretation Cameroon>We speak of human rights</v>" in english.text
    assert english.headers["content-disposition"] == f'attachment; filename="{PUBLISHED}-en.vtt"'


def test_a_file_has_links_to_where_it_was_asked_for(client: TestClient) -> None:
    """The copy leads back to the record, and to what became of it."""
    assert f"http://testserver/interventions/{rec(LIVE, 20)}" in client.get(f"/v1/meetings/{LIVE}/export.csv").text
