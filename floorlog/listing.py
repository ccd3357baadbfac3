"""What an HLS media playlist lists, and whether one listing goes on from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from floorlog.clock import parse_rfc3339

LONGEST_LOSS = 10_000
"""A listing that goes on so many media segments later is another stream: half a day of lost media is not believed."""


@dataclass(frozen=True, slots=True)
class Media:
    """One media segment as it is listed.

    Args:
        epoch: counts restarts of the origin; sequence numbers mean something within one only.
        sequence: media sequence number.
        uri: absolute.
        init_uri: its initialization section, absolute, or None.
        duration_ms: as listed; only an estimate of how much audio it holds.
        discontinuity: whether its timestamps have nothing to do with those before it.
        utc: its program date-time: its own, or one listed before it, carried on by durations.
        utc_stated: whether it is its own.
        absent: listed as not available (EXT-X-GAP).
        byte_range: first byte and length of the part of `uri` that it is; None: all of it.
        init_range: the same of `init_uri`.
        key_uri: absolute, where the key is that it is encrypted with (AES-128); None: it is not encrypted.
        iv: its initialization vector, 32 hexadecimal digits; None where it is not encrypted.
    """

    epoch: int
    sequence: int
    uri: str
    init_uri: str | None
    duration_ms: int
    discontinuity: bool
    utc: datetime | None
    utc_stated: bool
    absent: bool = False
    byte_range: tuple[int, int] | None = None
    init_range: tuple[int, int] | None = None
    key_uri: str | None = None
    iv: str | None = None

    @property
    def name(self) -> str:
        """Return what its URI ends in: hosts, tokens and folders change while the media segment stays the same."""
        return urlsplit(self.uri).path.rpartition("/")[2]

    def encode(self) -> dict[str, Any]:
        """Return its JSON form."""
        document = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**document, "utc": None if self.utc is None else self.utc.isoformat()}

    @staticmethod
    def decode(document: dict[str, Any]) -> Media:
        """Return the media segment of a JSON form."""
        utc = document["utc"]
        ranges = {name: document[name] and tuple(document[name]) for name in ("byte_range", "init_range")}
        return Media(**{**document, **ranges, "utc": None if utc is None else parse_rfc3339(utc)})


@dataclass(frozen=True, slots=True)
class Listing:
    """A media playlist: a window on the stream, in order.

    Args:
        target_ms: no media segment is longer.
        media: what is listed.
        ended: it says that nothing will be added (EXT-X-ENDLIST).
        kind: what it says will change (EXT-X-PLAYLIST-TYPE): nothing, only its end, or anything.
    """

    target_ms: int
    media: tuple[Media, ...]
    ended: bool
    kind: Literal["vod", "event", "live"] = "live"


def compare(known: Sequence[Media], listed: Sequence[Media]) -> Literal["next", "stale", "restarted"]:
    """Tell whether a listing goes on from what is known, is an older copy of it, or belongs to a restarted origin."""
    if not known or not listed:
        return "next"
    uris = {media.sequence: media.name for media in known}
    shared = [media for media in listed if media.sequence in uris]
    same = any(uris[media.sequence] == media.name for media in shared)
    last, newest = known[-1], listed[-1]
    later = last.utc is not None and newest.utc is not None and newest.utc > last.utc
    if newest.sequence >= last.sequence:
        jumped = listed[0].sequence - last.sequence > LONGEST_LOSS
        return "restarted" if (shared and not same) or jumped else "next"
    earlier = last.utc is not None and newest.utc is not None and newest.utc <= last.utc
    if same or (not shared and earlier):
        return "restarted" if later else "stale"
    return "restarted"


def overlap(known: Sequence[Media], listed: Sequence[Media]) -> int:
    """Return how many of the first listed media segments are known: listed with other numbers, at the same time."""
    times = {media.name: media.utc for media in known if media.utc is not None}
    for index in reversed(range(len(listed))):
        utc, before = listed[index].utc, times.get(listed[index].name)
        if utc is not None and before is not None and abs(utc - before) < timedelta(seconds=1):
            return index + 1
    return 0
