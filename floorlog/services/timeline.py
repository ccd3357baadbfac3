"""Which announcements a meeting's floor may hear next, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from floorlog.adapters.store.rows import Cursor, Key, TimelineRow
from floorlog.announcements import Gap
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
    """The next event of a channel: a stored announcement, or a gap that nobody announced (`row` is None)."""

    key: Key
    start_ms: int
    sequence: int
    row: TimelineRow | None


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
    """One channel's events in the making."""

    channel: Channel
    at_ms: int
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
        key = Key(row.end_ms, self.channel.name, 1 if row.kind == "end" else 0)
        self.events.append(Upcoming(key, self.at_ms, row.sequence, row))
        self.at_ms = row.end_ms

    def fill(self, end_ms: int, sequence: int = 0) -> None:
        self.events.append(Upcoming(Key(end_ms, self.channel.name, 0), self.at_ms, sequence, None))
        self.at_ms = end_ms


def plan(channels: Sequence[Channel], heard: Key, patience_is_over: Callable[[str, int], bool]) -> Plan:
    """Plan what the floor hears next.

    Within a channel next is what starts where the last one ended. Channels merge by (end, channel), up to the least end
    among the required channels whose stream has not ended.

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
    walk = _Walk(channel, channel.cursor.next_ms)
    for row in channel.rows:
        if row.start_ms < walk.at_ms:
            continue  # a gap in whose place a transcript has come
        if row.start_ms > walk.at_ms and walk.at_ms < channel.passed_ms:
            walk.fill(min(row.start_ms, channel.passed_ms), max(0, row.sequence - 1))
        if row.start_ms > walk.at_ms:
            if not patience_is_over(channel.name, walk.at_ms):
                walk.hole = True
                return walk
            walk.fill(row.start_ms, max(0, row.sequence - 1))
        walk.add(row)
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


def made_up_gap(meeting_id: str, event: Upcoming) -> Gap:
    """Return the gap that an event without an announcement stands for."""
    span = Span(event.start_ms, event.key.end_ms)
    return Gap(meeting_id, event.key.channel, event.sequence, span, "segment-missing")
