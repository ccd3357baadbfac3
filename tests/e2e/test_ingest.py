"""A past meeting is logged from its recording alone, as an operator does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import av
import pytest
import soundfile

from floorlog.adapters import tracks
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, UnreadableAudio
from floorlog.services import engines, meetings
from tests.sample_audio import sample_audio
from workers.backfill import Recorded, obtaining, whole

LENGTH_MS = 24_000


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    found = Settings.load({"data_dir": tmp_path / "data", "beam_size": 1}, environ={})
    for name, value in found.environment().items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """The beginning of the sample as a file."""
    path = tmp_path / "Informal meeting 2021-02-24.flac"
    soundfile.write(path, sample_audio(LENGTH_MS), 16_000)
    return path


def several(path: Path, *languages: str) -> Path:
    """A recording with one track for each language."""
    samples = sample_audio(3000)
    with av.open(str(path), "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in languages]
        for stream, language in zip(streams, languages, strict=True):
            stream.metadata["language"] = language  # before anything is written
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
            frame.sample_rate = 16_000
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def floorlog(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator would."""
    environment = {**os.environ, **settings.environment(), "LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "floorlog", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.model
def test_a_file_alone_makes_a_meeting_that_is_logged(settings: Settings, spoken: Path) -> None:
    """An archive has recordings and little else; doing it again changes nothing."""
    done = floorlog(settings, "ingest", str(spoken), "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["meeting"] == "informal-meeting-2021-02-24"
    assert summary["audio_s"] == LENGTH_MS / 1000
    assert summary["coverage"]["words_s"] > 0.5 * summary["audio_s"]
    meeting = engines.store().meeting("informal-meeting-2021-02-24").document
    assert (meeting["date"], meeting["title"]) == ("2021-02-24", "Informal meeting 2021-02-24")
    before = list(engines.store().canonical_export("informal-meeting-2021-02-24"))
    again = floorlog(settings, "ingest", str(spoken), "--json")
    assert json.loads(again.stdout) == summary
    assert list(engines.store().canonical_export("informal-meeting-2021-02-24")) == before


def document(settings: Settings, spoken: Path, **options: Any) -> dict[str, Any]:
    store = engines.store()
    store.migrate()
    given = {"described": None, "meeting_id": None, "title": None, "day": None, "today": date(2026, 1, 2), **options}
    return whole.meeting_of(store, str(spoken), ["floor"], **given)


def test_a_meeting_that_is_there_is_never_written_over(settings: Settings, spoken: Path) -> None:
    """Two recordings may have one name; the second needs an id of its own."""
    store, made = engines.store(), document(settings, spoken)
    store.add_meeting({**made, "title": "Somebody's work"})
    recorded = (Recorded("floor", spoken),)
    with pytest.raises(InvalidSetting, match="there is a meeting"):
        whole.claim(settings, store, made, recorded, may=False)
    assert store.meeting(made["id"]).document["title"] == "Somebody's work"


def test_another_recording_is_no_going_on_with_the_first(settings: Settings, spoken: Path, tmp_path: Path) -> None:
    """Half a meeting of each would be nobody's."""
    store, made = engines.store(), document(settings, spoken)
    folder = whole.claim(settings, store, made, (Recorded("floor", spoken),), may=False)
    assert whole.claim(settings, store, made, (Recorded("floor", spoken),), may=False) == folder
    other = tmp_path / "other.flac"
    soundfile.write(other, sample_audio(2000), 16_000)
    with pytest.raises(InvalidSetting, match="another recording"):
        whole.claim(settings, store, made, (Recorded("floor", other),), may=True)


def test_what_is_not_said_comes_from_the_name_or_today(settings: Settings, spoken: Path) -> None:
    """A date in the name counts before today's; what the operator says counts before both."""
    assert document(settings, spoken)["date"] == "2021-02-24"
    assert document(settings, Path("Débat général.mp4"))["date"] == "2026-01-02"
    assert document(settings, Path("Débat général.mp4"))["id"] == "debat-general"
    told = document(settings, Path("a.mp4"), meeting_id="ga-75", title="75th", day="2020-09-21")
    assert (told["id"], told["title"], told["date"]) == ("ga-75", "75th", "2020-09-21")


def test_announcements_that_a_crash_cut_short_are_announced_again(settings: Settings, spoken: Path) -> None:
    """A kill may come between two bytes of a line."""
    store, made = engines.store(), document(settings, spoken)
    recorded = (Recorded("floor", spoken),)
    folder = whole.claim(settings, store, made, recorded, may=False)
    path = whole.announce(settings, made, recorded, folder, lambda audio_ms: None)
    lines = path.read_bytes()
    path.write_bytes(lines + b'{"kind":"seg')
    assert whole.announce(settings, made, recorded, folder, lambda audio_ms: None).read_bytes() == lines


def test_tracks_become_channels_by_their_language(settings: Settings, tmp_path: Path) -> None:
    """The floor is the one in no language, as UN Web TV has it."""
    path = several(tmp_path / "several.mkv", "ia", "eng", "fre", "und")
    found = obtaining.obtain(settings, str(path), None)
    assert [each.channel for each in found] == ["floor", "en", "fr"]
    assert all(tracks.tracks(each.path) for each in found)
    assert [each.channel for each in obtaining.obtain(settings, str(path), ("en",))] == ["en"]
    with pytest.raises(InvalidSetting, match="floor, en, fr"):
        obtaining.obtain(settings, str(path), ("ru",))


def test_a_file_that_holds_no_audio_is_named(settings: Settings, tmp_path: Path) -> None:
    """Else an operator would wait for a meeting without words."""
    path = tmp_path / "notes.txt"
    path.write_text("nothing to hear")
    with pytest.raises(UnreadableAudio, match=r"notes\.txt"):
        obtaining.obtain(settings, str(path), None)


def test_a_meeting_file_decides_which_channels_there_are(settings: Settings, spoken: Path) -> None:
    """A track that the meeting does not know has no place in it."""
    described = meetings.from_toml({"id": "told", "title": "Told", "body": "GA", "date": "2021-02-24"})
    with pytest.raises(InvalidSetting, match="floor"):
        whole.meeting_of(
            engines.store(),
            str(spoken),
            ["floor", "en"],
            described=described,
            meeting_id=None,
            title=None,
            day=None,
            today=date(2026, 1, 2),
        )
