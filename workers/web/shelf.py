"""The pages' reader over the store."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, cast

from floorlog.adapters.store import Store, watching
from floorlog.adapters.store.rows import MeetingRow
from floorlog.announcements import Gap, Segment
from floorlog.entities import EntityTable
from floorlog.errors import UnknownMeeting
from floorlog.services import ledger, view
from floorlog.services.hear import MACHINE, Machine
from workers.web.reading import Sitting
from workers.web.turns import Names


class Shelf:
    """Reads what the pages show from a store.

    Args:
        store: The store.
        machine: Composes what is still open.
    """

    def __init__(self, store: Store, machine: Machine = MACHINE) -> None:
        self._store, self._machine = store, machine

    def versions(self, meeting_ids: Collection[str]) -> dict[str, str]:
        """Return, by meeting, a name of what is stored of it; another one whenever that changed."""
        return watching.versions(self._store, meeting_ids)

    def sittings(self) -> Sequence[Sitting]:
        """Return all meetings, the latest first."""
        return [_sitting(summary.meeting) for summary in self._store.summaries()]

    def sitting(self, meeting_id: str) -> Sitting | None:
        """Return one meeting, or None where it was never added."""
        try:
            return _sitting(self._store.meeting(meeting_id))
        except UnknownMeeting:
            return None

    def records(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        """Return the current content of every record of a meeting that stands, provisional ones included."""
        # The ordinal changes with every record before it, and the page shows none.
        return [
            {name: value for name, value in document.items() if name != "ordinal"}
            for document in view.records(self._store, meeting_id, self._machine)
        ]

    def announcements(self, meeting_id: str, channel: str) -> Sequence[Segment | Gap]:
        """Return the segments and gaps of a channel, in order of the clock."""
        known = watching.placed(self._store, meeting_id, channel)
        return [item for item in known if isinstance(item, Segment | Gap)]

    def coverage(self, meeting_id: str) -> Sequence[ledger.ChannelLedger]:
        """Return the account of every channel over the whole clock, in the document's order."""
        return ledger.of_meeting(self._store, meeting_id)

    def review_items(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        """Return what should be looked at, open and closed, the greatest impact first."""
        return [ledger.encode_item(item) for item in ledger.items(self._store, meeting_id)]


def names_of(meeting: dict[str, Any]) -> Names:
    """Return what names entities as of a meeting's date; a code that no table knows names itself."""
    table, on = _entities(), date.fromisoformat(meeting["date"])
    return lambda code: table.name(code, on) if code in table else code


@functools.cache
def _entities() -> EntityTable:
    return EntityTable.load()


def _sitting(row: MeetingRow) -> Sitting:
    return Sitting(row.document, cast(Any, row.state))
