"""The pages' reader over the store."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from floorlog import words
from floorlog.adapters.store import Store, watching
from floorlog.adapters.store.rows import MeetingRow
from floorlog.announcements import Gap, Segment
from floorlog.audio_timeline import heard_until_ms
from floorlog.clock import Span
from floorlog.coverage import Entry, Ledger, account
from floorlog.entities import EntityTable
from floorlog.errors import UnknownMeeting
from floorlog.services import view
from floorlog.services.hear import MACHINE, Machine
from workers.web.reading import Sitting
from workers.web.turns import Names

ACCOUNTS = 8192
"""Segments whose account is kept: eleven meetings of two hours; some 10 MB."""


class Shelf:
    """Reads what the pages show from a store.

    Args:
        store: The store.
        machine: Composes what is still open.
    """

    def __init__(self, store: Store, machine: Machine = MACHINE) -> None:
        self._store, self._machine = store, machine
        self._account = functools.lru_cache(maxsize=ACCOUNTS)(self._read_account)

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

    def ledger(self, meeting_id: str, channel: str) -> Ledger:
        """Return the account of a channel's clock, up to where its announcements go without a break."""
        known = self.announcements(meeting_id, channel)
        until_ms = heard_until_ms(item.span for item in known)
        fingerprints = watching.transcribed(self._store, meeting_id, channel)
        segments = [item for item in known if isinstance(item, Segment) and item.span.start_ms < until_ms]
        heard = [entry for item in segments for entry in self._account(item.id, item.span, fingerprints.get(item.id))]
        gaps = [Entry(item.span, "gap", item.cause) for item in known if isinstance(item, Gap)]
        return Ledger(until_ms, tuple(_joined(_filled(heard, gaps, until_ms))))

    def _read_account(self, segment_id: str, span: Span, fingerprint: str | None) -> tuple[Entry, ...]:
        document = watching.transcript_document(self._store, segment_id, fingerprint) if fingerprint else None
        if document is None:
            return (Entry(span, "unheard"),)
        ledger = account([words.decode(document)], [], span.end_ms)
        return tuple(entry for entry in ledger.entries if entry.span.start_ms >= span.start_ms)


def names_of(meeting: dict[str, Any]) -> Names:
    """Return what names entities as of a meeting's date; a code that no table knows names itself."""
    table, on = _entities(), date.fromisoformat(meeting["date"])
    return lambda code: table.name(code, on) if code in table else code


@functools.cache
def _entities() -> EntityTable:
    return EntityTable.load()


def _sitting(row: MeetingRow) -> Sitting:
    return Sitting(row.document, cast(Any, row.state))


def _filled(heard: Sequence[Entry], gaps: Sequence[Entry], until_ms: int) -> Iterator[Entry]:
    """Yield what was heard, and the gaps between it; an advance-made one may lie under a late segment."""
    at_ms = 0
    for entry in (*heard, None):
        start_ms = entry.span.start_ms if entry else until_ms
        for gap in gaps:
            from_ms, to_ms = max(gap.span.start_ms, at_ms), min(gap.span.end_ms, start_ms)
            if from_ms < to_ms:
                if at_ms < from_ms:
                    yield Entry(Span(at_ms, from_ms), "unheard")
                yield Entry(Span(from_ms, to_ms), "gap", gap.cause)
                at_ms = to_ms
        if at_ms < start_ms:
            yield Entry(Span(at_ms, start_ms), "unheard")
        if entry:
            yield entry
            at_ms = entry.span.end_ms


def _joined(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries, those that touch and are alike as one."""
    before: Entry | None = None
    for entry in entries:
        if before and (before.kind, before.cause) == (entry.kind, entry.cause):
            before = Entry(Span(before.span.start_ms, entry.span.end_ms), entry.kind, entry.cause)
            continue
        if before:
            yield before
        before = entry
    if before:
        yield before
