"""UN Web TV and its media platform, against a rehearsal of both over loopback whose clock the tests set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from typer.testing import CliRunner

from floorlog.adapters.courtesy import CourteousClient
from floorlog.adapters.webtv import WebTv
from floorlog.addresses import Policy
from floorlog.cli import app
from floorlog.config import Settings
from floorlog.errors import (
    AddressRefused,
    FloorlogError,
    InvalidAnswer,
    InvalidSetting,
    NotLiveYet,
    OriginUnavailable,
    RecordingNotReady,
    SourceChanged,
    SourceRemoved,
    UnknownSource,
)
from workers.fake_webtv import FakeWebTv
from workers.fake_webtv_meeting import FakeMeeting
from workers.origin_tokens import Tokens
from workers.sources import PlainSource, source_of
from workers.webtv_source import WebTvSource

DAY = date(2026, 9, 14)
START = datetime(2026, 9, 14, 14, tzinfo=UTC)
END = START + timedelta(hours=2)
MEETING = FakeMeeting(
    "k1hrmtg9f4",
    "Call to Action & rights",
    START,
    ((START, END),),
    "General Assembly",
    "http://127.0.0.1:9/master.m3u8",
)
LATER = FakeMeeting("k1iyessmbe", "Side event", START + timedelta(hours=3))


class Clock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.now = START - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now

    def at(self, **after_start: float) -> None:
        self.now = START + timedelta(**after_start)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> Iterator[FakeWebTv]:
    with FakeWebTv([MEETING, LATER], clock, tokens=Tokens(life_s=600)) as fake:
        yield fake


@pytest.fixture
def webtv(fake: FakeWebTv, clock: Clock) -> Iterator[WebTv]:
    client = CourteousClient(Policy(()), sleep=lambda seconds: None, utc_now=clock, timeout_s=10.0)
    with WebTv(client, fake.address, fake.address, clock) as found:
        yield found


@pytest.mark.parametrize(
    ("after", "state", "leads_to", "stream", "recordings"),
    [
        ({"hours": -1}, "scheduled", "1_livehrmtg9f4", False, 0),
        ({"minutes": 5}, "live", "1_livehrmtg9f4", True, 0),
        ({"hours": 2, "minutes": 1}, "ended", "1_livehrmtg9f4", False, 0),
        ({"hours": 2, "minutes": 10}, "ended", "1_rechrmtg9f4", True, 0),
        ({"hours": 3}, "recording", "1_rechrmtg9f4", True, 7),
    ],
)
def test_a_meeting_is_resolved_in_each_state(
    webtv: WebTv, clock: Clock, after: dict[str, float], state: str, leads_to: str, stream: bool, recordings: int
) -> None:
    """The id that a page shows leads to other entries as time goes by; what can be captured changes with it."""
    clock.at(**after)
    found = webtv.resolve("https://webtv.un.org/fr/asset/k1h/k1hrmtg9f4")
    assert (found.state, found.canonical_entry_id, found.entry_id) == (state, leads_to, "1_hrmtg9f4")
    assert (found.stream_url is not None, len(found.recording_urls)) == (stream, recordings)
    assert found.page is not None
    assert (found.page.title, found.page.categories) == ("Call to Action & rights", ("General Assembly",))


def test_an_alias_is_followed(webtv: WebTv, clock: Clock) -> None:
    """Kaltura's player is given an id that only leads to the stream."""
    clock.at(minutes=5)
    for name in ("1_hrmtg9f4", "1_livehrmtg9f4", "(1_hrmtg9f4)", "k1hrmtg9f4"):
        assert webtv.resolve(name).canonical_entry_id == "1_livehrmtg9f4"


def test_the_channels_are_the_floor_and_six_interpretations(webtv: WebTv, clock: Clock) -> None:
    """The floor is labelled Interlingua; an operator asks for it by Floorlog's name."""
    clock.at(minutes=5)
    channels = webtv.resolve("1_hrmtg9f4").channels
    assert [each.name for each in channels] == ["floor", "en", "fr", "es", "ar", "zh", "ru"]
    assert [each.language for each in channels] == [None, "en", "fr", "es", "ar", "zh", "ru"]
    assert channels[1].flavor_params_id == 101


