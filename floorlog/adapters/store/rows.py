"""What the store's tables hold, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

AnnouncementKind = Literal["segment", "gap", "end"]
MadeBy = Literal["capture", "recording", "dead-letter", "advance"]
"""Who put an announcement there: capture, backfill from the recording, a dead letter in a segment's place, or advance
when it had waited enough."""


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting: its document, the recogniser that counts, and how far it is (scheduled, live, ended)."""

    id: str
    document: dict[str, Any]
    fingerprint: str | None
    state: str
    added_at: datetime
    last_heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """An announcement in its channel's order; `ready` if it can be heard: a segment needs its transcript."""

    id: str
    channel: str
    kind: AnnouncementKind
    start_ms: int
    end_ms: int
    sequence: int
    cause: str | None
    made_by: MadeBy
    utc_start: datetime | None
    heard: bool
    ready: bool


class Key(NamedTuple):
    """An event's place in the meeting. `rank` is 1 for an end of stream: it comes behind what ends when it does."""

    end_ms: int
    channel: str
    rank: int


NOTHING_HEARD = Key(-1, "", 0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a channel's next event starts, and whether the last one was the end of its stream."""

    next_ms: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a meeting was heard: each channel's cursor, the last event's place, and how many events there were."""

    cursors: dict[str, Cursor]
    heard: Key
    events: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A channel waits for what starts at `at_ms`, since a moment of the database's clock."""

    at_ms: int
    since: datetime


@dataclass(frozen=True, slots=True)
class FloorRow:
    """A meeting's floor: `state` is the machine's, in JSON; `version` grows with every change."""

    version: int
    machine_version: int
    fingerprint: str | None
    state: str
    progress: Progress
    waiting: dict[str, Waiting]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state to derive again from: all events that end up to `progress.heard.end_ms` are in it."""

    state: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the machine said once; of several for one intervention the last counts. `document` is JSON."""

    intervention_id: str
    as_of_ms: int
    reason: str | None
    document: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record's pointers. `current_revision` is shown and corrected; a later machine revision waits beside it."""

    id: str
    meeting_id: str
    channel: str
    intervention_id: str | None
    start_ms: int
    end_ms: int
    state: str
    touched: bool
    latest_revision: int
    current_revision: int
    machine_revision: int | None
    published_revision: int | None
    machine_hash: str | None
    successors: tuple[str, ...]
    changed_at: datetime

    @property
    def retired(self) -> bool:
        """Return whether its successors stand for it."""
        return self.state == "retired"

    @property
    def machine_waits(self) -> bool:
        """Return whether the machine knows more than what a person has worked on."""
        return self.touched and self.machine_revision is not None and self.machine_revision > self.current_revision


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One revision of a record; `content` is the record document without revision and ordinal."""

    record_id: str
    revision: int
    content: dict[str, Any]
    made_by: Literal["machine", "person"]
    author: str | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProvisionalRow:
    """An intervention that is still open; `document` is its JSON."""

    id: str
    channel: str
    start_ms: int
    document: str
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A committed event. `position` is its place in the feed; `data` is the event's data.

    `audience` is the meeting's now, `public` tells whether everybody sees the event of a published meeting, and
    `withheld` whether what its record says is shown no more.
    """

    position: int
    meeting_id: str
    type: str
    subject: str
    revision: int | None
    data: dict[str, Any]
    at: datetime
    audience: str
    public: bool
    withheld: Literal["withdrawn", "suppressed"] | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Input that can never succeed, kept with its reason."""

    id: str
    stage: str
    reason: str
    json_path: str | None
    message: str
    payload: bytes
    meeting_id: str | None
    channel: str | None
    start_ms: int | None
    end_ms: int | None
    attempts: int
    first_at: datetime
    last_at: datetime
    state: Literal["open", "replayed", "dismissed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How often a message was tried, and how long ago it was tried first, in seconds of the database's clock."""

    count: int
    first_at: datetime
    last_at: datetime
    last_error: str

    @property
    def age_s(self) -> float:
        """Return the time between the first and the last attempt, in seconds."""
        return (self.last_at - self.first_at).total_seconds()
