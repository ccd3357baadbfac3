"""Store each transcript."""

from __future__ import annotations

from pipelines.elements import FAULTS, Arrival, Plan
from pipelines.store import StoreTranscript
from tests.announced import Announced
from tests.beam.steps import run_step


def test_meetings_and_ticks_go_on_to_the_floor(plan: Plan, announced: Announced) -> None:
    """A segment that was transcribed before still goes on: the run that stored it may have died before the floor."""
    known = Arrival(announced.payloads[0], announced.documents()[0])
    tick = Arrival(b"", {"schema": "segment/1", "kind": "tick"})
    heard, faults = run_step(StoreTranscript(plan), [known, tick], FAULTS)
    assert sorted(heard) == ["", announced.meeting["id"]]
    assert faults == []


def test_a_transcript_that_breaks_its_contract_is_a_fault(plan: Plan, announced: Announced) -> None:
    """What no reader could read must not enter the store."""
    bad = Arrival(announced.payloads[0], announced.documents()[0], {"schema": "transcript/1"})
    heard, (fault,) = run_step(StoreTranscript(plan), [bad], FAULTS)
    assert heard == []
    assert (fault.stage, fault.reason, fault.retryable) == ("store", "invalid-document", False)
