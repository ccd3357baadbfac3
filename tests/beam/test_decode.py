"""Decode and validate each announcement."""

from __future__ import annotations

from floorlog.adapters.store import Store
from pipelines.decode import DecodeAnnouncement
from pipelines.elements import FAULTS, Plan
from tests.announced import Announced
from tests.beam.steps import run_step


def test_a_good_announcement_goes_on_and_is_known_to_the_store(plan: Plan, store: Store, announced: Announced) -> None:
    """Operators see the lag from the moment at which a segment is announced, not when it is transcribed."""
    heard, faults = run_step(DecodeAnnouncement(plan), announced.payloads[:2], FAULTS)
    assert sorted(arrival.payload for arrival in heard) == sorted(announced.payloads[:2])
    assert faults == []
    assert all(store.announced(document["id"]) for document in announced.documents()[:2])


def test_a_bad_one_leaves_aside_with_its_place(plan: Plan) -> None:
    """One bad message must not hold back the batch that it came with."""
    heard, faults = run_step(DecodeAnnouncement(plan), [b"not JSON", b'{"schema":"segment/1","kind":"tick"}'], FAULTS)
    assert [arrival.announcement["kind"] for arrival in heard] == ["tick"]
    assert [(fault.stage, fault.reason, fault.json_path) for fault in faults] == [("decode", "invalid-document", "$")]
