"""The same graph over a file of announcements."""

from __future__ import annotations

from pathlib import Path

import pytest

from floorlog.announcements import End, Gap, encode
from floorlog.clock import Span
from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.identity import canonical_json
from floorlog.services import engines
from pipelines import batch
from tests.announced import Announced

MEETING = "synthetic-briefing"


def test_a_file_of_announcements_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: Announced
) -> None:
    """An archived meeting is logged without a broker."""
    settings = Settings.load({"data_dir": tmp_path}, environ={})
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    store = engines.store()
    store.migrate()
    store.add_meeting(announced.meeting)
    told = (Gap(MEETING, "floor", 0, Span(0, 5000), "media-missing"), End(MEETING, "floor", 1, 5000, 0))
    lines = [canonical_json(encode(item)) for item in told]
    (tmp_path / "announcements.jsonl").write_text("\n\n".join(lines) + "\n")
    assert batch.run(settings, tmp_path / "announcements.jsonl") == 2
    assert store.summary(MEETING).meeting.state == "ended"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A slip of the keyboard should cost a second, not a search."""
    with pytest.raises(InvalidSetting, match=r"nowhere\.jsonl"):
        batch.read(tmp_path / "nowhere.jsonl")
