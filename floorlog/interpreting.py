"""Fold an interpretation into the log of the floor: which of an interpreter's words say what an intervention says.

An interpreter follows the floor by some seconds, and the interpretation's own turns tell where one speaker's words end
and the next one's begin, often better than a clock does. So each stretch of the interpretation's own turns goes to one
intervention where the two match, and is shared out by the clock where they do not. Either way every word goes to one
intervention, and to one only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from floorlog.clock import Span
from floorlog.turns import Turn

LAGS_MS = tuple(range(0, 7000, 1000))
"""How late an interpreter may be. Simultaneous interpreters follow by 2 to 3 s (Barik, 1973) or by 3 to 6 s (Lederer,
1978) on average."""

LAG_MS = 3000
"""How late an interpreter is taken to be where no turn of the interpretation matches the floor's."""

LEAST_SHARED = 0.5
"""Stretches of two channels match where, the lag taken off, they share this much of the longer one."""

COMPLETE_MS = 30_000
"""An interpretation is complete once its channel was heard so far behind the intervention: 15 s that the machine takes
to decide, and as much that the interpreter may be late."""

GIVEN_UP_MS = 60_000
"""One that is not complete when the floor is so far on is taken as it is: no channel that fails holds the meeting."""

REMEMBERED_MS = 90_000
"""For so long behind its end a stretch of the floor may still be given words; longer where an interpreter is taken to
go on speaking for one holder meanwhile."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Which stretches of an interpretation channel say what an intervention says; in order and apart."""

    channel: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one holder of the floor says without a break. `opening_ms` names its turn; `chair`: it is the chair's."""

    opening_ms: int
    chair: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a channel was heard, in ms, and whether its stream has ended."""

    channel: str
    at_ms: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Interpreting:
    """What is remembered of a meeting with interpretation.

    `said` are stretches of the floor and `heard` those of the interpretations, by channel, that are settled and not
    given yet; `given` is what each intervention was given, by opening and channel.
    """

    floor: str
    clocks: tuple[Clock, ...]
    said: tuple[Stretch, ...] = ()
    heard: tuple[tuple[str, Stretch], ...] = ()
    given: tuple[tuple[int, Interpretation], ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of the interpretations."""
        return tuple(clock.channel for clock in self.clocks if clock.channel != self.floor)

    def clock(self, channel: str) -> Clock:
        """Return how far a channel was heard."""
        return next(clock for clock in self.clocks if clock.channel == channel)


def of_meeting(meeting: Mapping[str, Any]) -> Interpreting | None:
    """Return what is remembered before the first event; None where there is no floor, or nothing but the floor."""
    names = {str(item["name"]): bool(item.get("interpretation")) for item in meeting["channels"]}
    delivered = sorted(
        (name for name, interpreted in names.items() if not interpreted), key=lambda name: name != "floor"
    )
    interpretations = sorted(name for name, interpreted in names.items() if interpreted)
    if not delivered or not interpretations:
        return None
    return Interpreting(delivered[0], tuple(Clock(name) for name in (delivered[0], *interpretations)))


def stretches(turns: Iterable[Turn]) -> tuple[Stretch, ...]:
    """Return the stretches of turns, in order of the clock."""
    found = (Stretch(turn.opening_ms, turn.chair, span) for turn in turns for span in turn.spans)
    return tuple(sorted(found, key=lambda item: (item.span, item.opening_ms)))


def share(said: Sequence[Stretch], heard: Stretch) -> Iterator[tuple[int, Span]]:
    """Yield to which turns of the floor a stretch of an interpretation goes, and which part of it.

    Args:
        said: The stretches of the floor, in order.
        heard: The stretch of the interpretation.
    """
    if not said:
        return
    alike = [(item, _alike(item.span, heard.span)) for item in said if item.chair == heard.chair]
    best, most = max(alike, key=lambda pair: pair[1], default=(None, 0.0))
    if best is not None and most >= LEAST_SHARED:
        yield best.opening_ms, heard.span
        return
    edges = [0, *(max(0, item.span.start_ms + LAG_MS) for item in said[1:]), max(heard.span.end_ms, 1)]
    for item, (start_ms, end_ms) in zip(said, pairwise(edges), strict=True):
        start_ms, end_ms = max(start_ms, heard.span.start_ms), min(end_ms, heard.span.end_ms)
        if start_ms < end_ms:
            yield item.opening_ms, Span(start_ms, end_ms)


def follow(
    known: Interpreting, channel: str, at_ms: int, ended: bool, settled: Mapping[str, Sequence[Turn]]
) -> Interpreting:
    """Return what is remembered after an event.

    Args:
        known: What was remembered before it.
        channel: Where it was heard.
        at_ms: Where it ends.
        ended: Whether it ends its stream.
        settled: The turns that it settled, by channel.
    """
    clocks = tuple(Clock(channel, at_ms, ended) if clock.channel == channel else clock for clock in known.clocks)
    said = tuple(sorted({*known.said, *stretches(settled.get(known.floor, ()))}, key=lambda item: item.span))
    heard = known.heard + tuple((name, item) for name in known.channels for item in stretches(settled.get(name, ())))
    return replace(known, clocks=clocks, said=said, heard=heard)


