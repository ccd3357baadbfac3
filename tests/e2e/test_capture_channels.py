"""Several channels in one capture: one clock, one master playlist, and no channel that stops another."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from floorlog.adapters import flac
from floorlog.adapters.resampling import Samples
from floorlog.adapters.voice_activity import FRAME_SAMPLES, Memory, Probabilities
from floorlog.config import Settings
from floorlog.errors import AddressRefused, InvalidPlaylist, InvalidSetting
from tests.faults import stage
from tests.faults.stage import KEYS, LANGUAGES, START
from workers.capture import Summary, follow_all, run
from workers.origin_clicks import ClickTrack
from workers.origin_http import Serving
from workers.origin_playlist import LivePlaylist
from workers.origin_script import Faults, SegmentFault, Span, Take, segments_of
from workers.origin_segments import Rendition
from workers.origin_server import Origin
from workers.origin_tracks import rendition
from workers.sources import PlainSource

MEETING = stage.MEETING | {"cutting": {"min_ms": 2000, "aim_ms": 4000, "max_ms": 12_000}}
LENGTH_S = 48.0


class Kept:
    """A broker and an object store for all channels."""

    def __init__(self) -> None:
        self.documents: list[bytes] = []
        self.objects: dict[str, bytes] = {}

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        self.documents.append(data)
        return str(len(self.documents))

    def put(self, uri: str, data: bytes) -> None:
        self.objects[uri] = data

    def of(self, channel: str) -> list[dict[str, Any]]:
        """Return one channel's announcements; they tile the clock, and numbers have no hole."""
        found = [each for each in map(json.loads, self.documents) if each["channel"] == channel]
        at_ms = 0
        for number, each in enumerate(found):
            assert each["sequence"] == number
            if each["kind"] != "end":
                assert each["span"]["start_ms"] == at_ms
                at_ms = each["span"]["end_ms"]
        assert found[-1]["kind"] == "end"
        assert found[-1]["at_ms"] == at_ms
        return found

    def gaps(self, channel: str) -> list[tuple[int, int, str]]:
        return [
            (each["span"]["start_ms"], each["span"]["end_ms"], each["cause"])
            for each in self.of(channel)
            if each["kind"] == "gap"
        ]

    def sound(self, channel: str) -> Samples:
        """Return a channel's samples, each at its place."""
        announced = self.of(channel)
        samples = np.zeros(announced[-1]["at_ms"] * 16, dtype=np.int16)
        for each in announced:
            if each["kind"] == "segment":
                found = flac.decode(self.objects[each["audio"]["uri"]], each["audio"]["uri"])
                samples[each["span"]["start_ms"] * 16 :][: len(found)] = found
        return samples


def heard(samples: Samples, memory: Memory) -> tuple[Probabilities, Memory]:
    """Tell sound from silence by loudness alone."""
    loudness = np.abs(samples.reshape(-1, FRAME_SAMPLES).astype(np.float32)).mean(axis=1)
    return np.asarray(loudness / (loudness + 300), dtype=np.float32), memory


def track(
    channel: str,
    takes: tuple[Take, ...] = (Take(LENGTH_S, segment_s=4.0),),
    *,
    click: str = "floor",
    start_at: datetime = START,
    filled: Mapping[int, ClickTrack] | None = None,
    **options: Any,
) -> Rendition:
    """Return a channel that has published everything, and keeps it; all have the same clicks by default."""
    key = KEYS[channel]
    playlist = LivePlaylist(segments_of(takes, key), start_at, key=key, **{"keep_all": True, **options})
    return rendition(channel, LANGUAGES[channel], ClickTrack(click), playlist, filled=dict(filled or {}))


@pytest.fixture
def serving() -> Iterator[Any]:
    """Return how to start an origin of renditions."""
    running: list[Origin] = []

    def start(*renditions: Rendition, pace: float = 40.0, started_at_unix: float = 0.0, **options: Any) -> Origin:
        origin = Origin(renditions, pace=pace, started_at_unix=started_at_unix, **options)
        running.append(origin)
        return origin

    yield start
    for origin in running:
        origin.stop()


