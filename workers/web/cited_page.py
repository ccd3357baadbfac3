"""The page of one intervention at its permanent address: what was said, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.adapters.store.published_rows import RevisionNote, ShownRevision
from floorlog.clock import rfc3339
from workers.web import wording
from workers.web.pages import render
from workers.web.shelf import names_of
from workers.web.turns import turn


def page(meeting: dict[str, Any], found: ShownRevision, notes: Sequence[RevisionNote], *, current: bool) -> str:
    """Return the page.

    Args:
        meeting: The document of the meeting.
        found: The revision that is shown.
        notes: The revisions that the reader may see.
        current: Whether the address is that of the intervention as it stands, not that of one revision.
    """
    record = found.document
    path = f"/interventions/{record['id']}"
    own = path if current else f"{path}/revisions/{found.revision}"
    item = turn(record, meeting, names_of(meeting))
    return render(
        "intervention.html",
        meeting=meeting,
        date=wording.day(meeting["date"]),
        turn=item,
        capacity=_person(record),
        revision=found.revision,
        latest=notes[-1].revision if notes else found.revision,
        current=current,
        reason=found.reason,
        path=path,
        own=own,
        moment=f"/meetings/{meeting['id']}?t={wording.clock(item.start_ms)}",
        notes=[
            {
                "revision": note.revision,
                "by": "the machine" if note.made_by == "machine" else "a reviewer",
                "at": rfc3339(note.shown_at),
                "when": f"{note.shown_at:%Y-%m-%d %H:%M} UTC",
                "reason": note.reason,
            }
            for note in notes
        ],
    )


def _person(record: dict[str, Any]) -> str | None:
    """Return the person's name and capacity, once a reviewer confirmed the name."""
    speaker = record["speaker"]
    if not speaker or not speaker["person"]:
        return None
    return ", ".join(part for part in (speaker["person"], speaker["capacity"]) if part)
