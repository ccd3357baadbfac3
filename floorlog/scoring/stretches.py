"""Stretches of one holder of the floor, and the boundaries between them, matched one to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from floorlog.clock import Span
from floorlog.interventions import CHAIR
from floorlog.scoring.logged import Logged
from floorlog.scoring.truth import Truth

TOLERANCE_MS = 2_000
"""How far a boundary may lie from the true one; in text, that is five words."""


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch of one holder. `holder` tells holders apart; `entity` is None where nobody is named."""

    span: Span
    holder: str
    entity: str | None

    @property
    def chair(self) -> bool:
        """Return whether it is the chair's."""
        return self.entity == CHAIR


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the floor goes from one holder to the next: from one's end to the other's start, whichever is first."""

    before: Held
    after: Held

    @property
    def interval(self) -> tuple[int, int]:
        """Return its first and last moment, in ms; they may be the same."""
        end_ms, start_ms = self.before.span.end_ms, self.after.span.start_ms
        return min(end_ms, start_ms), max(end_ms, start_ms)


def true_stretches(truth: Truth) -> list[Held]:
    """Return who held the floor, consecutive turns of one entity as one."""
    return merged(Held(turn.span, turn.entity, turn.entity) for turn in truth.turns)


def logged_stretches(log: Iterable[Logged]) -> list[Held]:
    """Return who holds the floor in a log, consecutive interventions of one named entity as one."""
    return merged(Held(span, item.id, item.entity) for item in log for span in item.spans)


def merged(stretches: Iterable[Held]) -> list[Held]:
    """Return the stretches in order, those of one holder that follow each other as one."""
    found: list[Held] = []
    for item in sorted(stretches, key=lambda held: held.span):
        last = found[-1] if found else None
        if last and (last.holder == item.holder or (item.entity is not None and last.entity == item.entity)):
            span = Span(last.span.start_ms, max(last.span.end_ms, item.span.end_ms))
            found[-1] = Held(span, last.holder, last.entity)
        else:
            found.append(item)
    return found


def boundaries(stretches: Sequence[Held]) -> list[Boundary]:
    """Return the boundary between each holder and the next."""
    return [Boundary(one, other) for one, other in pairwise(stretches)]


def starts(found: Sequence[Boundary]) -> list[tuple[int, int]]:
    """Return the moments at which somebody other than the chair takes the floor."""
    return [(item.after.span.start_ms,) * 2 for item in found if not item.after.chair]


def ends(found: Sequence[Boundary]) -> list[tuple[int, int]]:
    """Return the moments at which somebody other than the chair gives it up."""
    return [(item.before.span.end_ms,) * 2 for item in found if not item.before.chair]


def match(
    true: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]], tolerance_ms: int = TOLERANCE_MS
) -> dict[int, int]:
    """Return which true interval matches which found one, by index, one to one, the nearest first.

    Two intervals are as far apart as their nearest moments; those further apart than `tolerance_ms` do not match.
    """
    pairs = sorted(
        (distance, abs(sum(one) - sum(other)), i, j)
        for i, one in enumerate(true)
        for j, other in enumerate(found)
        if (distance := max(0, other[0] - one[1], one[0] - other[1])) <= tolerance_ms
    )
    matched: dict[int, int] = {}
    used: set[int] = set()
    for _, _, i, j in pairs:
        if i not in matched and j not in used:
            matched[i] = j
            used.add(j)
    return matched
