"""Spans on the meeting clock, and its relation to samples and to UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from floorlog.errors import InvalidSpan

SAMPLE_RATE_HZ = 16_000
"""Rate of all audio behind capture; what Whisper, Silero and CAM++ take."""

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval [start_ms, end_ms) on the meeting clock.

    Raises:
        InvalidSpan: it is empty or starts before zero.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms < self.end_ms:
            raise InvalidSpan(self.start_ms, self.end_ms)

    @property
    def length_ms(self) -> int:
        """Return how long it lasts, in ms; at least 1."""
        return self.end_ms - self.start_ms

    def overlap_ms(self, other: Span) -> int:
        """Return how long both last at once, in ms; 0 if they do not meet."""
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))

    def contains(self, at_ms: int) -> bool:
        """Return whether the moment lies in it."""
        return self.start_ms <= at_ms < self.end_ms

    def encode(self) -> dict[str, int]:
        """Return its JSON form."""
        return {"start_ms": self.start_ms, "end_ms": self.end_ms}

    @staticmethod
    def decode(document: dict[str, int]) -> Span:
        """Return the span of a JSON form.

        Raises:
            InvalidSpan: it is empty or starts before zero.
        """
        return Span(document["start_ms"], document["end_ms"])


def without(span: Span, others: Iterable[Span]) -> list[Span]:
    """Return what is left of a span where none of the others lies, in order.

    Args:
        span: what to look at.
        others: in any order; they may overlap.
    """
    left: list[Span] = []
    at_ms = span.start_ms
    for other in sorted(others):
        if other.start_ms >= span.end_ms:
            break
        if other.start_ms > at_ms:
            left.append(Span(at_ms, other.start_ms))
        at_ms = max(at_ms, other.end_ms)
    return [*left, Span(at_ms, span.end_ms)] if at_ms < span.end_ms else left


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in RFC 3339, in UTC, to the millisecond.

    Raises:
        ValueError: the moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a wall-clock time must be aware")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """Return the aware moment that RFC 3339 text names, in UTC.

    Raises:
        ValueError: the text is no such moment, or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment.astimezone(UTC)


def origin(meeting: dict[str, Any]) -> datetime:
    """Return what counts as the start of the meeting clock in UTC where no announcement says it.

    Args:
        meeting: The meeting's document.
    """
    planned = meeting["actual_start"] or meeting["scheduled_start"]
    return parse_rfc3339(planned) if planned else datetime.fromisoformat(meeting["date"]).replace(tzinfo=UTC)


def after(moment: datetime, offset_ms: int) -> datetime:
    """Return the moment that lies `offset_ms` later."""
    return moment + timedelta(milliseconds=offset_ms)
