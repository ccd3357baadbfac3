"""The workbench's view of meetings: of each record what lists need, without its words; kept until it changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from floorlog.adapters.store import MeetingReader, Store, desk, watching
from floorlog.adapters.store.claims import claims_versions
from floorlog.adapters.store.rows import MeetingRow, RecordRow
from floorlog.clock import Span
from floorlog.headings import heading
from floorlog.services import ledger, view
from floorlog.services.hear import MACHINE, Machine

DOUBTFUL = 0.5
"""Words below this confidence are marked as doubtful, as on the public page."""

MEETINGS = 64
"""Meetings that are kept at once: about 1 MB each for three hours."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A record without its words: what lists, timelines and the queue show of it. `words_confidence`: their mean.

    `conflicts`: those that are kept until a person resolves them; `note`: whether somebody left one.
    """

    id: str
    revision: int | None
    channel: str
    kind: str
    spans: tuple[Span, ...]
    heading: str
    entity: dict[str, Any] | None
    on_behalf_of: tuple[dict[str, Any], ...]
    attributed: bool
    confidence: float
    words: int
    doubtful: int
    words_confidence: float | None
    flags: tuple[str, ...]
    interpretation: bool
    language: str | None
    conflicts: int
    note: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that stands, or an intervention that is still open; the latter has no pointers."""

    row: RecordRow | None
    digest: Digest

    @property
    def state(self) -> str:
        """Return the state of its review."""
        return self.row.state if self.row else "provisional"

    @property
    def conflicts(self) -> int:
        """Return how many conflicts wait for a person: those kept with it, and that the machine knows it no more."""
        return self.digest.conflicts + bool(self.row and self.row.successors)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A meeting as lists show it: its records in order of (start, id). `version` names exactly this content."""

    meeting: MeetingRow
    version: str
    standing: tuple[Standing, ...]
    interpretations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Account:
    """Where every second of each channel went, and up to when the audio of each is known without a break."""

    channels: tuple[ledger.ChannelLedger, ...]
    audio_ends_ms: dict[str, int]


def digest_of(record: dict[str, Any], revision: int | None, chair_title: str) -> Digest:
    """Return a record without its words."""
    said, review = record["words"], record.get("review", {})
    return Digest(
        id=record["id"],
        revision=revision,
        channel=record["channel"],
        kind=record["kind"],
        spans=tuple(Span.decode(span) for span in record["spans"]),
        heading=heading(record, chair_title),
        entity=record["speaker"]["entity"] if record["speaker"] else None,
        on_behalf_of=tuple(record["on_behalf_of"]),
        attributed=record["attribution"]["status"] != "unattributed",
        confidence=record["attribution"]["confidence"],
        words=len(said),
        doubtful=sum(word["confidence"] < DOUBTFUL for word in said if word["confidence"] is not None),
        words_confidence=record["quality"]["recogniser_confidence"],
        flags=tuple(record["quality"]["flags"]),
        interpretation=record["interpretation"],
        language=record["language_spoken"] or record["language_text"],
        conflicts=len(review.get("conflicts", ())),
        note="note" in review,
    )


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    sheet: Sheet | None = None
    digests: dict[tuple[str, int, str], Digest] = field(default_factory=dict)
    ledger: tuple[str, Account] | None = None


class Bench:
    """Keeps the sheets of meetings; a revision that it knows is not read again.

    Args:
        store: The store.
        machine: Composes what is still open.
    """

    def __init__(self, store: Store, machine: Machine = MACHINE) -> None:
        self.store, self._machine = store, machine
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Kept] = OrderedDict()

    def versions(self, meeting_ids: Collection[str]) -> dict[str, str]:
        """Return, by meeting, a name of what the workbench shows of it, claims included."""
        stored = watching.versions(self.store, meeting_ids)
        held = claims_versions(self.store, meeting_ids)
        return {meeting_id: f"{stored[meeting_id]}.{held[meeting_id]}" for meeting_id in meeting_ids}

    def sheet(self, meeting_id: str) -> Sheet:
        """Return a meeting's sheet.

        Raises:
            UnknownMeeting: it was never added.
            StoreUnavailable: the store does not answer.
        """
        return next(self.sheets([meeting_id]))

    def sheets(self, meeting_ids: Collection[str]) -> Iterator[Sheet]:
        """Yield the sheets of meetings, in the order given; what did not change is not read again."""
        versions = watching.versions(self.store, meeting_ids)
        for meeting_id in meeting_ids:
            kept = self._of(meeting_id)
            with kept.lock:
                if kept.sheet is None or kept.sheet.version != versions[meeting_id]:
                    kept.sheet = self._read(meeting_id, versions[meeting_id], kept)
                yield kept.sheet

    def account(self, meeting_id: str) -> Account:
        """Return the account of a meeting's audio.

        Raises:
            UnknownMeeting: it was never added.
        """
        version = watching.versions(self.store, [meeting_id])[meeting_id]
        kept = self._of(meeting_id)
        with kept.lock:
            if kept.ledger is None or kept.ledger[0] != version:
                ends_ms = desk.audio_ends_ms(self.store, meeting_id)
                kept.ledger = (version, Account(ledger.of_meeting(self.store, meeting_id), ends_ms))
            return kept.ledger[1]

    def provisional(self, meeting_id: str) -> list[dict[str, Any]]:
        """Return the documents of a meeting's open interventions, with the words that were heard so far.

        Raises:
            UnknownMeeting: it was never added.
        """
        return view.provisional(self.store, meeting_id, self._machine)

    def _of(self, meeting_id: str) -> _Kept:
        with self._lock:
            kept = self._known.setdefault(meeting_id, _Kept())
            self._known.move_to_end(meeting_id)
            while len(self._known) > MEETINGS:
                self._known.popitem(last=False)
            return kept

    def _read(self, meeting_id: str, version: str, kept: _Kept) -> Sheet:
        with self.store.reading(meeting_id) as reader:
            meeting, rows = reader.meeting, desk.standing(reader)
            title = meeting.document["chair"]["title"]
            kept.digests = self._digests(reader, rows, title, kept.digests)
        found = [Standing(row, kept.digests[(row.id, row.current_revision, title)]) for row in rows]
        known = {item.digest.id for item in found}
        for document in self.provisional(meeting_id):
            if document["id"] not in known:
                found.append(Standing(None, digest_of(document, None, title)))
        found.sort(key=lambda item: (item.digest.spans[0].start_ms, item.digest.id))
        interpreted = (item["name"] for item in meeting.document["channels"] if item["interpretation"])
        return Sheet(meeting, version, tuple(found), frozenset(interpreted))

    @staticmethod
    def _digests(
        reader: MeetingReader,
        rows: list[RecordRow],
        title: str,
        known: dict[tuple[str, int, str], Digest],
    ) -> dict[tuple[str, int, str], Digest]:
        keys = {(row.id, row.current_revision, title): row.id for row in rows}
        found = {key: known[key] for key in keys if key in known}
        unknown = [record_id for key, record_id in keys.items() if key not in found]
        for revision in desk.current_contents(reader, unknown):
            key = (revision.record_id, revision.revision, title)
            found[key] = digest_of(revision.content, revision.revision, title)
        return found
