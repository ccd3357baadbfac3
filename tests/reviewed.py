"""A small meeting that people review: heard, heard again by a better model, corrected, and brought through states."""

from __future__ import annotations

from typing import Any

from floorlog.adapters.store import Store
from floorlog.services import derive, review
from floorlog.services.advance import BATCH_EVENTS, advance
from floorlog.services.review import Author
from tests.small_floor import SMALL_MACHINE, arrive, end, said

ANN, BOB = Author("ann", "Ann", "reviewer"), Author("bob", "Bob", "approver")

THREE = ((0, "open-a", "b", "c", "d"), (10, "open-e", "f", "g"), (20, "open-h", "i", "j"))


def hear_three(store: Store, fingerprint: str = "fp-first", *lines: tuple[Any, ...]) -> None:
    """Let the small machine hear three interventions, or others in their place."""
    heard = [said(start, start + 10, *words) for start, *words in lines or THREE]
    arrive(store, *heard, end(30), fingerprint=fingerprint)
    advance(store, "small", SMALL_MACHINE)


def hear_better(store: Store, *lines: tuple[Any, ...]) -> None:
    """Let a better model hear the meeting again."""
    hear_three(store, "fp-better", *lines)
    store.activate("small", "fp-better")
    derive.derive_again(store, "small", SMALL_MACHINE, BATCH_EVENTS, whole=True)


def a(operation: str, after: Any, name: str = "", reason: str | None = None, **more: Any) -> dict[str, Any]:
    """A correction as a page sends it."""
    return {"id": name or f"cor-{operation}", "operation": operation, "after": after, "reason": reason, **more}


def fix(store: Store, record_id: str, *corrections: dict[str, Any], person: Author = ANN) -> review.Changed:
    """Correct a record as it stands."""
    row = store.record_row(record_id)
    assert row is not None
    return review.correct(store, record_id, row.current_revision, corrections, person)


def to(store: Store, record_id: str, *states: str, reason: str | None = None) -> None:
    """Bring a record through states."""
    for state in states:
        row = store.record_row(record_id)
        assert row is not None
        review.change_state(store, record_id, row.current_revision, state, BOB, reason)
