"""Meetings of a day's schedule as meeting documents, added once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from floorlog.adapters.store import Store
from floorlog.adapters.webtv import PageMetadata, ScheduledMeeting
from floorlog.clock import rfc3339
from floorlog.services import meetings

UNKNOWN_BODY = "United Nations"
"""The body of a meeting whose page names none."""


def meeting_document(
    found: ScheduledMeeting, page: PageMetadata | None, day: date, channels: Sequence[str]
) -> dict[str, Any]:
    """Return the meeting document of a row of the schedule.

    Args:
        found: the row.
        page: what its page says, if that was read.
        day: the day of the schedule, at the place of the meeting.
        channels: names of the channels; only the floor is waited for.

    Raises:
        InvalidDocument: what the service says breaks the schema.
    """
    end = found.start + timedelta(seconds=found.length_s) if found.length_s else None
    categories = list(dict.fromkeys(page.categories if page else ()))[:50]
    body = found.category or (categories[0] if categories else UNKNOWN_BODY)
    more: dict[str, Any] = {}
    if page is not None:
        documents = [{"title": title, "url": url, "symbol": None} for title, url in page.related[:100]]
        said = {"summary": page.summary, "categories": categories, "related_documents": documents}
        more = {name: value for name, value in said.items() if value}
    return meetings.from_toml(
        {
            "id": meeting_id(found.asset_id),
            "title": found.title,
            "body": body,
            "date": day.isoformat(),
            "symbol": page.symbol if page else None,
            "format": "other",
            "scheduled_start": rfc3339(found.start),
            "actual_end": rfc3339(end) if end else None,
            "source": {"page": found.page, "asset_id": found.asset_id, "entry_id": found.entry_id},
            "channels": [channel_document(name) for name in dict.fromkeys(["floor", *channels])],
            **more,
        }
    )


def meeting_id(asset_id: str) -> str:
    """Return the id of the meeting that a page shows: the last part of its asset id, whatever day it moves to."""
    return f"webtv-{asset_id.rpartition('/')[2]}"


def channel_document(name: str) -> dict[str, Any]:
    """Return how a meeting document describes one of UN Web TV's channels."""
    floor = name == "floor"
    return {"name": name, "language": None if floor else name, "interpretation": not floor, "required": floor}


def already_added(store: Store, found: ScheduledMeeting) -> dict[str, Any] | None:
    """Return the document of a meeting that was added before, from the schedule or from a file; None if none was."""
    for row in store.summaries():
        source = row.meeting.document["source"]
        if source["asset_id"] == found.asset_id or source["entry_id"] == found.entry_id:
            return row.meeting.document
    return None


def add(store: Store, document: dict[str, Any], before: dict[str, Any] | None) -> bool:
    """Add a meeting and return whether it is new; of one that is there only the times follow the schedule.

    What an operator wrote about it stays.
    """
    if before is None:
        return store.add_meeting(document)
    times = {name: document[name] for name in ("scheduled_start",) if before[name] != document[name]}
    if times:
        store.add_meeting({**before, **times})
    return False


def with_channels(document: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a meeting document that has these channels too."""
    known = {each["name"] for each in document["channels"]}
    more = [channel_document(name) for name in dict.fromkeys(names) if name not in known]
    return {**document, "channels": [*document["channels"], *more]} if more else document
