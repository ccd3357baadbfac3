"""The command line as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from floorlog.adapters.broker import MAX_MESSAGE_BYTES
from floorlog.announcements import End, Gap, encode
from floorlog.cli import app
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.services import engines, faults, intake, meetings
from floorlog.services.faults import AttemptLimits, Fault
from workers.capture.journal import Journal
from workers.capture.recording import EMPTY

MEETING = "synthetic-briefing"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Run a command on a data folder of its own; what it puts into the environment is taken out again."""
    for setting in ("FLOORLOG_DATA", "DATABASE_URL", "FLOORLOG_BROKER_URL", "FLOORLOG_OBJECTS_URL"):
        monkeypatch.setenv(setting, "")
    monkeypatch.setenv("FLOORLOG_DATA", str(tmp_path))

    def command(*words: str) -> Result:
        for setting in ("DATABASE_URL", "FLOORLOG_BROKER_URL", "FLOORLOG_OBJECTS_URL"):
            monkeypatch.setenv(setting, "")
        return CliRunner().invoke(app, words)

    return command


def added(run: object) -> None:
    """Add the sample meeting, and let its floor hear a gap and the end."""
    assert callable(run)
    assert run("meeting", "add", str(meetings.SAMPLE / "meeting.toml")).exit_code == 0
    store = engines.store()
    store.register(Gap(MEETING, "floor", 0, Span(0, 5000), "media-missing"))
    store.register(End(MEETING, "floor", 1, 5000, 0))


def test_a_meeting_is_added_listed_and_shown(run: object) -> None:
    """What was added must be seen to be there."""
    assert callable(run)
    added(run)
    listed = json.loads(run("meeting", "list", "--json").stdout)
    assert [row["id"] for row in listed] == [MEETING]
    assert json.loads(run("meeting", "show", MEETING).stdout)["synthetic"] is True
    assert MEETING in run("meeting", "list").stdout


def test_a_bad_meeting_file_is_one_line_and_exit_1(run: object, tmp_path: Path) -> None:
    """A traceback helps nobody at a console."""
    assert callable(run)
    (tmp_path / "bad.toml").write_text("id = 3\n")
    result = run("meeting", "add", str(tmp_path / "bad.toml"))
    assert result.exit_code == 1
    assert "$" in str(result.exception)


def test_status_says_what_is_behind(run: object) -> None:
    """The first question of an operator whose phone rings."""
    assert callable(run)
    added(run)
    settings_topic = engines.broker()
    settings_topic.create_topic("audio-segments")
    settings_topic.create_subscription("pipeline", "audio-segments", 60)
    now = json.loads(run("status", "--json").stdout)
    (row,) = now["meetings"]
    assert (row["announced_ms"], row["heard_ms"], row["lag_ms"]) == (5000, 0, 5000)
    assert row["last_announcement"].endswith(".end")
    assert now["backlog"] == 0
    assert MEETING[:9] in run("status").stdout


def test_status_is_clear_before_a_pipeline_has_listened(run: object) -> None:
    """The first thing that is asked on a new machine is answered, not a fault."""
    assert callable(run)
    assert run("status").exit_code == 0
    added(run)
    result = run("status")
    assert result.exit_code == 0
    assert "no pipeline has begun to listen" in result.stderr
    now = json.loads(run("status", "--json").stdout)
    assert (now["listening"], now["backlog"]) == (False, None)


def test_status_tells_how_each_channel_is_captured(run: object, tmp_path: Path) -> None:
    """A channel that stopped, or that carries the audio of another one, is seen where the operator looks."""
    assert callable(run)
    added(run)
    recording = {"ended": False, "end_ms": 5000, "segments": 3, "gaps": 1, "continuity": 0}
    state = {"recording": recording, "identical": 4}
    journal = Journal(tmp_path / "capture" / MEETING / "floor.db", "a test")
    journal.commit(state, EMPTY, None, None, ())
    journal.close()
    (row,) = json.loads(run("status", MEETING, "--json").stdout)["meetings"]
    (capture,) = row["captures"]
    assert (capture["channel"], capture["state"], capture["identical"]) == ("floor", "stopped", 4)
    with FileLock(tmp_path / "capture" / MEETING / "floor.lock"):
        talk = run("status", MEETING).stderr
    assert "capture of floor on this machine: running at 0:00:05, 4 media segments as on another channel" in talk


def test_the_desk_lists_shows_and_retries(run: object) -> None:
    """A dead letter is read, mended at its source, and sent again; nothing is typed by hand."""
    assert callable(run)
    added(run)
    store, broker = engines.store(), engines.broker()
    for name in ("audio-segments", "audio-segments-replay"):
        broker.create_topic(name)
    broker.create_subscription("pipeline-replay", "audio-segments-replay", 60)
    faults.judge(store, Fault("decode", b"not JSON", "invalid-document", "no JSON", "$", False), AttemptLimits())
    (letter,) = json.loads(run("dead-letters", "list", "--json").stdout)
    assert (letter["reason"], letter["json_path"], letter["payload"]["text"]) == ("invalid-document", "$", "not JSON")
    assert "invalid" in run("dead-letters", "list").stdout
    assert json.loads(run("dead-letters", "show", letter["id"]).stdout) == letter
    assert run("dead-letters", "retry", letter["id"]).exit_code == 0
    assert [message.data for message in broker.pull("pipeline-replay", 10, 0.0)] == [b"not JSON"]
    assert run("dead-letters", "retry").exit_code == 2
    assert run("dead-letters", "show", "dead-none").exit_code == 1


def test_a_replay_announces_a_meeting_again(run: object) -> None:
    """What capture announced is in the store; the broker need not keep it for ever."""
    assert callable(run)
    added(run)
    assert run("replay", MEETING).exit_code == 0
    told = [intake.parse(message.data) for message in engines.broker().pull("pipeline-replay", 10, 0.0)]
    assert [document["kind"] for document in told] == ["gap", "end"]
    assert run("replay", "no-such-meeting").exit_code == 1


def test_an_export_is_lines_of_records(run: object) -> None:
    """An empty meeting has none, and says so by printing nothing."""
    assert callable(run)
    added(run)
    assert run("export", MEETING).stdout == ""
    assert run("export", "no-such-meeting").exit_code == 1


def test_documents_are_validated_by_name(run: object, tmp_path: Path) -> None:
    """A producer in another language checks its first message with this."""
    assert callable(run)
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(canonical_json(encode(Gap("ga-1", "floor", 0, Span(0, 5000), "media-missing"))))
    bad.write_text(good.read_text().replace('"sequence":0', '"sequence":-1'))
    assert run("schemas", "validate", str(good)).exit_code == 0
    result = run("schemas", "validate", str(good), str(bad))
    assert result.exit_code == 1
    assert "$.sequence" in result.stderr
    assert len(run("schemas", "list").stdout.splitlines()) == 7


def test_once_without_the_sample_is_a_usage_error(run: object) -> None:
    """Exit 2 tells a script that it was called wrongly, not that the work failed."""
    assert callable(run)
    assert run("up", "--once").exit_code == 2
    assert MAX_MESSAGE_BYTES == 10_000_000
