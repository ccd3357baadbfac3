"""What `floorlog eval` does: logs meetings whose truth is known, scores them by tier, and writes the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from floorlog import interventions
from floorlog.cli.evaluate.evaluated import Evaluated
from floorlog.scoring import pooling

SCHEMA = "evaluation/1"

Tell = Callable[[str], None]


def result(kind: str, meetings: Iterable[Evaluated], recogniser: dict[str, Any] | None) -> dict[str, Any]:
    """Return the scores of some meetings, pooled by tier, as docs/evaluation.md defines them.

    Args:
        kind: audio or transcripts.
        meetings: What was evaluated.
        recogniser: What heard them: model, fingerprint and version; None for texts.
    """
    tiers: dict[str, list[Evaluated]] = {}
    for meeting in meetings:
        tiers.setdefault(meeting.tier, []).append(meeting)
    return {
        "schema": SCHEMA,
        "kind": kind,
        "machine_version": interventions.VERSION,
        "recogniser": recogniser,
        "bootstrap": {"resamples": pooling.RESAMPLES, "level": 0.95},
        "tiers": {tier: _tier(found) for tier, found in sorted(tiers.items())},
    }


def _tier(meetings: list[Evaluated]) -> dict[str, Any]:
    scored = [meeting.scored for meeting in meetings]
    each = {item.name: {**pooling.pooled([item], with_intervals=False), "recording": item.recording} for item in scored}
    return {**pooling.pooled(scored), "meetings": each}


def folders_with_truth(folders: Iterable[Path]) -> list[Path]:
    """Return the folders that hold a truth.json: those given, and those right inside of one that has none itself."""
    found: list[Path] = []
    for folder in folders:
        inside = [folder] if (folder / "truth.json").is_file() else sorted(folder.glob("*/"))
        found += [each for each in inside if (each / "truth.json").is_file()]
    return list(dict.fromkeys(found))
