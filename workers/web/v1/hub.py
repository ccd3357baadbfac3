"""One look at the store for everybody who follows the stream: new events, encoded once, and what is said now."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from floorlog.adapters.store.outbox import Page
from floorlog.adapters.store.rows import OutboxRow
from floorlog.errors import FloorlogError, UnknownMeeting
from floorlog.relaying import Wanted, sees
from floorlog.services.events import encode

LOOK_EVERY_S = 0.25
"""How often the store is asked while somebody follows; all are served within a second of an event."""

SNAPSHOT_EVERY_S = 0.5
"""How often at most it is sent what is said now."""

KEPT = 1000
"""Events that are kept encoded: a reader who is further behind reads the store."""

log = structlog.get_logger()

Snapshot = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is sent, and who sees it."""

    position: int
    meeting_id: str
    type: str
    audience: str
    public: bool
    message: bytes

    def is_for(self, wanted: Wanted) -> bool:
        """Return whether a reader wants it and sees it."""
        return (
            wanted.meeting_id in (None, self.meeting_id)
            and (not wanted.types or self.type in wanted.types)
            and sees(self.audience, self.public, wanted.scopes)
        )


def told(row: OutboxRow) -> Told:
    """Return an event ready to be sent; its id is its place in the feed."""
    data = json.dumps(encode(row), ensure_ascii=False, separators=(",", ":"))
    message = format_sse_event(event=row.type, id=str(row.position), data_str=data)
    return Told(row.position, row.meeting_id, row.type, row.audience, row.public, message)


class Hub:
    """Looks at the store while somebody follows, and wakes everybody when there is more.

    It belongs to one event loop, starts with the first reader and rests with the last.

    Args:
        page: Gives what is behind a position, for readers who see everything; None: where the feed ends now.
        snapshot: Gives what is said now in a meeting.
        look_every_s: How often they are asked; both are called in a thread.
    """

    def __init__(
        self,
        page: Callable[[int | None], Page],
        snapshot: Callable[[str], Snapshot],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._page, self._snapshot, self._look_every_s = page, snapshot, look_every_s
        self._changed = asyncio.Condition()
        self._kept: deque[Told] = deque(maxlen=KEPT)
        self._from: int | None = None  # what is kept lies behind this position
        self._until = 0
        self._readers: Counter[str] = Counter()
        self._snapshots: dict[str, tuple[float, Snapshot]] = {}
        self._task: asyncio.Task[None] | None = None
        self.stopped = False

    def stop(self) -> None:
        """Let everybody go at the next look; a signal handler may call this."""
        self.stopped = True

    @asynccontextmanager
    async def following(self, meeting_id: str | None = None) -> AsyncIterator[None]:
        """Look at the store at least until the block ends.

        Args:
            meeting_id: A meeting of which what is said now is wanted, too.
        """
        key = meeting_id or ""
        self._readers[key] += 1
        if self._task is None or self._task.done():
            self._kept.clear()  # what was kept while others followed may be withdrawn since
            self._from, self._snapshots = None, {}
            self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._readers[key] -= 1
            self._readers += Counter()  # forget what nobody follows

    def behind(self, position: int) -> list[Told] | None:
        """Return the kept events behind a position, in order; None where the store must be asked."""
        if self._from is None or position < self._from:
            return None
        if position >= self._until:
            return []
        return [item for item in self._kept if item.position > position]

    def said_now(self, meeting_id: str) -> Snapshot | None:
        """Return what is said now, as of the last look; None before it."""
        found = self._snapshots.get(meeting_id)
        return found[1] if found else None

    async def more(self, position: int, meeting_id: str | None, seen: Snapshot | None, within_s: float) -> bool:
        """Wait until there is something behind a position, or another thing is said; False where it took too long."""

        def there() -> bool:
            said = self.said_now(meeting_id) if meeting_id else None
            behind = self._from is not None and (self._until > position or position < self._from)
            return self.stopped or behind or (said is not None and said is not seen)

        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(there)
                return True
        except TimeoutError:
            if self._task is not None and self._task.done():
                self._task.result()  # a bug ended it: so must the stream, and who connects again starts another one
            return False

    async def _run(self) -> None:
        while self._readers and not self.stopped:
            try:
                changed = await self._look()
            except FloorlogError as fault:
                log.warning("stream-store-failed", reason=fault.reason, fault=str(fault))
                changed = False
            if changed:
                async with self._changed:
                    self._changed.notify_all()
            await asyncio.sleep(self._look_every_s)
        self._task = None  # whoever comes from here on starts another one
        async with self._changed:
            self._changed.notify_all()

    async def _look(self) -> bool:
        changed = await self._look_for_events()
        now_s = asyncio.get_running_loop().time()
        followed = [key for key in self._readers if key]
        self._snapshots = {key: self._snapshots[key] for key in followed if key in self._snapshots}
        for meeting_id in followed:
            at_s, before = self._snapshots.get(meeting_id, (0.0, None))
            if before is not None and now_s - at_s < SNAPSHOT_EVERY_S:
                continue
            try:
                said = await run_in_threadpool(self._snapshot, meeting_id)
            except UnknownMeeting:
                continue
            changed |= said != before
            self._snapshots[meeting_id] = (now_s, before if before is not None and said == before else said)
        return changed

    async def _look_for_events(self) -> bool:
        if self._from is None:
            self._from = self._until = (await run_in_threadpool(self._page, None)).last
            return True
        page = await run_in_threadpool(self._page, self._until)
        if not page.rows:
            self._until = max(self._until, page.next)
            return False
        if any(row.type == "record.withdrawn" for row in page.rows):
            self._kept.clear()  # what was encoded before tells what must no longer be told
            self._from = self._until
        for row in page.rows:
            if len(self._kept) == KEPT:
                self._from = self._kept[0].position
            self._kept.append(told(row))
        self._until = page.next
        return True
