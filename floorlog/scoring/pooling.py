"""Scores of several meetings together, each with its interval; curves of risk over coverage and of reliability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from floorlog.scoring.meeting import Scored
from floorlog.scoring.pool import Pool

RESAMPLES = 1000
"""Bootstrap resamples; intervals are their 2.5th and 97.5th percentiles (Efron and Tibshirani 1993, chapter 13)."""

SEED = 20210224
"""The same meetings always have the same intervals."""

COUNTS = {
    # Totals that say how much a score rests on.
    "n_boundaries": "boundaries_true",
    "n_interventions": "interventions",
    "n_right": "right",
    "n_wrong": "wrong",
    "n_abstained": "abstained",
    "n_on_behalf_of": "on_behalf_of",
    "n_words": "words",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curve of risk over coverage: names with at least this confidence."""

    confidence: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the reliability curve: how many names have about this confidence, and what share is right."""

    confidence: float
    right: float
    count: int


def pooled(meetings: Sequence[Scored], *, with_intervals: bool = True) -> dict[str, Any]:
    """Return the scores of some meetings together, as docs/evaluation.md defines them.

    Args:
        meetings: At least one.
        with_intervals: Whether `intervals` and the curves are wanted too. Resampled are whole recordings; where there
            is only one, its turns.
    """
    tallies = [tally for meeting in meetings for tally in meeting.tallies]
    names = sorted({meeting.recording for meeting in meetings})
    by_recording = [names.index(meeting.recording) for meeting in meetings for _ in meeting.tallies]
    groups = by_recording if len(names) > 1 else list(range(len(tallies)))
    pool = Pool(tallies, groups)
    size = max(groups) + 1
    found: dict[str, Any] = {key: _number(value[0]) for key, value in pool.scores(np.ones((1, size))).items()}
    totals = {key: int(sum(tally.counts[name] for tally in tallies)) for key, name in COUNTS.items()}
    found = {**totals, **found}
    if with_intervals:
        found |= {"n_recordings": len(names), "n_meetings": len(meetings), "intervals": _intervals(pool, size)}
        found["interval_of"] = "recordings" if len(names) > 1 else "turns"
        found["risk_coverage"] = [_plain(point) for point in risk_coverage(pool)]
        found["reliability"] = [_plain(item) for item in reliability(pool)]
    return found


def risk_coverage(pool: Pool) -> list[Point]:
    """Return the share of wrong names among those with at least some confidence, over the share of named ones.

    Names that the log held back for want of confidence are on the curve too.
    """
    if not len(pool.confidence):
        return []
    weights = np.ones((1, int(pool.groups.max()) + 1))
    named = float(pool.total(weights, "named")[0])
    covered, risk = pool.curve(weights)
    return [
        Point(
            float(pool.confidence[index]), round(float(covered[0, index] / named), 4), round(float(risk[0, index]), 4)
        )
        for index in np.flatnonzero(pool.last_of_ties())
        if named
    ]


def reliability(pool: Pool) -> list[Bin]:
    """Return the bins of the reliability curve that hold anything."""
    return [
        Bin(
            round(float(pool.confidence[inside].mean()), 4),
            round(float(1 - pool.wrong[inside].mean()), 4),
            int(inside.sum()),
        )
        for inside in pool.bins()
        if inside.any()
    ]


def _intervals(pool: Pool, size: int) -> dict[str, list[float] | None]:
    random = np.random.default_rng(SEED)
    weights = random.multinomial(size, np.full(size, 1 / size), size=RESAMPLES).astype(float)
    found: dict[str, list[float] | None] = {}
    for key, values in pool.scores(weights).items():
        known = values[~np.isnan(values)]
        found[key] = [_number(edge) or 0.0 for edge in np.percentile(known, [2.5, 97.5])] if len(known) else None
    return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _plain(item: Point | Bin) -> dict[str, float]:
    return {name: getattr(item, name) for name in item.__slots__}
