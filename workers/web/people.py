"""Who is asking: the person behind a request, what they may do, and the token that every change must carry."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, quote

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from floorlog.roles import ACTIONS, may

API = "/desk/api"
"""Addresses below answer programs: refusals are JSON there, and pages elsewhere."""

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1; TRACE is served nowhere)."""

FORM_BYTES = 64 * 1024
"""Longest form that is read: the largest has four short fields."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Session:
    """A person signed in, and the token that each of their changes must carry."""

    person: Person
    csrf: str


class Sessions(Protocol):
    """Knows the session behind a request. May be called from any thread."""

    def of(self, request: Request) -> Session | None:
        """Return the session of a request; None where nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Always:
    """Sessions for tests: every request is the same person's, and its token is `csrf`."""

    person: Person
    csrf: str = "token-of-tests"

    def of(self, request: Request) -> Session:
        """Return the one session."""
        return Session(self.person, self.csrf)


def session_of(request: Request) -> Session | None:
    """Return the session of a request, looked up once; None where nobody is signed in, or nobody can."""
    if not hasattr(request.state, "session"):
        sessions: Sessions | None = request.app.state.people
        request.state.session = sessions.of(request) if sessions else None
    found: Session | None = request.state.session
    return found


def signed_in(request: Request) -> Person | None:
    """Return who is asking; None where nobody is signed in."""
    session = session_of(request)
    return session.person if session else None


def may_view(request: Request, *, anew: bool = False) -> bool:
    """Return whether who asks may read every meeting, closed ones included.

    Args:
        request: What is asked.
        anew: Look the session up again: an answer that lasts must end when the session does.
    """
    if anew and hasattr(request.state, "session"):
        del request.state.session
    person = signed_in(request)
    return person is not None and may(person.role, "view")


def require(action: str) -> Callable[[Request], Person]:
    """Return a dependency that gives the person who asks, if their role may do an action.

    Without anybody signed in a program gets 401, and a page leads to the sign-in page; without the right it is 403.

    Raises:
        KeyError: there is no such action.
    """
    ACTIONS[action]

    def allowed(request: Request) -> Person:
        person = signed_in(request)
        if person is None:
            raise _sign_in_first(request)
        if not may(person.role, action):
            raise HTTPException(403)
        return person

    return allowed


async def carries_token(request: Request) -> None:
    """Refuse a change that does not carry its session's token: a dependency of every route of the application.

    Programs send it as a header, forms as a field.

    Raises:
        HTTPException: 403, the token is missing or another one.
    """
    if request.method in SAFE_METHODS:
        return
    session = await run_in_threadpool(session_of, request)
    if session is None:
        return
    given = request.headers.get(CSRF_HEADER) or (await form(request)).get(CSRF_FIELD, "")
    if not secrets.compare_digest(given.encode(), session.csrf.encode()):
        raise HTTPException(403)


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form; of a repeated field the last, and nothing where the body is no form.

    Raises:
        HTTPException: 411 or 413, it does not tell its length, or is longer than any form of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return {}
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > FORM_BYTES:
        raise HTTPException(413)
    body = await request.body()  # the server reads no more than was told
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=32)
    except ValueError as fault:
        raise HTTPException(400) from fault
    return {name: values[-1] for name, values in fields.items()}


def _sign_in_first(request: Request) -> HTTPException:
    if request.url.path.startswith(f"{API}/") or request.method not in SAFE_METHODS:
        return HTTPException(401)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return HTTPException(303, headers={"location": f"/sign-in?next={quote(asked, safe='')}"})
