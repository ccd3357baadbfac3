"""Capture from a live origin: exact to the sample and to the byte, whatever goes wrong on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from filelock import FileLock

import floorlog
from floorlog.adapters import flac
from floorlog.adapters import media as media_files
from floorlog.adapters.resampling import Resampler, Samples
from floorlog.adapters.voice_activity import FRAME_SAMPLES, Memory, Probabilities
from floorlog.config import Settings
from floorlog.errors import BrokerUnavailable, InvalidPlaylist, InvalidSetting, OriginUnavailable
from workers.capture import Summary, follow, read_file, run, shared_zero
from workers.origin import serve_live
from workers.origin_media import Break
from workers.origin_playlist import Faults, Outage, SegmentFault
from workers.origin_server import Origin
from workers.sources import PlainSource

START = datetime(2021, 2, 24, 15, tzinfo=UTC)
LENGTH_S, SEGMENT_S = 60, 4
SAMPLE = Path(floorlog.__file__).parent / "data" / "sample" / "meeting.opus"
MEETING: dict[str, Any] = {
    "id": "rehearsal",
    "channels": [
        {"name": "floor", "language": None, "interpretation": False, "required": True},
        {"name": "en", "language": "en", "interpretation": True, "required": False},
    ],
    "cutting": {"min_ms": 2000, "aim_ms": 4000, "max_ms": 12_000},
    "actual_start": None,
    "scheduled_start": "2021-02-24T15:00:00Z",
}


class Crash(BaseException):
    """The process is gone: nothing between here and the journal may count on being finished."""


@dataclass
class Kept:
    """A broker and an object store that remember everything, and crash or fail when told to."""

    documents: list[bytes] = field(default_factory=list)
    objects: dict[str, list[bytes]] = field(default_factory=dict)
    calls: int = 0
    crash_at: int | None = None
    down: int = 0

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        if self.down:
            self.down -= 1
            raise BrokerUnavailable("away")
        self.step()
        self.documents.append(data)
        self.step()
        return str(len(self.documents))

    def put(self, uri: str, data: bytes) -> None:
        self.step()
        self.objects.setdefault(uri, []).append(data)
        self.step()

    def step(self) -> None:
        self.calls += 1
        if self.crash_at is not None and self.calls >= self.crash_at:
            raise Crash

    @property
    def distinct(self) -> list[dict[str, Any]]:
        """Return each announcement once, in order; one that was repeated must be the same to the byte."""
        return [json.loads(data) for data in dict.fromkeys(self.documents)]

    def audio(self) -> tuple[np.ndarray[Any, Any], int]:
        """Return all samples at their place on the meeting clock, and its end in ms; check every object on the way."""
        end_ms = max((each["span"]["end_ms"] for each in self.distinct if "span" in each), default=0)
        samples = np.zeros(end_ms * 16, dtype=np.int16)
        for each in self.distinct:
            if each["kind"] == "segment":
                (data,) = set(self.objects[each["audio"]["uri"]])
                found = flac.decode(data, each["audio"]["uri"])
                span = each["span"]
                assert len(found) == (span["end_ms"] - span["start_ms"]) * 16
                samples[span["start_ms"] * 16 : span["end_ms"] * 16] = found
        return samples, end_ms


def gaps(kept: Kept) -> list[tuple[int, int, str]]:
    return [
        (each["span"]["start_ms"], each["span"]["end_ms"], each["cause"])
        for each in kept.distinct
        if each["kind"] == "gap"
    ]


def assert_tiles(kept: Kept) -> None:
    """Check that segments and gaps tile the meeting clock, in order, and that numbers have no hole."""
    at_ms = 0
    for number, each in enumerate(kept.distinct):
        assert each["sequence"] == number
        if each["kind"] == "end":
            assert each["at_ms"] == at_ms
            assert each["last_sequence"] == number - 1
        else:
            assert each["span"]["start_ms"] == at_ms
            at_ms = each["span"]["end_ms"]


def shift(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], most: int = 40) -> int:
    """Return how many samples later the same sounds come in the second channel; beginnings of a decoder left out."""
    length = min(len(a), len(b)) - 2000 - 2 * most
    reference = a[2000 : 2000 + length].astype(np.float64)
    fits = {by: np.corrcoef(reference, b[2000 + by : 2000 + by + length])[0, 1] for by in range(-most, most + 1)}
    best = max(fits, key=lambda by: fits[by])
    assert fits[best] > 0.9
    return best


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origin")


@pytest.fixture(scope="module")
def source(cache: Path) -> Path:
    """Return a file with the first minute of the sample meeting."""
    parts: list[media_files.Native] = []
    for read_run in media_files.read(SAMPLE, tolerance_s=Fraction(1, 100)):
        parts.append(read_run.samples)
        if sum(map(len, parts)) >= LENGTH_S * read_run.rate_hz:
            break
    path = cache / "minute.wav"
    soundfile.write(path, np.concatenate(parts)[: LENGTH_S * read_run.rate_hz], read_run.rate_hz)
    return path


Serve = Callable[..., Origin]


@pytest.fixture
def serve(source: Path, cache: Path) -> Any:
    """Return how to start an origin; by default one that has published everything and keeps it."""
    running: list[Origin] = []

    def start(pace: float = 40.0, over: bool = True, **options: Any) -> Origin:
        began = {"started_at_unix": 0.0} if over else {}
        options = {"keep_all": True, **began, **options}
        origin = serve_live(source, start_at=START, cache=cache / "media", pace=pace, segment_s=SEGMENT_S, **options)
        running.append(origin)
        return origin

    yield start
    for origin in running:
        origin.stop()


def capture(origin: Origin | str, kept: Kept, journal: Path, channel: str = "floor", **options: Any) -> Summary:
    url = origin if isinstance(origin, str) else origin.url
    options = {"pace": 40.0, "patience_s": 30.0, "listen": heard, **options}
    return follow(
        PlainSource(url),
        MEETING,
        channel,
        objects_base="memory://objects",
        broker=kept,
        topic="audio-segments",
        journal_path=journal,
        put=kept.put,
        **options,
    )


def heard(samples: Samples, memory: Memory) -> tuple[Probabilities, Memory]:
    """Tell speech from silence by loudness alone: quicker than the model, and as dependent on every sample.

    It remembers how loud it was, so that a memory that is lost or mixed up shows.
    """
    loudness = np.abs(samples.reshape(-1, FRAME_SAMPLES).astype(np.float32)).mean(axis=1)
    before = np.concatenate((memory.hidden[:1], loudness[:-1]))
    smooth = 0.9 * loudness + 0.1 * before
    hidden = np.full_like(memory.hidden, loudness[-1])
    return np.asarray(smooth / (smooth + 300), dtype=np.float32), replace(memory, hidden=hidden)


@pytest.fixture(scope="module")
def undisturbed(source: Path, cache: Path) -> Kept:
    """Return what a capture gives that nothing goes wrong for."""
    kept = Kept()
    with serve_live(
        source, start_at=START, cache=cache / "media", pace=1e6, segment_s=SEGMENT_S, keep_all=True, started_at_unix=0.0
    ) as origin:
        summary = capture(origin, kept, cache / "undisturbed.db")
    until = START + timedelta(milliseconds=kept.audio()[1])
    assert summary == Summary(len(kept.objects), 0, kept.audio()[1], 0, START, until, ended=True)
    assert len(kept.objects) > 8
    return kept


def test_the_clock_is_tiled_and_its_end_is_announced(undisturbed: Kept) -> None:
    """Every millisecond is accounted for, and the pipeline knows when there is no more to come."""
    assert_tiles(undisturbed)
    assert undisturbed.distinct[-1]["kind"] == "end"
    assert undisturbed.distinct[-2]["cut"] == "end"
    assert undisturbed.audio()[1] == pytest.approx(LENGTH_S * 1000 + 21, abs=25)
    first = undisturbed.distinct[0]
    assert (first["utc_start"], first["utc_source"]) == ("2021-02-24T15:00:00.000Z", "program-date-time")


def test_the_audio_is_the_source(undisturbed: Kept, source: Path) -> None:
    """What is transcribed is what was said, where it was said."""
    truth, rate_hz = soundfile.read(source, dtype="float32")
    _, truth_16 = Resampler.begin(rate_hz).push(truth)
    captured = undisturbed.audio()[0]
    lag = round(1024 / 48_000 * 16_000)  # the encoder's delay
    a, b = captured[lag : lag + 800_000].astype(np.float64), truth_16[:800_000].astype(np.float64)
    assert np.corrcoef(a, b)[0, 1] > 0.98
    assert np.corrcoef(a[1:], b[:-1])[0, 1] < np.corrcoef(a, b)[0, 1] > np.corrcoef(a[:-1], b[1:])[0, 1]


@pytest.mark.parametrize("pace", [8.0, 60.0])
def test_a_live_stream_gives_the_same_bytes_at_any_pace(
    pace: float, serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """Cuts, names and bytes depend on the audio alone, never on load or timing."""
    kept = Kept()
    capture(serve(pace=pace, over=False), kept, tmp_path / "journal.db", pace=pace)
    assert kept.documents == undisturbed.documents
    assert kept.objects == undisturbed.objects


@pytest.mark.parametrize("answer", ["missing", "html", "truncated"])
def test_a_media_segment_that_is_served_late_leaves_no_trace(
    answer: Any, serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """Lists run ahead of caches: what is not there yet is asked for again."""
    kept = Kept()
    faults = Faults(segments={3: SegmentFault(answer, times=2), 7: SegmentFault(answer, times=1)})
    capture(serve(faults=faults), kept, tmp_path / "journal.db")
    assert kept.documents == undisturbed.documents


@pytest.mark.parametrize(("answer", "cause"), [("missing", "media-missing"), ("html", "media-unreadable")])
def test_a_media_segment_that_is_never_served_is_an_exact_gap(
    answer: Any, cause: str, serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """What is missing is said, to the millisecond; what follows stays where it was, to the sample."""
    kept = Kept()
    origin = serve(faults=Faults(segments={5: SegmentFault(answer)}))
    capture(origin, kept, tmp_path / "journal.db")
    assert_tiles(kept)
    ((start_ms, end_ms, found),) = gaps(kept)
    listed = origin.listed()
    assert (start_ms, end_ms, found) == (
        -(-round(listed[5]["start_s"] * 16_000) // 16),
        listed[5]["end_s"] * 1000 // 1,
        cause,
    )
    captured, end = kept.audio()
    whole, whole_end = undisturbed.audio()
    assert end == whole_end
    np.testing.assert_array_equal(captured[: start_ms * 16 - 16], whole[: start_ms * 16 - 16])
    after = end_ms * 16 + 1000  # a decoder that begins anew needs a frame
    np.testing.assert_array_equal(captured[after:], whole[after:])


def test_a_listed_gap_at_the_end_is_announced_before_the_end(serve: Serve, undisturbed: Kept, tmp_path: Path) -> None:
    """Nothing follows that would show how long it is: its listed length counts."""
    kept = Kept()
    last = len(serve().listed()) - 1
    capture(serve(faults=Faults(gaps=frozenset({last}))), kept, tmp_path / "journal.db")
    assert_tiles(kept)
    assert [each["kind"] for each in kept.distinct[-3:]] == ["segment", "gap", "end"]
    assert kept.audio()[1] == pytest.approx(undisturbed.audio()[1], abs=1)


def test_a_discontinuity_with_a_hole_is_placed_by_program_date_time(serve: Serve, tmp_path: Path) -> None:
    """Timestamps begin anew there; only the wall clock tells how long the stream was away."""
    kept = Kept()
    capture(serve(breaks=(Break(at_s=22.0, hole_s=7.3),)), kept, tmp_path / "journal.db")
    assert_tiles(kept)
    ((start_ms, end_ms, cause),) = gaps(kept)
    assert cause == "discontinuity"
    assert start_ms == pytest.approx(22_000, abs=15)
    assert end_ms - start_ms == pytest.approx(7300, abs=15)
    before = [each for each in kept.distinct if each["kind"] == "segment" and each["span"]["end_ms"] <= start_ms]
    after = [each for each in kept.distinct if each["kind"] == "segment" and each["span"]["start_ms"] >= end_ms]
    assert before[-1]["cut"] == "discontinuity"
    assert {each["continuity"] for each in before} == {0}
    assert {each["continuity"] for each in after} == {1}
    expected = START.timestamp() * 1000 + end_ms
    assert datetime.fromisoformat(after[0]["utc_start"]).timestamp() * 1000 == pytest.approx(expected, abs=2)


def test_a_discontinuity_without_a_hole_is_placed_right_behind(serve: Serve, tmp_path: Path) -> None:
    """An encoder that was restarted loses nothing that anyone could show."""
    kept = Kept()
    capture(serve(breaks=(Break(at_s=22.0),)), kept, tmp_path / "journal.db")
    assert_tiles(kept)
    assert gaps(kept) == []
    assert {each.get("continuity") for each in kept.distinct} == {0, 1, None}


def test_an_outage_of_the_playlist_is_waited_out(serve: Serve, undisturbed: Kept, tmp_path: Path) -> None:
    """Capture never stops because an origin is in trouble."""
    kept = Kept()
    faults = Faults(outages=(Outage(at_s=12.0, length_s=10.0), Outage(at_s=30, length_s=4, status=410)))
    capture(serve(over=False, faults=faults), kept, tmp_path / "journal.db")
    assert kept.documents == undisturbed.documents


def test_what_left_the_window_before_capture_came_back_is_a_gap(
    serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """A capture that was down for long must not pretend that nothing happened."""
    kept, now = Kept(), [0.0]
    origin = serve(pace=1.0, keep_all=False, window_s=24.0, now=lambda: now[0], started_at_unix=0.0)
    stop = threading.Event()
    capture(origin, kept, tmp_path / "journal.db", stop=stop, progress=lambda audio_ms: stop.set())
    now[0] = 40.0
    stop.clear()

    def goes_on(audio_ms: int) -> None:
        now[0] = 62.0

    capture(origin, kept, tmp_path / "journal.db", stop=stop, progress=goes_on)
    assert_tiles(kept)
    ((_, end_ms, cause),) = gaps(kept)
    assert cause == "fell-behind"
    captured, end = kept.audio()
    whole, whole_end = undisturbed.audio()
    assert abs(end - whole_end) <= 1  # what follows begins between two samples, and takes the nearest one
    assert shift(whole[end_ms * 16 :], captured[end_ms * 16 :]) == 0


def test_a_capture_that_is_stopped_goes_on_where_it_stopped(serve: Serve, undisturbed: Kept, tmp_path: Path) -> None:
    """Stopping is no end: the stream goes on, and so does the next capture."""
    kept = Kept()
    origin = serve()
    for _ in range(40):
        stop = threading.Event()
        capture(origin, kept, tmp_path / "journal.db", stop=stop, progress=lambda audio_ms, stop=stop: stop.set())
        if kept.distinct and kept.distinct[-1]["kind"] == "end":
            break
    else:
        capture(origin, kept, tmp_path / "journal.db")
    assert list(dict.fromkeys(kept.documents)) == undisturbed.documents
    kept.audio()


def test_a_capture_that_crashes_at_any_call_announces_the_same(serve: Serve, undisturbed: Kept, tmp_path: Path) -> None:
    """Put, publish, listen, ask the clock: wherever the process dies, nothing is lost, and nothing changes."""
    origin = serve()
    calls = 2 * len(undisturbed.documents) + 2 * len(undisturbed.objects)
    points = range(1, calls + 1, 2)
    kept = Kept()
    for number, point in enumerate(points):
        kept.calls, kept.crash_at = 0, 1 + point % 5
        listened = [0]

        def listen(
            samples: Samples, memory: Memory, listened: list[int] = listened, n: int = number
        ) -> tuple[Probabilities, Memory]:
            listened[0] += 1
            if listened[0] > 7 + n % 11:
                raise Crash
            return heard(samples, memory)

        try:
            capture(origin, kept, tmp_path / "journal.db", listen=listen)
            break
        except Crash:
            continue
    kept.crash_at = None
    capture(origin, kept, tmp_path / "journal.db")
    assert number > 20
    assert list(dict.fromkeys(kept.documents)) == undisturbed.documents
    assert {uri: set(data) for uri, data in kept.objects.items()} == {
        uri: set(data) for uri, data in undisturbed.objects.items()
    }


def test_a_broker_that_is_away_does_not_keep_capture_from_the_stream(
    serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """The stream does not wait; announcements do."""
    kept = Kept(down=3)
    capture(serve(), kept, tmp_path / "journal.db")
    assert kept.documents == undisturbed.documents


def test_announcements_that_could_not_be_sent_stay_in_the_journal(
    serve: Serve, undisturbed: Kept, tmp_path: Path
) -> None:
    """Ending without having told anyone would lose the meeting."""
    kept = Kept(down=10_000)
    with pytest.raises(BrokerUnavailable):
        capture(serve(), kept, tmp_path / "journal.db", patience_s=1.0)
    kept.down = 0
    capture(serve(), kept, tmp_path / "journal.db")
    assert kept.documents == undisturbed.documents


def test_after_the_end_there_is_nothing_more_to_announce(serve: Serve, undisturbed: Kept, tmp_path: Path) -> None:
    """A supervisor may start a capture once more."""
    kept = Kept()
    origin = serve()
    first = capture(origin, kept, tmp_path / "journal.db")
    again = capture(origin, kept, tmp_path / "journal.db")
    assert first == again
    assert kept.documents == undisturbed.documents


def test_a_later_channel_keeps_to_the_clock_of_the_first(serve: Serve, tmp_path: Path) -> None:
    """The floor and its interpretations are compared by time: all channels of a meeting have one clock."""
    zero = shared_zero(tmp_path / "zero")
    floor, english = Kept(), Kept()
    capture(serve(), floor, tmp_path / "floor.db", agree_on_zero=zero)
    now = [30.0]
    origin = serve(pace=1.0, language="en", name="English", now=lambda: now[0])

    def goes_on(audio_ms: int) -> None:
        now[0] = 62.0

    capture(origin, english, tmp_path / "en.db", "en", agree_on_zero=zero, start="newest", progress=goes_on)
    assert_tiles(english)
    ((start_ms, end_ms, cause),) = gaps(english)
    assert (start_ms, cause) == (0, "fell-behind")
    # The second one is placed by its program date-time, which has whole milliseconds.
    assert abs(shift(floor.audio()[0][end_ms * 16 :], english.audio()[0][end_ms * 16 :])) <= 16


def test_a_channel_that_is_not_offered_is_refused_by_name(serve: Serve, tmp_path: Path) -> None:
    """The wrong language would be transcribed without anyone noticing."""
    master = "#EXTM3U\n" + "".join(
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="{name}",LANGUAGE="{tag}",URI="{tag}.m3u8"\n'
        for name, tag in (("Français", "fr"), ("Español", "es"))
    )
    from floorlog.adapters.hls import Master, choose, parse

    parsed = parse("http://origin/master.m3u8", master + '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv.m3u8\n')
    assert isinstance(parsed, Master)
    with pytest.raises(InvalidPlaylist, match="Français"):
        choose(parsed, "floor", None)
    assert choose(parsed, "fr", "fr") == "http://origin/fr.m3u8"


def test_an_origin_that_is_not_there_is_waited_for_and_then_named(tmp_path: Path) -> None:
    """A wrong address must not look like a quiet meeting."""
    with pytest.raises(OriginUnavailable, match="ConnectError"):
        capture("http://127.0.0.1:9/live.m3u8", Kept(), tmp_path / "journal.db", patience_s=0.2)


def test_a_journal_serves_one_capture_only(serve: Serve, tmp_path: Path) -> None:
    """Two channels in one journal would tear both clocks."""
    capture(serve(), Kept(), tmp_path / "journal.db")
    with pytest.raises(InvalidSetting):
        capture(serve(), Kept(), tmp_path / "journal.db", "en")


def test_a_file_is_read_like_a_stream_and_goes_on_after_a_stop(source: Path, tmp_path: Path) -> None:
    """Recordings run through the same cuts; a crash in the middle of an archive costs nothing."""

    def read(
        kept: Kept, journal: Path, stop: threading.Event | None = None, progress: Any = lambda ms: None
    ) -> Summary:
        return read_file(
            source,
            MEETING,
            "floor",
            objects_base="memory://objects",
            broker=kept,
            topic="audio-segments-replay",
            journal_path=journal,
            put=kept.put,
            listen=heard,
            stop=stop,
            progress=progress,
        )

    whole, pieces = Kept(), Kept()
    summary = read(whole, tmp_path / "whole.db")
    for _ in range(4):
        stop = threading.Event()
        read(pieces, tmp_path / "pieces.db", stop, lambda audio_ms, stop=stop: stop.set())
    assert read(pieces, tmp_path / "pieces.db") == summary
    assert list(dict.fromkeys(pieces.documents)) == whole.documents
    assert_tiles(whole)
    assert whole.audio()[1] == LENGTH_S * 1000
    assert whole.distinct[0]["utc_source"] == "given"


def test_a_second_capture_of_a_channel_waits_for_the_first(tmp_path: Path) -> None:
    """A supervisor that was killed and started again has two of them for a moment; one journal takes one writer."""
    settings = Settings.load({"data_dir": tmp_path}, environ={})
    (tmp_path / "meeting.wav").write_bytes(b"")
    folder = tmp_path / "capture" / "rehearsal"
    folder.mkdir(parents=True)
    stop = threading.Event()
    found: list[dict[str, Summary]] = []
    second = threading.Thread(
        target=lambda: found.append(run(settings, MEETING, str(tmp_path / "meeting.wav"), ["floor"], stop=stop))
    )
    with FileLock(folder / "floor.lock"):
        second.start()
        second.join(timeout=2.0)
        assert second.is_alive()
        stop.set()
        second.join(timeout=30.0)
    assert found == [{"floor": Summary(0, 0, 0)}]
    assert not (folder / "floor.db").exists()