def capture(
    origin: Origin | str, kept: Kept, folder: Path, channels: tuple[str, ...], **options: Any
) -> dict[str, Summary]:
    return follow_all(
        PlainSource(origin if isinstance(origin, str) else origin.url),
        MEETING,
        {channel: folder / f"{channel}.db" for channel in channels},
        objects_base="memory://objects",
        broker=kept,
        topic="audio-segments",
        put=kept.put,
        **{"listen": heard, "pace": 40.0, "patience_s": 20.0, **options},
    )


def shift(a: Samples, b: Samples, most: int = 400) -> int:
    """Return how many samples later the same clicks come in the second channel."""
    length = min(len(a), len(b)) - 2 * most
    one, other = (np.abs(each.astype(np.float64)) for each in (a, b))
    middle = one[most : most + length]
    return max(range(-most, most + 1), key=lambda by: float(middle @ other[most + by : most + by + length]))


def test_channels_that_began_apart_are_aligned_to_the_sample(serving: Any, tmp_path: Path) -> None:
    """What the interpreter says belongs to what the floor says: by time, never by number (ExoPlayer #699)."""
    kept = Kept()
    later = START + timedelta(seconds=10)
    origin = serving(
        track("floor", first_sequence=500),
        track("en", (Take(LENGTH_S, first_pts_s=77.0, segment_s=6.0),)),
        track("fr", (Take(LENGTH_S - 10, first_pts_s=5.0, segment_s=3.0),), start_at=later, first_sequence=9),
    )
    found = capture(origin, kept, tmp_path, ("floor", "en", "fr"))
    assert {name: summary.gaps for name, summary in found.items()} == {"floor": 0, "en": 0, "fr": 1}
    assert kept.gaps("fr") == [(0, 10_000, "fell-behind")]
    assert shift(kept.sound("floor"), kept.sound("en")) == 0
    clicks = kept.sound("floor")[: len(kept.sound("fr")) - 160_000]
    assert abs(shift(clicks, kept.sound("fr")[160_000:])) <= 16
    starts = {channel: kept.of(channel)[-1]["at_ms"] for channel in LANGUAGES}
    assert max(starts.values()) - min(starts.values()) <= 30


def test_the_clock_starts_with_the_channel_that_has_the_earliest_audio(serving: Any, tmp_path: Path) -> None:
    """Whichever loads first must not decide, or a second run would tell other times."""
    later = START + timedelta(seconds=8)
    for order in (("floor", "en"), ("en", "floor")):
        kept, folder = Kept(), tmp_path / order[0]
        origin = serving(track("floor", start_at=later), track("en"))
        capture(origin, kept, folder, order)
        assert kept.gaps("en") == []
        assert kept.gaps("floor") == [(0, 8000, "fell-behind")]


def test_a_channel_that_is_not_offered_is_a_gap_and_stops_no_other(serving: Any, tmp_path: Path) -> None:
    """Interpreters who were announced may never come."""
    kept = Kept()
    origin = serving(track("floor"), track("en"))
    capture(origin, kept, tmp_path, ("floor", "en", "fr"))
    end_ms = max(kept.of(channel)[-1]["at_ms"] for channel in ("floor", "en"))
    assert kept.gaps("fr") == [(0, end_ms, "channel-missing")]
    assert kept.gaps("floor") == kept.gaps("en") == []


