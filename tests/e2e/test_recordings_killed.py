"""`ingest` and `backfill` are killed at random moments and started again: the log is that of a calm run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import soundfile

from floorlog.adapters.broker import open_broker
from floorlog.adapters.store import open_store
from floorlog.cli.bench.align import CODINGS, encoded
from floorlog.config import Settings
from floorlog.services import intake
from tests.e2e.running import environment
from tests.e2e.test_backfill import LENGTH_MS, a_meeting, follow, register
from tests.sample_audio import sample_audio

KILLS = 4
LONGEST_S = 900.0


def command(env: dict[str, str], *words: str, limit_s: float | None = None) -> str | None:
    """Run a command to its end and return what it printed; None where it was killed after `limit_s`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "floorlog", *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        out, talk = process.communicate(timeout=limit_s or LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        assert limit_s is not None, "it never ends"
        return None
    assert process.returncode == 0, talk[-3000:]
    return out


def kill_and_finish(env: dict[str, str], *words: str, calm_s: float, seed: int) -> int:
    """Kill a command at random moments of a calm run's time, then let it end; return how often it was."""
    chance, killed = random.Random(seed), 0
    for _ in range(KILLS):
        killed += command(env, *words, limit_s=chance.uniform(0.1, 0.9) * calm_s) is None
    command(env, *words)
    return killed


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.flac"))}


@pytest.mark.model
def test_an_ingest_that_is_killed_again_and_again_gives_the_same_log(tmp_path: Path) -> None:
    """An archive of years is logged in the background, on machines that are restarted."""
    spoken = tmp_path / "Killed 2021-02-24.flac"
    soundfile.write(spoken, sample_audio(20_000), 16_000)
    described = tmp_path / "killed.toml"  # it says when the meeting was; else each run would have its own wall clock
    described.write_text(
        'id = "killed"\ntitle = "Killed"\nbody = "None"\ndate = "2021-02-24"\nactual_start = "2021-02-24T15:00:00Z"\n'
    )
    words = ("ingest", str(spoken), "--meeting", str(described), "--json")
    calm = environment(tmp_path / "calm", FLOORLOG_BEAM_SIZE="1", LOG_LEVEL="error")
    killed = environment(tmp_path / "killed", FLOORLOG_BEAM_SIZE="1", LOG_LEVEL="error")
    began_s = time.monotonic()
    command(calm, *words)
    assert kill_and_finish(killed, *words, calm_s=time.monotonic() - began_s, seed=20) >= 1
    logs = [command(env, "export", "--canonical", "killed") for env in (calm, killed)]
    assert logs[0]
    assert logs[0] == logs[1]
    assert files(tmp_path / "calm/objects") == files(tmp_path / "killed/objects")


def prepared(folder: Path, media: Path) -> tuple[dict[str, str], Settings]:
    """Return the environment of a data folder with a meeting that was captured with a hole."""
    env = environment(folder, LOG_LEVEL="error")
    settings = Settings.load(environ=env)
    folder.mkdir()
    with closing(open_store(settings.database_url)) as store, closing(open_broker(settings.broker_url)) as broker:
        store.migrate()
        store.add_meeting(a_meeting("missed"))
        register(store, follow(media, folder, a_meeting("missed")))
        intake.prepare(broker, settings)
    return env, settings


def announced(settings: Settings) -> list[dict[str, Any]]:
    """Return what was sent to the topic of recordings, each once, with places relative to the data folder."""
    with closing(open_broker(settings.broker_url)) as broker:
        sent = [message.data for message in broker.pull(settings.replay_subscription, 1000, 1.0)]
    return [json.loads(data.replace(str(settings.data_dir).encode(), b"")) for data in dict.fromkeys(sent)]


def test_a_backfill_that_is_killed_again_and_again_sends_the_same_bytes(tmp_path: Path) -> None:
    """A hole is filled once, whatever happened on the way."""
    media, recording = tmp_path / "meeting.wav", tmp_path / "recording.ogg"
    soundfile.write(media, sample_audio(LENGTH_MS), 16_000)
    recording.write_bytes(encoded(sample_audio(LENGTH_MS), CODINGS[0]))
    (calm, calm_settings), (killed, killed_settings) = (prepared(tmp_path / name, media) for name in ("calm", "killed"))
    words = ("backfill", "missed", str(recording))
    began_s = time.monotonic()
    command(calm, *words)
    assert kill_and_finish(killed, *words, calm_s=time.monotonic() - began_s, seed=21) >= 1
    sent = announced(calm_settings)
    assert sum(each["kind"] == "segment" for each in sent) > 1
    assert announced(killed_settings) == sent
    assert files(tmp_path / "killed/objects") == files(tmp_path / "calm/objects")
    assert list((tmp_path / "killed").rglob("*.raw")) == []
