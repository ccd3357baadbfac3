"""Which announcements a meeting's floor may hear next, and in which order. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import cast

from floorlog.adapters.store.rows import Cursor, Key, TimelineRow
from floorlog.announcements import Gap, GapCause
from floorlog.clock import Span


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel as it is stored.

    `rows` is what can be heard from the cursor on, in order; `more` says that some of it was not read.
    `announced_ms`: where the last audio ends that was announced, transcribed or not.
    `passed_ms`: up to there the clock was heard before, so that what is missing is missing for good.
    """

    name: str
    required: bool
    cursor: Cursor
    rows: Sequence[TimelineRow]
    announced_ms: int
    more: bool
    passed_ms: int


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next event of a channel: a stored announcement, or a gap that nobody announced (`row` is None).

    Of a gap in which audio of a recording lies, each piece that is left is an event. `covers`: ids of gaps that begin
    inside the event and are accounted for by it and what follows.
    """

    key: Key
    start_ms: int
    sequence: int
    row: TimelineRow | None
    covers: tuple[str, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Return whether audio is missing here."""
        return self.row is None or self.row.kind == "gap"


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be heard now.

    `events` are in the meeting's order. `holes`: by channel, where something is missing while something later is there.
    `behind`: events that should have been heard before
    what was heard last. `more`: not everything that can be heard was looked at.
    """

    events: tuple[Upcoming, ...]
    holes: Mapping[str, int]
    behind: tuple[Upcoming, ...]
    more: bool


@dataclass(slots=True)
class _Walk:
    """One channel's events in the making; `gaps` are those announced gaps that no event has reached yet."""

    channel: Channel
    at_ms: int
    gaps: deque[TimelineRow]
    reached: list[TimelineRow] = field(default_factory=list)
    events: list[Upcoming] = field(default_factory=list)
    hole: bool = False

    @property
    def unread(self) -> bool:
        return self.channel.more and not self.hole

    @property
    def ended(self) -> bool:
        at_end = self.events[-1].key.rank == 1 if self.events else self.channel.cursor.ended
        return at_end and not self.channel.more and self.channel.announced_ms <= self.at_ms

    def add(self, row: TimelineRow) -> None:
        self._add(row.end_ms, row.sequence, row, 1 if row.kind == "end" else 0)

    def fill(self, end_ms: int, sequence: int = 0) -> None:
        self._add(end_ms, sequence, None, 0)

    def follow_gaps(self, until_ms: float) -> None:
        """Take in what was announced as missing from here on without a break, up to a moment."""
        while self.at_ms < until_ms:
            if self.gaps and self.gaps[0].start_ms <= self.at_ms:
                self.reached.append(self.gaps.popleft())
                continue
            gap = next((row for row in self.reached if row.end_ms > self.at_ms), None)
            if gap is None:
                return
            self._add(int(min(gap.end_ms, until_ms)), gap.sequence, gap, 0)

    def _add(self, end_ms: int, sequence: int, row: TimelineRow | None, rank: int) -> None:
        covers: list[str] = []
        while self.gaps and self.gaps[0].start_ms < end_ms:
            self.reached.append(self.gaps.popleft())
        for gap in self.reached:
            if gap is not row and gap.start_ms >= self.at_ms:
                covers.append(gap.id)
        self.reached = [gap for gap in self.reached if gap.end_ms > end_ms]
        self.events.append(Upcoming(Key(end_ms, self.channel.name, rank), self.at_ms, sequence, row, tuple(covers)))
        self.at_ms = end_ms


def plan(channels: Sequence[Channel], heard: Key, patience_is_over: Callable[[str, int], bool]) -> Plan:
    """Plan what the floor hears next.

    Within a channel next is what starts where the last one ended. Where no segment does, an announced gap is followed
    up to the next segment: audio that turned up inside a gap is heard, and the rest of the gap stays. Channels merge by
    (end, channel), up to the least end among the required channels whose stream has not ended.

    Args:
        channels: All channels of the meeting.
        heard: Place of the event that was heard last.
        patience_is_over: Tells of a channel and a place on the meeting clock, in ms, whether what is missing there has
            been waited for long enough.
    """
    walks = [_walk(channel, patience_is_over) for channel in channels]
    for walk in walks:
        _fall_in(walk, walks, patience_is_over)
    until_ms = min((walk.at_ms for walk in walks if walk.channel.required and not walk.ended), default=inf)
    # What was not read of a channel comes behind what was, perhaps at the same moment.
    unread = min((Key(walk.at_ms, walk.channel.name, 2) for walk in walks if walk.unread), default=None)
    events = sorted(
        (
            event
            for walk in walks
            for event in walk.events
            if event.key.end_ms <= until_ms and (unread is None or event.key < unread)
        ),
        key=lambda event: event.key,
    )
    return Plan(
        events=tuple(event for event in events if event.key > heard),
        holes={walk.channel.name: walk.at_ms for walk in walks if walk.hole},
        behind=tuple(event for event in events if event.key < heard),
        more=unread is not None,
    )


def _walk(channel: Channel, patience_is_over: Callable[[str, int], bool]) -> _Walk:
    rows = channel.rows
    walk = _Walk(channel, channel.cursor.next_ms, deque(row for row in rows if row.kind == "gap"))
    # What was not read yet starts no earlier than the last row: only up to there a gap is known to be one.
    read_ms = rows[-1].start_ms if channel.more and rows else inf
    for row in rows:
        if (row.end_ms <= walk.at_ms) if row.kind == "gap" else (row.start_ms < walk.at_ms):
            continue
        walk.follow_gaps(row.start_ms)
        if row.start_ms > walk.at_ms and walk.at_ms < channel.passed_ms:
            walk.fill(min(row.start_ms, channel.passed_ms), max(0, row.sequence - 1))
        if row.start_ms > walk.at_ms:
            if not patience_is_over(channel.name, walk.at_ms):
                walk.hole = True
                return walk
            walk.fill(row.start_ms, max(0, row.sequence - 1))
        if row.kind != "gap":
            walk.add(row)
    walk.follow_gaps(read_ms)
    if walk.at_ms < channel.passed_ms and not channel.more:
        walk.fill(channel.passed_ms)
    return walk


def _fall_in(walk: _Walk, walks: Sequence[_Walk], patience_is_over: Callable[[str, int], bool]) -> None:
    """Let a required channel on which nothing comes any more follow the others after a while, with a gap."""
    if not walk.channel.required or walk.hole or walk.ended or walk.channel.more:
        return
    others = [
        other.at_ms for other in walks if other is not walk and other.channel.required and other.at_ms > walk.at_ms
    ]
    if others and patience_is_over(walk.channel.name, walk.at_ms):
        walk.fill(min(others))
    elif others:
        walk.hole = True


def gap_of(meeting_id: str, event: Upcoming) -> Gap:
    """Return the gap that an event stands for: a piece of an announced one, or one that nobody announced."""
    cause: GapCause = "segment-missing" if event.row is None else cast(GapCause, event.row.cause)
    return Gap(meeting_id, event.key.channel, event.sequence, Span(event.start_ms, event.key.end_ms), cause)
