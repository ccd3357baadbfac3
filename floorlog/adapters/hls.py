"""HLS playlists (RFC 8216), parsed by m3u8 and checked: what cannot be followed is refused by name, never guessed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import m3u8

from floorlog.errors import InvalidPlaylist
from floorlog.listing import Listing, Media

FLOOR_LANGUAGES = {"ia", "interlingua"}
"""UN Web TV labels the floor as Interlingua (webtv.unfck.org, lib/languages.ts)."""

FLOOR_NAMES = ("floor", "original", "interlingua")

NAMES = {
    "ar": ("arabic", "العربية", "عربي"),
    "en": ("english",),
    "es": ("spanish", "español"),
    "fr": ("french", "français"),
    "ru": ("russian", "русский"),
    "zh": ("chinese", "中文"),
}
"""How the six official languages are named in renditions: in English and in themselves."""

THREE_LETTERS = {"ara": "ar", "eng": "en", "fra": "fr", "fre": "fr", "rus": "ru", "spa": "es", "zho": "zh", "chi": "zh"}
"""ISO 639-2 codes of the six official languages; RFC 5646 prefers two letters, origins do not always."""


MOST_LISTED = 20_000
"""More media segments are not believed: eleven hours of two seconds each."""

LONGEST_S = 3600.0
"""A longer media segment is not believed."""

LARGEST_SEQUENCE = 2**53
"""A larger media sequence number is not believed: no count reaches it, and it would not fit a database."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One audio track that a master playlist offers; `bandwidth` is 0 where it is not a variant."""

    name: str
    language: str
    uri: str
    bandwidth: int


@dataclass(frozen=True, slots=True)
class Master:
    """A master playlist: its audio renditions, and its variants, which hold audio where there are no renditions."""

    url: str
    renditions: tuple[Rendition, ...]
    variants: tuple[Rendition, ...]


def parse(url: str, text: str) -> Master | Listing:
    """Return what a playlist says.

    Args:
        url: where it was read, after redirects: what it names is relative to that.
        text: the playlist.

    Raises:
        InvalidPlaylist: it is none, or uses something that cannot be followed.
    """
    if not text.lstrip("\ufeff").startswith("#EXTM3U"):
        raise InvalidPlaylist(url, "it does not begin with #EXTM3U")
    if text.count("#EXTINF") > MOST_LISTED:
        raise InvalidPlaylist(url, f"it lists more than {MOST_LISTED} media segments")
    try:
        playlist: Any = m3u8.loads(text.lstrip("\ufeff"), uri=url)
        if playlist.is_variant:
            return _master(url, playlist)
        return _listing(url, playlist)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:  # for bad numbers and dates
        raise InvalidPlaylist(url, str(error)) from error


def choose(master: Master, channel: str, language: str | None, *, labelled: bool = False) -> str:
    """Return the address of the rendition that is a channel's audio: by LANGUAGE, then by NAME, or the only one.

    Args:
        master: what is offered.
        channel: name of the channel; `floor` is the floor as delivered.
        language: BCP 47 language of the channel; None for the floor.
        labelled: it must say that it is this channel, though it is the only one: it had a label before, or several
            channels are asked for. What has no label at all is still the floor.

    Raises:
        InvalidPlaylist: nothing offered is known to be that channel.
    """
    offered = master.renditions
    named = is_labelled(master, channel, language)
    if named is not None:
        return named
    if not offered:
        if not master.variants:
            raise InvalidPlaylist(master.url, "it offers nothing")
        if not labelled or channel == "floor":
            return min(master.variants, key=lambda variant: variant.bandwidth).uri
        raise InvalidPlaylist(master.url, f"its variants have no languages: nothing tells which is channel {channel!r}")
    if len({rendition.uri for rendition in offered}) == 1 and not labelled:
        return offered[0].uri
    labels = ", ".join(f"{rendition.name!r} ({rendition.language or 'no language'})" for rendition in offered)
    raise InvalidPlaylist(master.url, f"no rendition is known to be channel {channel!r}: it offers {labels}")


def is_labelled(master: Master, channel: str, language: str | None) -> str | None:
    """Return the address of the one rendition whose LANGUAGE or NAME says that it is a channel; None if none does."""
    offered = master.renditions
    for matches in (_by_language(offered, channel, language), _by_name(offered, channel, language)):
        uris = {rendition.uri for rendition in matches}
        if len(uris) == 1:
            return uris.pop()
    return None


def _by_language(offered: tuple[Rendition, ...], channel: str, language: str | None) -> list[Rendition]:
    found = [(_language(rendition.language), rendition) for rendition in offered]
    if channel == "floor":
        return [rendition for tag, rendition in found if tag in FLOOR_LANGUAGES]
    return [rendition for tag, rendition in found if tag == _language(language or channel)]