def test_an_id_that_leads_nowhere_yet_is_scheduled(fake: FakeWebTv, webtv: WebTv) -> None:
    """Until the stream is ready an alias is answered with itself: an entry without tracks or length, and no past."""

    def unready(answers: Any) -> Any:
        head = {"id": "1_hrmtg9f4", "duration": 0, "objectType": "KalturaMediaEntry"}
        return [answers[0], {"objects": [head]}, {"objects": []}]

    fake.edit_answer = unready
    assert webtv.entry("1_hrmtg9f4").state == "scheduled"


def test_a_language_is_taken_from_a_label_and_never_guessed(fake: FakeWebTv, webtv: WebTv, clock: Clock) -> None:
    """An id that was English by habit turned out to be another language."""
    clock.at(minutes=5)

    def edit(answers: Any) -> Any:
        for answer in answers:
            if isinstance(answer, dict) and "FlavorAsset" in str(answer.get("objectType")):
                answer["objects"][0] |= {"language": "", "label": "Original (floor)"}
                answer["objects"][1] |= {"language": "Undefined", "label": "Track 2"}
                answer["objects"][2] |= {"status": 3}
        return answers

    fake.edit_answer = edit
    assert [each.name for each in webtv.resolve("1_hrmtg9f4").channels] == ["floor", "es", "ar", "zh", "ru"]


def test_the_master_playlist_is_where_the_platform_sends_players(fake: FakeWebTv, webtv: WebTv, clock: Clock) -> None:
    """Its address holds a token that runs out; asked again, it holds a new one."""
    clock.at(minutes=5)
    first = webtv.stream("1_livehrmtg9f4")
    assert first.url.startswith(f"{fake.address}/live/1_livehrmtg9f4/master.m3u8?__hdnea__=st=")
    assert first.expires == clock.now + timedelta(seconds=600)
    clock.at(minutes=16)
    assert httpx.get(first.url).status_code == 403
    assert webtv.stream("1_livehrmtg9f4").expires == clock.now + timedelta(seconds=600)


def test_what_is_not_on_air_says_which_side_of_it(webtv: WebTv, clock: Clock) -> None:
    """Too early and too late need different things from an operator, and both are answered with 404."""
    with pytest.raises(NotLiveYet, match="not live yet"):
        webtv.stream("1_livehrmtg9f4")
    clock.at(hours=2, minutes=1)
    with pytest.raises(RecordingNotReady, match="has ended"):
        webtv.stream("1_livehrmtg9f4")


def test_a_recording_is_fetched_by_language(fake: FakeWebTv, webtv: WebTv, clock: Clock, tmp_path: Path) -> None:
    """Its address works once the platform lists the language, and not while the meeting is live."""
    path = tmp_path / "floor.mp4"
    path.write_bytes(b"recording")
    fake.meetings[0] = replace(MEETING, recordings={"Interlingua": path})
    clock.at(hours=3)
    (name, url), *_ = webtv.resolve("k1hrmtg9f4").recording_urls
    assert (name, httpx.get(url, follow_redirects=True).content) == ("floor", b"recording")
    clock.at(hours=2, minutes=10)
    assert httpx.get(url, follow_redirects=True).status_code == 404


def test_what_is_not_published_is_named(webtv: WebTv, fake: FakeWebTv) -> None:
    """A removed page and an unknown entry are final; asking again would be useless."""
    fake.meetings[0] = replace(MEETING, published=False)
    with pytest.raises(SourceRemoved, match=r"/en/asset/k1h/k1hrmtg9f4.*404"):
        webtv.resolve("k1hrmtg9f4")
    with pytest.raises(SourceRemoved, match="no such entry"):
        webtv.resolve("1_nothing1")


def test_addresses_of_others_pass_through(webtv: WebTv, fake: FakeWebTv) -> None:
    """A stream of somebody else's can be captured by the same command; nobody is asked about it."""
    assert webtv.resolve("https://example.org/a/master.m3u8?t=1").stream_url == "https://example.org/a/master.m3u8?t=1"
    assert webtv.resolve("https://example.org/a.mp3").recording_urls == (("floor", "https://example.org/a.mp3"),)
    assert fake.asked.total() == 0
    with pytest.raises(UnknownSource):
        webtv.resolve("https://webtv.un.org/en/schedule/2026-09-14")


