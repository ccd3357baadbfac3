"""What a live HLS origin lists and serves, as a function of how far the media is published; no clock, no IO.

All times are seconds of the media: an origin at pace 4 goes through them four times as fast. Media that is published
at 0 s is the first segment, whole: an origin is never without a segment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate

from workers.origin_script import MEDIA_RATE_HZ, Faults, MediaSegment, Outage, SegmentFault, Stall

__all__ = ["MEDIA_RATE_HZ", "Faults", "LivePlaylist", "MediaSegment", "Outage", "Ranges", "SegmentFault", "Stall"]

Ranges = Callable[[int], tuple[str, int, int]]
"""Where in which file a segment lies: its address, offset and length in bytes."""


@dataclass(frozen=True)
class LivePlaylist:
    """A sliding window over segments that are published one after the other.

    Args:
        start_at: the wall-clock time that EXT-X-PROGRAM-DATE-TIME gives to the media's start; aware.
        window_s: how much media the playlist lists, to the nearest segment.
        keep_all: list everything from the start (EXT-X-PLAYLIST-TYPE:EVENT), and serve it for ever.
        first_sequence: EXT-X-MEDIA-SEQUENCE of the first segment.
        again_sequence: the same of each later session.
        behind_s: how much later than it could this rendition is published.
        dated: whether every segment has an EXT-X-PROGRAM-DATE-TIME, not only the first of a period.
        init: address of the initialization section, for fragmented MP4.
        key_every: how many segments share a key (AES-128); 0: they are not encrypted.
        explicit_iv: whether each segment's initialization vector is written, instead of its sequence number.
        key: names keys, and is part of their addresses.
        ranges: where segments lie that are parts of larger files.
        whole_seconds: whether EXTINF is rounded to the second.

    Raises:
        ValueError: there is no segment, or `start_at` is naive.
    """

    segments: Sequence[MediaSegment]
    start_at: datetime
    window_s: float = 120.0
    keep_all: bool = False
    first_sequence: int = 0
    faults: Faults = field(default_factory=Faults)
    again_sequence: int = 0
    behind_s: float = 0.0
    dated: bool = False
    init: str | None = None
    key_every: int = 0
    explicit_iv: bool = True
    key: str = "s100"
    ranges: Ranges | None = None
    whole_seconds: bool = False

    def __post_init__(self) -> None:
        if not self.segments:
            raise ValueError("an origin needs at least one segment")
        if self.start_at.tzinfo is None:
            raise ValueError("a wall-clock time must be aware")

    @cached_property
    def _listed_at_s(self) -> list[float]:
        first_s = self.segments[0].end_s
        stalls = sorted(self.faults.stalls, key=lambda stall: stall.at_s)
        times_s = [0.0]
        for segment in self.segments[1:]:
            whole_s = max(0.0, segment.end_s - first_s + self.behind_s)
            for stall in stalls:
                if stall.at_s < whole_s < stall.at_s + stall.length_s:
                    whole_s = stall.at_s + stall.length_s
            times_s.append(whole_s)
        return times_s

    @cached_property
    def _opens(self) -> list[int]:
        """For each segment, the first that may be listed with it: of its session, and behind what is hidden."""
        found: list[int] = []
        for index, segment in enumerate(self.segments):
            anew = index == 0 or segment.session != self.segments[index - 1].session
            found.append(index if anew or index - 1 in self.faults.hidden else found[-1])
        return found

    @cached_property
    def _session_starts(self) -> list[int]:
        first: dict[int, int] = {}
        return [first.setdefault(segment.session, index) for index, segment in enumerate(self.segments)]

    @cached_property
    def breaks(self) -> list[int]:
        """How many breaks were declared up to each segment, itself included."""
        return list(accumulate(int(self.declares(index)) for index in range(len(self.segments))))

    def declares(self, index: int) -> bool:
        """Return whether a declared break comes right before a segment."""
        segment = self.segments[index]
        return index > 0 and segment.declared and segment.continuity != self.segments[index - 1].continuity

    def listed_at_s(self, index: int) -> float:
        """Return when a segment is first listed: when it is whole, or when the stall ends that it falls into."""
        return self._listed_at_s[index]

    def sequence(self, index: int) -> int:
        """Return a segment's media sequence number."""
        start = self._session_starts[index]
        return (self.first_sequence if start == 0 else self.again_sequence) + index - start

    def window(self, published_s: float) -> range:
        """Return which segments the playlist lists; always at least one."""
        stop = bisect_right(self._listed_at_s, max(0.0, published_s))
        while stop - 1 in self.faults.hidden:
            stop -= 1
        start = self._opens[stop - 1]
        if not self.keep_all:
            opens_s = self.segments[stop - 1].end_s - self.window_s
            start = next(
                (index for index in range(stop - 1, start, -1) if self._middle_s(index - 1) < opens_s),
                start,
            )
        return range(start, stop)

    def serves(self, index: int, published_s: float) -> bool:
        """Return whether a segment can be fetched: while listed, and for one more window after it left."""
        listed = self.window(published_s)
        if index >= listed.stop or index < 0 or index in self.faults.gaps or index in self.faults.hidden:
            return False
        behind_s = self.segments[listed.start].start_s - self.window_s
        return self.keep_all or self.segments[index].end_s > behind_s

    def entry(self, published_s: float) -> int:
        """Return how often the stream has moved to another address."""
        return self.segments[self.window(published_s).stop - 1].entry

    def status(self, published_s: float) -> int:
        """Return the HTTP status of the playlists."""
        for outage in self.faults.outages:
            if outage.at_s <= published_s < outage.at_s + outage.length_s:
                return outage.status
        return 200

    def media_status(self, published_s: float) -> int:
        """Return the HTTP status of the segments, where no fault of their own says otherwise."""
        whole = (outage for outage in self.faults.outages if outage.everything)
        return next((each.status for each in whole if each.at_s <= published_s < each.at_s + each.length_s), 200)

    def left(self, published_s: float) -> bool:
        """Return whether the rendition is not offered."""
        return any(published_s in span for span in self.faults.left)

    def ended(self, published_s: float) -> bool:
        """Return whether everything is listed."""
        return self.window(published_s).stop == len(self.segments)

    def shown_s(self, published_s: float, number: int) -> float:
        """Return as of when the playlist's answer number `number` is: an edge may be behind."""
        for stale in self.faults.stale:
            if stale.at_s <= published_s < stale.at_s + stale.length_s and number % stale.every == 0:
                return published_s - stale.age_s
        return published_s

    def vector(self, index: int) -> int:
        """Return a segment's initialization vector: its sequence number, or any number where it is written."""
        return self.sequence(index) + (1 << 96 if self.explicit_iv else 0)

    def key_number(self, index: int) -> int:
        """Return the number of the key that a segment is encrypted with."""
        return index // self.key_every

    def _middle_s(self, index: int) -> float:
        return (self.segments[index].start_s + self.segments[index].end_s) / 2
