"""Which names of hosts the pages answer to, so that no other site's name can be made to point here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from floorlog.config import EVERY_ADDRESS, Settings

HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@/\s]+))(?::\d{0,5})?")
"""A Host header: a name or an address, and perhaps a port (RFC 9110, section 7.2)."""

FOR_MACHINES = frozenset({"/health", "/ready", "/metrics"})
"""Answered under any name: probes ask by address, and nothing is told that a site could use."""


class Hosts:
    """ASGI middleware: refuses what asks for another host than those that are known; loopback always is.

    Args:
        app: What it stands in front of.
        allowed: Names of hosts, without ports.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app, self._allowed = app, frozenset(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in FOR_MACHINES:
            await self._app(scope, receive, send)
            return
        named = Headers(scope=scope).getlist("host")
        if len(named) == 1 and self._is_known(host_of(named[0])):
            await self._app(scope, receive, send)
            return
        refusal = PlainTextResponse("Not served under this name. FLOORLOG_HOSTS says which are.\n", 421)
        await refusal(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        return host in self._allowed or is_loopback(host)


def allowed_by(settings: Settings) -> frozenset[str]:
    """Return the names that the settings allow: those listed, the public address's, and the one that is served on."""
    listed = [name.strip().strip(".").lower() for name in settings.hosts.split(",")]
    named = [*listed, urlsplit(settings.public_url).hostname or "", settings.host]
    return frozenset(name for name in named if name and name not in EVERY_ADDRESS)


def host_of(header: str) -> str:
    """Return the host that a Host header names, in lower case, without its port; empty where it names none."""
    found = HOST.fullmatch(header)
    return (found["v6"] or found["name"]).rstrip(".").lower() if found else ""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself, as it is named on it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
