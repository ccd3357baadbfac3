"""The sample as capture announces it: payloads in order, and the audio objects that they name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floorlog.announcements import Segment, decode
from floorlog.services import intake, meetings
from workers import capture
from workers.capture.sending import Sheet


@dataclass(frozen=True)
class Announced:
    """A meeting's document and the payloads of its announcements, the end of the stream last."""

    meeting: dict[str, Any]
    payloads: tuple[bytes, ...]

    def documents(self) -> list[dict[str, Any]]:
        """The payloads' documents."""
        return [json.loads(payload) for payload in self.payloads]

    def segments(self) -> list[Segment]:
        """The payloads' segments."""
        found = [decode(intake.parse(payload)) for payload in self.payloads]
        return [item for item in found if isinstance(item, Segment)]


def announce_sample(folder: Path) -> Announced:
    """Capture the sample as fast as the machine can, with its objects in a folder."""
    sheet, meeting = Sheet(), meetings.read_file(meetings.SAMPLE / "meeting.toml")
    capture.read_file(
        meetings.SAMPLE / "meeting.opus",
        meeting,
        "floor",
        objects_base=(folder / "objects").as_uri(),
        broker=sheet,
        topic="audio-segments",
        journal_path=folder / "journal.db",
    )
    return Announced(meeting, tuple(sheet.payloads))
