"""Counts of several meetings as arrays, so that scores of many resamples are products of matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from floorlog.scoring.meeting import Tally

Floats = NDArray[np.float64]

RISK = 0.01
"""Share of names that may be wrong for `coverage_at_1pct_risk`."""

EDGES = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.995, 1.0)
"""Of the bins of the reliability curve: narrow where most confidences lie."""


def _f1(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (f"{kind}_matched", f"{kind}_matched"), (f"{kind}_true", f"{kind}_matched", f"{kind}_extra")


RATIOS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # Each score is the sum of some counts over the sum of others.
    "boundary_f1": _f1("boundaries"),
    "boundary_precision": (("boundaries_matched",), ("boundaries_matched", "boundaries_extra")),
    "boundary_recall": (("boundaries_matched",), ("boundaries_true",)),
    "start_f1": _f1("starts"),
    "start_precision": (("starts_matched",), ("starts_matched", "starts_extra")),
    "start_recall": (("starts_matched",), ("starts_true",)),
    "end_f1": _f1("ends"),
    "end_precision": (("ends_matched",), ("ends_matched", "ends_extra")),
    "end_recall": (("ends_matched",), ("ends_true",)),
    "attribution_right": (("right",), ("interventions",)),
    "attribution_wrong": (("wrong",), ("interventions",)),
    "attribution_abstained": (("abstained",), ("interventions",)),
    "attribution_given_to_chair": (("given_to_chair",), ("interventions",)),
    "time_weighted_accuracy": (("time_right",), ("time",)),
    "on_behalf_of_right": (("on_behalf_of_right",), ("on_behalf_of",)),
    "on_behalf_of_false": (("on_behalf_of_false",), ("interventions",)),
    "kind_right": (("kind_right",), ("kind",)),
    "role_right": (("role_right",), ("role",)),
    "language_right": (("language_right",), ("language",)),
    "wer": (("word_errors",), ("words",)),
    "wer_turns_alone": (("errors_alone",), ("words_alone",)),
    "cpwer": (("speaker_errors",), ("words",)),
    "omission": (("omitted",), ("omission_base",)),
}


class Pool:
    """The tallies of some meetings: a row for each, and each in a group that is resampled as one.

    Args:
        tallies: Their order does not matter.
        groups: The number of each tally's group, from 0.
    """

    def __init__(self, tallies: Sequence[Tally], groups: Sequence[int]) -> None:
        names = sorted({name for tally in tallies for name in tally.counts})
        self.columns = {name: number for number, name in enumerate(names)}
        self.counts = np.array([[tally.counts[name] for name in names] for tally in tallies], dtype=float)
        self.groups = np.array(groups)
        items = [
            (-confidence, wrong, named, group)
            for tally, group in zip(tallies, groups, strict=True)
            for confidence, wrong, named in tally.candidates
        ]
        ordered = np.array(sorted(items), dtype=float).reshape(-1, 4)
        self.confidence, self.wrong, self.named = -ordered[:, 0], ordered[:, 1], ordered[:, 2]
        self.item_groups = ordered[:, 3].astype(int)
        late = [(*pair, group) for tally, group in zip(tallies, groups, strict=True) for pair in tally.latencies_s]
        self.latencies = np.array(late, dtype=float).reshape(-1, 3)

    def scores(self, weights: Floats) -> dict[str, Floats]:
        """Return every score, NaN where there is nothing to score: shape (n,) for weights of shape (n, groups)."""
        sums = weights[:, self.groups] @ self.counts
        found = {name: self._sum(sums, top) / self._bottom(sums, bottom) for name, (top, bottom) in RATIOS.items()}
        found["coverage_at_1pct_risk"] = self._coverage(weights, self._sum(sums, ("named",)))
        found["calibration_error"] = self._calibration(weights)
        for column, name in enumerate(("latency_provisional_s", "latency_settled_s")):
            found[name] = self._median(weights, column)
        return found

    def total(self, weights: Floats, name: str) -> Floats:
        """Return how often something was counted."""
        return self._sum(weights[:, self.groups] @ self.counts, (name,))

    def _sum(self, sums: Floats, names: Iterable[str]) -> Floats:
        total = np.zeros(len(sums))
        for name in names:
            if name in self.columns:
                total += sums[:, self.columns[name]]
        return total

    def _bottom(self, sums: Floats, names: Iterable[str]) -> Floats:
        total = self._sum(sums, names)
        return np.where(total > 0, total, np.nan)

    def curve(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return how many are named by somebody, and what share of all is wrong, from the surest item to each."""
        own = weights[:, self.item_groups]
        covered = np.cumsum(own, axis=1)
        wrong = np.cumsum(own * self.wrong, axis=1)
        return np.cumsum(own * self.named, axis=1), wrong / np.where(covered > 0, covered, 1.0)

    def last_of_ties(self) -> NDArray[np.bool_]:
        """Return which items end a run of equal confidences: only there a threshold can stand."""
        last: NDArray[np.bool_] = np.ones(len(self.confidence), dtype=bool)
        last[:-1] = self.confidence[1:] != self.confidence[:-1]
        return last

    def _coverage(self, weights: Floats, named: Floats) -> Floats:
        if not len(self.confidence):
            return np.where(named > 0, 0.0, np.nan)
        covered, risk = self.curve(weights)
        allowed = np.where((risk <= RISK) & self.last_of_ties(), covered, 0.0)
        most: Floats = allowed.max(axis=1) / np.where(named > 0, named, np.nan)
        return most

    def _calibration(self, weights: Floats) -> Floats:
        own = weights[:, self.item_groups]
        total = own.sum(axis=1)
        error = np.zeros(len(weights))
        for inside in self.bins():
            error += np.abs((own[:, inside] * (self.confidence[inside] - (1 - self.wrong[inside]))).sum(axis=1))
        return error / np.where(total > 0, total, np.nan)

    def bins(self) -> list[NDArray[np.bool_]]:
        """Return which items each bin of the reliability curve holds."""
        number = np.clip(np.searchsorted(EDGES, self.confidence, side="right") - 1, 0, len(EDGES) - 2)
        return [number == index for index in range(len(EDGES) - 1)]

    def _median(self, weights: Floats, column: int) -> Floats:
        if not len(self.latencies):
            return np.full(len(weights), np.nan)
        order = np.argsort(self.latencies[:, column], kind="stable")
        own = weights[:, self.latencies[order, 2].astype(int)]
        total = np.cumsum(own, axis=1)
        middle = (total >= total[:, -1:] / 2).argmax(axis=1)
        return np.where(total[:, -1] > 0, self.latencies[order[middle], column], np.nan)
