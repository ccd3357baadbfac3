"""When a meeting was on air, as capture heard it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from floorlog.adapters.store import Store
from floorlog.clock import parse_rfc3339, rfc3339
from floorlog.errors import UnknownMeeting

TIMES = ("actual_start", "actual_end")


def write_times(store: Store, meeting_id: str, began: datetime, until: datetime) -> bool:
    """Write when a meeting was on air, and return whether that was new.

    A start that is known stays, and so does an end, unless the meeting went on after it.

    Raises:
        UnknownMeeting: it was never added.
    """
    document = store.meeting(meeting_id).document
    times = {name: document[name] for name in TIMES}
    if times["actual_start"] is None:
        times["actual_start"] = rfc3339(began)
    if times["actual_end"] is None or parse_rfc3339(times["actual_end"]) < until:
        times["actual_end"] = rfc3339(until)
    if parse_rfc3339(times["actual_end"]) <= parse_rfc3339(times["actual_start"]):
        return False
    changed = {**document, **times}
    if changed != document:
        store.add_meeting(changed)
    return changed != document


def with_times(store: Store, document: dict[str, Any]) -> dict[str, Any]:
    """Return a meeting document that says when the meeting was on air, where it does not and the stored one does."""
    try:
        before = store.meeting(document["id"]).document
    except UnknownMeeting:
        return document
    if any(document[name] is not None for name in TIMES):
        return document
    return {**document, **{name: before[name] for name in TIMES}}