def _by_name(offered: tuple[Rendition, ...], channel: str, language: str | None) -> list[Rendition]:
    names = FLOOR_NAMES if channel == "floor" else (channel, *NAMES.get(_language(language or channel), ()))
    return [
        rendition for rendition in offered if any(name in rendition.name.lower() for name in names if len(name) > 2)
    ]


def _language(tag: str) -> str:
    primary = tag.lower().partition("-")[0]
    return THREE_LETTERS.get(primary, primary)


def _master(url: str, playlist: Any) -> Master:
    renditions = tuple(
        Rendition(each.name or "", each.language or "", each.absolute_uri, 0)
        for each in playlist.media
        if each.type == "AUDIO" and each.uri
    )
    variants = tuple(
        Rendition("", "", each.absolute_uri, each.stream_info.bandwidth or 0) for each in playlist.playlists
    )
    return Master(url, renditions, variants)


def _listing(url: str, playlist: Any) -> Listing:
    target_s = playlist.target_duration
    if not target_s or not 0 < target_s <= LONGEST_S:
        raise InvalidPlaylist(url, "it has no target duration")
    media = tuple(_media(url, playlist))
    if not media and not playlist.is_endlist:
        raise InvalidPlaylist(url, "it lists nothing")
    said = str(playlist.playlist_type or "").lower()
    kind: Literal["vod", "event", "live"] = "vod" if said == "vod" else "event" if said == "event" else "live"
    return Listing(round(target_s * 1000), media, bool(playlist.is_endlist), kind)


def _media(url: str, playlist: Any) -> Iterator[Media]:
    utc: datetime | None = None
    first = playlist.media_sequence or 0
    if not 0 <= first <= LARGEST_SEQUENCE:
        raise InvalidPlaylist(url, f"its media sequence number is {first}")
    ranges = _Ranges(url)
    for index, each in enumerate(playlist.segments):
        if each.uri is None:
            continue  # parts of a media segment that is not complete yet
        if not math.isfinite(each.duration) or not 0 <= each.duration <= LONGEST_S:
            raise InvalidPlaylist(url, f"a media segment lasts {each.duration} s")
        stated: datetime | None = each.program_date_time
        if stated is not None:
            utc = stated.replace(tzinfo=stated.tzinfo or UTC)
        elif each.discontinuity:
            utc = None  # m3u8 would carry it on, but time across a discontinuity is unknown
        init = each.init_section
        key_uri, iv = _key(url, each.key, first + index)
        yield Media(
            epoch=0,
            sequence=first + index,
            uri=each.absolute_uri,
            init_uri=init.absolute_uri if init else None,
            duration_ms=max(1, round(each.duration * 1000)),
            discontinuity=bool(each.discontinuity),
            utc=utc,
            utc_stated=stated is not None,
            absent=bool(each.gap_tag),
            byte_range=ranges.of(each.absolute_uri, each.byterange),
            init_range=_Ranges(url).of(init.absolute_uri, init.byterange) if init else None,
            key_uri=key_uri,
            iv=iv,
        )
        if utc is not None:
            utc += timedelta(seconds=each.duration)  # not in whole ms: what that loses adds up over a window


def _key(url: str, key: Any, sequence: int) -> tuple[str | None, str | None]:
    """Return where a media segment's key is and its initialization vector (RFC 8216, section 5.2)."""
    if key is None or key.method == "NONE":
        return None, None
    if key.method != "AES-128" or (key.keyformat or "identity") != "identity":
        form = f", {key.keyformat}" if key.keyformat else ""
        raise InvalidPlaylist(url, f"media segments are encrypted in a way that is not supported ({key.method}{form})")
    if not key.uri:
        raise InvalidPlaylist(url, "media segments are encrypted, and no key is named")
    vector = int(key.iv, 16) if key.iv else sequence
    if not 0 <= vector < 2**128:
        raise InvalidPlaylist(url, "an initialization vector has more than 128 bits")
    return key.absolute_uri, f"{vector:032x}"


class _Ranges:
    """Byte ranges as they are listed: one without an offset goes on where the one before ended (RFC 8216, 4.3.2.2)."""

    def __init__(self, url: str) -> None:
        self._url, self._uri, self._end = url, "", 0

    def of(self, uri: str, listed: str | None) -> tuple[int, int] | None:
        if not listed:
            return None
        length, _, offset = listed.partition("@")
        if not offset and uri != self._uri:
            raise InvalidPlaylist(self._url, "a byte range goes on from nothing")
        first, count = int(offset) if offset else self._end, int(length)
        if first < 0 or count <= 0:
            raise InvalidPlaylist(self._url, f"a byte range is {listed!r}")
        self._uri, self._end = uri, first + count
        return first, count
