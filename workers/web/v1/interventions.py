"""The routes of interventions: lists by filter, search, one of them, and its revisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Gone, Hit, Retired, ShownRevision, ShownRow, Suppressed
from floorlog.clock import rfc3339
from workers.web.desk.problems import Problem
from workers.web.v1 import paging
from workers.web.v1.answers import HitList, Intervention, InterventionList, Revision, RevisionList, refusals
from workers.web.v1.problems import gone, not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Flag, Listed, ListedOfMeeting, Searched, chosen_by, seen_meeting
from workers.web.v1.wire import MeetingId, Number, RecordId, Scopes, json_answer, labels, link, moment

REMOVED = "removed on request"

FIRST = ("id", "meeting_id", "revision", "review", "kind", "speaker", "spans", "text")
"""Members that come first, for those who read answers with their eyes; their order means nothing."""


def routes(store: Store) -> APIRouter:
    """Return the routes.

    Args:
        store: Where the interventions are from.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Interventions"])

    @router.get("/interventions", response_model=InterventionList, responses=refusals(404))
    def list_interventions(request: Request, scopes: Scopes, asked: Annotated[Listed, Query()]) -> Response:
        """List interventions, the newest first."""
        return _page(request, store, asked, asked.meeting, scopes)

    @router.get("/meetings/{meeting_id}/interventions", response_model=InterventionList, responses=refusals(404))
    def list_interventions_of_meeting(
        request: Request, meeting_id: MeetingId, scopes: Scopes, asked: Annotated[ListedOfMeeting, Query()]
    ) -> Response:
        """List the interventions of a meeting, the newest first."""
        return _page(request, store, asked, meeting_id, scopes)

    @router.get("/search", response_model=HitList, responses=refusals(404))
    def search(request: Request, scopes: Scopes, asked: Annotated[Searched, Query()]) -> Response:
        """Find words in what was said, each hit with the passage and the moment at which it was said."""
        seen_meeting(store, asked.meeting, scopes)
        question = _question(asked, asked.meeting)
        ranked = asked.sort == "relevance"
        before = paging.decode(question, asked.cursor, least=0 if ranked else None)
        ascending = asked.sort == "oldest"
        hits = store.search(
            asked.q,
            chosen_by(asked, asked.meeting, scopes),
            before=before,
            limit=asked.limit + 1,
            ranked=ranked,
            ascending=ascending,
        )
        items = [_hit(request, hit) for hit in hits[: asked.limit]]
        # The best have no place of their own: the list goes on by how many were seen.
        place = (before or 0) + asked.limit if ranked else hits[: asked.limit][-1].row.number if hits else 0
        following = paging.encode(question, place) if len(hits) > asked.limit else None
        return json_answer(request, {"items": items, "next": following, **labels(items)})

    @router.get("/interventions/{record_id}", response_model=Intervention, responses=refusals(308, 404, 410))
    def get_intervention(
        request: Request,
        record_id: RecordId,
        scopes: Scopes,
        words: Annotated[Flag, Query(description="Whether to give the words with their times.")] = True,
    ) -> Response:
        """Return one intervention, as it stands now."""
        row = store.intervention(record_id, scopes)
        if not isinstance(row, ShownRow):
            return _instead(request, row)
        document = json.loads(row.document)
        if words:
            shown = store.revision_shown(record_id, row.revision, scopes)
            if not isinstance(shown, ShownRevision):  # hidden since it was looked up
                return _instead(request, shown)
            document = shown.document
        return json_answer(request, presented(request, document))

    @router.get("/interventions/{record_id}/revisions", response_model=RevisionList, responses=refusals(308, 404, 410))
    def list_revisions(request: Request, record_id: RecordId, scopes: Scopes) -> Response:
        """List the revisions of an intervention that were shown, the first one first."""
        found = store.revisions_shown(record_id, scopes)
        if not isinstance(found, list):
            return _instead(request, found)
        path = f"/v1/interventions/{record_id}/revisions"
        items = [
            {
                "revision": note.revision,
                "made_by": note.made_by,
                "reason": note.reason,
                "shown_at": rfc3339(note.shown_at),
                "self": link(request, f"{path}/{note.revision}"),
                "url": link(request, f"{path.removeprefix('/v1')}/{note.revision}"),
            }
            for note in found
        ]
        latest = store.revision_shown(record_id, found[-1].revision, scopes) if found else None
        documents = [latest.document] if isinstance(latest, ShownRevision) else []
        return json_answer(request, {"items": items, "next": None, **labels(documents)})

    @router.get(
        "/interventions/{record_id}/revisions/{revision}", response_model=Revision, responses=refusals(308, 404, 410)
    )
    def get_revision(request: Request, record_id: RecordId, revision: Number, scopes: Scopes) -> Response:
        """Return an intervention as one of its revisions had it, with its words."""
        found = store.revision_shown(record_id, revision, scopes)
        if not isinstance(found, ShownRevision):
            return _instead(request, found, "revision")
        path = f"/interventions/{record_id}/revisions/{revision}"
        shown = {
            **presented(request, found.document),
            "self": link(request, f"/v1{path}"),
            "url": link(request, path),
            "made_by": found.made_by,
            "reason": found.reason,
            "shown_at": rfc3339(found.shown_at),
            "latest": link(request, f"/v1/interventions/{record_id}"),
        }
        return json_answer(request, shown)

    return router


