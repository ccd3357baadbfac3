"""Renditions whose segments are made when they are asked for, out of a track's AAC packets, in any form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, Protocol

from workers.origin_forms import fragment, initialization, packed, transport_stream
from workers.origin_playlist import LivePlaylist
from workers.origin_script import FRAME_SAMPLES
from workers.origin_segments import Rendition

Form = Literal["ts", "fmp4", "fmp4-edited", "packed"]

SUFFIXES: dict[Form, str] = {"ts": "ts", "fmp4": "m4s", "fmp4-edited": "m4s", "packed": "aac"}

TOGETHER = 5
"""Segments in one file, where byte ranges are listed."""

CACHED = 256
"""Segments that are kept after they were made."""


class Track(Protocol):
    """Audio that was encoded."""

    def payloads(self, first_frame: int, count: int) -> list[bytes]:
        """Return AAC packets; the frame decoded from packet n begins at sample n * 1024."""


@dataclass(frozen=True)
class Encoded:
    """A track of packets that are there already; `packets` begins with the encoder's priming."""

    packets: Sequence[bytes]

    def payloads(self, first_frame: int, count: int) -> list[bytes]:
        """Return AAC packets; the frame decoded from packet n begins at sample n * 1024."""
        return list(self.packets[1 + first_frame : 1 + first_frame + count])


def rendition(
    name: str,
    language: str,
    track: Track,
    playlist: LivePlaylist,
    *,
    form: Form = "ts",
    filled: Mapping[int, Track] | None = None,
    ranged: bool = False,
) -> Rendition:
    """Return a rendition of a track.

    Args:
        name: NAME in the master playlist.
        language: LANGUAGE in the master playlist.
        track: its audio, on the media's time line.
        playlist: what is listed when.
        form: how it is carried.
        filled: segments that hold another track's audio, as Kaltura's packager fills what one track lacks.
        ranged: whether segments are byte ranges of larger files.
    """

    @lru_cache(CACHED)
    def data(index: int) -> bytes:
        segment = playlist.segments[index]
        source = (filled or {}).get(index, track)
        frames = source.payloads(segment.start_samples // FRAME_SAMPLES, segment.samples // FRAME_SAMPLES)
        match form:
            case "ts":
                return transport_stream(frames, segment.ticks)
            case "packed":
                return packed(frames, segment.ticks)
        return fragment(frames, segment.ticks, form == "fmp4-edited")

    init = b""
    if form in ("fmp4", "fmp4-edited"):
        init = initialization(form == "fmp4-edited")
        playlist = replace(playlist, init=f"init-{playlist.key}-a.mp4")
    if not ranged:
        return Rendition(name, language, playlist, data, init)
    groups = _groups(playlist)

    def place(index: int) -> tuple[str, int, int]:
        file = next(name for name, members in groups.items() if index in members)
        offset = sum(len(data(member)) for member in groups[file] if member < index)
        return file, offset, len(data(index))

    def whole(name: str) -> bytes | None:
        return b"".join(map(data, groups[name])) if name in groups else None

    return Rendition(name, language, replace(playlist, ranges=place), data, init, whole)


def _groups(playlist: LivePlaylist) -> dict[str, Sequence[int]]:
    """Return which segments lie in which file."""
    numbers = range(len(playlist.segments))
    return {
        f"all-{start // TOGETHER}-{playlist.key}-a.ts": numbers[start : start + TOGETHER]
        for start in numbers[::TOGETHER]
    }
