"""The routes of meetings: the list, one of them, and the account of every second of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from floorlog.adapters.store import Store, desk
from floorlog.adapters.store.published_rows import MeetingFilter, ShownMeeting
from floorlog.records import DISCLAIMER
from floorlog.services import ledger
from floorlog.themes import load_lexicon
from workers.web import wording
from workers.web.v1 import paging
from workers.web.v1.answers import refusals
from workers.web.v1.answers_meetings import Coverage, MeetingList, WholeMeeting
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Sat, needed_meeting
from workers.web.v1.wire import MeetingId, Scopes, json_answer, labels, link

KEPT = ("id", "title", "body", "symbol", "format", "date", "audience", "licence", "synthetic")
TIMES = ("scheduled_start", "scheduled_end", "actual_start", "actual_end")


def routes(store: Store) -> APIRouter:
    """Return the routes.

    Args:
        store: Where the meetings are from.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Meetings"])

    @router.get("/meetings", response_model=MeetingList, responses=refusals())
    def list_meetings(request: Request, scopes: Scopes, asked: Annotated[Sat, Query()]) -> Response:
        """List meetings, the newest first."""
        question = asked.model_dump(exclude={"limit", "cursor"})
        chosen = MeetingFilter(states=tuple(asked.state), from_ms=asked.from_, to_ms=asked.to, scopes=scopes)
        before = paging.decode_dated(question, asked.cursor)
        rows = store.meetings_shown(chosen, before=before, limit=asked.limit + 1)
        following = paging.encode(question, *rows[asked.limit - 1].cursor) if len(rows) > asked.limit else None
        items = [presented(request, row) for row in rows[: asked.limit]]
        return json_answer(request, {"items": items, "next": following, **labels(items)})

    @router.get("/meetings/{meeting_id}", response_model=WholeMeeting, responses=refusals(404))
    def get_meeting(request: Request, meeting_id: MeetingId, scopes: Scopes) -> Response:
        """Return one meeting."""
        row = needed_meeting(store, meeting_id, scopes)
        content = {
            **presented(request, row),
            "themes": list(_themes(row.document)),
            "audio": _audio(request, store, row),
        }
        return json_answer(request, content)

    @router.get("/meetings/{meeting_id}/coverage", response_model=Coverage, responses=refusals(404))
    def get_coverage(request: Request, meeting_id: MeetingId, scopes: Scopes) -> Response:
        """Return where every second of each channel went: words, silence, speech without words, or a gap."""
        row = needed_meeting(store, meeting_id, scopes)
        told = row.audience != "published" or row.records > 0
        channels = [ledger.encode_channel(item) for item in ledger.of_meeting(store, meeting_id)] if told else []
        content = {
            "meeting_id": meeting_id,
            "clock_ms": max((item["until_ms"] for item in channels), default=0),
            "channels": channels,
            **labels([row.document]),
        }
        return json_answer(request, content)

    return router


def presented(request: Request, row: ShownMeeting) -> dict[str, Any]:
    """Return a meeting as the API gives it out: what of its document is for readers, and where its parts are."""
    document, path = row.document, f"/v1/meetings/{row.id}"
    return {
        **{name: document[name] for name in (*KEPT, *TIMES)},
        "state": row.state,
        "records": row.records,
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
            "themes_by_entity": link(request, f"{path}/themes-by-entity"),
            "live": link(request, f"{path}/live"),
            "stream": link(request, "/v1/stream", meeting=row.id),
        },
    }


def _themes(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in document["themes"]:
        lexicon = load_lexicon(name)
        for theme in lexicon.themes.values() if lexicon else ():
            yield {"id": theme.id, "lexicon": name, "label": theme.label, "title": theme.title}


def _audio(request: Request, store: Store, row: ShownMeeting) -> dict[str, Any]:
    """Return what everybody may listen to, by channel: nothing of a closed meeting, nor where nothing is shown yet."""
    if row.audience == "closed" or (row.audience == "published" and row.records == 0):
        return {}
    return {
        channel: {"until_ms": until_ms, "url": link(request, f"/meetings/{row.id}/audio/{channel}/{until_ms}.wav")}
        for channel, until_ms in desk.audio_ends_ms(store, row.id).items()
        if until_ms
    }
