"""Meetings described in a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from floorlog.errors import InvalidDocument
from floorlog.services import meetings


def test_the_sample_is_a_valid_meeting_and_says_that_it_is_synthetic() -> None:
    """Nobody may take it for something that a State said."""
    document = meetings.read_file(meetings.SAMPLE / "meeting.toml")
    assert document["synthetic"] is True
    assert "synthetic" in document["title"]
    assert document["scheduled_start"] == "2021-02-24T15:00:00.000Z"


def test_what_a_file_leaves_out_has_a_default() -> None:
    """A meeting can be added in four lines; nothing is published of it that nobody approved."""
    document = meetings.from_toml({"id": "ga-1", "title": "T", "body": "General Assembly", "date": "2021-02-24"})
    assert document["audience"] == "published"
    assert document["channels"] == [{"name": "floor", "language": None, "interpretation": False, "required": True}]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('id = "UPPER"\ntitle = "T"\nbody = "B"\ndate = 2021-02-24\n', "$.id"),
        ('id = "a-1"\ntitle = "T"\nbody = "B"\ndate = 2021-02-24\ncutting = 3\n', "$.cutting"),
        ("id = \n", "$"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, path: str) -> None:
    """A bad meeting file must cost its author a glance."""
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(InvalidDocument) as fault:
        meetings.read_file(tmp_path / "bad.toml")
    assert fault.value.path == path
