"""Sessions that are kept in the store, and the cookies that name them in a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import Request, Response

from floorlog.adapters.passwords import Passwords
from floorlog.adapters.store import Store
from floorlog.services import signing_in
from floorlog.services.people import Actor, new_secret
from floorlog.services.signing_in import Lifetimes
from workers.web.people import Person, Session, session_of

FORM_LASTS_S = 3600
"""How long the token of a form of somebody who is not signed in is good."""


def _now() -> datetime:
    return datetime.now(UTC)


class Staff:
    """The people of a store, and who of them is behind a request.

    Args:
        store: Where accounts and sessions are.
        lifetimes: Of sessions.
        base_url: What sign-in links begin with.
        passwords: Checks them.
        now: Tells the time.
    """

    def __init__(
        self,
        store: Store,
        lifetimes: Lifetimes,
        base_url: str,
        passwords: Passwords | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.store, self.lifetimes, self.base_url, self.now = store, lifetimes, base_url, now
        self.passwords = passwords or Passwords()

    def of(self, request: Request) -> Session | None:
        """Return the session that the request's cookie names, if it is open."""
        token = token_of(request)
        found = signing_in.session(self.store, self.lifetimes, token, self.now()) if token else None
        if found is None or token is None:
            return None
        # Computed from the token, so that nothing more is stored, and it changes with the session.
        csrf = hashlib.sha256(f"csrf\x1f{token}".encode("utf-8", "surrogatepass")).hexdigest()
        return Session(Person(found.person_id, found.name, found.role), csrf)

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Let the browser keep a session's token, where no script and no other site can use it."""
        _set(request, response, "session", token, int(self.lifetimes.whole.total_seconds()))

    def forget(self, request: Request, response: Response) -> None:
        """Let the browser forget its session."""
        _set(request, response, "session", "", 0)

    def actor(self, request: Request) -> Actor:
        """Return who asks, for the audit trail."""
        session = session_of(request)
        if session is None:
            return Actor(None, "nobody", address_of(request))
        return Actor(session.person.id, session.person.name, address_of(request))


def token_of(request: Request) -> str | None:
    """Return the session's token that a browser sent."""
    return request.cookies.get(_name(request, "session")) or None


def form_token(request: Request) -> str:
    """Return the token that a form must carry: the session's, or else the one that the browser was given before."""
    session = session_of(request)
    return session.csrf if session else request.cookies.get(_name(request, "form")) or new_secret()


def keep_form_token(request: Request, response: Response, token: str) -> None:
    """Let the browser of somebody who is not signed in keep the token of its forms."""
    if session_of(request) is None:
        _set(request, response, "form", token, FORM_LASTS_S)


def kept_form_token(request: Request) -> str | None:
    """Return the token that such a browser keeps."""
    return request.cookies.get(_name(request, "form"))


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client else "unknown"


def _name(request: Request, what: str) -> str:
    # The prefix makes browsers refuse such a cookie from a neighbouring host (RFC 6265bis, 4.1.3); it needs https.
    return f"__Host-floorlog-{what}" if request.url.scheme == "https" else f"floorlog-{what}"


def _set(request: Request, response: Response, what: str, value: str, max_age_s: int) -> None:
    response.set_cookie(
        _name(request, what),
        value,
        max_age=max_age_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
