"""The API: who sees what of it, how lists go on, and how it says no; one suite for both databases."""

from __future__ import annotations

import copy
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from floorlog.adapters.store import Store
from floorlog.errors import KeyRefused, StoreUnavailable, UnknownKey
from floorlog.services import keys, policies
from floorlog.services.people import Actor, trail
from tests import library
from tests.library import CLOSED, LIVE, PUBLISHED, rec
from tests.small_floor import DATABASES, a_store
from workers.web.app import create_app, create_public_app
from workers.web.shelf import Shelf
from workers.web.v1 import create_api, describing, paging
from workers.web.v1.door import network_of
from workers.web.v1.moments import clock_ms, utc_ms
from workers.web.v1.selecting import Searched

GUIDE = Path(__file__).parents[2] / "docs/api.md"

CLERK = Actor(None, "the clerk")
NOW = datetime(2021, 3, 1, tzinfo=UTC)

ANSWERED = [
    "/v1/meetings",
    f"/v1/meetings/{LIVE}",
    f"/v1/meetings/{PUBLISHED}",
    f"/v1/meetings/{PUBLISHED}/coverage",
    f"/v1/meetings/{PUBLISHED}/interventions",
    f"/v1/meetings/{PUBLISHED}/speaking-time",
    f"/v1/meetings/{LIVE}/themes",
    f"/v1/meetings/{LIVE}/themes-by-entity",
    f"/v1/meetings/{LIVE}/live",
    "/v1/interventions",
    f"/v1/interventions/{rec(PUBLISHED, 120)}",
    f"/v1/interventions/{rec(PUBLISHED, 120)}?words=false",
    f"/v1/interventions/{rec(PUBLISHED, 20)}/revisions",
    f"/v1/interventions/{rec(PUBLISHED, 20)}/revisions/4",
    "/v1/search?q=norway",
    "/v1/search?q=norway&sort=relevance",
    "/v1/search?q=nothing+has+this",
    "/v1/speaking-time",
    "/v1/themes",
    "/v1/themes-by-entity",
    "/v1/entities",
    f"/v1/entities?meeting={LIVE}",
    "/v1/entities/CMR",
    "/v1/changes",
]
"""Addresses that are answered, of every route that answers with JSON."""


