"""A meeting from the schedule to its last announcement: found, added, awaited, captured, ended; without recognition."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

import floorlog
from floorlog.adapters import media as media_files
from floorlog.adapters.broker import open_broker
from floorlog.config import Settings
from floorlog.services import intake
from tests.e2e.running import environment
from workers.fake_webtv import FakeWebTv
from workers.fake_webtv_meeting import FakeMeeting
from workers.origin import serve_live
from workers.origin_server import Origin

SAMPLE = Path(floorlog.__file__).parent / "data" / "sample" / "meeting.opus"
LENGTH_S, PACE = 48, 8.0
LIMIT_S = 240.0
"""Seconds after which a step is given up: many times what it takes on a slow machine."""

MEETING = "webtv-k1rehearse"


class Stage:
    """A meeting that is to be streamed, and an operator's commands."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.fake = FakeWebTv([self._meeting()], lambda: datetime.now(UTC))
        self.env = environment(data, FLOORLOG_WEBTV_URL=self.fake.address, FLOORLOG_KALTURA_URL=self.fake.address)
        self.log = data / "watch.log"
        self.watches: list[subprocess.Popen[bytes]] = []
        self.settings = Settings.load(environ=self.env)
        with closing(open_broker(self.settings.broker_url)) as broker:
            intake.prepare(broker, self.settings)

    @staticmethod
    def _meeting() -> FakeMeeting:
        start = datetime.now(UTC).replace(microsecond=0)
        return FakeMeeting("k1rehearse", "Rehearsal", start, (), "General Assembly", flips_after_s=3600)

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "floorlog", *words], env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def discover(self) -> list[dict[str, Any]]:
        day = self.fake.meetings[0].start.date().isoformat()
        found: list[dict[str, Any]] = json.loads(self.command("discover", day, "--add", "--json"))
        return found

    def watch(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "floorlog", "watch", "--every=0.5", *options]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        self.watches.append(process)
        return process

    def go_live(self, origin: Origin) -> None:
        now = datetime.now(UTC)
        on_air = ((now, now + timedelta(days=1)),)
        self.fake.meetings[0] = replace(self.fake.meetings[0], origin=origin.url, on_air=on_air)

    def go_off(self) -> None:
        ((began, _),) = self.fake.meetings[0].on_air
        self.fake.meetings[0] = replace(self.fake.meetings[0], on_air=((began, datetime.now(UTC)),))

    def await_(self, what: Callable[[], bool]) -> None:
        pause, deadline = threading.Event(), time.monotonic() + LIMIT_S
        while not what():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            pause.wait(0.1)

    def says(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.log.read_text().splitlines())

    def objects(self) -> int:
        return sum(1 for path in (self.data / "objects").rglob("*.flac"))

    def announced(self) -> list[dict[str, Any]]:
        """Return each announcement once, in order."""
        with closing(open_broker(self.settings.broker_url)) as broker:
            data: list[bytes] = []
            while messages := broker.pull(self.settings.subscription, 100, 0.0):
                data += [each.data for each in messages]
                broker.acknowledge(self.settings.subscription, [each.lease_id for each in messages])
        return [json.loads(each) for each in dict.fromkeys(data)]

    def close(self) -> None:
        for process in self.watches:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        self.fake.stop()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with closing(Stage(tmp_path)) as stage:
        yield stage


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origin")
    parts: list[media_files.Native] = []
    for run in media_files.read(SAMPLE, tolerance_s=Fraction(1, 100)):
        parts.append(run.samples)
        if sum(map(len, parts)) >= LENGTH_S * run.rate_hz:
            break
    path = folder / "start.wav"
    soundfile.write(path, np.concatenate(parts)[: LENGTH_S * run.rate_hz], run.rate_hz)
    return path


def serve(media: Path) -> Origin:
    return serve_live(media, start_at=datetime.now(UTC), cache=media.parent, pace=PACE, segment_s=4, keep_all=True)


def check(announced: list[dict[str, Any]]) -> None:
    """Check that segments and gaps tile the clock, that nothing is missing, and that the end was announced once."""
    at_ms = 0
    for each in announced[:-1]:
        assert each["kind"] == "segment", each
        assert each["span"]["start_ms"] == at_ms
        at_ms = each["span"]["end_ms"]
    assert (announced[-1]["kind"], announced[-1]["at_ms"]) == ("end", at_ms)
    assert abs(at_ms - LENGTH_S * 1000) <= 100


def test_a_meeting_is_found_added_awaited_captured_and_ended(stage: Stage, media: Path) -> None:
    """It is all that an operator does for a meeting: one command in the morning, and one that runs all day."""
    assert [(each["meeting_id"], each["state"]) for each in stage.discover()] == [(MEETING, "scheduled")]
    watch = stage.watch()
    stage.await_(lambda: stage.says("watch.state", "scheduled"))
    assert not stage.says("part-started")
    with serve(media) as origin:
        stage.go_live(origin)
        stage.await_(lambda: stage.says("watch.state", "live") and stage.objects() > 1)
        stage.await_(lambda: origin.ended)
        assert not stage.says("watch.captured")  # the playlist says that it has ended, the service does not
        stage.go_off()
        stage.await_(lambda: stage.says("watch.captured"))
    assert watch.poll() is None  # it waits for the next meeting
    check(stage.announced())


def test_a_watch_that_was_killed_takes_up_what_it_captured(stage: Stage, media: Path) -> None:
    """The meeting goes on, and ends, while nobody watches; its log must be whole and have an end all the same."""
    stage.discover()
    watch = stage.watch()
    with serve(media) as origin:
        stage.go_live(origin)
        stage.await_(lambda: stage.objects() > 1)
        children = psutil.Process(watch.pid).children()
        os.kill(watch.pid, signal.SIGKILL)
        watch.wait()
        psutil.wait_procs(children, timeout=60)
        stage.await_(lambda: origin.ended)
        again = stage.watch()
        stage.await_(lambda: len(psutil.Process(again.pid).children()) == 1)
        stage.await_(lambda: stage.objects() >= 5)
        stage.go_off()
        stage.await_(lambda: stage.says("watch.captured"))
    check(stage.announced())
