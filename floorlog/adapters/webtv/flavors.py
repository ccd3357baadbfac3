"""Flavours, which are the platform's files of an entry, as channels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from floorlog.adapters.webtv import facts
from floorlog.adapters.webtv.found import ChannelOffered
from floorlog.errors import SourceChanged

_EXTENSION = re.compile(r"[a-z0-9]{2,5}")


def read(url: str, flavors: list[Any]) -> tuple[tuple[ChannelOffered, ...], tuple[tuple[str, str], ...]]:
    """Return the channels that are ready, the floor first, and the extension of each one's file by flavour id.

    Several flavours of a language: one with audio alone is taken, and the default one before others.

    Args:
        url: where they were read.
        flavors: the objects of `flavorAsset.list`.

    Raises:
        SourceChanged: one lacks its status, its language or its id.
    """
    best: dict[str, tuple[tuple[bool, bool], ChannelOffered]] = {}
    extensions: dict[str, str] = {}
    for each in flavors:
        for field in ("id", "status"):
            if not isinstance(each, dict) or not each.get(field):
                raise SourceChanged(url, f"{field} (flavorAsset.list)")
        if each["status"] != facts.FLAVOR_READY:
            continue
        if "language" not in each:
            raise SourceChanged(url, "language (flavorAsset.list)")
        channel = _channel(each)
        if channel is None:
            continue  # video without a language, or a language that is none of the seven
        flavor_id, params = str(each["id"]), each.get("flavorParamsId")
        if not facts.ENTRY_ID.fullmatch(flavor_id):
            raise SourceChanged(url, "id of a flavour (flavorAsset.list)")
        rank = (facts.AUDIO_TAG in str(each.get("tags") or ""), bool(each.get("isDefault")))
        if channel[0] not in best or rank > best[channel[0]][0]:
            best[channel[0]] = (rank, ChannelOffered(*channel, flavor_id, params if isinstance(params, int) else None))
        extension = str(each.get("fileExt") or "mp4").lower()
        extensions[flavor_id] = extension if _EXTENSION.fullmatch(extension) else "mp4"
    channels = tuple(best[name][1] for name in facts.CHANNEL_ORDER if name in best)
    return channels, tuple((each.flavor_id, extensions[each.flavor_id]) for each in channels)


def _channel(flavor: dict[str, Any]) -> tuple[str, str | None] | None:
    """Return the channel and language of an audio track: by its language, then by a word of its label."""
    language = str(flavor.get("language") or "").lower()
    if language in facts.CHANNELS:
        return facts.CHANNELS[language]
    return next(_named(str(flavor.get("label") or "").lower()), None)


def _named(label: str) -> Iterator[tuple[str, str | None]]:
    yield from (facts.CHANNELS[word] for word in re.findall(r"[a-z]+", label) if word in facts.CHANNELS)
