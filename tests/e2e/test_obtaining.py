"""A recording of UN Web TV comes to this machine: by page, asset or entry, track by track, whole, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from floorlog.adapters import tracks
from floorlog.addresses import Policy
from floorlog.cli.bench.align import CODINGS, encoded
from floorlog.config import Settings
from floorlog.errors import (
    AddressRefused,
    FloorlogError,
    InvalidSetting,
    OriginUnavailable,
    RecordingNotReady,
    UnreadableAudio,
)
from workers.backfill import obtain, wait_for
from workers.backfill.downloading import Limits, download
from workers.fake_webtv import FakeWebTv
from workers.fake_webtv_meeting import FakeMeeting

START = datetime(2026, 9, 14, 14, tzinfo=UTC)
END = START + timedelta(hours=2)
LATER = END + timedelta(days=1)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two tracks that hold different sound."""
    folder, chance = tmp_path_factory.mktemp("recordings"), np.random.default_rng(5)
    found = {}
    for language in ("Interlingua", "English"):
        found[language] = folder / f"{language}.mp4"
        sound = (chance.normal(size=16_000 * 60) * 3000).astype(np.int16)
        found[language].write_bytes(encoded(sound, CODINGS[1]))
    return found


class Moment:
    """The rehearsal's clock."""

    now = LATER

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def fake(recordings: dict[str, Path], clock: Moment) -> Iterator[FakeWebTv]:
    meeting = FakeMeeting(
        "k1past1", "Past", START, ((START, END),), languages=("Interlingua", "English"), recordings=recordings
    )
    with FakeWebTv([meeting], clock) as serving:
        yield serving


@pytest.fixture
def settings(tmp_path: Path, fake: FakeWebTv) -> Settings:
    return Settings.load({"data_dir": tmp_path, "webtv_url": fake.address, "kaltura_url": fake.address}, environ={})


@pytest.mark.parametrize("what", ["page", "k1p/k1past1", "k1past1", "1_past1"])
def test_each_channel_of_a_recording_is_fetched_by_its_language(
    settings: Settings, fake: FakeWebTv, recordings: dict[str, Path], what: str
) -> None:
    """Whatever an operator has at hand; a track is never taken for another one."""
    named = "https://webtv.un.org/en/asset/k1p/k1past1" if what == "page" else what
    found = {each.channel: each.path.read_bytes() for each in obtain(settings, named, None)}
    assert found == {"floor": recordings["Interlingua"].read_bytes(), "en": recordings["English"].read_bytes()}
    asked = fake.asked["file"]
    (english,) = obtain(settings, named, ("en",))
    assert english.path.read_bytes() == found["en"]
    assert fake.asked["file"] == asked  # what was fetched before is not fetched again
    with pytest.raises(InvalidSetting, match="floor, en"):
        obtain(settings, named, ("fr",))


def test_a_recording_that_is_not_ready_is_waited_for(settings: Settings, fake: FakeWebTv, clock: Moment) -> None:
    """After the end the id leads to an entry that has no tracks for up to an hour; then it has all of them."""
    clock.now = END + timedelta(minutes=10)
    with pytest.raises(RecordingNotReady):
        obtain(settings, "1_past1", None)
    stop, looks = threading.Event(), 0

    def later(request: Request) -> Response | None:
        nonlocal looks
        looks += request.url.path.endswith("multirequest")
        if looks > 6:
            clock.now = END + timedelta(minutes=50)
        return None

    fake.answer_with = later
    found = wait_for(settings, "1_past1", "en", patience_s=60.0, poll_s=0.01, stop=stop)
    assert found.channel == "en"
    assert tracks.tracks(found.path)


def test_waiting_ends_when_it_is_told_to(settings: Settings, clock: Moment) -> None:
    """A process that is to end must not wait two days."""
    clock.now, stop = END + timedelta(minutes=10), threading.Event()
    stop.set()
    with pytest.raises(RecordingNotReady):
        wait_for(settings, "1_past1", "floor", patience_s=1e6, poll_s=1e6, stop=stop)


class Served:
    """A file at an address that is cut off, changed or slow as told; notes what was asked for."""

    def __init__(self, fake: FakeWebTv, data: bytes) -> None:
        self.data, self.version, self.cuts = data, '"one"', list[int]()
        self.asked: list[tuple[str | None, str | None]] = []
        self.address = f"{fake.address}/files/1_recpast1/any.mp4"
        fake.answer_with = self.answer

    def answer(self, request: Request) -> Response | None:
        if not request.url.path.startswith("/files/"):
            return None
        wanted, on = request.headers.get("range"), request.headers.get("if-range")
        self.asked.append((wanted, on))
        whole, first, status = len(self.data), 0, 200
        headers = {"etag": self.version} if self.version else {}
        if wanted is not None and on == self.version:
            first, status = int(wanted.removeprefix("bytes=").rstrip("-")), 206
            headers["content-range"] = f"bytes {first}-{whole - 1}/{whole}"
        last = self.cuts.pop(0) if self.cuts else whole
        headers["content-length"] = str(whole - first)
        return StreamingResponse(iter([self.data[first:last]]), status, headers, "video/mp4")


@pytest.fixture
def served(fake: FakeWebTv, recordings: dict[str, Path]) -> Served:
    return Served(fake, recordings["English"].read_bytes())


