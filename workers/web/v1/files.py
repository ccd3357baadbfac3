"""The routes of files: a meeting, or whatever the filters choose, in a format to keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from floorlog import __version__, visibility
from floorlog.adapters.store import Store, watching
from floorlog.clock import rfc3339
from floorlog.errors import UnknownMeeting
from floorlog.exports.formats import FORMATS
from floorlog.exports.html_log import content_security_policy
from floorlog.services.export import Wanted, file
from workers.web.v1.answers import refusals
from workers.web.v1.moments import EPOCH
from workers.web.v1.problems import bad_parameter, not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Anywhere, Language, Within, chosen_by
from workers.web.v1.wire import MeetingId, Scopes, base_of, is_known

Form = Annotated[
    Literal["jsonl", "csv", "parquet", "vtt", "srt", "txt", "html"],
    Path(description="The format: " + "; ".join(f"`{item.name}` {item.about}" for item in FORMATS.values()) + "."),
]

TEXT_LANGUAGE = "Language of the words (BCP 47): as delivered, or else as interpreted; by default as delivered."

FOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, while it is made.",
        "content": {item.media_type.partition(";")[0]: {"schema": {"type": "string"}} for item in FORMATS.values()},
    }
}


class InMeeting(Within):
    """What `/meetings/{meeting_id}/export.{form}` takes."""

    text_language: Language | None = Field(None, description=TEXT_LANGUAGE)


class InAny(Anywhere):
    """What `/export.{form}` takes."""

    text_language: Language | None = Field(None, description=TEXT_LANGUAGE)


def routes(store: Store) -> APIRouter:
    """Return the routes.

    Args:
        store: Where the records are.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Files"])
    answers = FOUND | refusals(404)

    @router.get("/meetings/{meeting_id}/export.{form}", response_class=StreamingResponse, responses=answers)
    def of_meeting(
        request: Request, meeting_id: MeetingId, form: Form, scopes: Scopes, asked: Annotated[InMeeting, Query()]
    ) -> Response:
        """Export a meeting: all of it that is shown to you, or what the filters choose."""
        return _answer(request, form, asked, meeting_id, scopes)

    @router.get("/export.{form}", response_class=StreamingResponse, responses=answers)
    def of_any(request: Request, form: Form, scopes: Scopes, asked: Annotated[InAny, Query()]) -> Response:
        """Export what the filters choose, meeting by meeting. Captions (`vtt`, `srt`) need `meeting`."""
        if FORMATS[form].one_meeting and asked.meeting is None:
            raise bad_parameter("meeting", "captions run on one meeting's clock: name the meeting.")
        return _answer(request, form, asked, asked.meeting, scopes)

    def _answer(
        request: Request, form: str, asked: InMeeting | InAny, meeting_id: str | None, scopes: tuple[str, ...]
    ) -> Response:
        headers = {"cache-control": "private, no-cache" if request.headers.get("authorization") else "public, no-cache"}
        if meeting_id is not None:
            headers["etag"] = _tag(meeting_id, form, asked, scopes, base_of(request))
            if is_known(request.headers.get("if-none-match", ""), headers["etag"]):
                return Response(status_code=304, headers=headers)
        chosen, only = chosen_by(asked, meeting_id, scopes), tuple(_only(asked))
        wanted = Wanted(chosen, only=only, text_language=asked.text_language, base_url=base_of(request))
        made = file(store, form, wanted)
        shown = "inline" if form == "html" else "attachment"
        headers["content-disposition"] = f'{shown}; filename="{made.name}"'
        if form == "html":
            headers["content-security-policy"] = content_security_policy()
        return StreamingResponse(made.body, headers=headers, media_type=made.media_type)

    def _tag(meeting_id: str, form: str, asked: Within, scopes: Collection[str], base_url: str) -> str:
        """Return a name of the file as it would be made now.

        Raises:
            Problem: 404, there is no such meeting, or nothing of it is shown.
        """
        try:
            document = store.meeting(meeting_id).document
        except UnknownMeeting:
            raise not_found("meeting") from None
        if not visibility.states(document["audience"], scopes):
            raise not_found("meeting")
        version = watching.versions(store, [meeting_id])[meeting_id]
        facts = [version, document, form, asked.model_dump(mode="json"), sorted(scopes), base_url, __version__]
        return f'W/"{hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]}"'

    return router


def _only(asked: Within) -> Iterator[str]:
    """Yield the filters that leave something out, in words."""
    given = asked.model_dump(exclude_defaults=True, exclude={"meeting", "text_language"}, by_alias=True)
    for name, value in given.items():
        said = ", ".join(value) if isinstance(value, list) else value
        if name in ("from", "to"):
            said = rfc3339(EPOCH + timedelta(milliseconds=value))
        yield f"{name.replace('_', ' ')} {said}"
