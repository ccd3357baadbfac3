"""Who held the floor, with how much confidence, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass

from floorlog.clock import Span


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
