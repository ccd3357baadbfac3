"""Permanent addresses: an intervention, one of its revisions, a meeting or a moment of it; to read, and as data.

Append `.json`, `.txt` or `.vtt`, or ask with the header Accept. What is shown is what the reader sees of the API:
everybody the public part, a key's owner and those who signed in more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Gone, Retired, ShownRevision, ShownRow
from floorlog.exports.formats import FORMATS
from floorlog.exports.frame import Frame
from floorlog.visibility import SCOPES
from workers.web import cited_page
from workers.web.accepting import MEDIA_TYPES, Form, wanted_form
from workers.web.desk.problems import Problem
from workers.web.pages import NO_STORE, render
from workers.web.people import may_view
from workers.web.v1 import problems
from workers.web.v1.door import FindKey, bearer
from workers.web.v1.interventions import presented, why_gone
from workers.web.v1.moment_of import Said, said_in
from workers.web.v1.moments import clock_ms
from workers.web.v1.wire import MEETING, RECORD, base_of, body_answer, json_answer, link

DATA: dict[str, Form] = {"json": "json", "txt": "txt", "vtt": "vtt"}

GONE = {
    "withdrawn": "It was published here, and then withdrawn. The reason that was given: {}.",
    "removed": "It was published here, and then {}.",
    "retired": "It was published here; {}.",
}
"""What the page says of what is gone."""

OPEN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
"""Any page may read the data: a browser sends no cookie along with what is open to all."""


def seen(request: Request) -> tuple[str, ...]:
    """Return what the reader sees besides what everybody does: all, where they signed in, else what their key opens."""
    if may_view(request):
        return SCOPES
    find: FindKey = request.app.state.find_key
    shown = request.headers.getlist("authorization")
    key = find(bearer(shown)) if shown else None
    return tuple(sorted(key.scopes)) if key else ()


Seen = Annotated[tuple[str, ...], Depends(seen)]


def routes(store: Store) -> APIRouter:
    """Return the routes; the application's state knows how to find a key.

    Args:
        store: What is read.
    """
    router = APIRouter()

    @router.get("/interventions/{record_id}.{form}")
    def cited_as(request: Request, record_id: str, form: str, scopes: Seen) -> Response:
        return _record(request, store, _form(form), record_id, None, scopes)

    @router.get("/interventions/{record_id}")
    def cited(request: Request, record_id: str, scopes: Seen) -> Response:
        return _record(request, store, _accepted(request), record_id, None, scopes)

    @router.get("/interventions/{record_id}/revisions/{number}.{form}")
    def revision_as(request: Request, record_id: str, number: str, form: str, scopes: Seen) -> Response:
        return _record(request, store, _form(form), record_id, number, scopes)

    @router.get("/interventions/{record_id}/revisions/{number}")
    def revision(request: Request, record_id: str, number: str, scopes: Seen) -> Response:
        return _record(request, store, _accepted(request), record_id, number, scopes)

    @router.get("/meetings/{meeting_id}.{form}")
    def meeting_as(request: Request, meeting_id: str, form: str, scopes: Seen, t: str | None = None) -> Response:
        return _meeting(request, store, _form(form), meeting_id, t, scopes)

    return router


def _form(ending: str) -> Form:
    if ending not in DATA:
        raise HTTPException(404)
    return DATA[ending]


def _accepted(request: Request) -> Form:
    return wanted_form(request.headers.get("accept", ""))


def _record(
    request: Request, store: Store, form: Form, record_id: str, number: str | None, scopes: tuple[str, ...]
) -> Response:
    """Return an intervention as it stands, or as a revision had it; else where it went, or why it is not shown."""
    if not re.fullmatch(RECORD, record_id) or not (number is None or re.fullmatch(r"[1-9]\d{0,5}", number)):
        return _refused(form, problems.not_found("intervention"))
    current = store.intervention(record_id, scopes)
    wanted = current.revision if number is None and isinstance(current, ShownRow) else number
    found = current if wanted is None else store.revision_shown(record_id, int(wanted), scopes)
    if not isinstance(found, ShownRevision):
        return _instead(request, form, None if isinstance(found, ShownRow) else found)
    meeting = store.meeting(found.document["meeting_id"]).document
    path = f"/interventions/{record_id}"
    own = link(request, path if number is None else f"{path}/revisions/{number}")
    alternates = [f'<{own}.{name}>; rel="alternate"; type="{MEDIA_TYPES[name]}"' for name in DATA.values()]
    headers = {"link": ", ".join([*alternates, f'<{link(request, path)}>; rel="latest-version"']), **_kept(scopes)}
    if form == "json":
        shown = {**presented(request, found.document), "url": own}
        return json_answer(request, shown, headers={**headers, **OPEN})
    if form == "html":
        notes = store.revisions_shown(record_id, scopes)
        page = cited_page.page(meeting, found, notes if isinstance(notes, list) else [], current=number is None)
        return body_answer(request, page.encode(), headers=headers, media_type="text/html; charset=utf-8")
    return _text(request, form, meeting, [found.document], headers)


def _meeting(
    request: Request, store: Store, form: Form, meeting_id: str, t: str | None, scopes: tuple[str, ...]
) -> Response:
    """Return a meeting with what was said in it, or at a moment."""
    try:
        at_ms = None if t is None else clock_ms(t)
    except ValueError as fault:
        return _refused(form, problems.bad_parameter("t", f"{fault}."))
    said: Said | None = said_in(store, meeting_id, at_ms, scopes) if re.fullmatch(MEETING, meeting_id) else None
    if said is None:
        return _refused(form, problems.not_found("meeting"))
    if form == "json":
        return json_answer(request, said.content(request), headers={**OPEN, **_kept(scopes)})
    return _text(request, form, said.meeting.document, said.records, _kept(scopes))


def _text(
    request: Request, form: Form, meeting: dict[str, Any], records: Sequence[dict[str, Any]], headers: dict[str, str]
) -> Response:
    made = FORMATS[form]
    assert made.text is not None  # of the forms in DATA
    pieces = made.text(((meeting, record) for record in records), Frame(meeting, base_url=base_of(request)))
    body = "".join(pieces).encode()
    return body_answer(request, body, headers={**headers, **OPEN}, media_type=made.media_type)


def _kept(scopes: tuple[str, ...]) -> dict[str, str]:
    """Return who may keep the answer: nobody but the reader, where not everybody may see it."""
    vary = {"vary": "Accept, Accept-Encoding, Authorization, Cookie"}
    return {**vary, "cache-control": "private, no-cache" if scopes else "public, no-cache"}


def _instead(request: Request, form: Form, found: Gone | None) -> Response:
    """Return where a record went, or why it is not shown."""
    if not isinstance(found, Retired) or not found.successors:
        return _refused(form, problems.not_found("intervention") if found is None else why_gone(found))
    ending = f".{form}" if request.url.path.endswith(f".{form}") else ""
    addresses = [link(request, f"/interventions/{key}{ending}") for key in found.successors]
    headers = {
        "location": addresses[0],
        "link": ", ".join(f'<{address}>; rel="successor-version"' for address in addresses),
        "cache-control": "no-cache",
    }
    return JSONResponse({"record_id": found.record_id, "successors": list(found.successors)}, 308, headers=headers)


def _refused(form: Form, problem: Problem) -> Response:
    if form != "html":
        return problems.answer(problem, OPEN)
    explanation = GONE.get(problem.slug, "{}").format(problem.detail)
    page = render("error.html", status=problem.status_code, title=problem.title, explanation=explanation)
    return HTMLResponse(page, problem.status_code, headers=NO_STORE)
