"""Who held the floor, with how much confidence, and on what evidence: the one place where evidence is combined.

Each piece of evidence adds its weight, a log-odds, to the entity that it speaks for. The entities and "none of these"
then share the confidence in proportion to the exponentials of their sums; the best one is attributed if its share
reaches the threshold. No name is better than a wrong name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from floorlog.clock import Span
from floorlog.evidence import ALL, VOICE_KNOWN


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed reason for or against an attribution.

    `weight` is a log-odds: it adds up with the other reasons. `quote` is what was said ("" for a voice).
    """

    type: str
    quote: str
    span: Span
    weight: float
    entity: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another entity that the evidence allows, with its share of the confidence."""

    entity: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who held the floor; `entity` is None where the evidence does not suffice (unattributed)."""

    entity: str | None
    confidence: float
    method: str
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]


UNATTRIBUTED = Attribution(entity=None, confidence=0.0, method="none", evidence=(), alternatives=())

METHOD = "log-odds"

WEIGHTS: dict[str, float] = {
    # Log-odds of each type of evidence: how often it named the right entity on the development sets and how often
    # another one, with ten cases added as expected beforehand, and none above 5. docs/attribution.md has the counts and
    # the command.
    "given": 5.0,
    "bare-name": 4.0,  # counted 5.0; see "self-reference"
    "recognized": 2.5,
    "promised": 3.7,
    "resumed": 4.1,
    "announced": 1.1,
    "thanked": 5.0,
    "thanked-or-given": 2.3,
    "introduced": 3.7,
    "self-reference": 1.8,  # counted 2.0; in printed records, which were not counted, that made more names wrong
    VOICE_KNOWN: 2.6,
    # No development meeting has these; as expected: a programme alone must not name anybody, and a roster must outweigh
    # a misheard name, but not one that was heard exactly.
    "programme": 1.5,
    "not-on-roster": 3.0,
    "other-channel": 3.0,
}

THRESHOLD = 0.85
"""Least confidence for a name. "self-reference" once is just enough, and any contradiction is too much."""

ALTERNATIVES = 3
"""So many other entities are kept."""

_AT_MOST = {item.name: item.at_most for item in ALL}


def combine(evidence: Iterable[Evidence]) -> Attribution:
    """Return the attribution that all the evidence together supports.

    Args:
        evidence: In the order in which it was observed; of one type for one entity only the strongest ones count.
    """
    items = tuple(evidence)
    weights: dict[tuple[str, str], list[float]] = {}
    for item in items:
        if item.entity is not None:
            weights.setdefault((item.entity, item.type), []).append(item.weight)
    totals: dict[str, float] = {}
    for (entity, name), values in weights.items():
        counted = sorted(values, reverse=True)[: _AT_MOST.get(name, 1)]
        totals[entity] = totals.get(entity, 0.0) + sum(counted)
    if not totals:
        return Attribution(None, 0.0, "none", items, ())
    most = max(0.0, *totals.values())
    shares = {entity: math.exp(total - most) for entity, total in totals.items()}
    whole = math.exp(-most) + sum(shares.values())
    ranked = sorted(((share / whole, entity) for entity, share in shares.items()), key=lambda pair: (-pair[0], pair[1]))
    confidence, entity = ranked[0]
    named = confidence >= THRESHOLD
    others = ranked[1:] if named else ranked
    return Attribution(
        entity=entity if named else None,
        confidence=round(confidence, 4),
        method=METHOD,
        evidence=items,
        alternatives=tuple(Alternative(code, round(share, 4)) for share, code in others[:ALTERNATIVES]),
    )
