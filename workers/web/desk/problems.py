"""What the workbench's routes answer where something is not possible: problem details (RFC 9457), with facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.types import Message

from floorlog.errors import InvalidDocument, PermanentError, UnknownMeeting, UnknownSubject

LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request: the words of a statement of an hour, several times over."""

DEEPEST = 20
"""Levels of a document; a correction has six."""

NO_STORE = {"cache-control": "no-store"}

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps: NUL, and halves of characters."""


class Problem(HTTPException):
    """A request that cannot be done. `facts` stand in the answer beside the usual members.

    Args:
        status: The HTTP status.
        slug: Names the kind of problem; never reworded.
        title: What is wrong, in a few words.
        detail: What is wrong this time, or what to do.
        facts: Further members of the answer.
    """

    def __init__(self, status: int, slug: str, title: str, detail: str, **facts: Any) -> None:
        super().__init__(status, detail)
        self.slug, self.title, self.facts = slug, title, facts

    def answer(self) -> JSONResponse:
        """Return the answer."""
        members = {
            "type": f"urn:floorlog:problem:{self.slug}",
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail,
        }
        return JSONResponse(
            {**members, **self.facts}, self.status_code, headers=NO_STORE, media_type="application/problem+json"
        )


def not_found(what: str) -> Problem:
    """Return the problem that something is not there."""
    return Problem(404, "not-found", "Not found", f"There is no {what} of that name.")


def invalid(path: str, detail: str) -> Problem:
    """Return the problem that a part of the request cannot be used; `path` says which (JSONPath)."""
    return Problem(422, "invalid", "Not valid", detail, path=path)


def writable(value: Any, path: str = "$", levels: int = DEEPEST) -> None:
    """Refuse text that no database keeps, wherever it stands in a document, and a document that is nested too deeply.

    Raises:
        Problem: 422, with the path of the text.
    """
    if levels == 0:
        raise invalid(path, f"It is nested more than {DEEPEST} times.")
    if isinstance(value, str) and _UNWRITABLE.search(value):
        raise invalid(path, "It holds a character that cannot be stored.")
    if isinstance(value, dict):
        for key, item in value.items():
            writable(key, path)
            writable(item, f"{path}.{key}", levels - 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            writable(item, f"{path}[{index}]", levels - 1)


class ProblemRoute(APIRoute):
    """A route whose faults are answered as problems, and whose requests are not longer than `LONGEST_BODY`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(_short(request))
            except (HTTPException, RequestValidationError, PermanentError) as fault:
                problem = self.refusal(request, fault)
                if problem is None:
                    raise
                return problem.answer()

        return answered

    def refusal(self, request: Request, fault: Exception) -> Problem | None:
        """Return what a fault is answered with; None where the application knows."""
        match fault:
            case Problem():
                return fault
            case RequestValidationError():
                return _misunderstood(fault)
            case UnknownMeeting() | UnknownSubject():
                return Problem(404, fault.reason, "Not found", str(fault))
            case InvalidDocument():
                return invalid(fault.json_path or "$", str(fault))
            case PermanentError():
                return Problem(422, fault.reason, "Not possible", str(fault), path=fault.json_path)
        return None


def _short(request: Request) -> Request:
    """Return the request, which refuses to be read beyond `LONGEST_BODY`."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LONGEST_BODY:
        raise _too_long()
    received, inner = 0, request.receive

    async def receive() -> Message:
        nonlocal received
        message = await inner()
        received += len(message.get("body", b""))
        if received > LONGEST_BODY:
            raise _too_long()
        return message

    return Request(request.scope, receive)


def _too_long() -> Problem:
    detail = f"At most {LONGEST_BODY} bytes are read."
    return Problem(413, "too-long", "Too long", detail, limit_bytes=LONGEST_BODY)


def _misunderstood(fault: RequestValidationError) -> Problem:
    error = fault.errors()[0]
    where, *place = error["loc"]
    if where == "path":
        return not_found("such thing")
    if error["type"] == "json_invalid":
        return invalid("$", "It is not JSON.")
    return invalid(_json_path(place), str(error["msg"]))


def _json_path(place: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
