"""A small evaluation: the sample's log must stay as good as the one on file, within its noise.

`python -m tests.e2e.test_evaluation` plays the sample and writes the file again; review the difference.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from floorlog.coverage import Ledger
from floorlog.scoring import logged, meeting, truth
from floorlog.scoring.pooling import pooled
from floorlog.scoring.word_errors import LEAST_RUN
from floorlog.services.meetings import SAMPLE
from tests.e2e import running
from tests.e2e.running import CalmRun

KEPT = Path(__file__).parents[1] / "golden/sample.scores.json"

LEAST = {
    # What a single intervention, boundary, or lost line counts, by what it is a share of.
    "boundary_f1": (1, "n_boundaries"),
    "attribution_right": (1, "n_interventions"),
    "attribution_wrong": (1, "n_interventions"),
    "on_behalf_of_right": (1, "n_interventions"),
    "kind_right": (1, "n_interventions"),
    "role_right": (1, "n_interventions"),
    "language_right": (1, "n_interventions"),
    "time_weighted_accuracy": (1, "n_interventions"),
    "wer": (LEAST_RUN, "n_words"),
    "cpwer": (LEAST_RUN, "n_words"),
    "omission": (LEAST_RUN, "n_words"),
}

LESS_IS_BETTER = {"attribution_wrong", "wer", "cpwer", "omission"}


def scores_of(export: str) -> dict[str, Any]:
    """The scores of the sample's records."""
    log = logged.of_records(json.loads(line) for line in export.splitlines())
    true = truth.of_audio(json.loads((SAMPLE / "truth.json").read_text()))
    # All of the sample's words are known, so that what its clock holds is not looked at.
    return pooled([meeting.score("sample", "sample", true, log, {}, Ledger(0, ()))])


def noise(scores: dict[str, Any], key: str) -> float:
    """How much worse a score may be without meaning anything."""
    low, high = scores["intervals"][key]
    count, total = LEAST[key]
    least: float = count / scores[total]
    return round(max((float(high) - float(low)) / 2, least), 4)


@pytest.mark.model
def test_no_score_of_the_sample_falls_by_more_than_its_noise(calm_run: CalmRun) -> None:
    """A change that makes the log worse must be seen before it is merged."""
    kept, now = json.loads(KEPT.read_text()), scores_of(calm_run.export)
    loss = {key: (now[key] - kept[key]["score"]) * (1 if key in LESS_IS_BETTER else -1) for key in LEAST}
    assert set(kept) == set(LEAST)
    assert {key: (kept[key], now[key]) for key in LEAST if loss[key] > kept[key]["noise"] + 1e-9} == {}


def write() -> None:
    """Play the sample and keep its scores."""
    with tempfile.TemporaryDirectory() as folder:
        env, log = running.environment(Path(folder)), Path(folder) / "log"
        running.finish(running.start(env, log), log)
        scores = scores_of(running.export(env))
    kept = {key: {"score": scores[key], "noise": noise(scores, key)} for key in LEAST}
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    write()
