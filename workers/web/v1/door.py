"""The door of the API: whose key it is, how often they came, and the headers that let any page read the answers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from floorlog.adapters.store import Store
from floorlog.adapters.store.keys import ReaderKey
from floorlog.errors import RetryableError
from floorlog.services import keys
from workers.web.desk.problems import Problem
from workers.web.v1.problems import answer, unavailable

FindKey = Callable[[str], ReaderKey | None]
"""Gives the key behind what somebody shows; None where it opens nothing. Called in a thread."""

HEADERS = {
    # No cookie counts here, so that any page may read what it could read anyway.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "vary": "Authorization, Accept-Encoding",
}

WHOLE_NETWORK_V6 = 64
"""Bits of an IPv6 address that name a household: whoever has one has all below it (RFC 6177)."""


def find_in(store: Store) -> FindKey:
    """Return what finds keys in a store."""
    return lambda secret: keys.opened_by(store, secret, datetime.now(UTC))


class Door:
    """ASGI middleware: refuses keys that are none and those who come too often, and lets HEAD ask what GET may.

    Args:
        app: What it stands in front of.
        find: Gives the key behind a secret.
        rate: Requests a minute of a key or an address; 0 means as many as they like.
    """

    def __init__(self, app: ASGIApp, find: FindKey, rate: int) -> None:
        self._app, self._find, self._rate = app, find, rate
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            shown = Headers(scope=scope).getlist("authorization")
            key = await run_in_threadpool(self._find, bearer(shown)) if shown else None
            self._count(scope, key)  # those, too, who try keys
            if shown and key is None:
                raise _unknown_key()
        except Problem as refusal:
            await answer(refusal, refusal.headers)(scope, receive, opened)
            return
        except RetryableError as fault:
            await unavailable(fault)(scope, receive, opened)
            return
        scope.setdefault("state", {})["scopes"] = tuple(sorted(key.scopes)) if key else ()
        if scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, _nobody, _bodiless(opened))
            return
        await self._app(scope, receive, opened)

    def _count(self, scope: Scope, key: ReaderKey | None) -> None:
        rate = key.rate or self._rate if key else self._rate
        if rate == 0:
            return
        limit, who = RateLimitItemPerMinute(rate), key.id if key else network_of(scope)
        if not self._limiter.hit(limit, who):
            wait_s = max(
                1, round(self._limiter.get_window_stats(limit, who).reset_time - datetime.now(UTC).timestamp())
            )
            refusal = Problem(
                429, "too-many", "Too many requests", f"At most {rate} a minute. Come again in {wait_s} s."
            )
            refusal.headers = {"retry-after": str(wait_s)}
            raise refusal


def scopes_anew(find: FindKey) -> Callable[[Request], frozenset[str]]:
    """Return what looks the key behind a request up again: an answer that lasts must end when its key does."""

    def scopes(request: Request) -> frozenset[str]:
        shown = request.headers.getlist("authorization")
        key = find(bearer(shown)) if shown else None
        return key.scopes if key else frozenset()

    return scopes


def bearer(shown: list[str]) -> str:
    """Return the secret of an Authorization header (RFC 6750); empty where it is of another kind."""
    scheme, _, secret = shown[0].partition(" ") if len(shown) == 1 else ("", "", "")
    return secret.strip() if scheme.lower() == "bearer" else ""


def network_of(scope: Scope) -> str:
    """Return whom a request is counted for: its address, or the network of it (IPv6)."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, WHOLE_NETWORK_V6), strict=False))


def _too_many(rate: int, wait_s: int) -> Problem:
    detail = f"At most {rate} a minute are answered. Come again in {wait_s} s."
    refusal = Problem(429, "too-many", "Too many requests", detail)
    refusal.headers = {"retry-after": str(wait_s)}
    return refusal


def _unknown_key() -> Problem:
    detail = "The key is not known, was revoked or has ended. Without the header Authorization everybody may read."
    refusal = Problem(401, "unknown-key", "Unknown key", detail)
    refusal.headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    return refusal


async def _nobody() -> Message:
    """Receive nothing: whoever asks for the headers does not wait for a stream's body."""
    return {"type": "http.disconnect"}


def _bodiless(send: Send) -> Send:
    ended = False

    async def without_body(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not ended:
            ended = True
            await send({"type": "http.response.body", "body": b""})

    return without_body
