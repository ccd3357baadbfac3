"""The machine that turns transcripts into interventions: `begin`, then `hear` each event in order.

It is pure and deterministic: the same events in the same order give the same interventions, whatever the pace. Its
state is bounded, encodes to JSON, and each event costs the same however long the meeting is.

What is heard waits for some seconds until it is decided who says it, so that a line is judged by what follows too; what
is shown as open meanwhile is the best guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from floorlog import interpreting
from floorlog.announcements import End, Gap
from floorlog.attribution import Attribution
from floorlog.clock import Span
from floorlog.entities import EntityTable
from floorlog.floor import decide
from floorlog.foreknowledge import of_meeting
from floorlog.handovers import add
from floorlog.hindsight import kept
from floorlog.identity import record_id
from floorlog.interpreting import Interpretation, Interpreting
from floorlog.kinds import is_state, kind_of, role_of
from floorlog.other_channels import with_others
from floorlog.phrases import load_phrases
from floorlog.stretches import Pending, take
from floorlog.stretches_json import decode_pending, encode_pending
from floorlog.turns import Over, Turn, Turns
from floorlog.turns_json import decode_turns, encode_turns
from floorlog.utterances import utterances_of
from floorlog.words import Transcript

VERSION = 11
"""Raised when the same events would give other interventions, or when an encoded state cannot be decoded any more."""

CHAIR = "CHAIR"
"""Entity of the chair's own turns."""

CHAIR_CONFIDENCE = 0.97
"""Share of the chair's turns in the log that were the chair's, on the development meetings."""

LAG_MS = 15_000
"""What was heard so long ago is decided; the longest look-ahead that a voice needs is 2.9 s, a name 10 s."""

MOST_UTTERANCES = 24
"""More than these never wait."""

INTERPRETED = "interpretation-heard"
NAMED_LATER = "other-channel-later"
"""Reasons of revisions: the interpretation's words are new; what was heard there names who was not named."""

Event = Transcript | Gap | End


@dataclass(frozen=True, slots=True)
class Intervention:
    """All that is said from being given the floor to yielding it; the chair's turns are interventions too.

    `spans` are in order and apart; more than one means that it was interrupted and resumed. Entities are codes.
    `interpretations` are the stretches of other channels that say the same.
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
    interpretations: tuple[Interpretation, ...] = ()


_INTERVENTION = TypeAdapter(Intervention)


@dataclass(frozen=True, slots=True)
class Settled:
    """An intervention that no event to come is expected to change.

    The same id again is a later revision; `reason` then says why, and is None the first time.
    """

    intervention: Intervention
    reason: str | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What the machine remembers of one channel. `interpreted`: its voices are those of interpreters."""

    interpreted: bool
    pending: Pending
    turns: Turns


@dataclass(frozen=True, slots=True)
class State:
    """What the machine remembers of a meeting.

    `interpreting` is None where one channel alone, or none that is delivered, is heard. `given` are settled
    interventions whose interpretation may still change, as they were settled last.
    """

    meeting_id: str
    channels: tuple[ChannelState, ...]
    interpreting: Interpreting | None = None
    given: tuple[Intervention, ...] = ()


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
    return State(
        meeting["id"],
        tuple(
            ChannelState(
                bool(channel.get("interpretation")), Pending(), Turns(channel["name"], foreknown=of_meeting(meeting))
            )
            for channel in sorted(meeting["channels"], key=lambda item: str(item["name"]))
        ),
        interpreting.of_meeting(meeting),
    )


