"""When to load a live playlist again: as seldom as RFC 8216 asks, and as soon after something new as that allows.

RFC 8216 §6.3.4 asks to wait one target duration after a listing that changed and half of one after a listing that did
not. A client that does just that meets each new media segment with whatever delay chance gave it at the start, half a
period on average, for the whole meeting. Waiting longer is always allowed, so this one uses a few longer waits at the
start to halve the stretch in which the origin must be publishing, until it knows that moment to an eighth of a period,
and from then on loads just behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SURE = 1 / 8
"""When the moment of publication is known to this part of a period, it is known well enough."""

MARGIN = 1 / 32
"""How long after the latest possible moment to load, in periods: a load too early costs half a target duration."""

LATE = 1 / 4
"""Rather than load this much of a period too late every time, wait for the next publication once."""

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before the next attempt when a listing could not be had; the last one from then on."""

FASTER = 1.5
"""An origin that has listed this much more than time has passed since the first listing plays faster than real time."""


@dataclass(frozen=True, slots=True)
class Polling:
    """What is known about when the origin publishes; times in s.

    Args:
        next_s: when to load next.
        pace: how many times faster than real time the origin plays.
        period_s: from one media segment to the next.
        earliest_s: when the newest listed media segment was published, at the earliest.
        latest_s: the same, at the latest.
        faults: loads that failed in a row.
        changed_s: when something new was last listed.
        first_s: when the first listing was loaded; None before it.
        listed_s: how much media was listed since the first listing.
    """

    next_s: float
    pace: float
    period_s: float = 0.0
    earliest_s: float = 0.0
    latest_s: float = 0.0
    faults: int = 0
    changed_s: float = 0.0
    first_s: float | None = None
    listed_s: float = 0.0

    @staticmethod
    def begin(now_s: float, pace: float) -> Polling:
        """Return the state before the first listing."""
        return Polling(next_s=now_s, pace=pace, changed_s=now_s)

    def changed(self, began_s: float, target_s: float, fresh_s: Sequence[float]) -> Polling:
        """Take in that a load which began at `began_s` found media segments of these lengths that were not listed."""
        if self.first_s is None:
            period_s = fresh_s[-1] / self.pace
            known = replace(self, first_s=began_s, period_s=period_s, earliest_s=began_s - period_s, latest_s=began_s)
        else:
            listed_s = self.listed_s + sum(fresh_s)
            pace = self.pace
            if began_s > self.first_s and (listed_s - fresh_s[-1]) / (began_s - self.first_s) > pace * FASTER:
                pace = (listed_s - fresh_s[-1]) / (began_s - self.first_s)
            period_s, advance_s = fresh_s[-1] / pace, sum(fresh_s) / pace
            latest_s = min(self.latest_s + advance_s, began_s)
            earliest_s = max(self.earliest_s + advance_s, began_s - period_s)
            if earliest_s > latest_s:  # published earlier than expected
                earliest_s = latest_s - period_s * SURE
            known = replace(
                self,
                pace=pace,
                period_s=period_s,
                earliest_s=earliest_s,
                latest_s=latest_s,
                listed_s=listed_s,
            )
        known = replace(known, faults=0, changed_s=began_s)
        return replace(known, next_s=known._next(began_s + target_s / known.pace))

    def unchanged(self, began_s: float, target_s: float) -> Polling:
        """Take in that a load which began at `began_s` found nothing new."""
        earliest_s, latest_s = max(self.earliest_s, began_s - self.period_s), self.latest_s
        if earliest_s > latest_s:  # a little later than expected, or it has stalled
            latest_s = earliest_s + self.period_s * SURE
        return replace(
            self,
            earliest_s=earliest_s,
            latest_s=latest_s,
            faults=0,
            next_s=began_s + target_s / 2 / self.pace,
        )

    def failed(self, now_s: float) -> Polling:
        """Take in that a load failed."""
        wait_s = BACKOFF_S[min(self.faults, len(BACKOFF_S) - 1)] / self.pace
        return replace(self, faults=self.faults + 1, next_s=now_s + wait_s)

    def _next(self, allowed_s: float) -> float:
        """Return when to load: not before `allowed_s`, and best just behind a moment of publication."""
        if self.period_s <= 0:
            return allowed_s
        if self.latest_s - self.earliest_s > self.period_s * SURE:
            # A load in the middle of the stretch tells in which half of it the origin publishes.
            aim_s = (self.earliest_s + self.latest_s) / 2
            while aim_s < allowed_s:
                aim_s += self.period_s
            return aim_s
        aim_s = self.latest_s + self.period_s * MARGIN
        while aim_s < allowed_s - self.period_s * LATE:
            aim_s += self.period_s
        return max(aim_s, allowed_s)
