"""The routes of the pages: the list of meetings, a meeting, and the stream that makes it grow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from markupsafe import Markup
from prometheus_client import CollectorRegistry, Gauge

from floorlog.clock import parse_rfc3339
from floorlog.roles import may
from workers.web import people_wording, wording
from workers.web.board import Board, Boards
from workers.web.people import may_view
from workers.web.reading import Reader, Sitting, shown
from workers.web.stream import Watch, events

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["meeting_states"] = wording.MEETING_STATES
TEMPLATES.globals["coverage_kinds"] = wording.COVERAGE
TEMPLATES.globals["say"] = people_wording.SAY
TEMPLATES.globals["may"] = may

NO_STORE = {"cache-control": "no-store"}


def render(name: str, **values: Any) -> str:
    """Return a template filled with values; text is escaped."""
    return TEMPLATES.get_template(name).render(values)


def routes(reader: Reader, boards: Boards, watch: Watch, registry: CollectorRegistry) -> APIRouter:
    """Return the routes of the pages.

    Args:
        reader: Where the list of meetings is from.
        boards: Where a meeting's content is from.
        watch: Tells streams when to look.
        registry: Where the readers of streams are counted.
    """
    router = APIRouter()
    following = Gauge("floorlog_web_streams", "Pages that are being kept up to date.", registry=registry)

    def may_see(request: Request, meeting_id: str, channel: str | None) -> Board:
        board = boards.board(meeting_id, channel, inside=may_view(request))
        if board is None:
            raise HTTPException(404)
        return board

    @router.get("/", response_class=HTMLResponse)
    def index(request: Request) -> HTMLResponse:
        inside = may_view(request)
        rows = [_row(sitting, reader) for sitting in reader.sittings() if inside or sitting.audience != "closed"]
        return HTMLResponse(render("index.html", rows=rows), headers=NO_STORE)

    @router.get("/meetings/{meeting_id}", response_class=HTMLResponse)
    def meeting(request: Request, meeting_id: str, channel: str | None = None) -> HTMLResponse:
        return HTMLResponse(_page(may_see(request, meeting_id, channel)), headers=NO_STORE)

    @router.get("/meetings/{meeting_id}/events")
    def stream(
        request: Request,
        meeting_id: str,
        channel: str | None = None,
        since: str = "",
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        may_see(request, meeting_id, channel)
        inside = may_view(request)

        async def body() -> AsyncIterator[bytes]:
            with following.track_inprogress():

                def changes(version: str) -> dict[str, Any] | None:
                    still_inside = inside and may_view(request, anew=True)
                    return boards.changes(meeting_id, channel, version, inside=still_inside)

                async for event in events(watch, meeting_id, changes, last_event_id or since):
                    yield event

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={**NO_STORE, "x-accel-buffering": "no"}
        )

    return router


def _row(sitting: Sitting, reader: Reader) -> dict[str, Any]:
    said = [
        record
        for record in shown(sitting, reader.records(sitting.id), inside=True)
        if record["kind"] not in wording.SUBDUED and record["channel"] == sitting.channel
    ]
    delegations = {record["speaker"]["entity"]["code"] for record in said if record["speaker"]}
    facts = [_plural(len(said), "intervention"), _plural(len(delegations), "delegation")]
    if not said:
        facts = ["nothing is published yet" if sitting.audience == "published" else "nothing was heard yet"]
    return {
        "meeting": sitting.meeting,
        "closed": sitting.audience == "closed",
        "date": wording.day(sitting.meeting["date"]),
        "state": sitting.state,
        "state_label": wording.MEETING_STATES[sitting.state],
        "facts": " · ".join(facts),
    }


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _page(board: Board) -> str:
    meeting = board.sitting.meeting
    heard_ms = board.audio_ends_ms.get(board.channel)
    return render(
        "meeting.html",
        board=board,
        meeting=meeting,
        date=wording.day(meeting["date"]),
        scheduled=_scheduled(meeting),
        summary=Markup(board.summary),  # rendered from a template of ours, escaped there
        pieces=[{"html": Markup(item.html), "outline": Markup(item.outline)} for item in board.pieces.values()],
        channels=[
            {"name": item["name"], "label": wording.channel(item["name"], item["language"])}
            for item in meeting["channels"]
        ],
        ends=json.dumps(board.audio_ends_ms),
        nothing=_nothing(board.sitting),
        source_page=_web_address(meeting["source"]["page"]),
        about=_about(meeting),
        whole_audio=f"/meetings/{meeting['id']}/audio/{board.channel}/{heard_ms}.wav" if heard_ms else None,
    )


def _about(meeting: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is known of a meeting besides its title; None where that is nothing."""
    documents = [{**item, "url": _secure_address(item["url"])} for item in meeting.get("related_documents", ())]
    about = {
        "summary": [part.strip() for part in meeting.get("summary", "").split("\n\n") if part.strip()],
        "categories": meeting.get("categories", []),
        "programme": [phase["label"] for phase in meeting["programme"]],
        "documents": documents,
    }
    return about if any(about.values()) else None


def _nothing(sitting: Sitting) -> str:
    if sitting.audience == "published":
        return "No intervention has been published yet. Those that are appear here by themselves."
    if sitting.state == "ended":
        return "The meeting has ended, and nothing was put into words."
    return "Nothing was heard yet. The log grows here as soon as somebody speaks."


def _scheduled(meeting: dict[str, Any]) -> str | None:
    if meeting["scheduled_start"] is None:
        return None
    start = parse_rfc3339(meeting["scheduled_start"])
    if meeting["scheduled_end"] is None:
        return f"{start:%H:%M} UTC"
    return f"{start:%H:%M} to {parse_rfc3339(meeting['scheduled_end']):%H:%M} UTC"


def _secure_address(url: str | None) -> str | None:
    """Return a link that others than the operator may have written: only to the web, and only by https."""
    return url if url and urlsplit(url).scheme == "https" else None


def _web_address(url: str | None) -> str | None:
    """Return a link that may be followed: only to the web, never a script."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None
