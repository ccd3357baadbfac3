"""The routes of who is signed in, the queue, claims, time, and what the log is silent about."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from floorlog.adapters.store import desk as stored
from floorlog.roles import actions_of
from floorlog.services import queue
from workers.web.desk.problems import Problem, ProblemRoute, invalid, not_found, writable
from workers.web.desk.wire import NAME, Desk, RecordId, Reviewer, Viewer, answer, holder
from workers.web.people import session_of

PAGE = 100
"""Items in one answer of the queue."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ClaimBody(_Body):
    """What is to be claimed: a record or a review item."""

    record_id: Annotated[str, Field(pattern=NAME)]


class TimeBody(_Body):
    """How long somebody worked on a record since the last beat."""

    record_id: Annotated[str, Field(pattern=NAME)]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ItemBody(_Body):
    """What becomes of a review item."""

    state: Literal["open", "closed"]
    reason: Annotated[str | None, Field(max_length=2000)] = None


def routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(route_class=ProblemRoute)

    @router.get("/session")
    def session(request: Request, person: Viewer) -> JSONResponse:
        found = session_of(request)
        return answer(
            {
                "person": {"id": person.id, "name": person.name, "role": person.role},
                "may": list(actions_of(person.role)),
                "csrf": found.csrf if found else "",
            }
        )

    @router.get("/queue")
    def in_order(
        person: Viewer,
        meeting: Annotated[str | None, Query(pattern=NAME)] = None,
        reason: Annotated[str | None, Query(max_length=64)] = None,
        state: Annotated[str | None, Query(max_length=64)] = None,
        mine: bool = False,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
    ) -> JSONResponse:
        after = None if cursor is None else _read_cursor(cursor)
        meetings = stored.meeting_rows(desk.store)
        if meeting is not None and meeting not in {row.id for row in meetings}:
            raise not_found("meeting")
        asked = [row for row in meetings if meeting in (None, row.id)]
        wanted = [
            item
            for item in queue.queue(desk.bench, asked)
            if (reason is None or any(each.slug == reason for each in item.need.reasons))
            and (state is None or item.need.state == state)
            and (not mine or (item.claim is not None and item.claim.person_id == person.id))
        ]
        rest = wanted if after is None else [item for item in wanted if item.need.place > after]
        more = len(rest) > limit
        return answer(
            {
                "items": [_item(item) for item in rest[:limit]],
                "total": len(wanted),
                "cursor": _write_cursor(rest[limit - 1].need.place) if more else None,
                "progress": [_progress(item) for item in queue.progress(desk.bench, asked)],
            }
        )

    @router.post("/claims")
    def claim(body: ClaimBody, person: Reviewer) -> JSONResponse:
        held = queue.claim(desk.store, body.record_id, person.id, person.name)
        if held.person_id != person.id:
            detail = f"{held.person_name} works on it."
            raise Problem(409, "claimed", "Somebody else works on it", detail, claimed_by=holder(held))
        return answer({"claimed_by": holder(held), "until": (holder(held) or {})["until"]})

    @router.delete("/claims/{record_id}")
    def release(record_id: RecordId, person: Reviewer) -> JSONResponse:
        return answer({"released": queue.release(desk.store, record_id, person.id)})

    @router.post("/time")
    def spend(body: TimeBody, person: Reviewer) -> JSONResponse:
        return answer({"counted_s": queue.spend(desk.store, body.record_id, person.id, body.seconds)})

    @router.post("/review-items/{item_id}")
    def settle(item_id: RecordId, body: ItemBody, person: Reviewer) -> JSONResponse:
        writable(body.reason, "$.reason")
        return answer(queue.settle(desk.store, item_id, person.id, body.state, body.reason))

    return router


def _item(item: queue.Queued) -> dict[str, Any]:
    need = item.need
    return {
        "record_id": need.record_id,
        "review_item_id": need.review_item_id,
        "meeting_id": need.meeting_id,
        "channel": need.channel,
        "start_ms": need.start_ms,
        "end_ms": need.end_ms,
        "heading": item.heading,
        "state": need.state,
        "reasons": [{"slug": each.slug, "text": each.text, "probability": each.probability} for each in need.reasons],
        "probability": need.probability,
        "impact": need.impact,
        "priority": need.priority,
        "claimed_by": holder(item.claim),
    }


def _progress(item: queue.MeetingProgress) -> dict[str, Any]:
    states = ("provisional", "machine", "in_review", "approved", "published", "corrected", "withdrawn")
    return {
        "meeting_id": item.meeting_id,
        "title": item.title,
        "total": item.total,
        **{state: item.by_state.get(state, 0) for state in states[1:]},
        "minutes_per_audio_hour": item.minutes_per_audio_hour,
    }


def _write_cursor(place: tuple[float, str, int, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[float, str, int, str]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        priority, meeting_id, start_ms, key = found
        return (float(priority), str(meeting_id), int(start_ms), str(key))
    except (ValueError, TypeError) as fault:
        raise invalid("$.cursor", "It is not a cursor that the queue gave.") from fault
