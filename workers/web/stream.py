"""Server-sent events: one look at the store every half second, shared by everybody who reads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from floorlog.errors import FloorlogError

LOOK_EVERY_S = 0.5
KEEP_ALIVE_S = 15.0
"""What the HTML standard suggests against proxies that close silent connections (section 9.2.7, authoring notes)."""

RETRY_MS = 2000
"""What browsers are told to wait before they connect again."""

AGAIN_AFTER_S = 2.0
"""Pause after the store did not answer."""

log = structlog.get_logger()


class Watch:
    """Knows the store's version, and wakes whoever waits for another one.

    The store is only asked while somebody waits.

    Args:
        version: Gives the store's version; called in a thread.
        look_every_s: How often it is asked.
    """

    def __init__(self, version: Callable[[], str], look_every_s: float = LOOK_EVERY_S) -> None:
        self._version, self._look_every_s = version, look_every_s
        self._changed = asyncio.Condition()
        self._seen: str | None = None
        self.waiting = 0

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            if self.waiting:
                await self._look()
            await asyncio.sleep(self._look_every_s)

    async def _look(self) -> None:
        try:
            version = await run_in_threadpool(self._version)
        except FloorlogError as fault:
            log.warning("watch-store-failed", reason=fault.reason, fault=str(fault))
            return
        if version != self._seen:
            async with self._changed:
                self._seen = version
                self._changed.notify_all()

    async def another(self, seen: str | None, within_s: float) -> str | None:
        """Wait until the store's version is another one; return it, or `seen` where that took too long."""
        self.waiting += 1
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: self._seen is not None and self._seen != seen)
        except TimeoutError:
            return seen
        finally:
            self.waiting -= 1
        return self._seen


async def events(
    watch: Watch, changes: Callable[[str], dict[str, Any] | None], since: str, keep_alive_s: float = KEEP_ALIVE_S
) -> AsyncIterator[bytes]:
    """Yield what a reader needs to keep up, as server-sent events; ends when nothing may be shown any more.

    Each event is called `change`; its id is the version of the page that it leads to.

    Args:
        watch: Tells when to look.
        changes: Gives what changed since a version of the page; called in a thread.
        since: The version that the reader has.
        keep_alive_s: After so long without an event a comment is sent.
    """
    yield format_sse_event(retry=RETRY_MS)
    store_version: str | None = None
    while True:
        try:
            change = await run_in_threadpool(changes, since)
        except FloorlogError as fault:
            log.warning("stream-read-failed", reason=fault.reason, fault=str(fault))
            await asyncio.sleep(AGAIN_AFTER_S)
            continue
        if change is None:
            return
        if change["version"] != since:
            since = change["version"]
            yield format_sse_event(event="change", id=since, data_str=json.dumps(change, ensure_ascii=False))
        while (version := await watch.another(store_version, keep_alive_s)) == store_version:
            yield KEEPALIVE_COMMENT
        store_version = version
