"""What a live HLS origin lists and serves, as a function of how far the media is published; no clock, no IO.

All times are seconds of the media: an origin at pace 4 goes through them four times as fast. Media that is published
at 0 s is the first segment, whole: an origin is never without a segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

MEDIA_RATE_HZ = 48_000
"""Samples a second of the served audio, as of broadcast AAC; 1024 of them are 1920 ticks of MPEG's 90 kHz, exactly."""

MASTER = "master.m3u8"
PLAYLIST = "index-s100-a.m3u8"
"""The media playlist's name, in the grammar of Kaltura's packager."""


@dataclass(frozen=True, slots=True)
class MediaSegment:
    """One MPEG-TS file; `start_samples` lies on the media's own time line, holes included."""

    name: str
    start_samples: int
    samples: int
    continuity: int

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
class Stall:
    """The playlist does not change for `length_s`, while the media goes on."""

    at_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """The playlists answer with a status instead, for `length_s`."""

    at_s: float
    length_s: float
    status: int = 503


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """A segment is not there, or is an HTML page, or breaks off; for the first `times` requests, or for ever (None)."""

    answer: Literal["missing", "html", "truncated"]
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose. Segments are named by their place in the media, from 0."""

    stalls: tuple[Stall, ...] = ()
    outages: tuple[Outage, ...] = ()
    segments: Mapping[int, SegmentFault] = field(default_factory=dict)
    gaps: frozenset[int] = frozenset()
    """Segments that are listed with EXT-X-GAP, and not served."""


@dataclass(frozen=True, slots=True)
class LivePlaylist:
    """A sliding window over segments that are published one after the other.

    Args:
        start_at: the wall-clock time that EXT-X-PROGRAM-DATE-TIME gives to the media's start; aware.
        window_s: how much media the playlist lists, to the nearest segment.
        keep_all: list everything from the start (EXT-X-PLAYLIST-TYPE:EVENT), and serve it for ever.
        first_sequence: EXT-X-MEDIA-SEQUENCE of the first segment.

    Raises:
        ValueError: there is no segment, or `start_at` is naive.
    """

    segments: Sequence[MediaSegment]
    start_at: datetime
    window_s: float = 120.0
    keep_all: bool = False
    first_sequence: int = 0
    faults: Faults = Faults()

    def __post_init__(self) -> None:
        if not self.segments:
            raise ValueError("an origin needs at least one segment")
        if self.start_at.tzinfo is None:
            raise ValueError("a wall-clock time must be aware")

    def listed_at_s(self, index: int) -> float:
        """Return when a segment is first listed: when it is whole, or when the stall ends that it falls into."""
        whole_s = max(0.0, self.segments[index].end_s - self.segments[0].end_s)
        for stall in sorted(self.faults.stalls, key=lambda stall: stall.at_s):
            if stall.at_s < whole_s < stall.at_s + stall.length_s:
                whole_s = stall.at_s + stall.length_s
        return whole_s

    def window(self, published_s: float) -> range:
        """Return which segments the playlist lists; always at least one."""
        stop = 1 + max(index for index in range(len(self.segments)) if self.listed_at_s(index) <= max(0.0, published_s))
        if self.keep_all:
            return range(stop)
        opens_s = self.segments[stop - 1].end_s - self.window_s
        start = next(index for index in range(stop) if index == stop - 1 or self._middle_s(index) >= opens_s)
        return range(start, stop)

    def serves(self, index: int, published_s: float) -> bool:
        """Return whether a segment can be fetched: while listed, and for one more window after it left."""
        listed = self.window(published_s)
        if index >= listed.stop or index < 0 or index in self.faults.gaps:
            return False
        behind_s = self.segments[listed.start].start_s - self.window_s
        return self.keep_all or self.segments[index].end_s > behind_s

    def status(self, published_s: float) -> int:
        """Return the HTTP status of the playlists."""
        for outage in self.faults.outages:
            if outage.at_s <= published_s < outage.at_s + outage.length_s:
                return outage.status
        return 200

    def ended(self, published_s: float) -> bool:
        """Return whether everything is listed."""
        return self.window(published_s).stop == len(self.segments)

    def text(self, published_s: float) -> str:
        """Return the media playlist (RFC 8216)."""
        listed = self.window(published_s)
        first = self.segments[listed.start]
        lines = [
            "#EXTM3U",
            f"#EXT-X-TARGETDURATION:{max(round(segment.duration_s) for segment in self.segments)}",
            "#EXT-X-VERSION:3",
            f"#EXT-X-MEDIA-SEQUENCE:{self.first_sequence + listed.start}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{first.continuity}",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            *(["#EXT-X-PLAYLIST-TYPE:EVENT"] if self.keep_all else []),
        ]
        continuity = None
        for index in listed:
            segment = self.segments[index]
            if segment.continuity != continuity:
                lines += [] if continuity is None else ["#EXT-X-DISCONTINUITY"]
                lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{self._program_date_time(segment)}")
                continuity = segment.continuity
            lines.append(f"#EXTINF:{segment.duration_s:.6f},")
            lines += ["#EXT-X-GAP"] if index in self.faults.gaps else []
            lines.append(segment.name)
        lines += ["#EXT-X-ENDLIST"] if listed.stop == len(self.segments) else []
        return "\n".join(lines) + "\n"

    def _middle_s(self, index: int) -> float:
        return (self.segments[index].start_s + self.segments[index].end_s) / 2

    def _program_date_time(self, segment: MediaSegment) -> str:
        """Return when a segment starts, truncated to the millisecond as Kaltura's packager does."""
        offset_ms = segment.start_samples * 1000 // MEDIA_RATE_HZ
        moment = (self.start_at + timedelta(milliseconds=offset_ms)).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds")


def master(name: str, language: str) -> str:
    """Return the master playlist: one audio rendition, and the variant that plays it."""
    return "\n".join(
        [
            "#EXTM3U",
            "#EXT-X-VERSION:3",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="{name}",LANGUAGE="{language}",AUTOSELECT=YES,DEFAULT=YES,'
            f'CHANNELS="1",URI="{PLAYLIST}"',
            '#EXT-X-STREAM-INF:BANDWIDTH=110000,CODECS="mp4a.40.2",AUDIO="audio"',
            PLAYLIST,
            "",
        ]
    )