def test_the_schedule_of_a_day_is_decided_by_the_platform(fake: FakeWebTv, webtv: WebTv, clock: Clock) -> None:
    """A page that is late in saying so must not hide that a meeting is on air, or over."""

    def states() -> dict[str, str]:
        return {each.asset_id: each.state for each in webtv.schedule(DAY)}

    assert states() == {"k1h/k1hrmtg9f4": "scheduled", "k1i/k1iyessmbe": "scheduled"}
    assert fake.asked["api"] == 0  # nothing was open
    clock.at(minutes=5)
    assert states() == {"k1h/k1hrmtg9f4": "live", "k1i/k1iyessmbe": "scheduled"}
    fake.meetings[0] = replace(MEETING, on_air=((START + timedelta(minutes=20), END),))
    assert states()["k1h/k1hrmtg9f4"] == "scheduled"  # it starts late
    fake.meetings[0] = MEETING
    clock.at(hours=2, minutes=1)
    assert states()["k1h/k1hrmtg9f4"] == "ended"


def test_many_meetings_are_looked_up_by_few_requests(fake: FakeWebTv, webtv: WebTv, clock: Clock) -> None:
    """A busy day has forty meetings, looked at every ten seconds."""
    clock.at(minutes=5)
    fake.meetings = [replace(MEETING, leaf=f"k1busy{number:04}") for number in range(40)]
    found = webtv.entries([each.player_id for each in fake.meetings])
    assert len(found) == 40
    assert all(entry is not None and entry.state == "live" for entry in found.values())
    assert fake.asked["api"] == 4


RENAMED = [
    ("objects", "items", "objects"),
    ("id", "entryId", "id"),
    ("objectType", "type", "objectType"),
    ("ks", "token", "ks"),
    ("language", "lang", "language"),
    ("status", "state", "status"),
    ("wasBroadcast", "aired", "wasBroadcast"),
]


@pytest.mark.parametrize(("old", "new", "named"), RENAMED)
def test_a_field_that_was_renamed_is_named(
    fake: FakeWebTv, webtv: WebTv, clock: Clock, old: str, new: str, named: str
) -> None:
    """When the platform changes, the error says which line of the facts to change, and where it was seen."""
    clock.at(minutes=5)
    fake.edit_answer = lambda answers: json.loads(json.dumps(answers).replace(f'"{old}":', f'"{new}":'))
    with pytest.raises(SourceChanged) as changed:
        webtv.resolve("1_hrmtg9f4")
    assert changed.value.field.startswith(named) or f" {named}" in changed.value.field
    assert "/api_v3/service/multirequest" in str(changed.value)


WRONG: list[Callable[[Any], Any]] = [
    lambda answers: None,
    lambda answers: {},
    lambda answers: [],
    lambda answers: answers[:1],
    lambda answers: [None] * len(answers),
    lambda answers: [[]] * len(answers),
    lambda answers: [answers[0], {"objects": [7]}, *answers[2:]],
    lambda answers: [answers[0], {"objects": [{"id": 7}]}, *answers[2:]],
    lambda answers: [answers[0], {"objects": [{"id": "../../x", "objectType": "KalturaMediaEntry"}]}, *answers[2:]],
    lambda answers: [answers[0], {"objects": "all"}, *answers[2:]],
    lambda answers: [answers[0], answers[1], {"objects": [None]}, *answers[3:]],
    lambda answers: [answers[0], answers[1], {"objects": [{"id": "x/y", "status": 2, "language": "English"}]}],
]


@pytest.mark.parametrize("edit", WRONG)
def test_answers_of_another_shape_are_named(
    fake: FakeWebTv, webtv: WebTv, clock: Clock, edit: Callable[[Any], Any]
) -> None:
    """Whatever the platform answers, the command ends with one line, not with a traceback."""
    clock.at(minutes=5)
    fake.edit_answer = edit
    with pytest.raises(SourceChanged):
        webtv.resolve("1_hrmtg9f4")


def exception(code: str) -> dict[str, str]:
    return {"objectType": "KalturaAPIException", "code": code, "message": "no"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (exception("SERVICE_UNAVAILABLE"), OriginUnavailable),
        (exception("SERVICE_FORBIDDEN"), InvalidAnswer),
        ([exception("INVALID_KS"), None, None], InvalidAnswer),
    ],
)
def test_an_error_that_comes_as_200_is_an_error(
    fake: FakeWebTv, webtv: WebTv, answers: Any, error: type[FloorlogError]
) -> None:
    """The platform's errors look like answers."""
    fake.edit_answer = lambda _: answers
    with pytest.raises(error, match="answers"):
        webtv.resolve("1_hrmtg9f4")


