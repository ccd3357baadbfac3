"""How the API answers: JSON with an entity tag, links, and the labels that every answer carries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi import Path as InPath

from floorlog.records import DISCLAIMER
from workers.web import wording

MEETING = r"^[a-z0-9][a-z0-9-]{1,63}$"
RECORD = r"^rec-[a-z2-7]{20}$"

MeetingId = Annotated[str, InPath(pattern=MEETING, description="Id of the meeting.")]
RecordId = Annotated[str, InPath(pattern=RECORD, description="Id of the intervention.")]
Number = Annotated[int, InPath(ge=1, le=1_000_000, description="Number of the revision, from 1.")]


async def scopes_of(request: Request) -> tuple[str, ...]:
    """Return what the key behind a request opens besides what everybody sees; the door has looked it up."""
    found: tuple[str, ...] = getattr(request.state, "scopes", ())
    return found


Scopes = Annotated[tuple[str, ...], Depends(scopes_of)]


def json_answer(
    request: Request, content: Any, *, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """Return JSON with an entity tag, or 304 where the reader has it already.

    It may be kept, but must be asked for anew each time: what was shown yesterday may be withdrawn today.
    """
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return body_answer(request, body, headers=headers, media_type=media_type)


def body_answer(
    request: Request, body: bytes, *, headers: Mapping[str, str] | None = None, media_type: str
) -> Response:
    """Return a body with an entity tag, or 304 where the reader has it already."""
    # Weak: the same content is sent with and without compression under one tag (RFC 9110, section 8.8.1).
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = "private, no-cache" if request.headers.get("authorization") else "public, no-cache"
    known = {"cache-control": kept, "vary": "Authorization, Accept-Encoding", **(headers or {}), "etag": tag}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=known)
    return Response(body, headers=known, media_type=media_type)


def is_known(if_none_match: str, tag: str) -> bool:
    """Return whether a condition (`If-None-Match`) names an entity tag, compared weakly."""
    opaque = tag.removeprefix("W/")
    named = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return "*" in named or opaque in named


def base_of(request: Request) -> str:
    """Return where this server is reached, without a slash at the end: as set, else as it was asked."""
    configured: str = getattr(request.app.state, "public_url", "")
    return configured or f"{request.url.scheme}://{request.url.netloc}"


def link(request: Request, path: str, **parameters: Any) -> str:
    """Return the absolute address of a path on this server; a parameter that is None is left out, a list repeated."""
    given = {name: _spelled(value) for name, value in parameters.items() if value is not None}
    return base_of(request) + quote(path) + (f"?{urlencode(given, doseq=True)}" if given else "")


def moment(request: Request, meeting_id: str, at_ms: int) -> str:
    """Return the permanent address of a moment of a meeting."""
    fraction = f".{at_ms % 1000:03d}".rstrip("0") if at_ms % 1000 else ""
    return f"{link(request, f'/meetings/{meeting_id}')}?t={wording.clock(at_ms)}{fraction}"


def labels(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what an answer about several things must say of them together.

    `licence` is that of all of them, joined where they differ, and null of nothing; `synthetic` whether any of it is.
    """
    found = list(items)
    licences = sorted({str(item["licence"]) for item in found})
    return {
        "licence": "; ".join(licences) or None,
        "disclaimer": DISCLAIMER,
        "synthetic": any(item["synthetic"] for item in found),
    }


def _spelled(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
