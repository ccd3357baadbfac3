"""Routes for what changes: the feed by cursor, the stream of server-sent events, and a meeting at this moment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from floorlog.adapters.store import Store
from floorlog.adapters.store.outbox import Page
from floorlog.errors import FloorlogError, UnknownMeeting
from floorlog.relaying import EVERYTHING, Wanted, sees
from floorlog.services import speaking_now
from floorlog.services.events import encode
from workers.web.v1.answers import Refusals, refusals
from workers.web.v1.answers_changes import Changes, LiveNow
from workers.web.v1.hub import LOOK_EVERY_S, Hub, told
from workers.web.v1.problems import bad_parameter, not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.wire import MEETING, MeetingId, json_answer, labels

PAGE = 100
"""Events in one page of the feed, where nothing else is asked, and as many as the stream reads from the store."""

MOST = 1000
"""Events in one page at most."""

KEEP_ALIVE_S = 15.0
"""What the HTML standard suggests against proxies that close silent connections (section 9.2.7, authoring notes)."""

RETRY_MS = 2000
"""What readers are told to wait before they connect again."""

STREAMS = 1000
"""Streams that one process serves at once."""

NO_STORE = {"cache-control": "no-store"}

STREAMED: Refusals = {
    200: {
        "description": "The events, until the reader leaves.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **refusals(404),
}

CURSOR = r"^([0-9]{1,19}|now)$"

EventType = Literal[
    "record.provisional",
    "record.created",
    "record.revised",
    "record.published",
    "record.corrected",
    "record.withdrawn",
    "record.retired",
    "meeting.started",
    "meeting.ended",
    "gap.opened",
]

Meeting = Annotated[str | None, Query(description="Only this meeting's.", pattern=MEETING)]
Types = Annotated[
    list[EventType],
    Query(alias="type", description="Only events of this type; repeatable.", default_factory=list, max_length=20),
]

log = structlog.get_logger()


class Live:
    """The routes, and the one look at the store behind them.

    Args:
        store: What is read.
        scopes_of: Gives what a reader may see beyond what everybody may; asked again while a stream lasts.
        look_every_s: How often the store is asked while somebody follows the stream.
        keep_alive_s: After so long without an event a comment is sent, and looked whether the reader still may read.
    """

    def __init__(
        self,
        store: Store,
        scopes_of: Callable[[Request], frozenset[str]],
        look_every_s: float = LOOK_EVERY_S,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._store, self._scopes_of, self._keep_alive_s = store, scopes_of, keep_alive_s
        self.hub = Hub(self._everything, self._said_now, look_every_s)
        self.router = APIRouter(tags=["Changes"], route_class=ApiRoute)
        self._streams = 0
        self._routes()

    def stop(self) -> None:
        """End the streams; a signal handler may call this."""
        self.hub.stop()

    def _everything(self, after: int | None) -> Page:
        self._store.sequence()
        if after is None:
            last = self._store.last_position()
            return Page((), last, False, last)
        return self._store.page(after, MOST, EVERYTHING)

    def _said_now(self, meeting_id: str) -> dict[str, Any]:
        return speaking_now.snapshot(self._store, meeting_id)

    def _needed(self, meeting_id: str, scopes: frozenset[str]) -> dict[str, Any]:
        """Return the document of a meeting that a reader may know of.

        Raises:
            Problem: 404, there is none.
        """
        try:
            document = self._store.meeting(meeting_id).document
        except UnknownMeeting:
            raise not_found("meeting") from None
        if not sees(str(document["audience"]), True, scopes):
            raise not_found("meeting")
        return document

    def _position(self, cursor: str | None, default: int | None) -> int:
        """Return the position of a cursor; `default` None stands for the end of the feed.

        Raises:
            Problem: 400, no event has come so far.
        """
        self._store.sequence()
        last = self._store.last_position()
        if cursor in (None, "") and default is not None:
            return default
        if cursor in (None, "", "now"):
            return last
        if int(cursor or "0") > last:
            raise bad_parameter("after", "it is beyond the last event: it was not given out here.")
        return int(cursor or "0")

    def _routes(self) -> None:
        router = self.router

        @router.get("/changes", response_model=Changes, responses=refusals(404))
        def changes(
            request: Request,
            types: Types,
            after: Annotated[
                str | None,
                Query(
                    description="`next` of the page before; absent: from the beginning; `now`: only the cursor of now.",
                    pattern=CURSOR,
                ),
            ] = None,
            limit: Annotated[int, Query(description="Events at most.", ge=1, le=MOST)] = PAGE,
            meeting: Meeting = None,
        ) -> Response:
            """Return what happened behind a cursor, in order.

            Ask again with `next` as `after`: at once where `more` is true, else after a while. The stream, webhooks and
            the records topic carry the same events with the same ids.
            """
            wanted = Wanted(meeting, tuple(types), self._scopes_of(request))
            if meeting is not None:
                self._needed(meeting, wanted.scopes)
            position = self._position(after, 0)
            page = Page((), position, False, position) if after == "now" else self._store.page(position, limit, wanted)
            documents = self._store.documents({row.meeting_id for row in page.rows})
            content = {
                "events": [encode(row) for row in page.rows],
                "next": str(page.next),
                "more": page.more,
                **labels(documents),
            }
            return json_answer(request, content)

        @router.get("/meetings/{meeting_id}/live", response_model=LiveNow, responses=refusals(404))
        def live(request: Request, meeting_id: MeetingId) -> Response:
            """Return how far a meeting is, who has the floor, and what was said since it was given."""
            scopes = self._scopes_of(request)
            document = self._needed(meeting_id, scopes)
            return json_answer(request, _for_reader(self._said_now(meeting_id), document, scopes))

        @router.get("/stream", response_class=StreamingResponse, responses=STREAMED)
        def stream(
            request: Request,
            types: Types,
            meeting: Meeting = None,
            after: Annotated[
                str | None, Query(description="A cursor to go on behind; absent: from now on.", pattern=CURSOR)
            ] = None,
            said: Annotated[
                bool, Query(alias="live", description="Also send what is said now, as events `live`; needs `meeting`.")
            ] = False,
            last_event_id: Annotated[
                str | None,
                Header(
                    description="The last `id` that came; it counts more than `after`. Browsers send it by themselves.",
                    pattern=r"^[0-9]{0,19}$",
                ),
            ] = None,
        ) -> StreamingResponse:
            """Send events as they happen, as server-sent events.

            `id` is the event's `sequence`, `event` its type, `data` the event: a reader that sends the last id back as
            `Last-Event-ID`, as browsers do by themselves, misses nothing. A comment comes every 15 s.
            """
            wanted = Wanted(meeting, tuple(types), self._scopes_of(request))
            if said and meeting is None:
                raise bad_parameter("live", "it needs meeting.")
            if meeting is not None:
                self._needed(meeting, wanted.scopes)
            if self._streams >= STREAMS:
                raise HTTPException(503, headers={"retry-after": "10"})
            position = self._position(last_event_id or after, None)
            return StreamingResponse(
                self._events(request, wanted, position, meeting if said else None),
                media_type="text/event-stream",
                headers={**NO_STORE, "x-accel-buffering": "no"},
            )

    async def _events(
        self, request: Request, wanted: Wanted, position: int, said_in: str | None
    ) -> AsyncIterator[bytes]:
        self._streams += 1
        hub, seen = self.hub, None
        try:
            yield format_sse_event(retry=RETRY_MS)
            async with hub.following(said_in):
                while not hub.stopped:
                    position, message = await self._behind(position, wanted)
                    if message:
                        yield message
                    said = hub.said_now(said_in) if said_in else None
                    if said_in and said is not None and said is not seen:
                        seen = said
                        document = await run_in_threadpool(self._needed, said_in, wanted.scopes)
                        shown = _for_reader(said, document, wanted.scopes)
                        yield format_sse_event(event="live", data_str=json.dumps(shown, ensure_ascii=False))
                    if not await hub.more(position, said_in, seen, self._keep_alive_s):
                        if await run_in_threadpool(self._scopes_of, request) != wanted.scopes:
                            return
                        yield KEEPALIVE_COMMENT
        except HTTPException:
            return  # the meeting is shown no more
        except FloorlogError as fault:
            log.warning("stream-read-failed", reason=fault.reason, fault=str(fault))  # the reader connects again
        finally:
            self._streams -= 1

    async def _behind(self, position: int, wanted: Wanted) -> tuple[int, bytes]:
        """Return what is behind a position for a reader, and the position to go on behind."""
        kept = self.hub.behind(position)
        if kept is None:
            page = await run_in_threadpool(self._store.page, position, PAGE, wanted)
            return page.next, b"".join(told(row).message for row in page.rows)
        if kept:
            position = kept[-1].position
        return position, b"".join(item.message for item in kept if item.is_for(wanted))


def _for_reader(said: dict[str, Any], meeting: dict[str, Any], scopes: frozenset[str]) -> dict[str, Any]:
    shown = said if sees(str(meeting["audience"]), False, scopes) else speaking_now.without_words(said)
    return {**shown, "title": meeting["title"], **labels([meeting])}
