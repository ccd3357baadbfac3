"""Watches meetings of UN Web TV: starts one capture when a meeting goes live, and keeps it alive until it has ended.

Which captures are under way is kept in a file, so that a watch that was killed takes them up again, also those of
meetings that ended meanwhile: a capture itself knows best when its stream is over.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from floorlog.adapters.store import Store
from floorlog.adapters.webtv import Entry, WebTv
from floorlog.adapters.webtv.facts import POLL_S
from floorlog.adapters.webtv.names import understand
from floorlog.config import Settings
from floorlog.errors import FloorlogError, InvalidSetting
from floorlog.services.discover import with_channels
from workers.supervise import Part, Supervisor

log = structlog.get_logger()

GIVE_UP_AFTER = 5
"""Failed captures in a row of a meeting that is not on air; the operator has the log, and `capture` can be called."""


class Watch:
    """What is watched, and what is being captured.

    Args:
        settings: of this process; captures get the same.
        store: the meetings.
        webtv: asks the service.
        day: meetings of this day; None: of all days.
        meeting_ids: only these; all that have a source where it is empty.
        channels: what is captured.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        webtv: WebTv,
        *,
        day: date | None,
        meeting_ids: Sequence[str],
        channels: Sequence[str],
    ) -> None:
        self._store, self._webtv, self._day = store, webtv, day
        self._meeting_ids, self._channels = frozenset(meeting_ids), tuple(channels)
        self._kept = settings.data_dir / "watch" / "captures.json"
        self.supervisor = Supervisor((), settings.environment())
        self._seen: dict[str, str] = {}
        self._over: set[str] = set()
        for meeting_id in meeting_ids:
            if not _entry_id(store.meeting(meeting_id).document):
                raise InvalidSetting("meeting", meeting_id, "a meeting whose source has an entry id or an asset id")
        for meeting_id in _read(self._kept):
            self._start(store.meeting(meeting_id).document)

    def run(self, stop: threading.Event, every_s: float = POLL_S) -> None:
        """Watch until told to stop; then stop the captures, which go on when the watch is started again."""
        asked: Future[dict[str, Entry | None] | None] | None = None
        ask_at = 0.0
        # Asking may take a minute where the service is slow; a capture that dies is started again meanwhile.
        with ThreadPoolExecutor(1, thread_name_prefix="ask") as asking:
            try:
                while not stop.is_set():
                    self.supervisor.watch()
                    self.forget_what_finished()
                    if asked is not None and asked.done():
                        self.hear(asked.result())
                        asked = None
                    if asked is None and time.monotonic() >= ask_at:
                        asked, ask_at = asking.submit(self.ask), time.monotonic() + every_s
                    stop.wait(0.2)
            finally:
                self.supervisor.stop()

    def ask(self) -> dict[str, Entry | None] | None:
        """Return what the service says about every meeting, by entry id; None while it does not answer."""
        ids = sorted({str(_entry_id(document)) for document in self._meetings()})
        try:
            return self._webtv.entries(ids)
        except FloorlogError as error:  # a service that is away or has changed must not end what is being captured
            log.warning("watch.cannot-ask", fault=str(error), reason=error.reason)
            return None

    def hear(self, entries: dict[str, Entry | None] | None) -> None:
        """Start captures of meetings that went live."""
        if entries is None:
            return
        for document in self._meetings():
            entry_id = str(_entry_id(document))
            if entry_id in entries:  # not added in between
                self._hear_of(document, entries[entry_id])

    def _hear_of(self, document: dict[str, Any], entry: Entry | None) -> None:
        meeting_id = document["id"]
        state = entry.state if entry else "removed"
        if self._seen.get(meeting_id) != state:
            log.info("watch.state", meeting_id=meeting_id, state=state)
            self._seen[meeting_id] = state
        running = any(part.name == _part_name(meeting_id) for part in self.supervisor.parts)
        if state != "live":
            self._over.discard(meeting_id)
            if running and self.supervisor.restarts.get(_part_name(meeting_id), 0) >= GIVE_UP_AFTER:
                log.error("watch.gave-up", meeting_id=meeting_id, state=state)
                self._drop(meeting_id)
        elif not running and meeting_id not in self._over:
            self._start(document)

    def _meetings(self) -> list[dict[str, Any]]:
        documents = (row.meeting.document for row in self._store.summaries())
        return [
            each
            for each in documents
            if _entry_id(each)
            and (not self._meeting_ids or each["id"] in self._meeting_ids)
            and (self._day is None or each["date"] == self._day.isoformat())
        ]

    def _start(self, document: dict[str, Any]) -> None:
        wanted = with_channels(document, self._channels)
        if wanted is not document:
            self._store.add_meeting(wanted)
        command = ("capture", document["id"], str(_entry_id(document)), f"--channels={','.join(self._channels)}")
        self.supervisor.parts.append(Part(_part_name(document["id"]), command, finishes=True))
        log.info("watch.capture", meeting_id=document["id"], channels=list(self._channels))
        self._keep()

    def forget_what_finished(self) -> None:
        """Leave captures that have ended well."""
        for part in list(self.supervisor.parts):
            if part.name in self.supervisor.finished:
                meeting_id = part.command[1]
                log.info("watch.captured", meeting_id=meeting_id)
                self._over.add(meeting_id)  # on air again only after it was seen off air: answers are kept for minutes
                self._drop(meeting_id)

    def _drop(self, meeting_id: str) -> None:
        name = _part_name(meeting_id)
        self.supervisor.parts = [part for part in self.supervisor.parts if part.name != name]
        self.supervisor.finished.discard(name)
        self.supervisor.restarts.pop(name, None)
        self._keep()

    def _keep(self) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        aside = self._kept.with_suffix(".new")
        aside.write_text(json.dumps([part.command[1] for part in self.supervisor.parts]), encoding="utf-8")
        aside.replace(self._kept)


def _read(path: Path) -> list[str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise InvalidSetting("data", str(path), "a file that `floorlog watch` wrote; remove it") from error
    return [str(each) for each in kept]


def _part_name(meeting_id: str) -> str:
    return f"capture-{meeting_id}"


def _entry_id(document: dict[str, Any]) -> str | None:
    """Return the id by which a meeting's stream is known for good."""
    source = document["source"]
    if source["entry_id"]:
        return str(source["entry_id"])
    if source["asset_id"]:
        return understand(source["asset_id"]).entry_id
    return None
