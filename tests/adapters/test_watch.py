"""Which captures are started, kept and left: what the watch decides, without the processes that it would start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from floorlog.adapters.courtesy import CourteousClient
from floorlog.adapters.store import Store, open_store
from floorlog.adapters.webtv import WebTv
from floorlog.addresses import Policy
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, UnknownMeeting
from floorlog.services import discover, meetings
from workers.fake_webtv import FakeWebTv
from workers.fake_webtv_meeting import FakeMeeting
from workers.watch import GIVE_UP_AFTER, PATIENCE, Watch

START = datetime(2026, 9, 14, 14, tzinfo=UTC)
END = START + timedelta(hours=2)
MORNING = FakeMeeting(
    "k1morning1", "Morning", START, ((START, END), (END + timedelta(hours=1), END + timedelta(hours=2)))
)
OTHER = FakeMeeting("k1other1", "Other", START, ((START, END),))


class Stage:
    """Two meetings of a day, a clock, and a watch that never starts a process."""

    def __init__(self, folder: Path) -> None:
        self.now = START - timedelta(hours=1)
        self.fake = FakeWebTv([MORNING, OTHER], lambda: self.now)
        self.settings = Settings.load({"data_dir": folder}, {})
        self.store: Store = open_store(f"sqlite:///{folder}/store.db")
        self.store.migrate()
        client = CourteousClient(Policy(()), sleep=lambda seconds: None)
        self.webtv = WebTv(client, self.fake.address, self.fake.address, lambda: self.now)
        for found in self.webtv.schedule(START.date()):
            discover.add(self.store, discover.meeting_document(found, None, START.date(), ()), None)

    def watch(self, **more: Any) -> Watch:
        given: dict[str, Any] = {"day": None, "meeting_ids": (), "channels": ("floor",), **more}
        given.setdefault("utc_now", lambda: self.now)
        return Watch(self.settings, self.store, self.webtv, **given)

    def look(self, watch: Watch, **after_start: float) -> list[str]:
        self.now = START + timedelta(**after_start)
        watch.hear(watch.ask())
        return captured(watch)

    def close(self) -> None:
        self.webtv.close()
        self.fake.stop()


def captured(watch: Watch, kind: str = "capture") -> list[str]:
    return sorted(part.command[1] for part in watch.supervisor.parts if part.command[0] == kind)


def finish(watch: Watch, kind: str = "capture") -> None:
    """Let each capture, or each backfill, have ended well."""
    watch.supervisor.finished |= {part.name for part in watch.supervisor.parts if part.command[0] == kind}
    watch.forget_what_finished()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_a_capture_is_started_when_a_meeting_goes_live(stage: Stage) -> None:
    """Not before, and once."""
    watch = stage.watch(channels=("floor", "en"))
    assert stage.look(watch, hours=-1) == []
    assert stage.look(watch, minutes=1) == ["webtv-k1morning1", "webtv-k1other1"]
    assert stage.look(watch, minutes=2) == ["webtv-k1morning1", "webtv-k1other1"]
    commands = [part.command for part in watch.supervisor.parts]
    assert ("capture", "webtv-k1morning1", "1_morning1", "--channels=floor,en") in commands
    channels = stage.store.meeting("webtv-k1morning1").document["channels"]
    assert [each["name"] for each in channels] == ["floor", "en"]


def test_a_meeting_that_resumes_is_captured_again(stage: Stage) -> None:
    """After lunch the same stream goes on; but an answer that is two minutes old must start nothing."""
    watch = stage.watch(meeting_ids=("webtv-k1morning1",))
    assert stage.look(watch, minutes=1) == ["webtv-k1morning1"]
    finish(watch)
    assert stage.look(watch, minutes=1) == []
    assert stage.look(watch, hours=2, minutes=1) == []
    assert stage.look(watch, hours=3, minutes=1) == ["webtv-k1morning1"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"day": date(2026, 9, 14)}, ["webtv-k1morning1", "webtv-k1other1"]),
        ({"day": date(2026, 9, 15)}, []),
        ({"meeting_ids": ("webtv-k1other1",)}, ["webtv-k1other1"]),
    ],
)
def test_only_what_was_asked_for_is_watched(stage: Stage, given: dict[str, Any], expected: list[str]) -> None:
    """Forty meetings a day would fill a machine that is to log one."""
    assert stage.look(stage.watch(**given), minutes=1) == expected


def test_a_meeting_that_is_added_meanwhile_is_seen(stage: Stage) -> None:
    """A meeting is often added when it has begun."""
    watch = stage.watch()
    assert len(stage.look(watch, minutes=1)) == 2
    stage.fake.meetings.append(replace(OTHER, leaf="k1urgent1"))
    document = stage.store.meeting("webtv-k1other1").document
    source = {**document["source"], "asset_id": "k1u/k1urgent1", "entry_id": None}
    stage.store.add_meeting(meetings.from_toml({**document, "id": "urgent", "source": source}))
    assert "urgent" in stage.look(watch, minutes=2)


def test_a_service_that_is_away_ends_nothing(stage: Stage) -> None:
    """What is being captured goes on, and what goes live is seen when the service is back."""
    watch = stage.watch()
    stage.fake.answer_with = lambda request: PlainTextResponse("", 503)
    assert stage.look(watch, minutes=1) == []
    stage.fake.answer_with = lambda request: None
    assert len(stage.look(watch, minutes=2)) == 2
    stage.fake.answer_with = lambda request: PlainTextResponse("<html>")
    assert len(stage.look(watch, minutes=3)) == 2


def test_what_was_captured_is_taken_up_after_a_kill(stage: Stage) -> None:
    """Also that of a meeting that has ended since: its end has still to be announced."""
    assert len(stage.look(stage.watch(), minutes=1)) == 2
    stage.now = END + timedelta(minutes=5)
    again = stage.watch()
    assert captured(again) == ["webtv-k1morning1", "webtv-k1other1"]
    finish(again)
    assert captured(stage.watch()) == []


def test_a_capture_that_cannot_succeed_is_left_when_its_meeting_is_over(stage: Stage) -> None:
    """It would be started for ever; while the meeting is on air it is."""
    watch = stage.watch(meeting_ids=("webtv-k1other1",))
    stage.look(watch, minutes=1)
    watch.supervisor.restarts["capture-webtv-k1other1"] = GIVE_UP_AFTER
    assert stage.look(watch, minutes=2) == ["webtv-k1other1"]
    assert stage.look(watch, hours=3) == []


def test_a_meeting_that_has_ended_waits_for_its_recording(stage: Stage) -> None:
    """Nobody is there an hour after a meeting; what capture missed is filled all the same, once."""
    watch = stage.watch(meeting_ids=("webtv-k1other1",), channels=("floor", "en"), recording_every_s=300.0)
    stage.look(watch, minutes=1)
    finish(watch)
    (part,) = watch.supervisor.parts
    assert part.command[:3] == ("backfill", "webtv-k1other1", "1_other1")
    assert part.command[3:] == ("--channels=floor,en", "--wait", "--every=300")
    assert part.finishes
    finish(watch, "backfill")
    assert watch.supervisor.parts == []
    assert stage.watch().supervisor.parts == []


def test_a_recording_is_waited_for_across_kills_but_not_for_ever(stage: Stage) -> None:
    """Two days after a meeting no recording comes any more, however often the watch was started since."""
    watch = stage.watch(meeting_ids=("webtv-k1other1",))
    stage.look(watch, hours=1)
    finish(watch)
    stage.now = START + timedelta(hours=1) + PATIENCE
    again = stage.watch()
    assert captured(again, "backfill") == ["webtv-k1other1"]
    again.forget_what_takes_too_long()
    assert captured(again, "backfill") == ["webtv-k1other1"]
    stage.now += timedelta(seconds=1)
    again.forget_what_takes_too_long()
    assert captured(again, "backfill") == []
    assert captured(stage.watch(), "backfill") == []


def test_a_backfill_that_cannot_succeed_is_left(stage: Stage) -> None:
    """A recording of something else is no better the sixth time."""
    watch = stage.watch(meeting_ids=("webtv-k1other1",))
    stage.look(watch, minutes=1)
    finish(watch)
    watch.supervisor.restarts["backfill-webtv-k1other1"] = GIVE_UP_AFTER
    watch.forget_what_takes_too_long()
    assert watch.supervisor.parts == []


def test_a_meeting_that_resumes_is_not_filled_meanwhile(stage: Stage) -> None:
    """What is missing is known when it has ended for good."""
    watch = stage.watch(meeting_ids=("webtv-k1morning1",))
    stage.look(watch, minutes=1)
    finish(watch)
    stage.look(watch, hours=2, minutes=1)
    assert captured(watch, "backfill") == ["webtv-k1morning1"]
    stage.look(watch, hours=3, minutes=1)
    assert captured(watch, "backfill") == []
    finish(watch)
    assert captured(watch, "backfill") == ["webtv-k1morning1"]


def test_filling_can_be_left_to_the_operator(stage: Stage) -> None:
    """Downloads cost; who pays for them may want to decide."""
    watch = stage.watch(meeting_ids=("webtv-k1other1",), backfill=False)
    stage.look(watch, minutes=1)
    finish(watch)
    assert watch.supervisor.parts == []


def test_a_removed_meeting_stops_no_other(stage: Stage) -> None:
    """The platform answers about each entry on its own."""
    stage.fake.meetings.remove(MORNING)
    assert stage.look(stage.watch(), minutes=1) == ["webtv-k1other1"]


def test_what_cannot_be_watched_is_told_at_once(stage: Stage, tmp_path: Path) -> None:
    """A typing error must not look like a meeting that never goes live."""
    with pytest.raises(UnknownMeeting):
        stage.watch(meeting_ids=("nothing",))
    plain = {"id": "plain", "title": "T", "body": "B", "date": "2026-09-14"}
    stage.store.add_meeting(meetings.from_toml(plain))
    with pytest.raises(InvalidSetting, match="entry id"):
        stage.watch(meeting_ids=("plain",))
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "jobs.json").write_text(json.dumps(["webtv-k1"])[:-3])
    with pytest.raises(InvalidSetting, match="remove it"):
        stage.watch()
