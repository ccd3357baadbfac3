"""The routes of meetings: the list, and one of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from floorlog.adapters.store.rows import MeetingRow
from floorlog.records import DISCLAIMER
from workers.web import wording
from workers.web.v1.answers import Meeting, MeetingList, refusals
from workers.web.v1.interim import Interim
from workers.web.v1.problems import not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Sat
from workers.web.v1.wire import MeetingId, Scopes, json_answer, labels, link


def routes(reading: Interim) -> APIRouter:
    """Return the routes.

    Args:
        reading: Where the meetings are from.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Meetings"])

    @router.get("/meetings", response_model=MeetingList, responses=refusals())
    def meetings(request: Request, scopes: Scopes, asked: Annotated[Sat, Query()]) -> Response:
        """List meetings, the newest first."""
        items = [presented(request, row) for row in reading.meetings_shown(scopes)][: asked.limit]
        return json_answer(request, {"items": items, "next": None, **labels(items)})

    @router.get("/meetings/{meeting_id}", response_model=Meeting, responses=refusals(404))
    def meeting(request: Request, meeting_id: MeetingId, scopes: Scopes) -> Response:
        """Return one meeting."""
        row = reading.meeting_shown(meeting_id, scopes)
        if row is None:
            raise not_found("meeting")
        return json_answer(request, presented(request, row))

    return router


def presented(request: Request, row: MeetingRow) -> dict[str, Any]:
    """Return a meeting as the API gives it out: what of its document is for readers, and where its parts are."""
    document, path = row.document, f"/v1/meetings/{row.id}"
    kept = ("id", "title", "body", "symbol", "format", "date", "audience", "licence", "synthetic")
    times = ("scheduled_start", "scheduled_end", "actual_start", "actual_end")
    return {
        **{name: document[name] for name in (*kept, *times)},
        "state": row.state,
        "channels": [
            {
                **{name: item[name] for name in ("name", "language", "interpretation")},
                "label": wording.channel(item["name"], item["language"]),
            }
            for item in document["channels"]
        ],
        "chair": {"title": document["chair"]["title"]},
        "programme": [{name: phase[name] for name in ("phase", "label")} for phase in document["programme"]],
        "summary": document.get("summary"),
        "categories": document.get("categories", []),
        "related_documents": document.get("related_documents", []),
        "source_page": document["source"]["page"],
        "disclaimer": DISCLAIMER,
        "self": link(request, path),
        "url": link(request, f"/meetings/{row.id}"),
        "links": {
            "interventions": link(request, f"{path}/interventions"),
            "coverage": link(request, f"{path}/coverage"),
            "speaking_time": link(request, f"{path}/speaking-time"),
            "themes": link(request, f"{path}/themes"),
            "live": link(request, f"{path}/live"),
            "stream": link(request, "/v1/stream", meeting=row.id),
        },
    }
