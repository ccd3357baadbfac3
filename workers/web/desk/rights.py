"""What a role may change: the rights that depend on what is asked for, not on the address alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import HTTPException

from floorlog.adapters.store import desk as stored
from floorlog.adapters.store.rows import RecordRow
from floorlog.review_states import PUBLIC
from floorlog.roles import may
from workers.web.desk.wire import Desk
from workers.web.people import Person

RIGHT_OF_STATE = {"approved": "approve", "published": "publish", "corrected": "publish", "withdrawn": "publish"}
"""What somebody must be allowed to do to bring a record into a state; reviewing is enough for the others."""


def may_correct(desk: Desk, person: Person, record_ids: Sequence[str], corrections: Sequence[dict[str, Any]]) -> None:
    """Check that a person may carry out corrections: who may not publish may not change what is public either.

    Raises:
        HTTPException: 403, they may not.
    """
    for item in corrections:
        after = item.get("after")
        if item.get("operation") == "state" and isinstance(after, dict):
            allow(person, RIGHT_OF_STATE.get(str(after.get("state")), "review"))
    if not may(person.role, "publish"):
        touched = {*record_ids, *(each for item in corrections for each in _named(item.get("before")))}
        rows = stored.record_rows(desk.store, touched)
        rows += [near for item in corrections for row in rows for near in _beside(desk, row, item)]
        if any(row.state in PUBLIC for row in rows):
            raise HTTPException(403)


def _beside(desk: Desk, row: RecordRow, correction: dict[str, Any]) -> list[RecordRow]:
    """Return the records that may change where a record takes other spans: those it meets, and those next to it."""
    if correction.get("operation") != "span":
        return []
    after = correction.get("after")
    asked = after.get("spans") if isinstance(after, dict) else None
    edges = [row.start_ms, row.end_ms]
    for span in asked if isinstance(asked, list) else ():
        edges += [value for value in span.values() if isinstance(value, int)] if isinstance(span, dict) else []
    others = [item for item in desk.store.record_rows(row.meeting_id) if item.channel == row.channel]
    others = [item for item in others if item.id != row.id and not item.retired]
    before = [item for item in others if item.end_ms <= min(edges)]
    behind = [item for item in others if item.start_ms >= max(edges)]
    met = [item for item in others if item not in before and item not in behind]
    return [
        *met,
        *([max(before, key=lambda item: item.end_ms)] if before else []),
        *([min(behind, key=lambda item: item.start_ms)] if behind else []),
    ]


def _named(side: Any) -> Iterable[str]:
    """Yield the records that one side of a correction names."""
    listed = side.get("records") if isinstance(side, dict) else None
    yield from (each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()


def allow(person: Person, action: str) -> None:
    """Check that a person may do an action.

    Raises:
        HTTPException: 403, they may not.
    """
    if not may(person.role, action):
        raise HTTPException(403)
