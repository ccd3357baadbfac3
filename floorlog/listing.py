"""What an HLS media playlist lists, and whether one listing goes on from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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

    def encode(self) -> dict[str, Any]:
        """Return its JSON form."""
        document = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**document, "utc": None if self.utc is None else self.utc.isoformat()}

    @staticmethod
    def decode(document: dict[str, Any]) -> Media:
        """Return the media segment of a JSON form."""
        utc = document["utc"]
        return Media(**{**document, "utc": None if utc is None else parse_rfc3339(utc)})


@dataclass(frozen=True, slots=True)
class Listing:
    """A media playlist: a window on the stream, in order. `ended`: nothing will be added (EXT-X-ENDLIST)."""

    target_ms: int
    media: tuple[Media, ...]
    ended: bool


def compare(known: Sequence[Media], listed: Sequence[Media]) -> Literal["next", "stale", "restarted"]:
    """Tell whether a listing goes on from what is known, is an older copy of it, or belongs to a restarted origin."""
    if not known or not listed:
        return "next"
    uris = {media.sequence: _name(media.uri) for media in known}
    shared = [media for media in listed if media.sequence in uris]
    same = any(uris[media.sequence] == _name(media.uri) for media in shared)
    last, newest = known[-1], listed[-1]
    later = last.utc is not None and newest.utc is not None and newest.utc > last.utc
    if newest.sequence >= last.sequence:
        jumped = listed[0].sequence - last.sequence > LONGEST_LOSS
        return "restarted" if (shared and not same) or jumped else "next"
    earlier = last.utc is not None and newest.utc is not None and newest.utc <= last.utc
    if same or (not shared and earlier):
        return "restarted" if later else "stale"
    return "restarted"


def _name(uri: str) -> str:
    """Return what a URI ends in: hosts, tokens and folders change while the media segment stays the same."""
    return urlsplit(uri).path.rpartition("/")[2]
