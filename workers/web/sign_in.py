"""The pages of signing in and out, and of one's own account."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from floorlog.services import signing_in
from floorlog.services.signing_in import LONGEST_PASSWORD, SHORTEST_PASSWORD, Refused, Started
from workers.web.guard import FORM_HEADERS
from workers.web.pages import NO_STORE, render
from workers.web.people import CSRF_FIELD, Person, form, require, session_of
from workers.web.people_wording import SAY
from workers.web.staff import Staff, address_of, form_token, keep_form_token, kept_form_token, token_of

Fields = Annotated[dict[str, str], Depends(form)]
AFTER = "/desk"
"""Where somebody goes who signed in without having asked for a page."""


def routes(staff: Staff) -> APIRouter:
    """Return the routes of signing in and out, and of one's own account."""
    router = APIRouter()

    @router.get("/sign-in", response_class=HTMLResponse)
    def ask(request: Request, link: str = "", next: str = "") -> Response:
        if session_of(request) is not None and not link:
            return RedirectResponse(inside(next), 303, headers=NO_STORE)
        return _form(request, link=link, next=inside(next, ""))

    @router.post("/sign-in", response_class=HTMLResponse)
    def enter(request: Request, fields: Fields) -> Response:
        kept = kept_form_token(request) or ""
        if session_of(request) is None and not (
            kept and secrets.compare_digest(kept.encode(), fields.get(CSRF_FIELD, "").encode())
        ):
            raise HTTPException(403)
        link, after = fields.get("link", ""), inside(fields.get("next", ""), "")
        here: dict[str, Any] = {"address": address_of(request), "previous": token_of(request), "now": staff.now()}
        if link:
            result = signing_in.by_link(staff.store, staff.lifetimes, link, **here)
        else:
            name, password = fields.get("name", ""), fields.get("password", "")
            result = signing_in.by_password(staff.store, staff.passwords, staff.lifetimes, name, password, **here)
        if isinstance(result, Refused):
            fault = SAY["link_none"] if link else SAY["sign_in_failed"]
            return _form(request, next=after, name=fields.get("name", "")[:200], fault=fault, wait_s=result.wait_s)
        target = after or AFTER
        if result.account.password_hash is None:
            target = f"/account?next={quote(target, safe='')}"
        return _started(request, result, target)

    @router.post("/sign-out")
    def leave(request: Request) -> Response:
        token = token_of(request)
        if token:
            signing_in.sign_out(staff.store, token, address=address_of(request), now=staff.now())
        response = RedirectResponse("/", 303, headers={**NO_STORE, "clear-site-data": '"cache"'})
        staff.forget(request, response)
        return response

    @router.get("/account", response_class=HTMLResponse)
    def account(request: Request, person: Annotated[Person, Depends(require("view"))], next: str = "") -> Response:
        return _account(request, person, next=inside(next, ""))

    @router.post("/account", response_class=HTMLResponse)
    def change(request: Request, person: Annotated[Person, Depends(require("view"))], fields: Fields) -> Response:
        new, after = fields.get("new", ""), inside(fields.get("next", ""), "")
        if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
            return _account(request, person, next=after, fault=SAY["password_length"])
        if new != fields.get("again", ""):
            return _account(request, person, next=after, fault=SAY["password_repeated"])
        result = signing_in.change_password(
            staff.store,
            staff.passwords,
            staff.lifetimes,
            token_of(request) or "",
            fields.get("current", ""),
            new,
            address=address_of(request),
            now=staff.now(),
        )
        if result is None:
            raise HTTPException(401)
        if isinstance(result, Refused):
            return _account(request, person, next=after, fault=SAY["password_wrong"], wait_s=result.wait_s)
        return _started(request, result, after or "/account?done=1")

    def _form(
        request: Request,
        *,
        link: str = "",
        next: str = "",
        name: str = "",
        fault: str = "",
        wait_s: int = 0,
    ) -> Response:
        token = form_token(request)
        page = render(
            "sign_in.html", session=None, csrf=token, link=link, next=next, typed=name, fault=fault, wait_s=wait_s
        )
        response = _refusable(page, fault, wait_s)
        keep_form_token(request, response, token)
        return response

    def _account(request: Request, person: Person, *, next: str = "", fault: str = "", wait_s: int = 0) -> Response:
        asked_for = signing_in.needs_current(staff.store, staff.lifetimes, token_of(request) or "", staff.now())
        page = render(
            "account.html",
            session=session_of(request),
            person=person,
            asked_for=asked_for,
            next=next,
            done="done" in request.query_params and not fault,
            fault=fault,
            wait_s=wait_s,
            shortest=SHORTEST_PASSWORD,
            longest=LONGEST_PASSWORD,
        )
        return _refusable(page, fault, wait_s)

    def _started(request: Request, started: Started, target: str) -> Response:
        response = RedirectResponse(target, 303, headers=NO_STORE)
        staff.keep(request, response, started.token)
        return response

    return router


def inside(target: str, otherwise: str = AFTER) -> str:
    """Return an address of this server that somebody asked for; anything that could lead elsewhere is replaced.

    Browsers read a backslash as a slash, and leave out tabs and line ends (WHATWG URL, section 4.4).
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return otherwise
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith(("//", "/sign-")):
        return otherwise
    return quote(target, safe="/?&=#%:,;@+~!$'()*")


def _refusable(page: str, fault: str, wait_s: int) -> Response:
    headers = {**NO_STORE, **FORM_HEADERS}
    if wait_s:
        return HTMLResponse(page, 429, headers={**headers, "retry-after": str(wait_s)})
    return HTMLResponse(page, 422 if fault else 200, headers=headers)
