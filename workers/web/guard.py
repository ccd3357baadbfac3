"""What every answer carries for safety, and what is counted of it."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    # Everything that a page needs comes from this server, as a file: nothing inline, nothing from elsewhere.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

FORM_HEADERS = {
    name: value.replace("form-action 'none'", "form-action 'self'") for name, value in SECURITY_HEADERS.items()
}
"""The same for pages with forms, which may be sent to this server only."""


class Guard:
    """ASGI middleware: sets the headers where an answer has none of its own, and counts answers by route.

    Args:
        app: What it stands in front of.
        registry: Where answers are counted.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._answers = Counter(
            "floorlog_web_answers", "Answers, by route and status.", ("route", "status"), registry=registry
        )
        self._first_byte = Histogram(
            "floorlog_web_first_byte_seconds", "Time until an answer began.", ("route",), registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                # The pattern, never the path: what a visitor types must not become a metric.
                route = getattr(scope.get("route"), "path", None)
                route = "none" if route is None else scope.get("root_path", "") + route
                self._answers.labels(route, str(message["status"])).inc()
                self._first_byte.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, guarded)
