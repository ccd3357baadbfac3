"""Whose the log says that a true intervention is: right, wrong, or an honest silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from floorlog.clock import Span
from floorlog.scoring.logged import Logged
from floorlog.scoring.stretches import Held, logged_stretches
from floorlog.scoring.truth import PERSON, Spoken, Truth

Verdict = Literal["right", "wrong", "abstained"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the log made of a true intervention.

    Args:
        truth: The intervention.
        entity: Whose it is in the log: of the entity that holds most of its time, all parts together.
        verdict: `right` also where nothing says whose it is and the log names nobody.
        found: Of that entity's interventions in the log, the one that holds most of its time.
    """

    truth: Spoken
    entity: str | None
    verdict: Verdict
    found: Logged | None

    @property
    def candidate(self) -> tuple[float, bool] | None:
        """Return the confidence of the log's likeliest entity and whether it is wrong; None where there is none."""
        best = self.found.candidate if self.found else None
        if best is None:
            return None
        entity, confidence = best
        return confidence, not self.truth.named or entity != self.truth.entity

    @property
    def on_behalf_of_right(self) -> bool:
        """Return whether the log has the group that was spoken for."""
        return self.found is not None and self.truth.on_behalf_of in self.found.on_behalf_of

    @property
    def on_behalf_of_false(self) -> bool:
        """Return whether the log has a group that was not spoken for."""
        return self.found is not None and any(group != self.truth.on_behalf_of for group in self.found.on_behalf_of)

    def agrees(self, field: Literal["kind", "role", "language"]) -> bool:
        """Return whether a field of the log is that of the truth; of languages, the primary subtag counts."""
        if self.found is None:
            return False
        true, logged = getattr(self.truth, field), getattr(self.found, field)
        return logged is not None and str(true).split("-")[0] == str(logged).split("-")[0]


def judge(truth: Spoken, log: Sequence[Logged]) -> Judged:
    """Return whose the log says an intervention is."""
    by_entity: dict[str | None, int] = {}
    by_item: dict[tuple[str | None, str], int] = {}
    items = {item.id: item for item in log}
    for item in log:
        shared_ms = sum(span.overlap_ms(part) for span in item.spans for part in truth.parts)
        if shared_ms:
            by_entity[item.entity] = by_entity.get(item.entity, 0) + shared_ms
            by_item[item.entity, item.id] = shared_ms
    entity = max(sorted(by_entity, key=str), key=lambda key: by_entity[key]) if by_entity else None
    own = {name: shared_ms for (owner, name), shared_ms in by_item.items() if owner == entity}
    found = items[max(sorted(own), key=lambda name: own[name])] if own else None
    verdict: Verdict
    if not truth.named:
        verdict = "right" if entity is None else "wrong"
    elif entity is None:
        verdict = "abstained"
    else:
        verdict = "right" if entity == truth.entity else "wrong"
    return Judged(truth, entity, verdict, found)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A stretch of a true turn over which the log names one entity, and whether that is right."""

    span: Span
    true: str
    logged: str | None
    right: bool


def agreements(truth: Truth, log: Sequence[Logged]) -> list[Agreement]:
    """Return what the log says at each moment of each true turn, in order.

    In the log the floor is held until the next one takes it. Turns of persons who speak for themselves are left out;
    where nothing says whose a turn is, no name is right.
    """
    unnamed = [part for item in truth.interventions if not item.named for part in item.parts]
    held = until_the_next(logged_stretches(log))
    found: list[Agreement] = []
    for turn in truth.turns:
        if turn.entity.startswith(PERSON):
            continue
        named = not any(2 * part.overlap_ms(turn.span) > turn.span.length_ms for part in unnamed)
        at_ms = turn.span.start_ms
        for item in held:
            start_ms, end_ms = max(at_ms, item.span.start_ms), min(turn.span.end_ms, item.span.end_ms)
            if start_ms >= end_ms:
                continue
            if start_ms > at_ms:
                found.append(Agreement(Span(at_ms, start_ms), turn.entity, None, not named))
            right = item.entity == turn.entity if named else item.entity is None
            found.append(Agreement(Span(start_ms, end_ms), turn.entity, item.entity, right))
            at_ms = end_ms
        if at_ms < turn.span.end_ms:
            found.append(Agreement(Span(at_ms, turn.span.end_ms), turn.entity, None, not named))
    return found


def until_the_next(stretches: Sequence[Held]) -> list[Held]:
    """Return the stretches, each lasting until the next one starts; the last one keeps its end."""
    found = []
    for item, after in zip(stretches, [*stretches[1:], None], strict=True):
        end_ms = after.span.start_ms if after else item.span.end_ms
        if end_ms > item.span.start_ms:
            found.append(Held(Span(item.span.start_ms, end_ms), item.holder, item.entity))
    return found
