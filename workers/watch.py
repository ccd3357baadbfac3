"""Watches meetings of UN Web TV: captures each when it goes live, until it has ended; then fills what is missing.

What is under way is kept in a file, so that a watch that was killed takes it up again, also the captures of meetings
that ended meanwhile: a capture itself knows best when its stream is over. After it `backfill` waits for the recording.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from floorlog.adapters.store import Store
from floorlog.adapters.webtv import Entry, WebTv
from floorlog.adapters.webtv.facts import POLL_S
from floorlog.adapters.webtv.names import understand
from floorlog.clock import parse_rfc3339, rfc3339
from floorlog.config import Settings
from floorlog.errors import FloorlogError, InvalidSetting
from floorlog.services.discover import with_channels
from workers.supervise import Part, Supervisor

log = structlog.get_logger()

GIVE_UP_AFTER = 5
"""Failed captures in a row of a meeting that is not on air; the operator has the log, and `capture` can be called."""

PATIENCE = timedelta(hours=48)
"""How long a recording may take; later it does not come any more (united-nations/transcripts, its documentation)."""

RECORDING_EVERY_S = 300.0
"""How often a recording is asked for: it takes an hour as a rule, and nobody is in a hurry."""


class Watch:
    """What is watched, what is being captured, and which recordings are waited for.

    Args:
        settings: of this process; captures get the same.
        store: the meetings.
        webtv: asks the service.
        day: meetings of this day; None: of all days.
        meeting_ids: only these; all that have a source where it is empty.
        channels: what is captured.
        backfill: whether holes are filled from the recording when a meeting has ended.
        recording_every_s: seconds between two looks for a recording.
        utc_now: the wall clock.
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
        backfill: bool = True,
        recording_every_s: float = RECORDING_EVERY_S,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._backfill, self._recording_every_s, self._utc_now = backfill, recording_every_s, utc_now
        self._since: dict[str, datetime] = {}
        self._store, self._webtv, self._day = store, webtv, day
        self._meeting_ids, self._channels = frozenset(meeting_ids), tuple(channels)
        self._kept = settings.data_dir / "watch" / "jobs.json"
        self.supervisor = Supervisor((), settings.environment())
        self._seen: dict[str, str] = {}
        self._over: set[str] = set()
        for meeting_id in meeting_ids:
            if not _entry_id(store.meeting(meeting_id).document):
                raise InvalidSetting("meeting", meeting_id, "a meeting whose source has an entry id or an asset id")
        self._taken_up = False
        captures, backfills = _read(self._kept)
        for meeting_id in captures:
            self._start(store.meeting(meeting_id).document)
        for meeting_id, since in backfills.items():
            self._fill(store.meeting(meeting_id).document, since)
        self._taken_up = True
        self._keep()

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
                    self.forget_what_takes_too_long()
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
        name = _part_name(meeting_id)
        running = any(part.name == name for part in self.supervisor.parts)
        if state != "live":
            self._over.discard(meeting_id)
            if running and self.supervisor.restarts.get(name, 0) >= GIVE_UP_AFTER:
                log.error("watch.gave-up", meeting_id=meeting_id, state=state)
                self._drop(name)
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
        self._drop(_part_name(document["id"], "backfill"))  # it goes on: what is missing is known when it has ended
        command = ("capture", document["id"], str(_entry_id(document)), f"--channels={','.join(self._channels)}")
        self.supervisor.parts.append(Part(_part_name(document["id"]), command, finishes=True))
        log.info("watch.capture", meeting_id=document["id"], channels=list(self._channels))
        self._keep()

    def _fill(self, document: dict[str, Any], since: datetime) -> None:
        if not self._backfill:
            return
        name = _part_name(document["id"], "backfill")
        options = (f"--channels={','.join(self._channels)}", "--wait", f"--every={self._recording_every_s:g}")
        command = ("backfill", document["id"], str(_entry_id(document)), *options)
        self.supervisor.leave(name)
        self.supervisor.parts.append(Part(name, command, finishes=True))
        self._since[name] = since
        log.info("watch.backfill", meeting_id=document["id"], since=rfc3339(since))
        self._keep()

    def forget_what_finished(self) -> None:
        """Leave what has ended well; after a capture, wait for the recording."""
        for part in list(self.supervisor.parts):
            if part.name not in self.supervisor.finished:
                continue
            kind, meeting_id = part.command[:2]
            if kind == "capture":
                log.info("watch.captured", meeting_id=meeting_id)
                self._over.add(meeting_id)  # on air again only after it was seen off air: answers are kept for minutes
                self._fill(self._store.meeting(meeting_id).document, self._utc_now())  # kept before the capture goes
            else:
                log.info("watch.filled", meeting_id=meeting_id)
            self._drop(part.name)

    def forget_what_takes_too_long(self) -> None:
        """Leave what waits for a recording that does not come, or fails again and again."""
        for name, since in list(self._since.items()):
            late = self._utc_now() - since > PATIENCE
            if late or self.supervisor.restarts.get(name, 0) >= GIVE_UP_AFTER:
                log.error("watch.not-filled", part=name, since=rfc3339(since), late=late)
                self._drop(name)

    def _drop(self, name: str) -> None:
        self.supervisor.leave(name)
        self._since.pop(name, None)
        self._keep()

    def _keep(self) -> None:
        if not self._taken_up:  # a kill now must not lose what is not taken up yet
            return
        backfills = {}
        captures = [part.command[1] for part in self.supervisor.parts if part.command[0] == "capture"]
        for part in self.supervisor.parts:
            if part.name in self._since:
                backfills[part.command[1]] = rfc3339(self._since[part.name])
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        aside = self._kept.with_suffix(".new")
        aside.write_text(json.dumps({"captures": captures, "backfills": backfills}), encoding="utf-8")
        aside.replace(self._kept)


def _read(path: Path) -> tuple[list[str], dict[str, datetime]]:
    """Return the meetings that were being captured, and those whose recording was waited for since when."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        backfills = {str(key): parse_rfc3339(since) for key, since in kept["backfills"].items()}
        return [str(each) for each in kept["captures"]], backfills
    except FileNotFoundError:
        return [], {}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidSetting("data", str(path), "a file that `floorlog watch` wrote; remove it") from error


def _part_name(meeting_id: str, kind: str = "capture") -> str:
    return f"{kind}-{meeting_id}"


def _entry_id(document: dict[str, Any]) -> str | None:
    """Return the id by which a meeting's stream is known for good."""
    source = document["source"]
    if source["entry_id"]:
        return str(source["entry_id"])
    if source["asset_id"]:
        return understand(source["asset_id"]).entry_id
    return None