def test_a_service_that_is_away_is_named(fake: FakeWebTv, webtv: WebTv) -> None:
    """An operator must see that it is not Floorlog."""
    fake.answer_with = lambda request: PlainTextResponse("", 503)
    with pytest.raises(OriginUnavailable, match="HTTP 503"):
        webtv.resolve("1_hrmtg9f4")
    with pytest.raises(OriginUnavailable, match=r"schedule/2026-09-14: HTTP 503"):
        webtv.schedule(DAY)


def endless() -> Iterator[bytes]:
    while True:
        yield b"<div class='un3-card-row-video'>" * 1000


@pytest.mark.parametrize("kind", ["schedule", "asset", "multirequest", "playManifest"])
def test_an_endless_answer_is_refused_wherever_it_comes(fake: FakeWebTv, webtv: WebTv, clock: Clock, kind: str) -> None:
    """Memory is bounded by what is read, not by what is sent."""
    clock.at(minutes=5)
    fake.answer_with = lambda request: StreamingResponse(endless()) if kind in request.url.path else None
    with pytest.raises(InvalidAnswer, match="bytes"):
        webtv.schedule(DAY) if kind == "schedule" else webtv.resolve("k1hrmtg9f4")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/a.m3u8", "file:///etc/passwd", "https://example.com/a.m3u8"]
)
def test_the_platform_may_not_send_capture_astray(fake: FakeWebTv, webtv: WebTv, clock: Clock, target: str) -> None:
    """An answer's redirect is what capture would follow, again and again."""
    clock.at(minutes=5)

    def astray(request: Request) -> Response | None:
        return Response("", 302, {"Location": target}) if "playManifest" in request.url.path else None

    fake.answer_with = astray
    with pytest.raises(AddressRefused):
        webtv.stream("1_livehrmtg9f4")


def test_a_session_is_shown_where_one_is_asked_for(fake: FakeWebTv, webtv: WebTv, clock: Clock) -> None:
    """Some entries are said to need one; it is tried without first."""
    clock.at(minutes=5)

    def forbid(request: Request) -> Response | None:
        path = request.url.path
        return PlainTextResponse("", 403) if "playManifest" in path and "/ks/" not in path else None

    fake.answer_with = forbid
    assert "/live/1_livehrmtg9f4/" in webtv.stream("1_livehrmtg9f4").url


def test_the_players_own_address_is_taken_where_the_usual_one_is_gone(
    fake: FakeWebTv, webtv: WebTv, clock: Clock
) -> None:
    """The form of addresses is inferred; what the platform offers its own player is not."""
    clock.at(minutes=5)

    def moved(request: Request) -> Response | None:
        if request.url.path.startswith("/offered/"):
            return PlainTextResponse("#EXTM3U\na.m3u8?exp=1789400000")
        return PlainTextResponse("", 404) if "playManifest" in request.url.path else None

    fake.answer_with = moved
    stream = webtv.stream("1_livehrmtg9f4")
    assert stream.url == f"{fake.address}/offered/1_livehrmtg9f4.m3u8"
    assert stream.expires == datetime.fromtimestamp(1789400000, UTC)
    fake.edit_answer = lambda answers: [answers[0], {"sources": []}] if "sources" in str(answers[1]) else answers
    with pytest.raises(NotLiveYet):
        webtv.stream("1_livehrmtg9f4")


def test_capture_stays_with_the_entry_that_was_on_air(webtv: WebTv, clock: Clock) -> None:
    """After the end the id leads to the recording: another timeline, which would be taken for the meeting's future."""
    source = WebTvSource(webtv, "1_hrmtg9f4")
    with pytest.raises(NotLiveYet):
        source.master()
    assert source.is_live() is False
    clock.at(minutes=5)
    assert "/live/1_livehrmtg9f4/" in source.master()
    assert source.is_live() is True
    clock.at(hours=3)
    assert source.is_live() is False
    with pytest.raises(RecordingNotReady):
        source.master()
    with pytest.raises(RecordingNotReady):
        WebTvSource(webtv, "1_hrmtg9f4").master()


