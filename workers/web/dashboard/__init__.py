"""The dashboard: two public pages that their scripts fill from `/v1`, as anybody's dashboard could."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from workers.web import pages
from workers.web.dashboard.catalogue import sentences

SCRIPT = FilePath(__file__).parents[1] / "static/dashboard/dashboard.js"

MeetingId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]


def routes(script: FilePath = SCRIPT) -> APIRouter:
    """Return the routes of the two pages; without the built script they say what is missing.

    Args:
        script: Where the built script is.
    """
    router = APIRouter()

    def page(template: str, meeting_id: str | None = None) -> HTMLResponse:
        content = pages.render(template, t=sentences(), meeting_id=meeting_id, built=script.exists())
        return HTMLResponse(content, headers={"cache-control": "no-cache"})

    @router.get("/dashboard", response_class=HTMLResponse)
    def overview() -> HTMLResponse:
        return page("dashboard.html")

    @router.get("/dashboard/{meeting_id}", response_class=HTMLResponse)
    def meeting(meeting_id: MeetingId) -> HTMLResponse:
        return page("dashboard_meeting.html", meeting_id)

    return router
