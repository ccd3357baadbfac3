"""Server-sent events: one look at the store every half second, shared by all who read."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

import structlog
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from floorlog.errors import FloorlogError

LOOK_EVERY_S = 0.5
"""How often the store is asked, in one process, however many read."""

KEEP_ALIVE_S = 15.0
"""What the HTML standard suggests against proxies that close silent connections (section 9.2.7, authoring notes)."""

RETRY_MS = 2000
"""What browsers are told to wait before they connect again."""

AGAIN_AFTER_S = 2.0
"""Pause after the store did not answer."""

log = structlog.get_logger()


class Watch:
    """Knows the versions of the meetings that somebody reads, and wakes who waits for another one.

    Args:
        versions: Gives the versions of meetings; called in a thread.
        look_every_s: How often it is asked, while somebody waits.
    """

    def __init__(self, versions: Callable[[Collection[str]], dict[str, str]], look_every_s: float) -> None:
        self._versions, self._look_every_s = versions, look_every_s
        self._changed = asyncio.Condition()
        self._seen: dict[str, str] = {}
        self._waiting: Counter[str] = Counter()
        self.stopped = False

    def stop(self) -> None:
        """Let everybody who waits go, at the next look; a signal handler may call this."""
        self.stopped = True

    async def run(self) -> None:
        """Look again and again, until stopped or cancelled."""
        while not self.stopped:
            if self._waiting:
                await self._look()
            await asyncio.sleep(self._look_every_s)
        async with self._changed:
            self._changed.notify_all()

    async def _look(self) -> None:
        try:
            versions = await run_in_threadpool(self._versions, tuple(self._waiting))
        except FloorlogError as fault:
            log.warning("watch-store-failed", reason=fault.reason, fault=str(fault))
            return
        if versions != self._seen:
            async with self._changed:
                self._seen = versions
                self._changed.notify_all()

    async def another(self, meeting_id: str, seen: str | None, within_s: float) -> str | None:
        """Wait until a meeting's version is another one; return it, or `seen` where that took too long or is over."""
        self._waiting[meeting_id] += 1
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: self.stopped or self._seen.get(meeting_id, seen) != seen)
                return self._seen.get(meeting_id, seen)
        except TimeoutError:
            return seen
        finally:
            self._waiting[meeting_id] -= 1
            self._waiting += Counter()  # forget the meetings that nobody waits for


async def events(
    watch: Watch,
    meeting_id: str,
    changes: Callable[[str], dict[str, Any] | None],
    since: str,
    keep_alive_s: float = KEEP_ALIVE_S,
    name: str = "change",
) -> AsyncIterator[bytes]:
    """Yield what a reader needs to keep up, as server-sent events.

    It ends when nothing may be shown any more, or when the watch stops.

    Its id is the version of the page that an event leads to.

    Args:
        watch: Tells when to look.
        meeting_id: The meeting that is read.
        changes: Gives what changed since a version of the page; called in a thread.
        since: The version that the reader has.
        keep_alive_s: After so long without an event a comment is sent, and looked whether the page may still be shown.
        name: What each event is called.
    """
    yield format_sse_event(retry=RETRY_MS)
    seen: str | None = None
    while not watch.stopped:
        try:
            change = await run_in_threadpool(changes, since)
        except FloorlogError as fault:
            log.warning("stream-read-failed", meeting_id=meeting_id, reason=fault.reason, fault=str(fault))
            await asyncio.sleep(AGAIN_AFTER_S)
            continue
        if change is None:
            return
        if change["version"] != since:
            since = change["version"]
            yield format_sse_event(event=name, id=since, data_str=json.dumps(change, ensure_ascii=False))
        before, seen = seen, await watch.another(meeting_id, seen, keep_alive_s)
        if seen == before:
            yield KEEPALIVE_COMMENT
