"""The routes of interventions: lists by filter, one of them, and search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from workers.web.v1 import paging
from workers.web.v1.answers import Intervention, InterventionList, refusals
from workers.web.v1.interim import Filter, Interim, ShownRow
from workers.web.v1.problems import not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Listed, ListedOfMeeting, Within
from workers.web.v1.wire import MeetingId, RecordId, Scopes, json_answer, labels, link, moment


def routes(reading: Interim) -> APIRouter:
    """Return the routes.

    Args:
        reading: Where the interventions are from.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Interventions"])

    @router.get("/interventions", response_model=InterventionList, responses=refusals(404))
    def interventions(request: Request, scopes: Scopes, asked: Annotated[Listed, Query()]) -> Response:
        """List interventions, the newest first."""
        return _page(request, asked, asked.meeting, scopes)

    @router.get("/meetings/{meeting_id}/interventions", response_model=InterventionList, responses=refusals(404))
    def of_meeting(
        request: Request, meeting_id: MeetingId, scopes: Scopes, asked: Annotated[ListedOfMeeting, Query()]
    ) -> Response:
        """List the interventions of a meeting, the newest first."""
        return _page(request, asked, meeting_id, scopes)

    @router.get("/interventions/{record_id}", response_model=Intervention, responses=refusals(308, 404, 410))
    def intervention(
        request: Request,
        record_id: RecordId,
        scopes: Scopes,
        words: Annotated[bool, Query(description="Whether to give the words with their times.")] = True,
    ) -> Response:
        """Return one intervention."""
        row = reading.intervention(record_id, scopes)
        if row is None:
            raise not_found("intervention")
        document = reading.full(row) if words else json.loads(row.document)
        return json_answer(request, presented(request, document, row.started_at))

    def _page(
        request: Request, asked: Listed | ListedOfMeeting, meeting_id: str | None, scopes: frozenset[str]
    ) -> Response:
        if meeting_id is not None and reading.meeting_shown(meeting_id, scopes) is None:
            raise not_found("meeting")
        chosen, question = chosen_by(asked, meeting_id, scopes), _question(asked, meeting_id)
        place = paging.decode(question, asked.cursor, (int, str))
        ascending = asked.sort == "oldest"
        rows = reading.interventions(chosen, before=place, limit=asked.limit + 1, ascending=ascending)
        return json_answer(request, listed(request, rows, asked.limit, question))

    return router


def chosen_by(asked: Within, meeting_id: str | None, scopes: frozenset[str]) -> Filter:
    """Return the filter behind the parameters of a request."""
    return Filter(
        meeting_id=meeting_id,
        entities=tuple(asked.entity),
        on_behalf_of=tuple(asked.on_behalf_of),
        kinds=tuple(asked.kind),
        themes=tuple(asked.theme),
        languages=tuple(asked.language),
        states=tuple(asked.state),
        interpretation=asked.interpretation,
        from_ms=asked.from_,
        to_ms=asked.to,
        scopes=scopes,
    )


def listed(request: Request, rows: Sequence[ShownRow], limit: int, question: object) -> dict[str, Any]:
    """Return a page of a list: of `limit` + 1 rows the last only says that there is more."""
    items = [presented(request, json.loads(row.document), row.started_at) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": items,
        "next": last and paging.encode(question, (last.started_at, last.record_id)),
        **labels(items),
    }


def presented(request: Request, document: dict[str, Any], started_at: int) -> dict[str, Any]:
    """Return an intervention as the API gives it out: the record, and where it is found."""
    record_id, first = document["id"], document["spans"][0]
    return {
        **document,
        "self": link(request, f"/v1/interventions/{record_id}"),
        "url": link(request, f"/interventions/{record_id}"),
        "moment_url": moment(request, document["meeting_id"], first["start_ms"]),
        "started_at": first["start_utc"],
        "duration_ms": sum(span["end_ms"] - span["start_ms"] for span in document["spans"]),
    }


def _question(asked: Listed | ListedOfMeeting, meeting_id: str | None) -> object:
    return meeting_id, asked.model_dump(exclude={"limit", "cursor"})
