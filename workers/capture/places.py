"""What placing knows and what it answers with; its state encodes to JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from floorlog.adapters.resampling import Resampler, Samples
from floorlog.announcements import GapCause, UtcSource
from floorlog.clock import Span, parse_rfc3339


@dataclass(frozen=True, slots=True)
class Hole:
    """Nothing was captured here."""

    span: Span
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Opened:
    """A continuity begins: at this moment of the meeting clock and of the wall clock."""

    start_ms: int
    utc: datetime
    utc_source: UtcSource


@dataclass(frozen=True, slots=True)
class Sound:
    """The next samples of the open continuity."""

    samples: Samples


@dataclass(frozen=True, slots=True)
class Closed:
    """The open continuity ends, for this reason."""

    cut: Literal["discontinuity", "end"]


Placed = Hole | Opened | Sound | Closed


@dataclass(frozen=True, slots=True)
class Open:
    """The open continuity.

    Args:
        at: its first sample on the meeting clock, exactly as the source says; it is placed on the nearest whole one.
        source_s: the same on the source's clock.
        wraps: whether that clock wraps.
        resampler: what was taken of it.
    """

    at: Fraction
    source_s: Fraction
    wraps: bool
    resampler: Resampler

    @property
    def length_s(self) -> Fraction:
        """Return how much of it was taken."""
        return Fraction(self.resampler.taken, self.resampler.rate_hz)


@dataclass(frozen=True, slots=True)
class Before:
    """What came last before now, while no continuity is open.

    Args:
        at: where it ended on the meeting clock, in samples, exactly.
        source_s: the same on the source's clock.
        wraps: whether that clock wraps.
    """

    at: Fraction
    source_s: Fraction
    wraps: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of the wall clock on the meeting clock (`at_ms`), and what that rests on."""

    at_ms: int
    utc: datetime
    source: UtcSource

    def moment(self, at_ms: int) -> datetime:
        """Return the wall clock's moment at one of the meeting clock."""
        return self.utc + timedelta(milliseconds=at_ms - self.at_ms)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where placing stands.

    Args:
        end_ms: all before this is placed; while a continuity is open, where it began.
        anchor: relation to the wall clock, set once per continuity.
        open: the open continuity, or None.
        before: what the next continuity is measured against, or None at the start.
        lost_ms: length of the media segments that were lost since, as listed.
        lost_cause: why the first of them was lost.
        broken: whether the source's clock was said to start anew since.
    """

    end_ms: int = 0
    anchor: Anchor | None = None
    open: Open | None = None
    before: Before | None = None
    lost_ms: int = 0
    lost_cause: GapCause | None = None
    broken: bool = False


def encode(state: Placing) -> dict[str, Any]:
    """Return its JSON form."""
    return {
        "end_ms": state.end_ms,
        "anchor": state.anchor
        and {"at_ms": state.anchor.at_ms, "utc": state.anchor.utc.isoformat(), "source": state.anchor.source},
        "open": state.open
        and {
            "at": str(state.open.at),
            "source_s": str(state.open.source_s),
            "wraps": state.open.wraps,
            "rate_hz": state.open.resampler.rate_hz,
            "taken": state.open.resampler.taken,
            "given": state.open.resampler.given,
            "tail": base64.b64encode(state.open.resampler.tail.astype("<f4").tobytes()).decode(),
        },
        "before": state.before
        and {"at": str(state.before.at), "source_s": str(state.before.source_s), "wraps": state.before.wraps},
        "lost_ms": state.lost_ms,
        "lost_cause": state.lost_cause,
        "broken": state.broken,
    }


def decode(document: dict[str, Any]) -> Placing:
    """Return the state of a JSON form."""
    anchor, opened, before = document["anchor"], document["open"], document["before"]
    return Placing(
        end_ms=document["end_ms"],
        anchor=anchor and Anchor(anchor["at_ms"], parse_rfc3339(anchor["utc"]), anchor["source"]),
        open=opened
        and Open(
            Fraction(opened["at"]),
            Fraction(opened["source_s"]),
            opened["wraps"],
            Resampler(
                opened["rate_hz"],
                opened["taken"],
                opened["given"],
                np.frombuffer(base64.b64decode(opened["tail"]), dtype="<f4").astype(np.float32),
            ),
        ),
        before=before and Before(Fraction(before["at"]), Fraction(before["source_s"]), before["wraps"]),
        lost_ms=document["lost_ms"],
        lost_cause=document["lost_cause"],
        broken=document["broken"],
    )
