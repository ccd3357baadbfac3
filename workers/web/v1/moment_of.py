"""What was said in a meeting, or at one moment of it, as a permanent address names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter, ShownMeeting
from workers.web.v1 import interventions, meetings
from workers.web.v1.wire import labels, moment


@dataclass(frozen=True, slots=True)
class Said:
    """A meeting with its records, in order of the clock; only those at `at_ms`, where that is a moment."""

    meeting: ShownMeeting
    records: tuple[dict[str, Any], ...]
    at_ms: int | None

    def content(self, request: Request) -> dict[str, Any]:
        """Return it as JSON."""
        shown = meetings.presented(request, self.meeting)
        at = {} if self.at_ms is None else {"at_ms": self.at_ms, "url": moment(request, self.meeting.id, self.at_ms)}
        said = [interventions.presented(request, record) for record in self.records]
        return {**shown, **at, "interventions": said, **labels([self.meeting.document])}


def said_in(store: Store, meeting_id: str, at_ms: int | None, scopes: tuple[str, ...]) -> Said | None:
    """Return what a reader sees of what was said in a meeting; None where there is no such meeting for them.

    Args:
        store: What is read.
        meeting_id: The meeting.
        at_ms: A moment on its clock: only what was being said then.
        scopes: Of the reader.
    """
    meeting = store.meeting_shown(meeting_id, scopes)
    if meeting is None:
        return None
    found = store.shown_stream(Filter(meeting_id=meeting_id, scopes=scopes))
    records = tuple(record for record in found if at_ms is None or _covers(record, at_ms))
    return Said(meeting, records, at_ms)


def _covers(record: dict[str, Any], at_ms: int) -> bool:
    return any(span["start_ms"] <= at_ms < span["end_ms"] for span in record["spans"])
