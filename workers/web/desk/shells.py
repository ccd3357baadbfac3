"""The two pages of the workbench: empty shells that the bundle fills."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from floorlog.errors import UnknownMeeting
from workers.web import pages
from workers.web.desk.wire import Desk
from workers.web.people import Person, require, session_of

Viewer = Annotated[Person, Depends(require("view"))]


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter()

    @router.get("/desk", response_class=HTMLResponse)
    def queue(request: Request, person: Viewer) -> HTMLResponse:
        return HTMLResponse(pages.render("desk.html", session=session_of(request)), headers=pages.NO_STORE)

    @router.get("/desk/meetings/{meeting_id}", response_class=HTMLResponse)
    def meeting(request: Request, meeting_id: str, person: Viewer) -> HTMLResponse:
        try:
            found = desk.store.meeting(meeting_id)
        except UnknownMeeting as fault:
            raise HTTPException(404) from fault
        content = pages.render("desk_meeting.html", session=session_of(request), meeting=found.document)
        return HTMLResponse(content, headers=pages.NO_STORE)

    return router
