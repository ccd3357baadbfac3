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


def test_the_reference_meeting_says_what_was_known_beforehand_and_no_more() -> None:
    """It is the meeting that Floorlog was made for; a roster or a list of speakers would be made up."""
    document = meetings.read_file(meetings.example("reference"))
    assert document["roster"] == []
    assert [(phase["phase"], phase["holder"]) for phase in document["programme"]] == [
        ("opening", "CHAIR"),
        ("briefing", "UN:SG"),
        ("statements", None),
    ]
    assert document["themes"] == ["call-to-action-v1"]
    assert (document["chair"]["title"], document["chair"]["entity"]) == ("President", None)
    assert (document["scheduled_start"], document["synthetic"]) == ("2021-02-24T15:00:00.000Z", False)
    assert [item["url"] for item in document["related_documents"]] == [None, None, None]
    with pytest.raises(InvalidDocument, match="reference"):
        meetings.example("../sample/meeting")


def test_an_interpretation_is_heard_in_the_language_that_names_it() -> None:
    """Left to guess, a recogniser writes an interpreter's accent down as another language."""
    channels = [{"name": "floor"}, {"name": "fr"}, {"name": "en", "language": "en-GB"}, {"name": "studio"}]
    plain = {"id": "ga-1", "title": "T", "body": "General Assembly", "date": "2021-02-24"}
    document = meetings.from_toml({**plain, "channels": channels})
    assert [(item["language"], item["interpretation"], item["required"]) for item in document["channels"]] == [
        (None, False, True),
        ("fr", True, False),
        ("en-GB", True, False),
        (None, True, False),
    ]


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
