"""What changed in a meeting since a version of it: which records a page should read again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from floorlog.adapters.store import desk as stored
from floorlog.services import queue
from workers.web.desk.wire import Desk

REMEMBERED = 256
"""Versions that a page may resume from, of all meetings together; one that comes back later reads everything again."""


class Changes:
    """Remembers what stood in each version of a meeting that was given out."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, threading.Lock()
        self._traces: OrderedDict[tuple[str, str], dict[str, str]] = OrderedDict()

    def version(self, meeting_id: str) -> str:
        """Return a name of what the workbench shows of a meeting now, and remember what that is."""
        version = self._desk.bench.versions([meeting_id])[meeting_id]
        with self._lock:
            known = (meeting_id, version) in self._traces
        if not known:
            traces = stored.traces(self._desk.store, meeting_id)
            for subject_id, claim in queue.claims(self._desk.store, [meeting_id]).items():
                traces[subject_id] = f"{traces.get(subject_id, '')}@{claim.person_id}"
            with self._lock:
                self._traces[(meeting_id, version)] = traces
                while len(self._traces) > REMEMBERED:
                    self._traces.popitem(last=False)
        return version

    def since(self, meeting_id: str, version: str) -> dict[str, Any]:
        """Return the present version, and the ids of what changed since another one; None for all of them.

        The ids of what disappeared are among them.
        """
        now = self.version(meeting_id)
        with self._lock:
            before, after = self._traces.get((meeting_id, version)), self._traces.get((meeting_id, now), {})
        if before is None:
            return {"version": now, "record_ids": None}
        changed = {key for key, trace in after.items() if before.get(key) != trace} | (before.keys() - after.keys())
        return {"version": now, "record_ids": sorted(changed)}