def _page(
    request: Request, store: Store, asked: Listed | ListedOfMeeting, meeting_id: str | None, scopes: tuple[str, ...]
) -> Response:
    seen_meeting(store, meeting_id, scopes)
    chosen, question = chosen_by(asked, meeting_id, scopes), _question(asked, meeting_id)
    before, limit, ascending = paging.decode(question, asked.cursor), asked.limit + 1, asked.sort == "oldest"
    if asked.q is None:
        rows: Sequence[ShownRow] = store.interventions(chosen, before=before, limit=limit, ascending=ascending)
    else:
        hits = store.search(asked.q, chosen, before=before, limit=limit, ascending=ascending)
        rows = [hit.row for hit in hits]
    items = [presented(request, json.loads(row.document)) for row in rows[: asked.limit]]
    following = paging.encode(question, rows[asked.limit - 1].number) if len(rows) > asked.limit else None
    return json_answer(request, {"items": items, "next": following, **labels(items)})


def presented(request: Request, document: dict[str, Any]) -> dict[str, Any]:
    """Return an intervention as the API gives it out: the record, and where it is found."""
    record_id, first = document["id"], document["spans"][0]
    return {
        **{name: document[name] for name in FIRST if name in document},
        **document,
        "self": link(request, f"/v1/interventions/{record_id}"),
        "url": link(request, f"/interventions/{record_id}"),
        "moment_url": moment(request, document["meeting_id"], first["start_ms"]),
        "started_at": first["start_utc"],
        "duration_ms": sum(span["end_ms"] - span["start_ms"] for span in document["spans"]),
    }


def _hit(request: Request, hit: Hit) -> dict[str, Any]:
    return {
        **presented(request, json.loads(hit.row.document)),
        "highlight": {
            "parts": [{"text": part.text, "hit": part.hit} for part in hit.excerpt],
            "start_ms": hit.at_ms,
            "url": moment(request, hit.row.meeting_id, hit.at_ms),
        },
    }


def _instead(request: Request, found: Gone | None, what: str = "intervention") -> Response:
    """Return where a record went, or raise why it is not shown.

    Raises:
        Problem: 404 or 410.
    """
    if found is None:
        raise not_found(what)
    if not isinstance(found, Retired) or not found.successors:
        raise why_gone(found)
    addresses = [link(request, f"/v1/interventions/{key}") for key in found.successors]
    content = {"record_id": found.record_id, "successors": list(found.successors)}
    headers = {
        "location": addresses[0],
        "link": ", ".join(f'<{address}>; rel="successor-version"' for address in addresses),
        "cache-control": "no-cache",
    }
    return JSONResponse(content, 308, headers=headers)


def why_gone(found: Gone) -> Problem:
    """Return the problem that a record was shown once and is no more, with the reason."""
    match found:
        case Suppressed():
            return gone("removed", REMOVED, record_id=found.record_id)
        case Retired():
            return gone("retired", "others stand for it, and none is shown to you", record_id=found.record_id)
    return gone("withdrawn", found.reason or "no reason was given", record_id=found.record_id)


def _question(asked: Listed | ListedOfMeeting | Searched, meeting_id: str | None) -> object:
    return meeting_id, asked.model_dump(exclude={"limit", "cursor"})
