"""The machine that turns transcripts into interventions: `begin`, then `hear` each event in order.

It is pure and deterministic: the same events in the same order give the same interventions, whatever the pace. Its
state is bounded, encodes to JSON, and each event costs the same however long the meeting is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from floorlog.announcements import End, Gap
from floorlog.attribution import UNATTRIBUTED, Attribution
from floorlog.clock import Span
from floorlog.identity import record_id
from floorlog.words import Transcript

VERSION = 1
"""Raised when the same events would give other interventions, or when an encoded state cannot be decoded any more."""

CHAIR = "CHAIR"
"""Entity of the chair's own turns."""

Event = Transcript | Gap | End


@dataclass(frozen=True, slots=True)
class Intervention:
    """All that is said from being given the floor to yielding it; the chair's turns are interventions too.

    `spans` are in order and apart; more than one means that it was interrupted and resumed. Entities are codes.
    """

    id: str
    meeting_id: str
    channel: str
    kind: str
    spans: tuple[Span, ...]
    role: str | None
    capacity: str | None
    name_as_said: str | None
    person: str | None
    on_behalf_of: tuple[str, ...]
    aligned_with: tuple[str, ...]
    attribution: Attribution
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """An intervention that no event to come is expected to change.

    The same id again is a later revision; `reason` then says why, and is None the first time.
    """

    intervention: Intervention
    reason: str | None


@dataclass(frozen=True, slots=True)
class State:
    """What the machine remembers of a meeting."""

    meeting_id: str
    open: tuple[Intervention, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event led to: the new state, what is settled now, and all that is still open, oldest first."""

    state: State
    settled: tuple[Settled, ...]
    open: tuple[Intervention, ...]


def begin(meeting: dict[str, Any]) -> State:
    """Return the state before the first event of a meeting.

    Args:
        meeting: The meeting document.
    """
    return State(meeting["id"])


def hear(state: State, event: Event) -> Heard:
    """Return what an event leads to.

    Args:
        state: What was remembered before it.
        event: The next event of the meeting, by (end, channel); within a channel they tile the clock.
    """
    waiting = tuple(item for item in state.open if item.channel == event.channel)
    others = tuple(item for item in state.open if item.channel != event.channel)
    if isinstance(event, End):
        return Heard(replace(state, open=others), tuple(Settled(item, None) for item in waiting), others)
    words = event.words if isinstance(event, Transcript) else ()
    if not words:
        return Heard(state, (), state.open)
    span = Span(words[0].span.start_ms, max(word.span.end_ms for word in words))
    opened = Intervention(
        id=record_id(state.meeting_id, event.channel, span.start_ms),
        meeting_id=state.meeting_id,
        channel=event.channel,
        kind="unassigned",
        spans=(span,),
        role=None,
        capacity=None,
        name_as_said=None,
        person=None,
        on_behalf_of=(),
        aligned_with=(),
        attribution=UNATTRIBUTED,
        flags=(),
    )
    after = replace(state, open=(*others, opened))
    return Heard(after, tuple(Settled(item, None) for item in waiting), after.open)


def encode_state(state: State) -> dict[str, Any]:
    """Return the JSON form of a state."""
    return {
        "version": VERSION,
        "meeting_id": state.meeting_id,
        "open": [{"channel": item.channel, "spans": [span.encode() for span in item.spans]} for item in state.open],
    }


def decode_state(document: dict[str, Any]) -> State:
    """Return the state behind `encode_state`."""
    meeting_id = document["meeting_id"]
    return State(
        meeting_id,
        tuple(
            Intervention(
                id=record_id(meeting_id, item["channel"], item["spans"][0]["start_ms"]),
                meeting_id=meeting_id,
                channel=item["channel"],
                kind="unassigned",
                spans=tuple(Span.decode(span) for span in item["spans"]),
                role=None,
                capacity=None,
                name_as_said=None,
                person=None,
                on_behalf_of=(),
                aligned_with=(),
                attribution=UNATTRIBUTED,
                flags=(),
            )
            for item in document["open"]
        ),
    )
