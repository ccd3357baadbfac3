"""Where decoded audio lies on the meeting clock: continuities, and the holes between them, to the sample.

Within a continuity, audio is placed by counting samples from its first one; the source's timestamps only have to agree.
Where they step, or the origin says so, a continuity ends and the next one is placed: by the source's own clock where
that runs on, by program date-time where it does not, else right behind. Nothing here knows of files or networks.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

import numpy as np

from floorlog.adapters.media import Run, step_s
from floorlog.adapters.resampling import Resampler
from floorlog.announcements import GapCause, UtcSource
from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span
from floorlog.listing import Media
from workers.capture.places import Anchor, Before, Closed, Hole, Open, Opened, Placed, Placing, Sound

STEP_S = Fraction(10, 1000)
"""A larger step of the timestamps ends a continuity (hls.js #3110 is what comes of ignoring it)."""

LONGEST_STEP_S = 60
"""A larger step forward that nothing announces is a new clock, not a hole."""

LONGEST_HOLE_MS = 24 * 3600 * 1000
"""A program date-time that is further ahead is not believed."""


TRIM_S = Fraction(1, 4)
"""So much of what begins before the end of what is placed is left out, where one clock of the source says so: packets
that come twice, or a clock that is set. Further back, it is another clock, and nothing is left out."""


def lose(state: Placing, media: Media, cause: GapCause) -> tuple[Placing, tuple[Placed, ...]]:
    """Take in that a media segment is lost: what is open ends here, and how much is missing will show."""
    state, placed = close(state, "discontinuity")
    broken = state.broken or media.discontinuity
    lost_ms = state.lost_ms + media.duration_ms
    return replace(state, broken=broken, lost_ms=lost_ms, lost_cause=state.lost_cause or cause), placed


def place(
    state: Placing,
    media: Media,
    runs: tuple[Run, ...],
    arrived: datetime,
    *,
    zero: datetime | None = None,
    source: UtcSource = "program-date-time",
) -> tuple[Placing, tuple[Placed, ...]]:
    """Place the audio of one media segment.

    Args:
        state: where placing stands.
        media: as it was listed.
        runs: its audio, in order.
        arrived: when it was fetched; anchors the wall clock where the playlist says nothing.
        zero: where the meeting clock is to start, if another channel started it; counts for the first audio only.
        source: what the wall-clock times of `media` rest on.
    """
    placed: list[Placed] = []
    first_s = runs[0].at
    last = runs[-1]
    length_s = step_s(first_s, last.at, last.wraps) + Fraction(len(last.samples), last.rate_hz)
    for index, run in enumerate(runs):
        offset_s = step_s(first_s, run.at, run.wraps)
        utc = None if media.utc is None else media.utc + _seconds(offset_s)
        fallback = arrived - _seconds(length_s - offset_s)
        declared = index == 0 and (media.discontinuity or state.broken)
        if state.before is None and state.open is None and zero is not None and utc is not None:
            late = _begin_late(run, utc, zero + timedelta(milliseconds=state.end_ms))
            if late is None:
                continue  # before the meeting clock starts
            run, utc, ahead_ms = late
            if ahead_ms:
                hole = Hole(Span(state.end_ms, state.end_ms + ahead_ms), state.lost_cause or "fell-behind")
                placed.append(hole)
                state = replace(state, end_ms=hole.span.end_ms, lost_ms=0, lost_cause=None)
        if state.open is None or declared or not _goes_on(state.open, run):
            state, ended = close(state, "discontinuity")
            stated = media.utc_stated and index == 0
            known = None if utc is None else (utc, source)
            state, run, begun = _begin(state, run, known or (fallback, "arrival"), declared, stated)
            placed += (*ended, *begun)
        state, sound = _take(state, run)
        placed.append(sound)
    return replace(state, broken=False), tuple(placed)


def close(state: Placing, cut: Literal["discontinuity", "end"]) -> tuple[Placing, tuple[Placed, ...]]:
    """End the open continuity, if there is one."""
    if state.open is None:
        return state, ()
    end = state.open.at + state.open.length_s * SAMPLE_RATE_HZ
    before = Before(end, state.open.source_s + state.open.length_s, state.open.wraps)
    rest = state.open.resampler.finish()
    given = round(state.open.at) + state.open.resampler.given + len(rest)
    state = replace(state, open=None, before=before, end_ms=-(-given // SAMPLES_PER_MS))
    return state, (Sound(rest), Closed(cut))


def finish(state: Placing, until_ms: int = 0) -> tuple[Placing, tuple[Placed, ...]]:
    """End the open continuity and account for what was lost behind it, up to `until_ms` at least: the stream has ended.

    Args:
        state: where placing stands.
        until_ms: where the meeting's other channels have ended; 0 if there are none, or they are not longer.
    """
    state, placed = close(state, "end")
    if state.lost_cause is not None:
        hole = Hole(Span(state.end_ms, state.end_ms + state.lost_ms), state.lost_cause)
        placed = (*placed, hole)
        state = replace(state, end_ms=hole.span.end_ms, lost_ms=0, lost_cause=None, broken=True)
    if until_ms > state.end_ms:
        placed = (*placed, Hole(Span(state.end_ms, until_ms), "channel-missing"))
        state = replace(state, end_ms=until_ms, broken=True)
    return state, placed


def drift_ms(state: Placing, media: Media) -> int:
    """Return how far a stated program date-time is ahead of the anchor by now; 0 where that cannot be said."""
    if state.anchor is None or state.open is None or media.utc is None or not media.utc_stated:
        return 0
    at_ms = (state.open.at + state.open.length_s * SAMPLE_RATE_HZ) / SAMPLES_PER_MS
    return round((media.utc - state.anchor.moment(round(at_ms))) / timedelta(milliseconds=1))


def _begin_late(run: Run, utc: datetime, zero: datetime) -> tuple[Run, datetime, int] | None:
    """Return the part of a run behind the meeting's zero, when that begins, and where; None if nothing is left."""
    ahead_ms = round((utc - zero) / timedelta(milliseconds=1))
    if ahead_ms >= 0:
        return run, utc, ahead_ms if ahead_ms <= LONGEST_HOLE_MS else 0
    skip = -ahead_ms * run.rate_hz // 1000
    if skip >= len(run.samples):
        return None
    return replace(run, at=run.at + Fraction(skip, run.rate_hz), samples=run.samples[skip:]), zero, 0


def _goes_on(state: Open, run: Run) -> bool:
    step = step_s(state.source_s + state.length_s, run.at, run.wraps)
    return run.wraps == state.wraps and run.rate_hz == state.resampler.rate_hz and abs(step) <= STEP_S


def _take(state: Placing, run: Run) -> tuple[Placing, Sound]:
    assert state.open is not None
    resampler, samples = state.open.resampler.push(run.samples)
    return replace(state, open=replace(state.open, resampler=resampler)), Sound(samples)


def _begin(
    state: Placing, run: Run, moment: tuple[datetime, UtcSource], declared: bool, stated: bool
) -> tuple[Placing, Run, tuple[Placed, ...]]:
    """Return the state with an open continuity, what is left of its first run, and what was placed before that."""
    same_clock = not declared and state.before is not None and state.before.wraps == run.wraps
    tells = (declared or stated) and moment[1] == "program-date-time"
    rest, at = _trim(state, run, _where(state, run, moment[0] if tells else None, same_clock))
    moment = (moment[0] + _seconds(rest.at - run.at), moment[1])
    start_ms = state.end_ms
    hole: tuple[Placed, ...] = ()
    if round(at) >= (start_ms + 1) * SAMPLES_PER_MS:
        start_ms = round(at) // SAMPLES_PER_MS
        hole = (Hole(Span(state.end_ms, start_ms), state.lost_cause or "discontinuity"),)
    else:
        at = Fraction(max(round(at), start_ms * SAMPLES_PER_MS))
    lead = round(at) - start_ms * SAMPLES_PER_MS
    anchor = state.anchor
    if anchor is None or ((not same_clock or tells) and not _agree(anchor, start_ms, *moment)):
        anchor = Anchor(start_ms, *moment)
    opened = Opened(start_ms, anchor.moment(start_ms), anchor.source)
    state = Placing(end_ms=start_ms, anchor=anchor, open=Open(at, rest.at, rest.wraps, Resampler.begin(rest.rate_hz)))
    return state, rest, (*hole, opened, Sound(np.zeros(lead, dtype=np.int16)))


def _where(state: Placing, run: Run, utc: datetime | None, same_clock: bool) -> Fraction:
    """Return where a run begins on the meeting clock, in samples."""
    end = Fraction(state.end_ms * SAMPLES_PER_MS)
    if state.before is None:
        return end
    if same_clock:
        step = step_s(state.before.source_s, run.at, run.wraps)
        by_source = state.before.at + step * SAMPLE_RATE_HZ
        if state.lost_ms and 0 <= step <= 2 * Fraction(state.lost_ms, 1000) + LONGEST_STEP_S:
            return by_source
    if utc is not None and state.anchor is not None and state.anchor.source == "program-date-time":
        ahead_ms = round((utc - state.anchor.moment(state.end_ms)) / timedelta(milliseconds=1))
        if STEP_S * 1000 < ahead_ms <= LONGEST_HOLE_MS:
            return end + ahead_ms * SAMPLES_PER_MS
    if same_clock and -TRIM_S <= step <= LONGEST_STEP_S:
        return by_source
    return end + state.lost_ms * SAMPLES_PER_MS


def _trim(state: Placing, run: Run, at: Fraction) -> tuple[Run, Fraction]:
    """Leave out what begins before the end of what is placed; `at` is where the run begins, in samples."""
    skip = math.ceil((state.end_ms * SAMPLES_PER_MS - at) * run.rate_hz / SAMPLE_RATE_HZ)
    if not 0 < skip < len(run.samples):
        return run, at
    by_s = Fraction(skip, run.rate_hz)
    return replace(run, at=run.at + by_s, samples=run.samples[skip:]), at + by_s * SAMPLE_RATE_HZ


def _agree(anchor: Anchor, at_ms: int, utc: datetime, source: UtcSource) -> bool:
    """Return whether an anchor stays: what is said now is the same, or rests on less.

    Small differences are kept, not forgotten: many of them, each too small for a hole, would add up.
    """
    if anchor.source == "program-date-time" and source == "arrival":
        return True
    return anchor.source == source and abs(utc - anchor.moment(at_ms)) <= timedelta(seconds=float(STEP_S))


def _seconds(length_s: Fraction) -> timedelta:
    return timedelta(microseconds=round(length_s * 1_000_000))