def fetch(served: Served, folder: Path, limits: Limits = Limits(tries=1)) -> Path:  # noqa: B008 - frozen
    folder.mkdir(exist_ok=True)
    return download(Policy(()), "", served.address, folder, tracks.tracks, limits=limits, sleep=lambda seconds: None)


def test_a_download_that_was_cut_off_goes_on_where_it_was(served: Served, tmp_path: Path) -> None:
    """A day with video is gigabytes; each cut would else cost all of them."""
    served.cuts = [100_000, 200_000]
    path = fetch(served, tmp_path / "here")
    assert path.read_bytes() == served.data
    assert served.asked == [(None, None), ("bytes=100000-", '"one"'), ("bytes=200000-", '"one"')]
    assert sorted(each.name for each in path.parent.iterdir() if not each.name.endswith(".lock")) == [path.name]


def test_a_process_that_was_killed_is_taken_up_by_the_next(served: Served, tmp_path: Path) -> None:
    """What it had is on the disk, beside the name of the version that it is of."""
    served.cuts = [150_000, 0]
    with pytest.raises(OriginUnavailable):
        fetch(served, tmp_path / "here")
    assert fetch(served, tmp_path / "here").read_bytes() == served.data
    assert served.asked[-1] == ("bytes=150000-", '"one"')


@pytest.mark.parametrize("version", ['"two"', ""])
def test_a_file_that_changed_meanwhile_is_fetched_anew(
    served: Served, recordings: dict[str, Path], tmp_path: Path, version: str
) -> None:
    """Recordings are cut anew: half of each would be a recording of nothing."""
    served.cuts = [150_000, 0]
    with pytest.raises(OriginUnavailable):
        fetch(served, tmp_path / "here")
    served.version, served.data = version, recordings["Interlingua"].read_bytes()
    assert fetch(served, tmp_path / "here").read_bytes() == served.data


def test_a_server_that_names_no_version_is_asked_for_the_whole_again(served: Served, tmp_path: Path) -> None:
    """Nobody knows whether the rest belongs to what is there."""
    served.version, served.cuts = "", [150_000]
    assert fetch(served, tmp_path / "here").read_bytes() == served.data
    assert served.asked == [(None, None), (None, None)]


def endless() -> Iterator[bytes]:
    while True:
        yield bytes(1 << 16)


def dripping() -> Iterator[bytes]:
    pause = threading.Event()
    while not pause.wait(0.05):
        yield b"x"


BAD: Sequence[tuple[Callable[[Request], Response], type[FloorlogError], str]] = (
    (lambda request: StreamingResponse(endless()), OriginUnavailable, "more than"),
    (lambda request: PlainTextResponse("", headers={"content-length": str(10**15)}), OriginUnavailable, "more than"),
    (lambda request: StreamingResponse(dripping()), OriginUnavailable, "too few"),
    (lambda request: RedirectResponse(str(request.url)), OriginUnavailable, "redirects"),
    (lambda request: RedirectResponse("http://169.254.169.254/latest"), AddressRefused, "169.254"),
    (lambda request: RedirectResponse("file:///etc/passwd"), AddressRefused, "http"),
    (lambda request: RedirectResponse("http://["), OriginUnavailable, ""),
    (lambda request: HTMLResponse("<h1>Please sign in</h1>"), UnreadableAudio, ""),
    (lambda request: PlainTextResponse("#EXTM3U\n#EXTINF:4,\n/etc/passwd\n"), UnreadableAudio, ""),
    (lambda request: PlainTextResponse("", 503), OriginUnavailable, "503"),
    (lambda request: PlainTextResponse("", 206), OriginUnavailable, "206"),
)


@pytest.mark.parametrize(("answer", "error", "says"), BAD)
def test_what_means_harm_is_refused_and_leaves_nothing(
    fake: FakeWebTv,
    served: Served,
    tmp_path: Path,
    answer: Callable[[Request], Response],
    error: type[FloorlogError],
    says: str,
) -> None:
    """Bounded in bytes and time, to no other network, and never kept as if it were the recording."""
    limits = Limits(most_bytes=2_000_000, most_s=20.0, least_bytes_s=2000.0, grace_s=0.5, tries=2)
    fake.answer_with = answer
    with pytest.raises(error, match=says or None):
        fetch(served, tmp_path / "here", limits)
    assert not list((tmp_path / "here").glob("[!.]*"))
    served.version = '"good"'
    fake.answer_with = served.answer
    assert fetch(served, tmp_path / "here").read_bytes() == served.data


def test_two_that_want_the_same_file_take_turns(served: Served, tmp_path: Path) -> None:
    """An ingest and a backfill of one meeting may run at once."""
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(fetch(served, tmp_path / "here"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 3
    assert {path.read_bytes() for path in found} == {served.data}
    assert len(served.asked) == 1


def test_a_track_that_failed_leaves_the_others(settings: Settings, fake: FakeWebTv) -> None:
    """One flavour may be broken for good."""
    fake.meetings[0] = replace(fake.meetings[0], recordings={"English": fake.meetings[0].recordings["English"]})
    with pytest.raises(OriginUnavailable, match="404"):
        obtain(settings, "1_past1", ("floor",))
    assert obtain(settings, "1_past1", ("en",))[0].channel == "en"