def test_a_rendition_that_is_withdrawn_and_comes_back_is_a_gap_with_that_cause(serving: Any, tmp_path: Path) -> None:
    """A packager drops a track that is silent for ten seconds, and takes it up again."""
    kept = Kept()
    # At 10 times real time a busy machine may need seconds of wall clock to begin, and to notice.
    away = Faults(left=(Span(40.0, 68.0),))
    options: dict[str, Any] = {"keep_all": False, "window_s": 16.0}
    takes = (Take(140.0, segment_s=4.0),)
    origin = serving(
        track("floor", takes, **options),
        track("en", takes, faults=away, **options),
        pace=10.0,
        started_at_unix=time.time(),
    )
    capture(origin, kept, tmp_path, ("floor", "en"), pace=10.0)
    assert kept.gaps("floor") == []
    ((start_ms, end_ms, cause),) = kept.gaps("en")
    assert cause == "channel-missing"
    assert 20_000 <= start_ms < 72_000
    assert 48_000 <= end_ms <= 130_000
    assert shift(kept.sound("floor")[end_ms * 16 :], kept.sound("en")[end_ms * 16 :]) == 0


def test_when_no_channel_is_offered_what_is_offered_is_named(serving: Any, tmp_path: Path) -> None:
    """A wrong address must not look like a meeting in which nobody speaks."""
    with pytest.raises(InvalidPlaylist, match="floor"):
        capture(serving(track("floor")), Kept(), tmp_path, ("en", "fr"))


def test_a_rendition_s_own_playlist_is_no_several_channels(serving: Any, tmp_path: Path) -> None:
    """The same audio under two names would be two witnesses of one."""
    origin = serving(track("floor"))
    with pytest.raises(InvalidSetting, match="several"):
        capture(f"{origin.address}/index-s100-a.m3u8", Kept(), tmp_path, ("floor", "en"))


def test_another_channel_s_audio_is_kept_and_said(serving: Any, tmp_path: Path) -> None:
    """A packager fills a hole with what it has: the wrong language, transcribed without anyone noticing."""
    kept = Kept()
    floor, english = ClickTrack("floor"), ClickTrack("en")
    origin = serving(track("floor"), track("en", click="en", filled={3: floor, 4: floor}))
    found = capture(origin, kept, tmp_path, ("floor", "en"))
    assert sum(summary.identical for summary in found.values()) == 2
    assert english != floor
    assert kept.gaps("en") == []


def test_a_channel_in_trouble_keeps_no_other_from_its_stream(serving: Any, tmp_path: Path) -> None:
    """What cannot be had of one channel must not make the others miss anything."""
    kept = Kept()
    broken = Faults(segments={index: SegmentFault("missing") for index in range(12)})
    origin = serving(track("floor"), track("en", faults=broken))
    capture(origin, kept, tmp_path, ("floor", "en"))
    assert kept.gaps("floor") == []
    assert {cause for _, _, cause in kept.gaps("en")} <= {"media-missing", "channel-missing"}
    assert kept.of("en")[-1]["at_ms"] == pytest.approx(LENGTH_S * 1000, abs=100)


def test_a_channel_that_the_meeting_does_not_have_is_refused_by_name(tmp_path: Path) -> None:
    """A slip of the pen must not start half a capture."""
    settings = Settings.load({"data_dir": tmp_path}, environ={})
    with pytest.raises(InvalidSetting, match="floor, en, fr"):
        run(settings, MEETING, "http://127.0.0.1:9/master.m3u8", ["floor", "de"])
    with pytest.raises(InvalidSetting, match="each once"):
        run(settings, MEETING, "http://127.0.0.1:9/master.m3u8", ["en", "en"])


def test_a_playlist_that_leads_elsewhere_is_refused_by_address(tmp_path: Path) -> None:
    """What an origin names is not an operator's word."""
    text = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Floor",LANGUAGE="ia",URI="http://elsewhere.example/a.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv.m3u8\n'
    )
    with (
        Serving([Route("/master.m3u8", lambda request: PlainTextResponse(text))]) as server,
        pytest.raises(AddressRefused, match=r"elsewhere\.example"),
    ):
        capture(f"{server.address}/master.m3u8", Kept(), tmp_path, ("floor",), patience_s=0.5)