@pytest.fixture(scope="module", params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The meetings of the library; tests that change some of it make their own."""
    with a_store(request.param, tmp_path_factory.mktemp("library")) as opened:
        library.fill(opened)
        yield opened


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Store]:
    """The same, for one test."""
    with a_store("sqlite", tmp_path) as opened:
        library.fill(opened)
        yield opened


def client_of(store: Store, **settings: Any) -> TestClient:
    """A client of an application over a store."""
    api = create_api(store, today=lambda: date(2021, 2, 24), **settings)
    app: FastAPI = create_app(Shelf(store), api=api)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def client(store: Store) -> TestClient:
    """Whoever has no key."""
    return client_of(store)


def a_key(store: Store, *scopes: str, **more: Any) -> dict[str, str]:
    """The header of somebody with a new key."""
    _, secret = keys.add(store, "Tests", scopes, CLERK, datetime.now(UTC), **more)
    return {"authorization": f"Bearer {secret}"}


def ids(client: TestClient, address: str, **headers: str) -> list[str]:
    """The ids of all items of a list, over all its pages."""
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        joint = "&" if "?" in address else "?"
        page = client.get(address + (f"{joint}cursor={following}" if following else ""), headers=headers)
        assert page.status_code == 200, page.text
        found += [item["id"] for item in page.json()["items"]]
        following = page.json()["next"]
    return found


def strict(schema: Any) -> Any:
    """A schema that allows no member that it does not name: what is answered must be described."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(value) for name, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def schema_of(client: TestClient, address: str) -> dict[str, Any]:
    """The schema of what an address answers."""
    document = client.get("/v1/openapi.json").json()
    steps = address.partition("?")[0].removeprefix("/v1").split("/")
    for path, operations in document["paths"].items():
        pattern = path.split("/")
        if len(pattern) == len(steps) and all(
            known == step or known.startswith("{") for known, step in zip(pattern, steps, strict=True)
        ):
            content = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            return {**copy.deepcopy(strict(content)), "components": strict(document["components"])}
    raise AssertionError(f"{address} is not described")


@pytest.mark.parametrize("address", ANSWERED)
def test_every_answer_is_as_it_is_described_and_no_more(client: TestClient, address: str) -> None:
    """A client is written from the description; what is not in it may vanish."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    errors = list(Draft202012Validator(schema_of(client, address)).iter_errors(answer.json()))
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors[:3]] == []


@pytest.mark.parametrize("address", ANSWERED)
def test_every_answer_says_what_its_words_are(client: TestClient, address: str) -> None:
    """What is copied from an answer must not pass for an official record, nor the made-up for real."""
    answer = client.get(address).json()
    if address == "/v1/changes":  # the records in it say so themselves
        return
    assert answer["disclaimer"] == "Automatic transcript. Not an official record."
    assert answer["licence"] is None or answer["licence"]
    assert isinstance(answer["synthetic"], bool)


OPEN = {rec(LIVE, at_s) for at_s in (0, 20, 40, 60)} | {rec(PUBLISHED, at_s) for at_s in (20, 80, 120, 140)}


@pytest.mark.parametrize(
    ("scopes", "more"),
    [
        ((), set()),
        (("unpublished",), {rec(PUBLISHED, 0)}),
        (("closed",), {rec(CLOSED, 0)}),
        (("unpublished", "closed"), {rec(PUBLISHED, 0), rec(CLOSED, 0)}),
    ],
)
def test_a_key_opens_what_its_scopes_say_and_no_more(
    store: Store, client: TestClient, scopes: tuple[str, ...], more: set[str]
) -> None:
    """Nothing is published that nobody approved; whoever is allowed to see more has a key for it."""
    headers = a_key(store, *scopes)
    shown = set(ids(client, "/v1/interventions?limit=3", **headers))
    split_off = {key for key in shown if key not in OPEN | more}
    assert shown - split_off == OPEN | more
    assert len(split_off) == 1, "the second half of what was split"
    closed = client.get(f"/v1/meetings/{CLOSED}", headers=headers).status_code
    assert closed == (200 if "closed" in scopes else 404)


def test_without_a_key_what_is_hidden_and_what_does_not_exist_look_alike(client: TestClient) -> None:
    """Otherwise the answers tell which closed meetings there are."""
    for hidden, absent in (
        (f"/v1/meetings/{CLOSED}", "/v1/meetings/no-such-one"),
        (f"/v1/meetings/{CLOSED}/interventions", "/v1/meetings/no-such-one/interventions"),
        (f"/v1/meetings/{CLOSED}/coverage", "/v1/meetings/no-such-one/coverage"),
        (f"/v1/meetings/{CLOSED}/live", "/v1/meetings/no-such-one/live"),
        (f"/v1/meetings/{CLOSED}/export.jsonl", "/v1/meetings/no-such-one/export.jsonl"),
        (f"/v1/speaking-time?meeting={CLOSED}", "/v1/speaking-time?meeting=no-such-one"),
        (f"/v1/entities?meeting={CLOSED}", "/v1/entities?meeting=no-such-one"),
        (f"/v1/interventions/{rec(CLOSED, 0)}", f"/v1/interventions/{rec(CLOSED, 99)}"),
        (f"/v1/interventions/{rec(PUBLISHED, 0)}/revisions", f"/v1/interventions/{rec(PUBLISHED, 99)}/revisions"),
    ):
        one, other = client.get(hidden), client.get(absent)
        assert (one.status_code, one.text) == (404, other.text), hidden
        assert one.headers["content-type"] == "application/problem+json"


def test_what_was_withdrawn_or_removed_says_so_and_what_was_merged_leads_on(client: TestClient) -> None:
    """Whoever cited it must learn what became of it."""
    withdrawn = client.get(f"/v1/interventions/{rec(PUBLISHED, 40)}")
    assert (withdrawn.status_code, withdrawn.json()["reason"]) == (410, "the wrong meeting")
    assert withdrawn.json()["type"] == "urn:floorlog:problem:withdrawn"
    removed = client.get(f"/v1/interventions/{rec(PUBLISHED, 60)}")
    assert (removed.status_code, removed.json()["reason"]) == (410, "removed on request")
    merged = client.get(f"/v1/interventions/{rec(PUBLISHED, 160)}")
    address = f"http://testserver/v1/interventions/{rec(PUBLISHED, 140)}"
    assert (merged.status_code, merged.headers["location"]) == (308, address)
    assert merged.headers["link"] == f'<{address}>; rel="successor-version"'
    assert client.get(address).json()["text"].startswith("Norway has said this and Norway")


def test_revisions_that_were_shown_stay_at_their_addresses(client: TestClient) -> None:
    """A correction must not change what somebody quoted; what was never public stays so."""
    address = f"/v1/interventions/{rec(PUBLISHED, 20)}"
    listed = client.get(f"{address}/revisions").json()["items"]
    texts = [client.get(item["self"]).json()["text"] for item in listed]
    assert texts[0].endswith("breefing")
    assert texts[-1].endswith("briefing")
    assert listed[-1]["reason"] == "misheard"
    assert client.get(f"{address}/revisions/1").status_code == 404, "what the machine said was never public"


def test_lists_are_newest_first_and_pages_hold_each_item_once(store: Store, client: TestClient) -> None:
    """A reader who pages through must neither miss nor count anything twice."""
    newest = ids(client, "/v1/interventions?limit=2")
    assert len(newest) == len(set(newest)) == 9
    assert ids(client, "/v1/interventions?limit=4&sort=oldest") == newest[::-1]
    started = [item["started_at"] for item in client.get("/v1/interventions?limit=100").json()["items"]]
    assert started == sorted(started, reverse=True)
    assert set(ids(client, "/v1/meetings?limit=1")) == {LIVE, PUBLISHED}


def test_a_page_goes_on_where_it_was_though_newer_ones_came(own: Store) -> None:
    """A meeting that is read while it is held must not repeat the same page for ever."""
    client = client_of(own)
    first = client.get("/v1/interventions?limit=3").json()
    before = ids(client, "/v1/interventions?limit=100")
    library.put(own, library.said(LIVE, 900, "CMR", "This was said meanwhile"))
    second = client.get(f"/v1/interventions?limit=3&cursor={first['next']}").json()
    assert [item["id"] for item in second["items"]] == before[3:6]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (f"meeting={LIVE}", {(LIVE, 0), (LIVE, 20), (LIVE, 40), (LIVE, 60)}),
        ("entity=NOR&entity=CHAIR", {(LIVE, 0), (LIVE, 40), (PUBLISHED, 20), (PUBLISHED, 140)}),
        ("group=NORDIC", {(LIVE, 40), (PUBLISHED, 20), (PUBLISHED, 140)}),
        ("on_behalf_of=G77", {(LIVE, 20)}),
        ("kind=chair", {(LIVE, 0)}),
        ("theme=sustainable-development", {(LIVE, 20), (LIVE, 40)}),
        ("theme=sustainable-development&entity=NOR", {(LIVE, 40)}),
        ("language=fr", {(PUBLISHED, 120)}),
        ("state=published", {(PUBLISHED, 120)}),
        ("interpretation=true", set()),
        (f"meeting={LIVE}&from=2021-02-24T15:00:40Z", {(LIVE, 40), (LIVE, 60)}),
        (f"meeting={LIVE}&to=2021-02-24T15:00:40Z", {(LIVE, 0), (LIVE, 20)}),
        (f"meeting={LIVE}&from=2021-02-24T16:00:40+01:00", {(LIVE, 40), (LIVE, 60)}),
        ("from=2021-02-25", set()),
        ("q=norway", {(PUBLISHED, 20), (PUBLISHED, 140)}),
        ('q="human rights" refugees', {(LIVE, 20), (LIVE, 40)}),
        ("q=NORWAY&sort=oldest", {(PUBLISHED, 20), (PUBLISHED, 140)}),
        ("q=...", set()),
    ],
)
def test_each_filter_leaves_what_it_says(client: TestClient, filters: str, expected: set[tuple[str, int]]) -> None:
    """A filter that does nothing looks like an answer."""
    assert set(ids(client, f"/v1/interventions?{filters}")) == {rec(*key) for key in expected}


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("/v1/interventions?entitty=NOR", "entitty"),
        ("/v1/interventions?entity=XXX", "entity"),
        ("/v1/interventions?entity=NOR,CMR", "entity"),
        ("/v1/interventions?group=XXX", "group"),
        ("/v1/interventions?kind=speech", "kind"),
        ("/v1/interventions?state=withdrawn", "state"),
        ("/v1/interventions?interpretation=1", "interpretation"),
        ("/v1/interventions?limit=0", "limit"),
        ("/v1/interventions?limit=101", "limit"),
        ("/v1/interventions?limit=2&limit=3", "limit"),
        ("/v1/interventions?from=yesterday", "from"),
        ("/v1/interventions?to=2021-02-30", "to"),
        ("/v1/interventions?sort=random", "sort"),
        ("/v1/interventions?cursor=abc", "cursor"),
        ("/v1/interventions?cursor=W10", "cursor"),
        ("/v1/interventions?q=%00", "q"),
        ("/v1/interventions?q=", "q"),
        ("/v1/search", "q"),
        ("/v1/meetings?state=over", "state"),
        (f"/v1/meetings/{LIVE}?words=true", "words"),
        ("/v1/entities?on=2021", "on"),
        ("/v1/changes?limit=100000", "limit"),
        ("/v1/stream?live=true", "live"),
        ("/v1/export.vtt", "meeting"),
        ("/v1/interventions?" + "&".join(["entity=NOR"] * 51), "entity"),
        ("/v1/interventions?q=" + "a" * 201, "q"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(client: TestClient, asked: str, parameter: str) -> None:
    """A misspelt filter must not look like an empty answer."""
    answer = client.get(asked)
    assert (answer.status_code, answer.json().get("parameter")) == (400, parameter), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert parameter in answer.json()["detail"]


def test_a_cursor_is_good_for_its_own_list_only(client: TestClient) -> None:
    """With other filters it would leave out what it never showed."""
    following = client.get("/v1/interventions?limit=2").json()["next"]
    assert client.get(f"/v1/interventions?limit=5&cursor={following}").status_code == 200
    for other in ("sort=oldest&", "entity=NOR&", f"meeting={LIVE}&", "q=norway&"):
        answer = client.get(f"/v1/interventions?{other}cursor={following}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "cursor")


def test_a_forged_cursor_is_no_fault(client: TestClient) -> None:
    """Whoever reads the code can make cursors; databases refuse to leave out fewer than nothing."""
    asked = Searched.model_validate({"q": "norway", "sort": "relevance"}).model_dump(exclude={"limit", "cursor"})
    for place in (-1, 2**63, 2**80):
        forged = paging.encode((None, asked), place)
        answer = client.get(f"/v1/search?q=norway&sort=relevance&limit=1&cursor={forged}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "cursor")
    far = paging.encode((None, asked), 2**62)
    assert client.get(f"/v1/search?q=norway&sort=relevance&limit=1&cursor={far}").json()["items"] == []


@pytest.mark.parametrize(
    "asked",
    [
        "/v1/interventions/%00",
        "/v1/interventions/" + "a" * 5000,
        "/v1/interventions/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/meetings/%ff%fe",
        "/v1/meetings/SMALL",
        "/v1/meetings/a%0Ab",
        "/v1/entities/%F0%9F%98%80",
        "/v1/interventions?q=%ED%A0%80",
        "/v1/interventions?q=%22%22%22",
        "/v1/interventions?q=a%20OR%20b%20NEAR%28%29%20%2A%20%27%20%3B%20--",
        "/v1/search?q=%5Cu0000",
        "/v1/interventions?from=0001-01-01&to=9999-12-31T23:59:59.999-23:59",
        "/v1/interventions?from=0001-01-01T00:00:00%2B23:59",
        "/v1/interventions?cursor=eyJhIjpbXX0",
        "/v1/interventions?cursor=" + "W" * 400,
        "/v1/interventions?q=" + "%20".join(["a"] * 60),
        "/v1/interventions?" + "a=" * 3000,
        "/v1/changes?after=9999999999999999999",
        "/v1/interventions/rec-aaaaaaaaaaaaaaaaaaaa/revisions/99999999999999999999",
    ],
)
def test_what_is_hostile_is_answered_and_never_a_fault(client: TestClient, asked: str) -> None:
    """Every address is reached by scanners within a day."""
    answer = client.get(asked)
    assert answer.status_code in (200, 400, 404), answer.text
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")


def test_only_reading_is_possible(client: TestClient) -> None:
    """Nothing behind these addresses asks for a token."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/v1/meetings")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert answer.json()["type"] == "urn:floorlog:problem:read-only"