def test_a_service_that_is_away_leaves_open_whether_a_meeting_is_live(fake: FakeWebTv, webtv: WebTv) -> None:
    """An outage of the interface must not end the capture of a stream that goes on."""
    fake.answer_with = lambda request: PlainTextResponse("", 503)
    assert WebTvSource(webtv, "1_hrmtg9f4").is_live() is None


def test_a_source_is_what_a_person_names(tmp_path: Path) -> None:
    """Capture is given a page, an id or an address, and finds out which."""
    settings = Settings.load({"data_dir": tmp_path}, {})
    assert source_of(settings, "https://example.org/master.m3u8") == PlainSource("https://example.org/master.m3u8")
    assert isinstance(source_of(settings, "k1hrmtg9f4"), WebTvSource)
    with pytest.raises(InvalidSetting):
        source_of(settings, "meeting.mp3")


@pytest.fixture
def run(fake: FakeWebTv, tmp_path: Path) -> Callable[..., Any]:
    env = {"FLOORLOG_WEBTV_URL": fake.address, "FLOORLOG_KALTURA_URL": fake.address, "FLOORLOG_DATA": str(tmp_path)}

    def run(*words: str) -> Any:
        result = CliRunner().invoke(app, words, env={**env, "DATABASE_URL": f"sqlite:///{tmp_path}/store.db"})
        if isinstance(result.exception, FloorlogError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def test_resolve_prints_one_object(run: Callable[..., Any], clock: Clock) -> None:
    """A script asks for the address of a stream and when it stops being good."""
    clock.at(minutes=5)
    found = json.loads(run("resolve", "k1hrmtg9f4", "--json"))
    assert (found["state"], found["canonical_entry_id"]) == ("live", "1_livehrmtg9f4")
    assert found["expires"] == "2026-09-14T14:15:00.000Z"
    assert found["channels"][1] == {
        "name": "en",
        "language": "en",
        "flavor_id": "1_fa1hrmtg9f4",
        "flavor_params_id": 101,
    }
    assert "channels  floor en fr es ar zh ru" in run("resolve", "1_hrmtg9f4")


def test_a_day_is_added_once(run: Callable[..., Any], fake: FakeWebTv, tmp_path: Path) -> None:
    """The same command runs every morning, and again when a meeting was moved; what an operator wrote stays."""
    listed = json.loads(run("discover", "2026-09-14", "--json", "--add", "--channels", "floor,en"))
    assert [each["meeting_id"] for each in listed] == ["webtv-k1hrmtg9f4", "webtv-k1iyessmbe"]
    added = json.loads(run("meeting", "show", "webtv-k1hrmtg9f4"))
    assert (added["title"], added["body"], added["date"]) == (
        "Call to Action & rights",
        "General Assembly",
        "2026-09-14",
    )
    assert (added["source"]["asset_id"], added["source"]["entry_id"]) == ("k1h/k1hrmtg9f4", "1_hrmtg9f4")
    assert added["scheduled_start"] == "2026-09-14T14:00:00.000Z"
    assert [(each["name"], each["required"]) for each in added["channels"]] == [("floor", True), ("en", False)]
    assert json.loads(run("meeting", "show", "webtv-k1iyessmbe"))["body"] == "United Nations"
    for kept in (tmp_path / "webtv").iterdir():
        kept.unlink()  # as if five minutes had passed
    fake.meetings[0] = replace(MEETING, title="Renamed", start=START + timedelta(minutes=30))
    run("discover", "2026-09-14", "--add")
    moved = json.loads(run("meeting", "show", "webtv-k1hrmtg9f4"))
    assert (moved["title"], moved["scheduled_start"]) == ("Call to Action & rights", "2026-09-14T14:30:00.000Z")
    assert len(json.loads(run("meeting", "list", "--json"))) == 2


def test_one_meeting_of_a_day_is_added(run: Callable[..., Any]) -> None:
    """Forty meetings a day are streamed; an operator logs one."""
    run("discover", "2026-09-14", "--add", "--only", "k1iyessmbe")
    assert [each["id"] for each in json.loads(run("meeting", "list", "--json"))] == ["webtv-k1iyessmbe"]
