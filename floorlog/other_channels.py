"""Let what is attributed on one channel speak for what was said at the same time on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from floorlog.attribution import WEIGHTS, Attribution, Evidence, combine
from floorlog.interpreting import LAGS_MS
from floorlog.known_voices import attribution_of
from floorlog.turns import Turn, Turns

LEAST_SHARED = 0.5
"""Turns of two channels are one where they share this much of the longer one; interpreters are seconds late."""


def with_others(turns: Turns, turn: Turn, others: Sequence[Turns]) -> Attribution:
    """Return who held the floor in a turn, by its own channel and by the other ones.

    Args:
        turns: Those of its channel.
        turn: The turn.
        others: The turns of the other channels, as far as they are decided; none where there is one channel.
    """
    own = attribution_of(turns, turn)
    found: list[Evidence] = []
    for channel in others:
        same = max(
            (item for item in (*channel.recent, *channel.turns) if not item.chair),
            key=lambda item: _shared(turn, item),
            default=None,
        )
        if same is None or _shared(turn, same) < LEAST_SHARED:
            continue
        best = combine(item for item in same.evidence if item.type not in ("programme", "not-on-roster"))
        if best.entity is not None:
            quote = max((item for item in best.evidence if item.entity == best.entity), key=lambda item: item.weight)
            found.append(replace(quote, type="other-channel", weight=WEIGHTS["other-channel"]))
    return combine((*own.evidence, *found)) if found else own


def _shared(one: Turn, other: Turn) -> float:
    """Return how much of the longer one of two turns they share, in [0, 1], at the likeliest lag of the second one."""
    longer_ms = max(sum(span.length_ms for span in turn.spans) for turn in (one, other))
    return max(_both_ms(one, other, lag_ms) for lag_ms in LAGS_MS) / longer_ms


def _both_ms(one: Turn, other: Turn, lag_ms: int) -> int:
    return sum(
        max(0, min(mine.end_ms, theirs.end_ms - lag_ms) - max(mine.start_ms, theirs.start_ms - lag_ms))
        for mine in one.spans
        for theirs in other.spans
    )