def test_head_is_get_without_the_body(client: TestClient) -> None:
    """curl -I is how somebody looks at an address first."""
    address = f"/v1/interventions/{rec(LIVE, 20)}"
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert client.head("/v1/stream").status_code == 200, "and it ends"


def test_what_a_reader_has_is_not_sent_again(own: Store) -> None:
    """A dashboard asks every few seconds; nothing is sent until something changed."""
    client = client_of(own)
    for address in ("/v1/interventions", f"/v1/interventions/{rec(LIVE, 20)}", f"/v1/meetings/{LIVE}"):
        tag = client.get(address).headers["etag"]
        again = client.get(address, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    tag = client.get("/v1/interventions").headers["etag"]
    policies.suppress(own, rec(LIVE, 20), "asked for", CLERK)
    assert client.get("/v1/interventions", headers={"if-none-match": tag}).status_code == 200


def test_answers_are_compressed_and_any_page_may_read_them(client: TestClient) -> None:
    """A dashboard is served from somewhere else."""
    answer = client.get("/v1/interventions", headers={"accept-encoding": "gzip", "origin": "https://dashboard.example"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    plain = client.get("/v1/interventions", headers={"accept-encoding": "identity"})
    assert plain.headers["access-control-allow-origin"] == "*", "a copy that is kept must do for every page"
    assert "Accept-Encoding" in plain.headers["vary"]
    for refused in (client.get("/v1/nothing"), client.get("/v1/meetings", headers={"authorization": "Bearer x"})):
        assert refused.headers["access-control-allow-origin"] == "*", "the page must be able to read why"
    before = client.options(
        "/v1/interventions",
        headers={
            "origin": "https://dashboard.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "authorization, if-none-match",
        },
    )
    assert before.status_code == 200


def test_no_answer_can_become_a_page_of_ours(client: TestClient) -> None:
    """A quote is what somebody said; a browser must never run it."""
    headers = client.get("/v1/interventions").headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_what_a_key_opened_is_kept_by_nobody_else(store: Store, client: TestClient) -> None:
    """A cache between must not give one reader's answer to another."""
    answer = client.get("/v1/interventions", headers=a_key(store, "closed"))
    assert answer.headers["cache-control"] == "private, no-cache"
    assert client.get("/v1/interventions").headers["cache-control"] == "public, no-cache"
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", "Basic YTpi", "Bearer flk_x", "Bearer flk_" + "A" * 43, "ünï"])
def test_a_key_that_is_none_is_refused_and_not_overlooked(client: TestClient, shown: str) -> None:
    """Whoever mistyped a key would otherwise take the public part for all there is."""
    answer = client.get("/v1/meetings", headers={"authorization": shown.encode()})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:floorlog:problem:unknown-key"


def test_a_key_that_was_revoked_or_has_ended_opens_nothing(store: Store, client: TestClient) -> None:
    """A key that leaked must be worthless at once."""
    key, secret = keys.add(store, "Leaked", ["closed"], CLERK, datetime.now(UTC))
    headers = {"authorization": f"bearer {secret}"}
    assert client.get(f"/v1/meetings/{CLOSED}", headers=headers).status_code == 200
    keys.revoke(store, key.id, CLERK, datetime.now(UTC))
    assert client.get(f"/v1/meetings/{CLOSED}", headers=headers).status_code == 401
    _, short = keys.add(store, "Short", ["closed"], CLERK, NOW, lasts=timedelta(days=1))
    assert client.get("/v1/meetings", headers={"authorization": f"Bearer {short}"}).status_code == 401


def test_keys_are_kept_as_hashes_and_their_making_is_written_down(own: Store) -> None:
    """Whoever reads the store learns no key; whoever looks back learns who made which."""
    key, secret = keys.add(own, "A dashboard", ["unpublished"], CLERK, NOW, rate=5)
    assert secret.startswith("flk_")
    with own.read() as connection:
        assert secret not in str(list(connection.exec_driver_sql("SELECT * FROM reader_keys")))
    assert keys.listed(own) == [key]
    keys.revoke(own, key.id, CLERK, NOW)
    keys.revoke(own, key.id, CLERK, NOW + timedelta(days=1))
    assert keys.listed(own)[0].revoked_at == NOW
    made = [(deed.action, deed.subject) for deed in trail(own, 10) if deed.action.startswith("key.")]
    assert made == [("key.revoked", key.id), ("key.added", key.id)]


def test_a_key_that_makes_no_sense_is_refused(own: Store) -> None:
    """A scope with a spelling mistake would open nothing, and nobody would know why."""
    for name, scopes, rate in (("A", ["publish"], None), ("", [], None), ("a\nb", [], None), ("A", [], 0)):
        with pytest.raises(KeyRefused):
            keys.add(own, name, scopes, CLERK, NOW, rate=rate)
    with pytest.raises(UnknownKey):
        keys.revoke(own, "key-none", CLERK, NOW)


def test_who_comes_too_often_is_told_when_to_come_again(own: Store) -> None:
    """One reader's loop must not take the place of everybody else."""
    client = client_of(own, rate=3)
    assert [client.get("/v1/entities/NOR").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/v1/entities/NOR")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["type"] == "urn:floorlog:problem:too-many"
    headers = a_key(own, rate=5)
    assert [client.get("/v1/meetings", headers=headers).status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get("/health").status_code == 200, "what watches the process is not counted"


def test_a_household_is_one_reader() -> None:
    """An IPv6 address costs nothing: whoever has one has as many as they like."""
    one, other = ("2001:db8:1:2::1", 1), ("2001:db8:1:2:ffff::9", 2)
    assert network_of({"client": one}) == network_of({"client": other}) == "2001:db8:1:2::/64"
    assert network_of({"client": ("192.0.2.1", 1)}) == "192.0.2.1"
    assert network_of({"client": None}) == "unknown"


def test_hits_lead_to_the_moment_at_which_it_was_said(client: TestClient) -> None:
    """Search without the moment leaves the reader to listen through half an hour."""
    hit = client.get("/v1/search?q=refugees").json()["items"][0]
    assert [part["text"] for part in hit["highlight"]["parts"] if part["hit"]] == ["refugees"]
    assert "".join(part["text"] for part in hit["highlight"]["parts"]) in hit["text"] + "…"
    word = next(item for item in client.get(hit["self"]).json()["words"] if item["text"].startswith("refugees"))
    assert hit["highlight"]["start_ms"] == word["start_ms"]
    shown = hit["highlight"]["url"].partition("?t=")[2]
    assert clock_ms(shown) == word["start_ms"]


def test_hits_by_relevance_go_on_too(client: TestClient) -> None:
    """A reader who pages by relevance must not see the first page for ever."""
    found = ids(client, "/v1/search?q=norway&sort=relevance&limit=1")
    assert sorted(found) == sorted([rec(PUBLISHED, 20), rec(PUBLISHED, 140)])


def test_totals_count_what_the_lists_show(client: TestClient) -> None:
    """A bar of a plot leads to a list; both must be of the same interventions."""
    totals = client.get(f"/v1/speaking-time?meeting={LIVE}").json()
    assert totals["records"] == sum(item["records"] for item in totals["items"]) == 4
    for item in totals["items"]:
        if item["entity"]:
            listed = client.get(item["interventions"] + "&limit=100").json()["items"]
            assert (len(listed), sum(each["duration_ms"] for each in listed)) == (item["records"], item["ms"])
    matrix = client.get(f"/v1/meetings/{LIVE}/themes-by-entity").json()["items"]
    assert {(item["theme"], item["entity"]): item["records"] for item in matrix} == {
        ("sustainable-development", "CMR"): 1,
        ("sustainable-development", "NOR"): 1,
    }
    assert [each["id"] for each in client.get(matrix[0]["interventions"]).json()["items"]] == [rec(LIVE, 20)]
    themes = {item["id"]: item["records"] for item in client.get("/v1/themes").json()["items"]}
    assert themes["sustainable-development"] == 2
    assert len(themes) == 8, "those that nobody touched, too"


def test_totals_keep_the_filters_in_their_links(client: TestClient) -> None:
    """A passage behind a cell of a filtered matrix is one of the filtered ones."""
    items = client.get("/v1/themes-by-entity?group=NORDIC&language=en&from=2021-02-24T15:00:00Z").json()["items"]
    assert [item["entity"] for item in items] == ["NOR"]
    assert len(client.get(items[0]["interventions"]).json()["items"]) == items[0]["records"] == 1


def test_entities_have_their_names_of_the_day(client: TestClient) -> None:
    """Türkiye was Turkey when it spoke in 2021."""
    assert client.get("/v1/entities/TUR?on=2021-02-24").json()["name"] == "Turkey"
    later = client.get("/v1/entities/TUR?on=2023-01-01").json()
    assert later["name"] == "Türkiye"
    assert set(later["names"]) == {"en", "fr", "es", "ar", "zh", "ru"}
    assert client.get("/v1/entities/XXX").status_code == 404
    found = client.get(f"/v1/entities?meeting={LIVE}").json()["items"]
    assert {item["code"] for item in found} == {"CMR", "NOR", "CHAIR", "G77", "EU"}
    nordic = client.get("/v1/entities?group=NORDIC&kind=state").json()["items"]
    assert {item["code"] for item in nordic} == {"DNK", "FIN", "ISL", "NOR", "SWE"}
    assert {item["regional_group"] for item in nordic} == {"WEOG"}
    assert client.get("/v1/entities?q=Camerún").json()["items"][0]["code"] == "CMR"


def test_a_meeting_tells_its_part_for_readers_only(store: Store, client: TestClient) -> None:
    """How a meeting is run, and whom somebody expects to speak, is nobody's business."""
    meeting = client.get(f"/v1/meetings/{LIVE}").json()
    assert meeting["records"] == 4
    assert len(meeting["themes"]) == 8
    assert not {"roster", "cutting", "hold_s", "recogniser", "source"} & set(meeting)
    for address in meeting["links"].values():
        if "/stream" not in address:
            assert client.get(address).status_code == 200, address


def test_while_the_store_is_away_readers_are_told_to_come_again(own: Store) -> None:
    """A short fault must not look like an empty meeting."""
    client = client_of(own)

    def away() -> Any:
        raise StoreUnavailable("gone")

    own.read = away  # type: ignore[method-assign]
    for headers in ({}, {"authorization": "Bearer flk_" + "A" * 43}):
        answer = client.get("/v1/meetings", headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["type"] == "urn:floorlog:problem:unavailable"


def test_what_is_published_can_be_served_alone(store: Store) -> None:
    """Machines that face many readers have neither a desk nor a way in."""
    app = create_public_app(create_api(store), Shelf(store), hosts=["floor.example"])
    client = TestClient(app, base_url="http://floor.example", follow_redirects=False)
    assert client.get("/v1/meetings").status_code == 200
    assert client.get("/dashboard").status_code == 200
    assert client.get(f"/interventions/{rec(LIVE, 20)}").status_code == 200
    assert client.get(f"/meetings/{LIVE}?t=0:00:20").headers["location"] == f"/dashboard/{LIVE}?t=0:00:20"
    for path in ("/desk", "/sign-in", "/account", "/desk/api/session"):
        assert client.get(path).status_code == 404
    assert client.get("/v1/meetings", headers={"host": "another.example"}).status_code == 421


def test_the_page_about_the_api_names_every_route(client: TestClient) -> None:
    """Whoever found the address by chance must find the rest of it there."""
    page = client.get("/v1/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    for path in client.get("/v1/openapi.json").json()["paths"]:
        assert f"/v1{path}" in page.text
    assert client.get("/v1/").json()["openapi.json"] == "http://testserver/v1/openapi.json"


def test_links_are_those_that_the_operator_set(store: Store) -> None:
    """Behind a proxy the name that was asked for is not the one that people use."""
    client = client_of(store, public_url="https://floor.example")
    item = client.get("/v1/interventions").json()["items"][0]
    assert item["url"].startswith("https://floor.example/interventions/rec-")
    assert client.get(f"/interventions/{item['id']}.json").json()["url"] == item["url"]


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [("1:23:45", 5_025_000), ("83:45", 5_025_000), ("5025", 5_025_000), ("5025s", 5_025_000), ("0:00:06.5", 6500)],
)
def test_moments_are_written_as_people_write_them(text: str, at_ms: int) -> None:
    """A reader copies the time from wherever they saw it."""
    assert clock_ms(text) == at_ms


@pytest.mark.parametrize("text", ["", "x", "1:99:00", "1:00:99", "999:00:00", "-1", "1:2:3:4", "1e3"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """The beginning of the meeting would look like an answer."""
    with pytest.raises(ValueError, match=r"expected|long"):
        clock_ms(text)


def test_moments_of_filters_are_utc() -> None:
    """A filter that is off by a time zone leaves out a morning."""
    assert utc_ms("1970-01-02") == 86_400_000
    assert utc_ms("1970-01-01T01:00:00+01:00") == 0
    assert utc_ms("1970-01-01T01:00:00 01:00") == 0, "a plus that an address turned into a space"
    assert utc_ms("1970-01-01T23:59:60Z") == 86_400_000
    assert utc_ms("1970-01-01T00:00:00.123456789z") == 123


def requests_of_the_guide() -> Iterator[str]:
    """Each line of the guide that asks for something."""
    for block in re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield from (line for line in block.splitlines() if line.startswith("curl"))


@pytest.mark.parametrize("line", list(requests_of_the_guide()))
def test_each_request_of_the_guide_is_answered(store: Store, client: TestClient, line: str) -> None:
    """The first thing that a developer does is to paste one of them."""
    known = {"LOG": "", "MEETING": LIVE, "ID": rec(LIVE, 20), "KEY": a_key(store, "unpublished")["authorization"][7:]}
    words = shlex.split(re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], line), comments=True)
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    address = next(word for word in words if word.startswith("/"))
    sent = {name.lower(): value.encode() for name, value in headers.items()}
    answer = client.get(address, headers=sent)
    assert answer.status_code == (400 if "entitty" in address else 200), answer.text
    assert answer.content


def test_the_description_is_made_once(store: Store) -> None:
    """It takes some time, and is asked for by every tool."""
    api = create_api(store)
    assert describing.description(api) is describing.description(api)
