"""What the API reads until the store keeps what is shown: every record of every meeting, read again each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from floorlog.adapters.store import Store
from floorlog.adapters.store.rows import MeetingRow
from floorlog.clock import parse_rfc3339
from floorlog.errors import UnknownMeeting
from floorlog.services import view
from floorlog.services.hear import MACHINE, Machine


@dataclass(frozen=True, slots=True)
class Filter:
    """Which interventions are asked for."""

    meeting_id: str | None = None
    entities: tuple[str, ...] = ()
    on_behalf_of: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    interpretation: bool | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What is shown of a record."""

    record_id: str
    meeting_id: str
    revision: int
    state: str
    started_at: int
    document: str


class Interim:
    """Reads everything for every question."""

    def __init__(self, store: Store, machine: Machine = MACHINE) -> None:
        self.store, self.machine = store, machine

    def interventions(
        self, chosen: Filter, *, before: tuple[int, str] | None, limit: int, ascending: bool = False
    ) -> list[ShownRow]:
        """Return the interventions by time."""
        rows = sorted(self._all(chosen), key=lambda row: (row.started_at, row.record_id), reverse=not ascending)
        if before is not None:
            rows = [
                row
                for row in rows
                if ((row.started_at, row.record_id) < before) != ascending and (row.started_at, row.record_id) != before
            ]
        return rows[:limit]

    def intervention(self, record_id: str, scopes: frozenset[str]) -> ShownRow | None:
        """Return one."""
        return next((row for row in self._all(Filter(scopes=scopes)) if row.record_id == record_id), None)

    def full(self, row: ShownRow) -> dict[str, Any]:
        """Return its document with words."""
        found = view.records(self.store, row.meeting_id, self.machine)
        return next(item for item in found if item["id"] == row.record_id)

    def meetings_shown(self, scopes: frozenset[str]) -> list[MeetingRow]:
        """Return all that may be seen."""
        rows = [summary.meeting for summary in self.store.summaries()]
        return [row for row in rows if row.document["audience"] != "closed" or "closed" in scopes]

    def meeting_shown(self, meeting_id: str, scopes: frozenset[str]) -> MeetingRow | None:
        """Return one that may be seen."""
        try:
            row = self.store.meeting(meeting_id)
        except UnknownMeeting:
            return None
        return row if row.document["audience"] != "closed" or "closed" in scopes else None

    def _all(self, chosen: Filter) -> Iterator[ShownRow]:
        for meeting in self.meetings_shown(chosen.scopes):
            if chosen.meeting_id not in (None, meeting.id):
                continue
            live = meeting.document["audience"] == "live" or "unpublished" in chosen.scopes
            for item in view.records(self.store, meeting.id, self.machine):
                state = item["review"]["state"]
                code = item["speaker"]["entity"]["code"] if item["speaker"] else None
                started_at = round(parse_rfc3339(item["spans"][0]["start_utc"]).timestamp() * 1000)
                if (
                    "revision" not in item
                    or state == "withdrawn"
                    or not (live or state in ("published", "corrected"))
                    or (chosen.entities and code not in chosen.entities)
                    or (chosen.kinds and item["kind"] not in chosen.kinds)
                    or (chosen.states and state not in chosen.states)
                    or (chosen.themes and not {tag["theme"] for tag in item["themes"]} & set(chosen.themes))
                    or (chosen.languages and item["language_spoken"] not in chosen.languages)
                    or (chosen.interpretation not in (None, item["interpretation"]))
                    or (chosen.from_ms is not None and started_at < chosen.from_ms)
                    or (chosen.to_ms is not None and started_at >= chosen.to_ms)
                ):
                    continue
                shown = {key: value for key, value in item.items() if key not in ("words", "ordinal")}
                yield ShownRow(item["id"], meeting.id, item["revision"], state, started_at, json.dumps(shown))
