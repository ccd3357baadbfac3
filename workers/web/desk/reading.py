"""The routes that read meetings and records: the meeting without its words, records with them, and what changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from floorlog.adapters.store import desk as stored
from floorlog.adapters.store.claims import Claim
from floorlog.adapters.store.rows import RecordRow
from floorlog.services import queue
from floorlog.services.bench import Sheet, Standing
from floorlog.services.ledger import ChannelLedger
from floorlog.services.review import conflicts
from floorlog.services.revisions import reviewed
from workers.web import wording
from workers.web.desk.changes import Changes
from workers.web.desk.problems import NO_STORE, ProblemRoute, invalid, not_found
from workers.web.desk.wire import Desk, MeetingId, RecordId, Viewer, answer, etag, holder, names_of_people
from workers.web.people import may_view
from workers.web.stream import Watch, events

AT_ONCE = 50
"""Records in one answer."""

BREATH_MS = 1000
"""Pauses and speech without words that are shorter are not drawn."""


def routes(desk: Desk, watch: Watch) -> APIRouter:
    """Return the routes.

    Args:
        desk: What is worked on.
        watch: Tells streams when to look.
    """
    router = APIRouter(route_class=ProblemRoute)
    changes = Changes(desk)

    @router.get("/meetings/{meeting_id}")
    def meeting(meeting_id: MeetingId, person: Viewer) -> JSONResponse:
        version = changes.version(meeting_id)  # asked before reading: what is committed meanwhile is the next one's
        sheet = desk.bench.sheet(meeting_id)
        claims = queue.claims(desk.store, [meeting_id])
        account = desk.bench.account(meeting_id)
        return answer(
            {
                "meeting": sheet.meeting.document,
                "state": sheet.meeting.state,
                "channels": [
                    _channel(item, account.audio_ends_ms.get(item.channel["name"], 0)) for item in account.channels
                ],
                "duration_ms": max((item.ledger.until_ms for item in account.channels), default=0),
                "floor": _floor(sheet),
                "rows": [
                    _row(ordinal, item, claims.get(item.digest.id))
                    for ordinal, item in enumerate(sheet.standing, start=1)
                ],
                "version": version,
            }
        )

    @router.get("/meetings/{meeting_id}/records")
    def records(meeting_id: MeetingId, person: Viewer, ids: Annotated[str, Query(max_length=12_000)]) -> JSONResponse:
        wanted = list(dict.fromkeys(each for each in ids.split(",") if each))
        if len(wanted) > AT_ONCE:
            raise invalid("$.ids", f"At most {AT_ONCE} records at once.")
        return answer({"records": _documents(desk, meeting_id, wanted)})

    @router.get("/meetings/{meeting_id}/changes")
    def follow(
        request: Request,
        meeting_id: MeetingId,
        person: Viewer,
        since: Annotated[str, Query(max_length=200)] = "",
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        desk.bench.sheet(meeting_id)  # 404 before the stream begins

        async def body() -> AsyncIterator[bytes]:
            def since_then(version: str) -> dict[str, Any] | None:
                # A stream lasts for hours: whoever signed out meanwhile, or was, is told no more.
                return changes.since(meeting_id, version) if may_view(request, anew=True) else None

            async for event in events(watch, meeting_id, since_then, last_event_id or since, name="changed"):
                yield event

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={**NO_STORE, "x-accel-buffering": "no"}
        )

    @router.get("/records/{record_id}")
    def record(
        record_id: RecordId, person: Viewer, revision: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
    ) -> JSONResponse:
        row = desk.store.record_row(record_id)
        if revision is not None:
            found = desk.store.revision(record_id, revision)
            if row is None or found is None:
                raise not_found("revision")
            return answer(reviewed(found.content.get("review", {}).get("state", "machine"), found))
        if row is None:
            raise not_found("record")
        if row.retired:
            return answer({"id": row.id, "retired": True, "successors": list(row.successors)}, 410)
        (document,) = _documents(desk, row.meeting_id, [record_id])
        return answer(document, etag=etag(document["revision"]))

    return router


def _documents(desk: Desk, meeting_id: str, wanted: list[str]) -> list[dict[str, Any]]:
    """Return the documents of some records of a meeting, in the order asked for; those that there are."""
    found: dict[str, dict[str, Any]] = {}
    with desk.store.reading(meeting_id) as reader:
        rows = {row.id: row for row in stored.standing(reader, wanted)}
        for revision in stored.current_contents(reader, list(rows)):
            found[revision.record_id] = reviewed(rows[revision.record_id].state, revision)
    missing = set(wanted) - set(found)
    if missing:
        found |= {item["id"]: item for item in desk.bench.provisional(meeting_id) if item["id"] in missing}
    notes = stored.notes(desk.store, wanted)
    names = names_of_people(desk) if any(notes.values()) else {}
    return [
        {
            **found[each],
            "conflicts": _conflicts(desk, found[each], rows.get(each)),
            "notes": [_note(item, names) for item in notes[each]],
        }
        for each in wanted
        if each in found
    ]


def _conflicts(desk: Desk, document: dict[str, Any], row: RecordRow | None) -> list[dict[str, Any]]:
    """Return a record's conflicts; only for one that may have some, they are worked out."""
    if row is None or not (row.machine_waits or row.successors or document["review"].get("conflicts")):
        return []
    return [
        {**asdict(item), "span": item.span.encode() if item.span else None} for item in conflicts(desk.store, row.id)
    ]


def _note(correction: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": correction["id"],
        "note": (correction["after"] or {}).get("note"),
        "author": correction["author"],
        "author_name": names.get(correction["author"]),
        "at": correction["at"],
    }


def _channel(item: ChannelLedger, audio_end_ms: int) -> dict[str, Any]:
    channel = item.channel
    return {
        "name": channel["name"],
        "language": channel["language"],
        "interpretation": channel["interpretation"],
        "label": wording.channel(channel["name"], channel["language"]),
        "end_ms": audio_end_ms,
        "ledger": [
            {**entry.span.encode(), "kind": entry.kind, "cause": entry.cause}
            for entry in item.ledger.entries
            if entry.kind != "words" and (entry.kind in ("gap", "unheard") or entry.span.length_ms >= BREATH_MS)
        ],
    }


def _floor(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {**span.encode(), "entity": item.digest.entity and item.digest.entity["code"], "record_id": item.digest.id}
        for item in sheet.standing
        if item.digest.channel not in sheet.interpretations
        for span in item.digest.spans
    ]


def _row(ordinal: int, item: Standing, claim: Claim | None) -> dict[str, Any]:
    digest = item.digest
    return {
        "record_id": digest.id,
        "revision": digest.revision,
        "ordinal": ordinal,
        "channel": digest.channel,
        "start_ms": digest.spans[0].start_ms,
        "end_ms": digest.spans[-1].end_ms,
        "kind": digest.kind,
        "heading": digest.heading,
        "entity": digest.entity,
        "on_behalf_of": list(digest.on_behalf_of),
        "language": digest.language,
        "interpretation": digest.interpretation,
        "state": item.state,
        "flags": list(digest.flags),
        "conflicts": item.conflicts,
        "machine_waits": item.row is not None and item.row.machine_waits,
        "note": digest.note,
        "words": digest.words,
        "doubtful": digest.doubtful,
        "confidence": digest.confidence,
        "words_confidence": digest.words_confidence,
        "claimed_by": holder(claim),
    }
