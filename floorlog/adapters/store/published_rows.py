"""What is asked of the published records, and what comes back, as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floorlog.fulltext import Part


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records are asked for, and by whom: all conditions must hold; of several values, one.

    `entities` are looked for in each of `roles`: `speaker`, `on_behalf_of`, `aligned_with`. `groups` holds a speaker
    that is a member, or the group itself. Times are when a record began, UTC in ms since 1970, `to_ms` not included.
    `scopes` are those of the reader's key, out of `visibility.SCOPES`.
    """

    meeting_id: str | None = None
    entities: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("speaker",)
    on_behalf_of: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    channel: str | None = None
    interpretation: bool | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    scopes: tuple[str, ...] = ()


Cursor = int
"""A record's number: its place among all, by when it began. Lists go on behind one."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A record as a reader sees it; `document` is its JSON without words, `started_at` UTC in ms since 1970."""

    number: Cursor
    record_id: str
    meeting_id: str
    revision: int
    state: str
    public: bool
    started_at: int
    start_ms: int
    end_ms: int
    document: str
    starts: str

    def at_ms(self, text: str, offset: int) -> int:
        """Return when what stands at an offset of the text is said, on the meeting clock; if unknown, the start.

        Args:
            text: The document's, which the caller has decoded.
            offset: In characters of it.
        """
        place = text.count(" ", 0, offset) + 1
        starts = json.loads(self.starts)
        return sum(starts[:place]) if place <= len(starts) else self.start_ms


@dataclass(frozen=True, slots=True)
class Hit:
    """A record in which a query was found: the text around the first hit, and when that was said, in meeting time."""

    row: ShownRow
    excerpt: tuple[Part, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """A revision that was shown to such a reader; `document` has its words. `reason` is why it was made."""

    revision: int
    document: dict[str, Any]
    made_by: str
    reason: str | None
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionNote:
    """That there is a revision which was shown to such a reader, from when on, and why it was made."""

    revision: int
    made_by: str
    reason: str | None
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A record that was shown, and is no more, with the reason that was given."""

    record_id: str
    meeting_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Retired:
    """A record that others stand for: those of them that such a reader sees, or may be told of."""

    record_id: str
    meeting_id: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A record that is hidden on request; nobody is told why."""

    record_id: str
    meeting_id: str


Gone = Withdrawn | Retired | Suppressed
"""Answers only to a reader to whom the record was once shown; for everybody else there is no such record."""


@dataclass(frozen=True, slots=True)
class MeetingFilter:
    """Which meetings are asked for, and by whom. Times are when they began, UTC in ms since 1970."""

    states: tuple[str, ...] = ()
    from_ms: int | None = None
    to_ms: int | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """A meeting as a reader sees it; `records` counts those of its records that the reader sees."""

    id: str
    title: str
    state: str
    audience: str
    started_at: int
    document: dict[str, Any]
    records: int

    @property
    def cursor(self) -> tuple[int, str]:
        """Return its place in the list of meetings."""
        return self.started_at, self.id


@dataclass(frozen=True, slots=True)
class SpeakingTime:
    """How often and how long an entity had the floor, in ms; `entity` is None where the speaker is unattributed."""

    entity: str | None
    role: str | None
    kind: str
    records: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class ThemeOf:
    """In how many records of an entity a theme occurs, and how long these are together, in ms."""

    theme: str
    entity: str | None
    records: int
    length_ms: int