def hear(state: State, event: Event) -> Heard:
    """Return what an event leads to.

    Args:
        state: What was remembered before it.
        event: The next event of the meeting, by (end, channel); within a channel they tile the clock. Events of a
            channel that the meeting does not have are let pass.
    """
    settled: list[Settled] = []
    open_: list[Intervention] = []
    channels: list[ChannelState] = []
    decided: dict[str, _Decided] = {}
    for channel in state.channels:
        own = channel.turns.channel == event.channel
        if own and isinstance(event, Transcript):
            channel = replace(channel, pending=take(channel.pending, event, not channel.interpreted))
        now, done, waiting = _decided(channel, everything=own and isinstance(event, End))
        channels.append(now)
        decided[channel.turns.channel] = _Decided(done, waiting, waiting[-1][0] if waiting else now.turns)
    for name, (done, waiting, _) in decided.items():
        if state.interpreting and name in state.interpreting.channels:
            continue  # it says what the floor says: one intervention counts once
        others = [item.guessed for other, item in decided.items() if other != name]
        settled.extend(
            Settled(_intervention(state.meeting_id, turns, item.turn, others), item.reason) for turns, item in done
        )
        open_.extend(_intervention(state.meeting_id, turns, turn, others) for turns, turn in waiting)
    open_.sort(key=lambda item: (item.spans[0], item.channel))
    heard = Heard(replace(state, channels=tuple(channels)), tuple(settled), tuple(open_))
    if state.interpreting is None:
        return heard
    return _interpreted(heard, state.interpreting, event, decided)


class _Decided(NamedTuple):
    """What was decided of a channel: the turns settled, those still open, and all turns as they are guessed to be."""

    done: list[tuple[Turns, Over]]
    waiting: list[tuple[Turns, Turn]]
    guessed: Turns


def _interpreted(heard: Heard, known: Interpreting, event: Event, decided: dict[str, _Decided]) -> Heard:
    """Add the interpretations, and revise what was settled before its interpretation was heard."""
    over = {name: [item.turn for _, item in found.done if item.reason is None] for name, found in decided.items()}
    still = {name: [turn for _, turn in found.waiting] for name, found in decided.items()}
    others = [found.guessed for name, found in decided.items() if name != known.floor]
    floor = next(item.turns for item in heard.state.channels if item.turns.channel == known.floor)
    at_ms, ended = (event.at_ms, True) if isinstance(event, End) else (event.span.end_ms, False)
    known = interpreting.follow(known, event.channel, at_ms, ended, over)
    given = interpreting.given(known, still)

    def with_own(item: Intervention) -> Intervention:
        if item.channel != known.floor:
            return item
        return replace(item, interpretations=given.get(item.spans[0].start_ms, ()))

    settled = [replace(item, intervention=with_own(item.intervention)) for item in heard.settled]
    now = {item.intervention.id for item in settled}
    kept = {item.id: item for item in heard.state.given}
    unnamed = {turn.opening_ms: turn for turn in floor.recent}
    for before in heard.state.given:
        if before.id in now:
            continue
        turn = unnamed.get(before.spans[0].start_ms) if before.attribution.entity is None else None
        named = _intervention(heard.state.meeting_id, floor, turn, others) if turn else None
        if named is not None and named.attribution.entity is not None:
            settled.append(Settled(with_own(named), NAMED_LATER))
        elif with_own(before) != before and interpreting.complete(known, before.spans[-1].end_ms):
            settled.append(Settled(with_own(before), INTERPRETED))
    kept |= {item.intervention.id: item.intervention for item in settled if item.intervention.channel == known.floor}
    openings = [turn.opening_ms for turn in (*floor.recent, *still[known.floor])]
    known = interpreting.forget(known, still, openings)
    since_ms = interpreting.since_ms(known, still)
    state = replace(
        heard.state,
        interpreting=known,
        given=tuple(item for item in kept.values() if item.spans[-1].end_ms >= since_ms),
    )
    return Heard(state, tuple(settled), tuple(with_own(item) for item in heard.open))


