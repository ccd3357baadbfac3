"""What a rehearsed stream consists of, and what goes wrong with it on purpose, as values; no clock, no IO.

All times are seconds of the media: an origin at pace 4 goes through them four times as fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

MEDIA_RATE_HZ = 48_000
"""Samples a second of the served audio, as of broadcast AAC; 1024 of them are 1920 ticks of MPEG's 90 kHz, exactly."""

FRAME_SAMPLES = 1024
"""Samples of an AAC-LC frame."""

TICKS_PER_S = 90_000
FRAME_TICKS = FRAME_SAMPLES * TICKS_PER_S // MEDIA_RATE_HZ
"""The clock of MPEG-TS; it has 33 bits."""


@dataclass(frozen=True, slots=True)
class MediaSegment:
    """One media segment; `start_samples` lies on the media's own time line, holes included.

    Args:
        name: its address, relative to the playlist's.
        start_samples: where it starts.
        samples: how long it lasts.
        continuity: how many breaks of the source's clock come before it.
        session: how often sequence numbers began anew before it.
        entry: how often the stream moved to another address before it.
        ticks: timestamp of its first packet, in 90 kHz ticks; not known for media that was encoded to files.
        declared: whether the break before it is announced by EXT-X-DISCONTINUITY.
    """

    name: str
    start_samples: int
    samples: int
    continuity: int
    session: int = 0
    entry: int = 0
    ticks: int = 0
    declared: bool = True

    @property
    def start_s(self) -> float:
        """Return when it starts, in seconds of the media."""
        return self.start_samples / MEDIA_RATE_HZ

    @property
    def end_s(self) -> float:
        """Return when it ends, in seconds of the media."""
        return (self.start_samples + self.samples) / MEDIA_RATE_HZ

    @property
    def duration_s(self) -> float:
        """Return how long it lasts, in seconds."""
        return self.samples / MEDIA_RATE_HZ


@dataclass(frozen=True, slots=True)
class Take:
    """A stretch of media between two breaks.

    Args:
        length_s: how long it lasts, to the nearest frame.
        hole_s: how much is missing before it, to the nearest frame.
        first_pts_s: timestamp of its first packet; None: the clock before it runs on, through the hole as well.
        declared: whether the break before it is announced by EXT-X-DISCONTINUITY.
        session: whether sequence numbers begin anew, and nothing from before is listed any more.
        entry: whether that comes with another address, to which the master playlist redirects.
        segment_s: length of its media segments, to the nearest frame.
    """

    length_s: float
    hole_s: float = 0.0
    first_pts_s: float | None = None
    declared: bool = True
    session: bool = False
    entry: bool = False
    segment_s: float = 6.0


def segments_of(takes: Sequence[Take], key: str = "s100", suffix: str = "ts") -> tuple[MediaSegment, ...]:
    """Cut takes into media segments, named as Kaltura's packager does: `seg-{n}-{key}-a.{suffix}`.

    Raises:
        ValueError: a take holds nothing.
    """
    made: list[MediaSegment] = []
    frame = ticks = continuity = session = entry = number = 0
    for index, take in enumerate(takes):
        hole, length, each = (round(s * MEDIA_RATE_HZ / FRAME_SAMPLES) for s in _lengths(take))
        if length < 1 or each < 1:
            raise ValueError(f"a take needs a length: {take}")
        frame += hole
        ticks += hole * FRAME_TICKS
        if take.first_pts_s is not None:
            ticks = round(take.first_pts_s * TICKS_PER_S)
        continuity += index > 0
        entry += take.entry
        if take.session or take.entry:
            session, number = session + 1, 0
        folder = f"t{session}/" if session and not take.entry and not made[-1].entry else ""
        for start in range(0, length, each):
            count = min(each, length - start)
            name = f"{folder_of(entry)}{folder}seg-{number}-{key}-a.{suffix}"
            made.append(
                MediaSegment(
                    name=name,
                    start_samples=(frame + start) * FRAME_SAMPLES,
                    samples=count * FRAME_SAMPLES,
                    continuity=continuity,
                    session=session,
                    entry=entry,
                    ticks=(ticks + start * FRAME_TICKS) % 2**33,
                    declared=take.declared or start > 0,
                )
            )
            number += 1
        frame += length
        ticks += length * FRAME_TICKS
    return tuple(made)


def _lengths(take: Take) -> tuple[float, float, float]:
    return take.hole_s, take.length_s, take.segment_s


def folder_of(entry: int) -> str:
    """Return the folder of an entry's addresses, in the grammar of Kaltura's packager; the first one has none."""
    return f"e/1_live{entry:04d}/" if entry else ""


@dataclass(frozen=True, slots=True)
class Stall:
    """The playlist does not change for `length_s`, while the media goes on."""

    at_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """The playlists answer with a status instead, for `length_s`; the segments as well, where `everything`."""

    at_s: float
    length_s: float
    status: int = 503
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """Every so many playlists (`every`) is as it was `age_s` before, for `length_s`: an edge that is behind."""

    at_s: float
    length_s: float
    age_s: float
    every: int = 2


@dataclass(frozen=True, slots=True)
class Retimed:
    """From `at_s` on, every EXT-X-PROGRAM-DATE-TIME that is listed lies `by_ms` later than before, old ones too."""

    at_s: float
    by_ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """Something holds from `at_s` for `length_s`."""

    at_s: float
    length_s: float

    def __contains__(self, at_s: float) -> bool:
        return self.at_s <= at_s < self.at_s + self.length_s


Answer = Literal["missing", "bad-request", "html", "truncated", "broken-off", "silent", "wrong-type", "unavailable"]


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """What a segment's requests get instead; the first `times` of them, or all (None).

    `missing` 404, `bad-request` 400, `unavailable` 503, `html` a page, `truncated` the first half, `broken-off` the
    first half and then no more, `silent` nothing at all, `wrong-type` a picture.
    """

    answer: Answer
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose. Segments are named by their place in the media, from 0."""

    stalls: tuple[Stall, ...] = ()
    outages: tuple[Outage, ...] = ()
    segments: Mapping[int, SegmentFault] = field(default_factory=dict)
    gaps: frozenset[int] = frozenset()
    """Segments that are listed with EXT-X-GAP, and not served."""
    stale: tuple[Stale, ...] = ()
    retimed: tuple[Retimed, ...] = ()
    undated: tuple[Span, ...] = ()
    """When no EXT-X-PROGRAM-DATE-TIME is listed."""
    early_ends: tuple[Span, ...] = ()
    """When EXT-X-ENDLIST is listed though more follows: it is withdrawn, or the stream restarts."""
    left: tuple[Span, ...] = ()
    """When the rendition is not in the master playlist and its own playlist answers 410: a track that is silent."""
    hidden: frozenset[int] = frozenset()
    """Segments that are never listed: the list jumps over them, and its numbers with it."""
