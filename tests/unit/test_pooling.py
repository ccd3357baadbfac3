"""Pooling: scores of several meetings are those of all their turns, and intervals say how far to trust them."""

from __future__ import annotations

from collections import Counter

import pytest

from floorlog.scoring.meeting import Scored, Tally
from floorlog.scoring.pooling import pooled


def meeting(name: str, verdicts: str, *, recording: str | None = None, confidences: tuple[float, ...] = ()) -> Scored:
    """A meeting with one intervention for each letter: r(ight), w(rong) or a(bstained)."""
    tallies = []
    for number, letter in enumerate(verdicts):
        verdict = {"r": "right", "w": "wrong", "a": "abstained"}[letter]
        tally = Tally(Counter({"interventions": 1, "named": 1, verdict: 1}))
        if confidences:
            tally.candidates.append((confidences[number], letter != "r", True))
        tallies.append(tally)
    return Scored(name, recording or name, tuple(tallies), (), (), (), ())


def test_shares_are_of_all_interventions_together() -> None:
    """A meeting with many interventions weighs more than one with few."""
    found = pooled([meeting("one", "rrrrrr"), meeting("two", "wa")])
    assert (found["attribution_right"], found["attribution_wrong"], found["attribution_abstained"]) == (
        0.75,
        0.125,
        0.125,
    )
    assert (found["n_interventions"], found["n_recordings"], found["interval_of"]) == (8, 2, "recordings")


def test_the_texts_of_several_recognisers_are_one_recording() -> None:
    """Ten texts of one meeting are no ten meetings: the interval must not shrink for them."""
    many = [meeting(f"one__{number}", "rrrw", recording="one") for number in range(10)]
    apart = pooled([*many, meeting("two", "rwww")])
    assert apart["n_recordings"] == 2
    assert apart["intervals"]["attribution_right"] == [0.25, 0.75]


def test_one_recording_is_resampled_by_turns() -> None:
    """A single meeting has an interval too, and it says of what."""
    found = pooled([meeting("one", "rrrrrrrrrrrrwwww")])
    low, high = found["intervals"]["attribution_right"]
    assert found["interval_of"] == "turns"
    assert 0.4 < low < 0.75 < high < 1


def test_the_same_meetings_have_the_same_intervals() -> None:
    """A score that moves by itself is no measure of a change."""
    meetings = [meeting("one", "rrrw"), meeting("two", "rwaa"), meeting("three", "rrrr")]
    assert pooled(meetings) == pooled(meetings)


def test_what_nothing_is_known_of_has_no_score() -> None:
    """A score of 0 or 1 for what was not measured would be read as one."""
    found = pooled([meeting("one", "rw")])
    assert found["wer"] is None
    assert found["intervals"]["wer"] is None
    assert found["coverage_at_1pct_risk"] == 0


def test_coverage_stops_before_the_first_wrong_name() -> None:
    """It says how many names could be given if hardly any may be wrong."""
    found = pooled([meeting("one", "rrrw", confidences=(0.99, 0.98, 0.9, 0.95))])
    assert found["coverage_at_1pct_risk"] == 0.5
    assert [(point["coverage"], point["risk"]) for point in found["risk_coverage"]] == [
        (0.25, 0),
        (0.5, 0),
        (0.75, 0.3333),
        (1, 0.25),
    ]


def test_names_of_one_confidence_are_given_together() -> None:
    """No threshold can tell them apart."""
    assert pooled([meeting("one", "rrw", confidences=(0.9, 0.9, 0.9))])["coverage_at_1pct_risk"] == 0


def test_reliability_compares_confidence_with_what_came_true() -> None:
    """A confidence of 0.9 promises nine right names of ten."""
    found = pooled([meeting("one", "rrrrrrrrrw", confidences=(0.9,) * 10)])
    assert found["reliability"] == [{"confidence": 0.9, "right": 0.9, "count": 10}]
    assert found["calibration_error"] == pytest.approx(0, abs=1e-9)
