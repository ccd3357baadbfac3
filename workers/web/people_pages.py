"""The administrators' pages: who may use the desk, and what they did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from floorlog.errors import PersonRefused, UnknownPerson
from floorlog.roles import ACTIONS
from floorlog.roles import ROLES as RIGHTS
from floorlog.services import people
from workers.web.guard import FORM_HEADERS
from workers.web.pages import NO_STORE, render
from workers.web.people import form, require, session_of
from workers.web.people_wording import DEEDS, ROLES
from workers.web.staff import Staff

PEOPLE = "/desk/people"
SHOWN = 100
"""Entries of the audit trail on one page."""

Fields = Annotated[dict[str, str], Depends(form)]
PersonId = Annotated[str, Path(pattern="^person-[0-9a-f]{16}$")]


def routes(staff: Staff) -> APIRouter:
    """Return the routes of the administrators' pages."""
    router = APIRouter(dependencies=[Depends(require("administer"))])

    @router.get(PEOPLE, response_class=HTMLResponse)
    def listed(request: Request) -> Response:
        return _page(request)

    @router.post(PEOPLE, response_class=HTMLResponse)
    def add(request: Request, fields: Fields) -> Response:
        try:
            account = people.add(
                staff.store, fields.get("name", ""), fields.get("role", ""), staff.actor(request), staff.now()
            )
        except PersonRefused as refused:
            return _page(request, fault=refused)
        return _with_link(request, account.id)

    @router.post(f"{PEOPLE}/{{person_id}}/role", response_class=HTMLResponse)
    def change_role(request: Request, person_id: PersonId, fields: Fields) -> Response:
        try:
            people.set_role(staff.store, person_id, fields.get("role", ""), staff.actor(request), staff.now())
        except (PersonRefused, UnknownPerson) as refused:
            return _page(request, fault=refused)
        return _back()

    @router.post(f"{PEOPLE}/{{person_id}}/state", response_class=HTMLResponse)
    def switch(request: Request, person_id: PersonId, fields: Fields) -> Response:
        disabled = fields.get("disabled") == "yes"
        try:
            people.set_disabled(staff.store, person_id, disabled, staff.actor(request), staff.now())
        except (PersonRefused, UnknownPerson) as refused:
            return _page(request, fault=refused)
        return _back()

    @router.post(f"{PEOPLE}/{{person_id}}/link", response_class=HTMLResponse)
    def link(request: Request, person_id: PersonId) -> Response:
        try:
            return _with_link(request, person_id)
        except (PersonRefused, UnknownPerson) as refused:
            return _page(request, fault=refused)

    @router.get(f"{PEOPLE}/audit", response_class=HTMLResponse)
    def audit(request: Request, before: Annotated[int | None, Query(ge=1, le=2**62)] = None) -> Response:
        deeds = people.trail(staff.store, SHOWN + 1, before)
        page = render(
            "audit.html",
            session=session_of(request),
            deeds=deeds[:SHOWN],
            labels=DEEDS,
            older=deeds[SHOWN - 1].id if len(deeds) > SHOWN else None,
        )
        return HTMLResponse(page, headers={**NO_STORE, **FORM_HEADERS})

    def _with_link(request: Request, person_id: str) -> Response:
        secret = people.make_link(staff.store, person_id, staff.actor(request), staff.now())
        name = next(each.name for each in people.everybody(staff.store) if each.id == person_id)
        return _page(request, link=people.address_of(staff.base_url, secret), link_of=name)

    def _page(
        request: Request, *, fault: PersonRefused | UnknownPerson | None = None, link: str = "", link_of: str = ""
    ) -> Response:
        page = render(
            "people.html",
            session=session_of(request),
            accounts=people.everybody(staff.store),
            roles=ROLES,
            rights={role: [ACTIONS[action] for action in ACTIONS if action in RIGHTS[role]] for role in RIGHTS},
            fault=str(fault) if fault else "",
            link=link,
            link_of=link_of,
            longest=people.LONGEST_NAME,
        )
        status = 200 if fault is None else 404 if isinstance(fault, UnknownPerson) else 422
        return HTMLResponse(page, status, headers={**NO_STORE, **FORM_HEADERS})

    return router


def _back() -> Response:
    return RedirectResponse(PEOPLE, 303, headers=NO_STORE)
