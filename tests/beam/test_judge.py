"""Try again, or keep a dead letter."""

from __future__ import annotations

from dataclasses import replace

from floorlog.adapters.store import Store, dead_letter_id
from pipelines.elements import AGAIN, AttemptLimits, Fault, Plan
from pipelines.judge import JudgeFault
from tests.announced import Announced
from tests.beam.steps import run_step

LATE = "the object cannot be read"


def test_a_permanent_fault_is_a_dead_letter_at_once(plan: Plan, store: Store, announced: Announced) -> None:
    """And its segment is a gap: the meeting goes on, and the ledger says what is missing."""
    payload = announced.payloads[0]
    heard, again = run_step(
        JudgeFault(plan), [Fault("transcribe", payload, "corrupt-audio", "other bytes", None, False)], AGAIN
    )
    assert (heard, again) == ([announced.meeting["id"]], [])
    letter = store.dead_letter(dead_letter_id(payload))
    assert letter is not None
    assert (letter.reason, letter.state, letter.payload) == ("corrupt-audio", "open", payload)


def test_a_retryable_fault_dies_only_past_both_limits(plan: Plan, store: Store, announced: Announced) -> None:
    """Attempts are counted in the store, so that the limit holds on every runner and across restarts."""
    plan = replace(plan, limits=AttemptLimits(count=2, age_s=0))
    fault = Fault("transcribe", announced.payloads[0], "object-missing", LATE, None, True)
    assert run_step(JudgeFault(plan), [fault], AGAIN) == ([], [fault.payload])
    assert store.dead_letters() == []
    assert run_step(JudgeFault(plan), [fault], AGAIN) == ([announced.meeting["id"]], [])
    assert [letter.attempts for letter in store.dead_letters()] == [2]


def test_many_attempts_in_a_short_time_are_not_enough(plan: Plan, announced: Announced) -> None:
    """A bucket that is down for a minute must not bury what was announced in it."""
    plan = replace(plan, limits=AttemptLimits(count=1, age_s=3600))
    fault = Fault("transcribe", announced.payloads[0], "object-missing", LATE, None, True)
    assert run_step(JudgeFault(plan), [fault], AGAIN) == ([], [fault.payload])