def _decided(
    channel: ChannelState, everything: bool
) -> tuple[ChannelState, list[tuple[Turns, Over]], list[tuple[Turns, Turn]]]:
    """Decide what has waited long enough; return the channel then, the turns settled, and the turns still open."""
    pending, turns = channel.pending, channel.turns
    utterances = utterances_of(pending, EntityTable.load(), load_phrases())
    steps = decide(turns.floor, utterances)
    until_ms = pending.last_end_ms - LAG_MS
    done: list[tuple[Turns, Over]] = []
    firm = 0
    for index, (utterance, step) in enumerate(zip(utterances, steps, strict=True)):
        if not everything and utterance.span.end_ms > until_ms and len(utterances) - index <= MOST_UTTERANCES:
            break
        turns, over = add(turns, utterance, step)
        done.extend((turns, item) for item in over)
        firm = index + 1
    if everything:
        done.extend((turns, Over(turn)) for turn in turns.turns)
        turns = replace(kept(turns, turns.turns), turns=(), current=None, holder=None, interrupted=None)
    used = max((item.last for item in utterances[:firm]), default=0)
    rest = utterances[firm:]
    words = pending.words[used:]
    needed = {word.stretch for word in words} | {item.stretch for item in rest}
    decided = replace(
        channel,
        pending=replace(
            pending,
            words=words,
            stretches=tuple(item for item in pending.stretches if item.number in needed),
        ),
        turns=turns,
    )
    waiting: list[tuple[Turns, Turn]] = []
    for utterance, step in zip(rest, steps[firm:], strict=True):
        turns, over = add(turns, utterance, step)
        waiting.extend((turns, item.turn) for item in over if item.reason is None)
    waiting.extend((turns, turn) for turn in turns.turns)
    return decided, done, waiting


def _intervention(meeting_id: str, turns: Turns, turn: Turn, others: Sequence[Turns]) -> Intervention:
    if turn.chair:
        attribution = Attribution(CHAIR, CHAIR_CONFIDENCE, "chair", (), ())
    else:
        attribution = with_others(turns, turn, others)
    return Intervention(
        id=record_id(meeting_id, turns.channel, turn.opening_ms),
        meeting_id=meeting_id,
        channel=turns.channel,
        kind=kind_of(turn, attribution.entity),
        spans=turn.spans,
        role=role_of(turn, attribution.entity),
        capacity=turn.capacity,
        name_as_said=turn.name_as_said if attribution.entity not in (None, CHAIR) else None,
        person=turn.person if attribution.entity not in (None, CHAIR) else None,
        on_behalf_of=tuple(code for code in turn.on_behalf_of if code != attribution.entity or not is_state(code)),
        aligned_with=tuple(code for code in turn.aligned_with if code not in turn.on_behalf_of),
        attribution=attribution,
        flags=tuple(sorted(turn.flags)),
    )


def encode_intervention(intervention: Intervention) -> dict[str, Any]:
    """Return the JSON form of an intervention."""
    document: dict[str, Any] = _INTERVENTION.dump_python(intervention, mode="json")
    return document


def decode_intervention(document: dict[str, Any]) -> Intervention:
    """Return what `encode_intervention` gave."""
    return _INTERVENTION.validate_python(document)


def encode_state(state: State) -> dict[str, Any]:
    """Return the JSON form of a state."""
    return {
        "version": VERSION,
        "meeting_id": state.meeting_id,
        "channels": [
            {
                "interpreted": channel.interpreted,
                "pending": encode_pending(channel.pending),
                "turns": encode_turns(channel.turns),
            }
            for channel in state.channels
        ],
        "interpreting": interpreting.encode(state.interpreting) if state.interpreting else None,
        "given": [encode_intervention(item) for item in state.given],
    }


def decode_state(document: dict[str, Any]) -> State:
    """Return the state behind `encode_state`."""
    return State(
        document["meeting_id"],
        tuple(
            ChannelState(item["interpreted"], decode_pending(item["pending"]), decode_turns(item["turns"]))
            for item in document["channels"]
        ),
        interpreting.decode(document["interpreting"]) if document.get("interpreting") else None,
        tuple(decode_intervention(item) for item in document.get("given", ())),
    )
