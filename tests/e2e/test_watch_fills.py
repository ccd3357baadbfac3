"""A meeting of which capture missed some is filled when its recording appears, while nobody is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from floorlog.adapters.store import Store, open_store
from floorlog.cli.bench.align import CODINGS, encoded
from floorlog.clock import Span, parse_rfc3339
from floorlog.services import ledger
from tests.e2e.test_watch import LIMIT_S, MEETING, Stage
from tests.sample_audio import sample_audio
from workers.origin import serve_live
from workers.origin_playlist import Faults

LENGTH_MS, SHIFT_MS, PACE = 96_000, 21_300, 8.0
LOST = frozenset(range(9, 13))
INSIDE = (37_000, 51_000)
"""Well within the four media segments that are announced as gaps, on the meeting clock, in ms."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with closing(Stage(tmp_path)) as stage:
        yield stage


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("origin") / "meeting.wav"
    soundfile.write(path, sample_audio(LENGTH_MS), 16_000)
    return path


@pytest.fixture(scope="module")
def recording(media: Path) -> Path:
    """The same as a file that starts earlier."""
    lead = (np.random.default_rng(3).normal(size=SHIFT_MS * 16) * 200).astype(np.int16)
    path = media.parent / "recording.mp4"
    path.write_bytes(encoded(np.concatenate((lead, sample_audio(LENGTH_MS))), CODINGS[1]))
    return path


@contextmanager
def pipeline(stage: Stage) -> Iterator[None]:
    """Run the pipeline beside the watch, as an operator does."""
    with (stage.data / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "floorlog", "run"],
            env={**stage.env, "FLOORLOG_BEAM_SIZE": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def words_in(store: Store, stretch: tuple[int, int]) -> int:
    return sum(
        stretch[0] <= word["span"]["start_ms"] < stretch[1]
        for document in store.transcript_documents(MEETING, "floor")
        for piece in document["pieces"]
        for word in piece["words"]
    )


@pytest.mark.model
def test_what_capture_missed_is_filled_when_the_recording_appears(stage: Stage, media: Path, recording: Path) -> None:
    """The recording comes an hour after everybody has left, has no languages at first, and the watch may be killed."""
    stage.fake.meetings[0] = replace(
        stage.fake.meetings[0], flips_after_s=0.5, languages_after_s=1e9, recordings={"Interlingua": recording}
    )
    stage.discover()
    options = ("--recording-every=1",)
    watch = stage.watch(*options)
    origin = serve_live(
        media,
        start_at=datetime.now(UTC),
        cache=media.parent,
        pace=PACE,
        segment_s=4,
        keep_all=True,
        faults=Faults(gaps=LOST),
    )
    with origin, pipeline(stage), closing(open_store(stage.settings.database_url)) as store:
        stage.go_live(origin)
        stage.await_(lambda: origin.ended and stage.objects() > 1)
        stage.go_off()
        stage.await_(lambda: stage.says("watch.backfill"))
        stage.await_(lambda: stage.says("backfill.waits", "recording is not ready"))
        stage.await_(lambda: len(store.gaps(MEETING, "floor")) == 1)
        (gap,) = store.gaps(MEETING, "floor")
        assert gap.span.overlap_ms(Span(*INSIDE)) == INSIDE[1] - INSIDE[0]
        document = store.meeting(MEETING).document
        lasted = parse_rfc3339(document["actual_end"]) - parse_rfc3339(document["actual_start"])
        assert abs(lasted.total_seconds() - LENGTH_MS / 1000) < 0.2
        children = psutil.Process(watch.pid).children()
        os.kill(watch.pid, signal.SIGKILL)
        watch.wait()
        psutil.wait_procs(children, timeout=60)
        stage.log.write_text("")
        stage.watch(*options)
        stage.await_(lambda: stage.says("backfill.waits", "recording is not ready"))
        stage.fake.meetings[0] = replace(stage.fake.meetings[0], languages_after_s=0.0)
        stage.await_(lambda: stage.says("watch.filled"))
        settle(store)
        assert store.gaps(MEETING, "floor") == []
        assert words_in(store, INSIDE) > 10
        (item,) = [item for item in ledger.items(store, MEETING) if item.reason == "gap"]
        assert (item.state, item.closed_by, item.closed_reason) == ("closed", "machine", "filled")
        assert store.summary(MEETING).meeting.state == "ended"


def settle(store: Store) -> None:
    """Wait until the pipeline has heard all that was found."""
    pause, deadline = threading.Event(), time.monotonic() + LIMIT_S
    while store.gaps(MEETING, "floor") or store.backlog().untranscribed or store.backlog().unheard:
        assert time.monotonic() < deadline
        pause.wait(0.2)
