"""HLS playlists (RFC 8216), parsed by m3u8 and checked: what cannot be followed is refused by name, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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
    try:
        playlist: Any = m3u8.loads(text.lstrip("\ufeff"), uri=url)
        if playlist.is_variant:
            return _master(url, playlist)
        return _listing(url, playlist)
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # m3u8 raises them for bad numbers and dates
        raise InvalidPlaylist(url, str(error)) from error


def choose(master: Master, channel: str, language: str | None) -> str:
    """Return the address of the rendition that is a channel's audio: by LANGUAGE, then by NAME, or the only one.

    Args:
        master: what is offered.
        channel: name of the channel; `floor` is the floor as delivered.
        language: BCP 47 language of the channel; None for the floor.

    Raises:
        InvalidPlaylist: nothing offered is known to be that channel.
    """
    offered = master.renditions
    if not offered:
        if not master.variants:
            raise InvalidPlaylist(master.url, "it offers nothing")
        return min(master.variants, key=lambda variant: variant.bandwidth).uri
    for matches in (_by_language(offered, channel, language), _by_name(offered, channel, language)):
        uris = {rendition.uri for rendition in matches}
        if len(uris) == 1:
            return uris.pop()
    if len({rendition.uri for rendition in offered}) == 1:
        return offered[0].uri
    labels = ", ".join(f"{rendition.name!r} ({rendition.language or 'no language'})" for rendition in offered)
    raise InvalidPlaylist(master.url, f"no rendition is known to be channel {channel!r}: it offers {labels}")


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
    if not playlist.target_duration or playlist.target_duration <= 0:
        raise InvalidPlaylist(url, "it has no target duration")
    media = tuple(_media(url, playlist))
    if not media and not playlist.is_endlist:
        raise InvalidPlaylist(url, "it lists nothing")
    return Listing(round(playlist.target_duration * 1000), media, bool(playlist.is_endlist))


def _media(url: str, playlist: Any) -> Iterator[Media]:
    utc: datetime | None = None
    for index, each in enumerate(playlist.segments):
        if each.uri is None:
            continue  # parts of a media segment that is not complete yet
        if each.byterange or (each.init_section and each.init_section.byterange):
            raise InvalidPlaylist(url, "byte ranges are not supported")
        if each.key is not None and each.key.method != "NONE":
            raise InvalidPlaylist(url, f"media segments are encrypted ({each.key.method})")
        stated: datetime | None = each.program_date_time
        if stated is not None:
            utc = stated.replace(tzinfo=stated.tzinfo or UTC)
        elif each.discontinuity:
            utc = None  # m3u8 would carry it on, but time across a discontinuity is unknown
        duration_ms = max(1, round(each.duration * 1000))
        yield Media(
            epoch=0,
            sequence=(playlist.media_sequence or 0) + index,
            uri=each.absolute_uri,
            init_uri=each.init_section.absolute_uri if each.init_section else None,
            duration_ms=duration_ms,
            discontinuity=bool(each.discontinuity),
            utc=utc,
            utc_stated=stated is not None,
            absent=bool(each.gap_tag),
        )
        if utc is not None:
            utc += timedelta(seconds=each.duration)  # not in whole ms: what that loses adds up over a window
