"""Attribution: evidence adds up in one place, and too little of it names nobody."""

from __future__ import annotations

import pytest

from floorlog.attribution import THRESHOLD, WEIGHTS, Evidence, combine
from floorlog.clock import Span
from floorlog.evidence import ALL, VOICE_KNOWN


def evidence(name: str, entity: str | None, weight: float | None = None) -> Evidence:
    return Evidence(name, "…", Span(0, 1), WEIGHTS[name] if weight is None else weight, entity, "floor")


def test_no_evidence_names_nobody() -> None:
    """No name is better than a wrong name."""
    found = combine([])
    assert (found.entity, found.confidence) == (None, 0.0)


def test_evidence_of_two_types_makes_surer() -> None:
    """Thanks after a statement confirm what was given before it."""
    given = combine([evidence("given", "KEN")])
    both = combine([evidence("given", "KEN"), evidence("thanked", "KEN")])
    assert given.entity == both.entity == "KEN"
    assert both.confidence > given.confidence


def test_the_same_reason_twice_counts_once() -> None:
    """Saying a thing again makes it no truer."""
    once, twice = (combine([evidence("given", "KEN")] * count) for count in (1, 2))
    assert once.confidence == twice.confidence


def test_contradiction_abstains_and_keeps_both() -> None:
    """A reviewer is told between whom to choose."""
    found = combine([evidence("given", "KEN"), evidence("thanked", "PER")])
    assert found.entity is None
    assert [item.entity for item in found.alternatives] == ["KEN", "PER"]
    assert found.confidence < THRESHOLD


def test_what_is_only_announced_gives_nothing() -> None:
    """ "Followed by Fiji" predicts; it does not give."""
    assert combine([evidence("announced", "FJI")]).entity is None


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_every_weight_belongs_to_a_type_and_every_type_has_one(name: str) -> None:
    """A type without a weight would crash the first meeting that shows it."""
    assert {item.name for item in ALL} | {VOICE_KNOWN} == set(WEIGHTS)
    assert WEIGHTS[name] > 0


def test_confidence_is_shared_among_all_that_is_possible() -> None:
    """With the alternatives and with nobody at all it makes up one."""
    found = combine([evidence("given", "KEN"), evidence("self-reference", "PER"), evidence("announced", "FJI")])
    assert found.confidence + sum(item.confidence for item in found.alternatives) <= 1.0
