"""The states of a record's review, and what may follow what: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from floorlog.errors import TransitionRefused


@dataclass(frozen=True, slots=True)
class Step:
    """A way from one state to another, and whether a reason must be given for it."""

    needs_reason: bool = False


STEPS: Final[Mapping[str, Mapping[str, Step]]] = {
    "provisional": {},  # becomes `machine` when the machine settles it, and by nobody's hand
    "machine": {"in_review": Step(), "approved": Step()},
    "in_review": {"machine": Step(), "approved": Step()},
    "approved": {"in_review": Step(), "published": Step()},
    "published": {"withdrawn": Step(needs_reason=True)},
    "corrected": {"withdrawn": Step(needs_reason=True)},
    "withdrawn": {"in_review": Step(needs_reason=True)},
    "retired": {},  # others stand for it; only undoing brings it back
}
"""What a person may make of a record by its state. `corrected` comes of correcting what was published."""

AFTER_CORRECTION: Final[Mapping[str, str]] = {
    "machine": "in_review",
    "in_review": "in_review",
    "approved": "in_review",  # what was approved is not what stands there now
    "published": "corrected",
    "corrected": "corrected",
    "withdrawn": "withdrawn",  # nobody sees it, before or after
}
"""The state of a record whose content a person corrected. One that is not named cannot be corrected."""

PUBLIC: Final = frozenset(("published", "corrected"))
"""States in which readers see a record."""

SETTLED_BY_PERSON: Final = frozenset(("approved", "published", "corrected", "withdrawn"))
"""States in which a better model changes nothing by itself: its result waits for a person."""


def check_step(record_id: str, state: str, to: str, reason: str | None) -> None:
    """Check that a record may go from one state to another.

    Raises:
        TransitionRefused: it may not, or a reason is missing.
    """
    step = STEPS.get(state, {}).get(to)
    if step is None:
        raise TransitionRefused(record_id, state, to, f"from {state} it goes to {_named(STEPS.get(state, {}))}")
    if step.needs_reason and not reason:
        raise TransitionRefused(record_id, state, to, "a reason is needed")


def corrected_state(record_id: str, state: str, reason: str | None) -> str:
    """Return the state of a record once its content is corrected.

    Raises:
        TransitionRefused: it cannot be corrected in its state, or was published and no reason is given.
    """
    if state not in AFTER_CORRECTION:
        raise TransitionRefused(record_id, state, "corrected", f"what is {state} cannot be corrected")
    if state in PUBLIC and not reason:
        raise TransitionRefused(record_id, state, "corrected", "it was published: a reason is needed")
    return AFTER_CORRECTION[state]


def _named(states: Mapping[str, Step]) -> str:
    return " or ".join(states) or "no other state"
