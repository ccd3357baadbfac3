"""Transcribe each segment whose transcript is not stored yet."""

from __future__ import annotations

import pytest

from floorlog import contract
from floorlog.adapters.store import Store
from pipelines.decode import DecodeAnnouncement
from pipelines.elements import FAULTS, Arrival, Plan
from pipelines.store import StoreTranscript
from pipelines.transcribe import TranscribeSegment
from tests.announced import Announced
from tests.beam.steps import run_step


@pytest.mark.model
def test_a_segment_is_transcribed_once(plan: Plan, store: Store, announced: Announced) -> None:
    """A redelivered message must not cost the recogniser's time again."""
    arrivals, _ = run_step(DecodeAnnouncement(plan), announced.payloads[:1], FAULTS)
    (first,), faults = run_step(TranscribeSegment(plan), arrivals, FAULTS)
    assert faults == []
    contract.validate("transcript", first.transcript)
    assert "Excellencies" in str(first.transcript)
    run_step(StoreTranscript(plan), [first], FAULTS)
    (again,), _ = run_step(TranscribeSegment(plan), arrivals, FAULTS)
    assert again.transcript is None


def test_what_is_no_segment_passes_through(plan: Plan, announced: Announced) -> None:
    """Gaps, ends and ticks have nothing to transcribe, and the floor must hear them all the same."""
    end = Arrival(announced.payloads[-1], announced.documents()[-1])
    heard, faults = run_step(TranscribeSegment(plan), [end], FAULTS)
    assert (heard, faults) == ([end], [])


def test_a_missing_object_is_a_fault_that_may_pass(plan: Plan, announced: Announced) -> None:
    """The bucket may be late; the message comes again."""
    document = announced.documents()[0]
    document["audio"]["uri"] += ".gone"
    _, (fault,) = run_step(TranscribeSegment(plan), [Arrival(b"{}", document)], FAULTS)
    assert (fault.stage, fault.reason, fault.retryable) == ("transcribe", "object-missing", True)
