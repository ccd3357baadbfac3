"""What is missing of a channel, by what capture announced. Pure: audio of a recording does not change the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from floorlog.announcements import Announcement, End, Gap, Segment, Tick
from floorlog.clock import Span, after, without

LEAST_MS = 100
"""A shorter hole is no loss of a word."""

LEAST_TAIL_MS = 2000
"""What a recording holds behind the end of what was captured counts from this length on: encoders add some silence."""


@dataclass(frozen=True, slots=True)
class Captured:
    """One channel as capture left it.

    Args:
        segments: what capture announced of audio, in order.
        stretches: the same without breaks.
        holes: what is missing inside, in order.
        found: audio of a recording that was announced before, in order.
        until_ms: up to where capture announced anything.
        end: the end of the stream, if capture announced it last.
        last_sequence: number of its last announcement; -1 where there was none.
        whole: whether capture has ended, and of all that it announced it is known whether it has arrived.
    """

    segments: tuple[Segment, ...]
    stretches: tuple[Span, ...]
    holes: tuple[Span, ...]
    found: tuple[Segment, ...]
    until_ms: int
    end: End | None
    last_sequence: int
    whole: bool

    def before(self, at_ms: int) -> Segment | None:
        """Return the last captured segment that starts by a moment, else the first one."""
        earlier = [each for each in self.segments if each.span.start_ms <= at_ms]
        return earlier[-1] if earlier else next(iter(self.segments), None)

    def utc(self, at_ms: int) -> datetime:
        """Return the wall clock's moment of one of the meeting clock, by the audio that was captured next to it.

        Raises:
            ValueError: nothing was captured.
        """
        near = self.before(at_ms)
        if near is None:
            raise ValueError("nothing was captured")
        return after(near.utc_start, at_ms - near.span.start_ms)


def captured(announced: Sequence[Announcement], gaps: Sequence[Gap]) -> Captured:
    """Return what capture left of a channel.

    Args:
        announced: what was announced of the channel, by capture and from recordings.
        gaps: what else is missing because it never came.
    """
    placed = [each for each in announced if not isinstance(each, Tick)]
    of_capture = [each for each in placed if isinstance(each, Gap) or each.origin is None]
    segments = sorted((each for each in of_capture if isinstance(each, Segment)), key=lambda each: each.span)
    found = sorted(
        (each for each in placed if isinstance(each, Segment) and each.origin is not None), key=lambda each: each.span
    )
    ends = sorted((each for each in of_capture if isinstance(each, End)), key=lambda each: each.at_ms)
    until_ms = max((each.at_ms if isinstance(each, End) else each.span.end_ms for each in of_capture), default=0)
    missing = [each.span for each in (*of_capture, *gaps) if isinstance(each, Gap)]
    missing += [each.span for each in found if each.span.start_ms < until_ms]
    heard = [each.span for each in segments]
    holes = [left for span in joined(missing) for left in without(span, heard) if left.length_ms >= LEAST_MS]
    end = ends[-1] if ends and ends[-1].at_ms == until_ms else None
    last_sequence = max((each.sequence for each in of_capture), default=-1)
    return Captured(
        segments=tuple(segments),
        stretches=tuple(joined(heard)),
        holes=tuple(holes),
        found=tuple(found),
        until_ms=until_ms,
        end=end,
        last_sequence=last_sequence,
        whole=end is not None
        and end.sequence == last_sequence
        and {each.sequence for each in (*of_capture, *gaps)} >= set(range(last_sequence)),
    )


def joined(spans: Sequence[Span]) -> list[Span]:
    """Return spans, in any order, as the stretches that they cover."""
    stretches: list[Span] = []
    for span in sorted(spans):
        if stretches and span.start_ms <= stretches[-1].end_ms:
            stretches[-1] = Span(stretches[-1].start_ms, max(stretches[-1].end_ms, span.end_ms))
        else:
            stretches.append(span)
    return stretches


def tiles(spans: Sequence[Span], whole: Span) -> bool:
    """Return whether spans that lie apart, in order, make up a whole."""
    return (
        bool(spans)
        and (spans[0].start_ms, spans[-1].end_ms) == (whole.start_ms, whole.end_ms)
        and all(one.end_ms == other.start_ms for one, other in pairwise(spans))
    )
