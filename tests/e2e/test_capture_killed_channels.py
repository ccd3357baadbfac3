"""Three channels in one process that is killed at random moments: not a byte is other than in a calm run.

FLOORLOG_TEST_KILLS says how often.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import threading
import time
from pathlib import Path

import pytest

from floorlog.adapters.broker import open_broker
from tests.faults.stage import LANGUAGES, MEETING, heard, stream
from workers import capture
from workers.origin_script import Faults, SegmentFault, Take
from workers.origin_segments import Rendition
from workers.origin_server import Origin
from workers.origin_tracks import Form
from workers.sources import PlainSource

TOPIC = "audio-segments"
KILLS = int(os.environ.get("FLOORLOG_TEST_KILLS", "10"))
LENGTH_S = 900.0
PACE = 36.0 if KILLS > 20 else 75.0  # so that each life lasts for half a second at least


def renditions() -> list[Rendition]:
    """Return three channels with breaks, holes and segments that are never to be had, each at its own places."""
    made = []
    for number, channel in enumerate(LANGUAGES):
        takes = (
            Take(300.0 + 7 * number, first_pts_s=1000.0 * number, segment_s=4.0 + number),
            Take(300.0, hole_s=7.3, first_pts_s=2**33 / 90_000 - 100.0, segment_s=4.0),
            Take(LENGTH_S - 600.0, hole_s=2.5, declared=False, segment_s=5.0),
        )
        faults = Faults(
            segments={
                20 + number: SegmentFault("missing"),
                90: SegmentFault("html"),
                33: SegmentFault("broken-off", 1),
            },
            gaps=frozenset((50, 51 + number)),
        )
        form: Form = "fmp4" if channel == "fr" else "ts"
        key_every = 7 if channel == "en" else 0
        made.append(stream(channel, takes, faults, form=form, keep_all=True, key_every=key_every))
    return made


def record(url: str, folder: Path, pace: float) -> None:
    """Capture all channels into a folder: what the killed process does."""
    broker = open_broker(f"sqlite:///{folder}/broker.db")
    capture.follow_all(
        PlainSource(url),
        MEETING,
        {channel: folder / f"{channel}.db" for channel in LANGUAGES},
        objects_base=f"file://{folder}/objects",
        broker=broker,
        topic=TOPIC,
        listen=heard,
        pace=pace,
        patience_s=30.0,
    )


def prepared(folder: Path) -> Path:
    """Make a folder with a broker."""
    folder.mkdir()
    broker = open_broker(f"sqlite:///{folder}/broker.db")
    broker.create_topic(TOPIC)
    broker.create_subscription("all", TOPIC, 600)
    broker.close()
    return folder


def announced(folder: Path) -> dict[str, list[str]]:
    """Return each channel's announcements, each once, in order, wherever the folder lies."""
    broker = open_broker(f"sqlite:///{folder}/broker.db")
    found: dict[str, dict[str, None]] = {channel: {} for channel in LANGUAGES}
    while messages := broker.pull("all", 1000, 0.1):
        broker.acknowledge("all", [message.lease_id for message in messages])
        for message in messages:
            text = message.data.decode().replace(str(folder), "")
            found[json.loads(text)["channel"]][text] = None
    broker.close()
    return {channel: list(texts) for channel, texts in found.items()}


def stored(folder: Path) -> dict[str, bytes]:
    """Return every object; what was left half written by a kill has another suffix."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.flac"))}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Capture the same stream undisturbed."""
    folder = prepared(tmp_path_factory.mktemp("calm") / "calm")
    with Origin(renditions(), pace=1e6, started_at_unix=time.time() - 1.0) as origin:
        record(origin.url, folder, PACE)
    return folder


@pytest.fixture
def processes() -> multiprocessing.context.ForkServerContext:
    """Return how to start processes that have imported everything already: most of a short life would be that."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "workers.capture", "floorlog.adapters.broker", "tests.faults.stage"])
    return context


def test_kills_change_no_byte_of_three_channels(
    calm: Path, processes: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    """Power fails in the middle of anything: nothing may be lost, come twice, or lie elsewhere on the clock."""
    folder, chance, pause = prepared(tmp_path / "killed"), random.Random(20210224), threading.Event()
    killed = 0
    with Origin(renditions(), pace=PACE, started_at_unix=time.time()) as origin:
        began_s = time.monotonic()
        over_s = origin.playlist.listed_at_s(len(origin.playlist.segments) - 1) / PACE
        while killed < KILLS:
            process = processes.Process(target=record, args=(origin.url, folder, PACE))
            process.start()
            left_s = max(0.5, over_s - (time.monotonic() - began_s))
            pause.wait(chance.uniform(0.05, 2 * left_s / (KILLS - killed)))
            assert process.is_alive(), f"it has ended before kill {killed + 1}: {process.exitcode}"
            process.kill()
            process.join()
            killed += 1
        process = processes.Process(target=record, args=(origin.url, folder, PACE))
        process.start()
        process.join(120)
        assert process.exitcode == 0
    expected = announced(calm)
    assert announced(folder) == expected
    assert stored(folder) == stored(calm)
    for channel, texts in expected.items():
        kinds = [json.loads(text)["kind"] for text in texts]
        assert kinds.count("gap") >= 5, channel
        assert kinds[-1] == "end"
