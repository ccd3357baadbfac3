"""The playlists of an HLS origin as text (RFC 8216); no clock, no IO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from workers.origin_playlist import LivePlaylist
from workers.origin_script import MEDIA_RATE_HZ, MediaSegment, folder_of

MASTER = "master.m3u8"
PLAYLIST = "index-s100-a.m3u8"
"""The media playlist's name, in the grammar of Kaltura's packager."""


def live(playlist: LivePlaylist, published_s: float) -> str:
    """Return the media playlist of what is on air."""
    listed = playlist.window(published_s)
    lines = _head(playlist, listed, ["#EXT-X-PLAYLIST-TYPE:EVENT"] if playlist.keep_all else [])
    for index in listed:
        lines += _lines(playlist, index, index == listed.start, published_s)
    early = any(published_s in span for span in playlist.faults.early_ends)
    lines += ["#EXT-X-ENDLIST"] if early or listed.stop == len(playlist.segments) else []
    return "\n".join(lines) + "\n"


def recording(playlist: LivePlaylist, until_s: float) -> str:
    """Return the media playlist of a recording: what was published up to a moment, from the start, and no more."""
    listed = range(playlist.window(until_s).stop)
    lines = _head(playlist, listed, ["#EXT-X-PLAYLIST-TYPE:VOD"])
    for index in listed:
        lines += _lines(playlist, index, index == 0, until_s)
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _head(playlist: LivePlaylist, listed: range, kind: list[str]) -> list[str]:
    return [
        "#EXTM3U",
        f"#EXT-X-TARGETDURATION:{max(round(playlist.segments[index].duration_s) for index in listed)}",
        f"#EXT-X-VERSION:{6 if playlist.init else 4 if playlist.ranges else 3}",
        f"#EXT-X-MEDIA-SEQUENCE:{playlist.sequence(listed.start)}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.breaks[listed.start]}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *kind,
    ]


def _lines(playlist: LivePlaylist, index: int, first: bool, published_s: float) -> list[str]:
    segment = playlist.segments[index]
    lines: list[str] = []
    undated = any(published_s in span for span in playlist.faults.undated)
    broken = not first and playlist.declares(index)
    lines += ["#EXT-X-DISCONTINUITY"] if broken else []
    if playlist.init and (first or broken):
        lines.append(f'#EXT-X-MAP:URI="{_relative(playlist.init, segment.entry)}"')
    if playlist.key_every and (
        first or playlist.explicit_iv or playlist.key_number(index) != playlist.key_number(index - 1)
    ):
        iv = f",IV=0x{playlist.vector(index):032x}" if playlist.explicit_iv else ""
        lines.append(f'#EXT-X-KEY:METHOD=AES-128,URI="enc-{playlist.key}-{playlist.key_number(index)}.key"{iv}')
    if (first or broken or playlist.dated) and not undated:
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_program_date_time(playlist, segment, published_s)}")
    lines.append(f"#EXTINF:{segment.duration_s:.{0 if playlist.whole_seconds else 6}f},")
    lines += ["#EXT-X-GAP"] if index in playlist.faults.gaps else []
    name = segment.name
    if playlist.ranges is not None:
        name, offset, length = playlist.ranges(index)
        lines.append(f"#EXT-X-BYTERANGE:{length}@{offset}")
    return [*lines, _relative(name, segment.entry)]


def _program_date_time(playlist: LivePlaylist, segment: MediaSegment, published_s: float) -> str:
    """Return when a segment starts, truncated to the millisecond as Kaltura's packager does."""
    offset_ms = segment.start_samples * 1000 // MEDIA_RATE_HZ
    offset_ms += sum(retimed.by_ms for retimed in playlist.faults.retimed if retimed.at_s <= published_s)
    moment = (playlist.start_at + timedelta(milliseconds=offset_ms)).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")


def _relative(name: str, entry: int) -> str:
    """Return an address relative to the playlist of an entry, whose folder it may begin with."""
    return name.removeprefix(folder_of(entry))


@dataclass(frozen=True, slots=True)
class Offer:
    """A rendition as the master playlist offers it."""

    name: str
    language: str
    uri: str


def master(offers: Sequence[Offer]) -> str:
    """Return the master playlist: audio renditions, the first of them the default, and a variant that plays them."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for number, offer in enumerate(offers):
        default = "NO" if number else "YES"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="{offer.name}",LANGUAGE="{offer.language}",'
            f'AUTOSELECT={default},DEFAULT={default},CHANNELS="1",URI="{offer.uri}"'
        )
    if offers:
        lines += ['#EXT-X-STREAM-INF:BANDWIDTH=110000,CODECS="mp4a.40.2",AUDIO="audio"', offers[0].uri]
    return "\n".join([*lines, ""])