def given(known: Interpreting, waiting: Mapping[str, Sequence[Turn]]) -> dict[int, tuple[Interpretation, ...]]:
    """Return what each turn of the floor is given, by opening, as far as it is known.

    Args:
        known: What is remembered.
        waiting: The turns that are not settled, by channel.
    """
    said = _floor(known, waiting)
    parts: dict[tuple[int, str], list[Span]] = {(opening, item.channel): [*item.spans] for opening, item in known.given}
    open_ = ((name, item) for name in known.channels for item in stretches(waiting.get(name, ())))
    for name, stretch in (*known.heard, *open_):
        for opening_ms, span in share(said, stretch):
            parts.setdefault((opening_ms, name), []).append(span)
    found: dict[int, list[Interpretation]] = {}
    for (opening_ms, name), spans in sorted(parts.items()):
        found.setdefault(opening_ms, []).append(Interpretation(name, _joined(spans)))
    return {opening_ms: tuple(items) for opening_ms, items in found.items()}


def forget(known: Interpreting, waiting: Mapping[str, Sequence[Turn]], openings: Iterable[int]) -> Interpreting:
    """Return what has to be remembered: give for good what the floor has long passed, and forget what is over.

    Args:
        known: What is remembered.
        waiting: The turns that are not settled, by channel.
        openings: The turns of the floor that may still be settled or revised.
    """
    clock, said = known.clock(known.floor), _floor(known, waiting)
    kept: list[tuple[str, Stretch]] = []
    parts = {(opening, item.channel): [*item.spans] for opening, item in known.given}
    for name, stretch in known.heard:
        if clock.ended or not said or stretch.span.end_ms + COMPLETE_MS + LAG_MS > clock.at_ms:
            kept.append((name, stretch))  # the floor near it is not decided yet; behind its end, nothing is too much
            continue
        for opening_ms, span in share(said, stretch):
            parts.setdefault((opening_ms, name), []).append(span)
    live, oldest_ms = {*openings}, since_ms(replace(known, heard=tuple(kept)), waiting)
    remembered = tuple(item for item in known.said if item.span.end_ms >= oldest_ms)
    live.update(item.opening_ms for item in remembered)
    return replace(
        known,
        said=remembered,
        heard=tuple(kept),
        given=tuple(
            (opening_ms, Interpretation(name, _joined(spans)))
            for (opening_ms, name), spans in sorted(parts.items())
            if opening_ms in live
        ),
    )


def since_ms(known: Interpreting, waiting: Mapping[str, Sequence[Turn]]) -> int:
    """Return from where on the floor may still be given words, in ms; below zero at the beginning.

    Args:
        known: What is remembered.
        waiting: The turns that are not settled, by channel.
    """
    open_ = (item for name in known.channels for item in stretches(waiting.get(name, ())))
    starts = [item.span.start_ms for item in (*(item for _, item in known.heard), *open_)]
    return min([known.clock(known.floor).at_ms, *starts]) - REMEMBERED_MS


def complete(known: Interpreting, end_ms: int) -> bool:
    """Return whether the interpretation of what ends at a moment was heard, or is not waited for any more."""
    floor = known.clock(known.floor)
    if floor.ended or floor.at_ms >= end_ms + GIVEN_UP_MS:
        return True
    return all(clock.ended or clock.at_ms >= end_ms + COMPLETE_MS for clock in known.clocks if clock is not floor)


def encode(known: Interpreting) -> dict[str, Any]:
    """Return its JSON form."""
    return {
        "floor": known.floor,
        "clocks": [[item.channel, item.at_ms, item.ended] for item in known.clocks],
        "said": [_encoded(item) for item in known.said],
        "heard": [[name, *_encoded(item)] for name, item in known.heard],
        "given": [
            [opening_ms, item.channel, [[span.start_ms, span.end_ms] for span in item.spans]]
            for opening_ms, item in known.given
        ],
    }


def decode(document: Mapping[str, Any]) -> Interpreting:
    """Return what `encode` gave."""
    return Interpreting(
        document["floor"],
        tuple(Clock(*item) for item in document["clocks"]),
        tuple(_decoded(item) for item in document["said"]),
        tuple((name, _decoded(item)) for name, *item in document["heard"]),
        tuple(
            (opening_ms, Interpretation(name, tuple(Span(*span) for span in spans)))
            for opening_ms, name, spans in document["given"]
        ),
    )


def _encoded(item: Stretch) -> list[Any]:
    return [item.opening_ms, item.chair, item.span.start_ms, item.span.end_ms]


def _decoded(item: Sequence[Any]) -> Stretch:
    return Stretch(item[0], item[1], Span(item[2], item[3]))


def _floor(known: Interpreting, waiting: Mapping[str, Sequence[Turn]]) -> list[Stretch]:
    found = {*known.said, *stretches(waiting.get(known.floor, ()))}
    return sorted(found, key=lambda item: (item.span, item.opening_ms))


def _alike(floor: Span, other: Span) -> float:
    """Return how much of the longer one two stretches share, in [0, 1], at the likeliest lag."""
    shared_ms = max(
        min(floor.end_ms, other.end_ms - lag_ms) - max(floor.start_ms, other.start_ms - lag_ms) for lag_ms in LAGS_MS
    )
    return max(0, shared_ms) / max(floor.length_ms, other.length_ms)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_ms <= joined[-1].end_ms:
            joined[-1] = Span(joined[-1].start_ms, max(joined[-1].end_ms, span.end_ms))
        else:
            joined.append(span)
    return tuple(joined)
