"""Capture as a process of its own: killed without warning, or asked to stop, it goes on as if nothing had happened."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import floorlog
from floorlog.adapters import media as media_files
from floorlog.adapters.broker import open_broker
from workers.origin import serve_live
from workers.origin_media import prepare
from workers.origin_playlist import LivePlaylist
from workers.origin_script import MediaSegment
from workers.origin_segments import Rendition
from workers.origin_server import Origin

SAMPLE = Path(floorlog.__file__).parent / "data" / "sample" / "meeting.opus"
LENGTH_S = 90
TOPIC = "audio-segments"

PROGRAM = """
import signal, sys, threading
from pathlib import Path
from floorlog.adapters.broker import open_broker
from workers.capture import follow_all
from workers.sources import PlainSource
folder, url = Path(sys.argv[1]), sys.argv[2]
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
meeting = {
    "id": "rehearsal",
    "channels": [{"name": name, "language": None if name == "floor" else name} for name in sys.argv[4:]],
    "cutting": {"min_ms": 2000, "aim_ms": 4000, "max_ms": 12000},
}
broker = open_broker(f"sqlite:///{folder}/broker.db")
journals = {name: folder / f"{name}.db" for name in sys.argv[4:]}
follow_all(
    PlainSource(url), meeting, journals, objects_base=f"file://{folder}/objects", broker=broker,
    topic="audio-segments", stop=stop, pace=float(sys.argv[3]),
)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts: list[media_files.Native] = []
    for run in media_files.read(SAMPLE, tolerance_s=Fraction(1, 100)):
        parts.append(run.samples)
        if sum(map(len, parts)) >= LENGTH_S * run.rate_hz:
            break
    path = tmp_path_factory.mktemp("killed") / "source.wav"
    soundfile.write(path, np.concatenate(parts)[: LENGTH_S * run.rate_hz], run.rate_hz)
    return path


@pytest.fixture
def playing(source: Path) -> Iterator[Callable[[float], str]]:
    """Return how to start an origin that keeps everything, at a pace; and stop it."""
    running: list[Any] = []

    def start(pace: float) -> str:
        origin = serve_live(
            source,
            start_at=datetime(2021, 2, 24, 15, tzinfo=UTC),
            cache=source.parent / "media",
            pace=pace,
            segment_s=2.0,
            keep_all=True,
        )
        running.append(origin)
        return origin.url

    yield start
    for origin in running:
        origin.stop()


class Place:
    """A folder with a broker, objects and a journal, and a process that captures into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        broker = open_broker(f"sqlite:///{folder}/broker.db")
        broker.create_topic(TOPIC)
        broker.create_subscription("all", TOPIC, 600)
        broker.close()

    def start(self, url: str, pace: float, *channels: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.folder), url, str(pace), *(channels or ("floor",))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(floorlog.__file__).parent.parent,
        )

    def objects(self) -> dict[str, bytes]:
        """Return every object by name; what was left half written by a kill has another suffix."""
        folder = self.folder / "objects" / "rehearsal"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.flac") if path.is_file()}

    def grows_to(self, count: int, process: subprocess.Popen[bytes]) -> bool:
        """Wait until there are so many objects, or the process has ended."""
        return until(lambda: len(self.objects()) >= count or process.poll() is not None)

    def announced(self, channel: str = "floor") -> list[bytes]:
        """Return what was announced of a channel, in order; all others are gone then."""
        return self.all_announced()[channel]

    def all_announced(self) -> dict[str, list[bytes]]:
        """Return what was announced of each channel, in order, with nothing said about where it lies."""
        found: dict[str, list[bytes]] = defaultdict(list)
        for data in self._pulled():
            found[json.loads(data)["channel"]].append(data.replace(bytes(self.folder), b""))
        return found

    def _pulled(self) -> list[bytes]:
        broker = open_broker(f"sqlite:///{self.folder}/broker.db")
        try:
            found: list[bytes] = []
            while messages := broker.pull("all", 1000, 0.1):
                broker.acknowledge("all", [message.lease_id for message in messages])
                found += [message.data for message in messages]
            return found
        finally:
            broker.close()


def until(holds: Callable[[], bool], within_s: float = 60.0) -> bool:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.003)
    return True


CHANNELS = {"floor": ("ia", "s100"), "en": ("en", "s101"), "fr": ("fr", "s102")}

KILLS = int(os.environ.get("FLOORLOG_TEST_KILLS", "6"))
"""Random moments at which a capture of three channels is killed; 50 were tried, see docs/measurements.md."""


def _segment(folder: Path, segments: Sequence[MediaSegment], index: int) -> bytes:
    return (folder / segments[index].name).read_bytes()


@pytest.fixture
def three(source: Path) -> Iterator[str]:
    """Return the address of an origin with three channels that has published everything."""
    folder, segments = prepare(source, source.parent / "media", segment_s=2.0)
    renditions = [
        Rendition(
            name,
            language,
            LivePlaylist(segments[2 * number :], datetime(2021, 2, 24, 15, tzinfo=UTC), keep_all=True, key=key),
            partial(_segment, folder, segments[2 * number :]),
        )
        for number, (name, (language, key)) in enumerate(CHANNELS.items())
    ]
    with Origin(renditions, pace=1e6, started_at_unix=0.0) as origin:
        yield origin.url


def test_three_channels_that_are_killed_at_any_moment_give_the_same_bytes(three: str, tmp_path: Path) -> None:
    """Power fails without asking: no sample may be lost or come twice, and no announced byte may change."""
    quiet, killed = Place(tmp_path / "quiet"), Place(tmp_path / "killed")
    assert quiet.start(three, 40.0, *CHANNELS).wait(120) == 0
    documents, objects = quiet.all_announced(), quiet.objects()
    assert set(documents) == set(CHANNELS)
    assert len(objects) > 36
    moments = random.Random(20210224)
    for _ in range(KILLS):
        had = len(killed.objects())
        process = killed.start(three, 40.0, *CHANNELS)
        assert killed.grows_to(had + 1, process)
        threading.Event().wait(moments.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert killed.start(three, 40.0, *CHANNELS).wait(120) == 0
    for channel, repeated in killed.all_announced().items():
        assert list(dict.fromkeys(repeated)) == documents[channel]
    assert killed.objects() == objects
    for document in (json.loads(data) for each in documents.values() for data in each):
        if document["kind"] == "segment":
            data = objects[document["audio"]["uri"].partition("/rehearsal/")[2]]
            assert hashlib.sha256(data).hexdigest() == document["audio"]["sha256"]


def test_a_capture_that_is_asked_to_stop_ends_cleanly_without_announcing_an_end(
    playing: Callable[[float], str], tmp_path: Path
) -> None:
    """A deployment in the middle of a meeting is no end of the meeting."""
    url = playing(12.0)
    place = Place(tmp_path / "stopped")
    process = place.start(url, 12.0)
    assert until(lambda: len(place.objects()) >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    before = [json.loads(data) for data in place.announced()]
    assert "end" not in {each["kind"] for each in before}
    assert place.start(url, 12.0).wait(60) == 0
    after = [json.loads(data) for data in place.announced()]
    assert after[-1]["kind"] == "end"
    spans = [each["span"] for each in (*before, *after) if each["kind"] == "segment"]
    assert spans[0]["start_ms"] == 0
    assert all(one["end_ms"] == other["start_ms"] for one, other in pairwise(spans))
    assert spans[-1]["end_ms"] == after[-1]["at_ms"]
