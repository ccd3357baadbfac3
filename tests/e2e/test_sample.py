"""The main job: a live stream goes in, validated records come out."""

from __future__ import annotations

import json

import pytest

from floorlog import contract
from floorlog.services.meetings import SAMPLE
from tests.e2e.running import CalmRun

pytestmark = pytest.mark.model


def test_the_sample_is_logged_whole(calm_run: CalmRun) -> None:
    """An operator sees at a glance that nothing was lost: every second has its place, and there are no dead letters."""
    summary = calm_run.summary
    assert summary["interventions"] == 16
    assert summary["dead_letters"] == 0
    assert sum(summary["coverage"].values()) == pytest.approx(summary["audio_s"], abs=0.0005)
    assert summary["coverage"]["gap_s"] == 0
    assert summary["audio_s"] == pytest.approx(539.9, abs=0.2)


def test_every_record_keeps_its_contract(calm_run: CalmRun) -> None:
    """Reviewers and dashboards rely on it."""
    records = [json.loads(line) for line in calm_run.export.splitlines()]
    assert len(records) > 16
    for record in records:
        contract.validate("record", record)


def test_no_state_is_named_wrongly_and_most_are_named(calm_run: CalmRun) -> None:
    """A wrong name is worse than none; at least 13 of the 16 are named on this easy sample."""
    truth = json.loads((SAMPLE / "truth.json").read_text())["interventions"]
    records = [json.loads(line) for line in calm_run.export.splitlines()]
    named = {item["id"]: _holder(item["parts"], records) for item in truth}
    right = [item["id"] for item in truth if named[item["id"]] == item["entity"]]
    wrong = [item["id"] for item in truth if named[item["id"]] not in (None, item["entity"])]
    assert wrong == []
    assert len(right) >= 13


def _holder(parts: list[list[float]], records: list[dict[str, object]]) -> str | None:
    """The entity that holds most of the time of an intervention's parts in the log; the chair counts as none."""
    held: dict[str | None, float] = {}
    for record in records:
        speaker = record["speaker"]
        code = speaker["entity"]["code"] if isinstance(speaker, dict) else None
        for span in record["spans"]:  # type: ignore[attr-defined]
            for start_s, end_s in parts:
                overlap_s = min(end_s, span["end_ms"] / 1000) - max(start_s, span["start_ms"] / 1000)
                held[code] = held.get(code, 0.0) + max(0.0, overlap_s)
    best = max(held, key=lambda code: held[code])
    return None if best == "CHAIR" else best
