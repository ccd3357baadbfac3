"""A live meeting at this moment: who has the floor, and what was said since it was given."""

from __future__ import annotations

from typing import Any

from floorlog.adapters.store import Store
from floorlog.publication import as_shown
from floorlog.services import view

LARGE = frozenset(("words", "interpretations"))
"""Fields that grow with every word: the text says the same."""


def snapshot(store: Store, meeting_id: str) -> dict[str, Any]:
    """Return what is open in a meeting now.

    Returns:
        `state` (scheduled, live, ended), `heard_until_ms` on the meeting clock (0 before the first words), `open`: the
        records of the open interventions by their start, without words; `floor`: who has it, or None where nobody has.

    Raises:
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    with store.reading(meeting_id) as reader:
        meeting, floor = reader.meeting, reader.floor()
    documents = [_shown(document) for document in view.provisional(store, meeting_id)]
    documents.sort(key=lambda document: (document["spans"][0]["start_ms"], document["id"]))
    return {
        "meeting_id": meeting_id,
        "state": meeting.state,
        "heard_until_ms": max(0, floor.progress.heard.end_ms) if floor else 0,
        "open": documents,
        "floor": _floor(meeting.document, documents) if meeting.state == "live" else None,
    }


def without_words(full: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot for somebody who sees what is published only: how far the meeting is, and nothing said."""
    return {**full, "open": [], "floor": None}


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    shown = {**as_shown(document), "review": {"state": "provisional"}}
    return {name: value for name, value in shown.items() if name not in LARGE}


def _floor(meeting: dict[str, Any], documents: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return who spoke last among the open interventions of the channel that the meeting waits for first."""
    channels = meeting["channels"]
    channel = next((item["name"] for item in channels if item["required"]), channels[0]["name"])
    spoken = [document for document in documents if document["channel"] == channel]
    if not spoken:
        return None
    last = spoken[-1]
    return {
        "record_id": last["id"],
        "channel": channel,
        "kind": last["kind"],
        "speaker": last["speaker"],
        "since_ms": last["spans"][0]["start_ms"],
    }
