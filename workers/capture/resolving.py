"""Which playlist is a channel's, and whether the stream is on air: one master playlist for all channels."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from floorlog.adapters import hls
from floorlog.adapters.hls import Master
from floorlog.errors import FloorlogError, InvalidPlaylist, InvalidSetting
from workers.capture import tokens
from workers.capture.asking import Asker
from workers.sources import Source

MAX_PLAYLIST_BYTES = 4 * 2**20
"""More is not read: hours of a window are below 1 MB of playlist."""

_ENTRY = re.compile(r"/(?:e|entryId|entry_id)/([0-9]_[a-z0-9]+)(?=/|$)")
"""Kaltura's addresses name the entry that is played (playManifest, and the packager's own paths)."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """A channel's playlist.

    Args:
        url: of the rendition.
        named_by: of the master playlist; None where the source itself named the rendition.
        renew_at_unix: when to ask for it anew, in seconds since 1970; None: it does not run out.
        at_s: when the master playlist was asked for, by the monotonic clock.
        labelled: whether the master playlist says that it is this channel.
    """

    url: str
    named_by: str | None
    renew_at_unix: float | None
    at_s: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The master playlist has no such channel now."""

    error: InvalidPlaylist


@dataclass(frozen=True, slots=True)
class _Loaded:
    at_s: float
    url: str
    master: Master | None  # None: the address is a rendition's own


class Resolver:
    """Asks a source and loads its master playlist, for all channels of one capture; threads may share it."""

    def __init__(
        self,
        source: Source,
        asker: Asker,
        channels: int,
        utc_now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._source, self._asker, self._several = source, asker, channels > 1
        self._utc_now, self._now_s = utc_now, monotonic
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def rendition(
        self, channel: str, language: str | None, newer_than_s: float, *, labelled: bool
    ) -> Found | NotOffered:
        """Return where a channel's playlist is.

        Args:
            channel: its name.
            language: of the channel; None for the floor.
            newer_than_s: a master playlist that another channel asked for later than that will do.
            labelled: it had a label before, so it must have one again.

        Raises:
            FloorlogError: the source does not know, or the master playlist cannot be had.
        """
        with self._lock:
            loaded = self._loaded
            if loaded is None or loaded.at_s <= newer_than_s:
                self._loaded = None
                loaded = self._loaded = self._load()
        now_unix = self._utc_now().timestamp()
        if loaded.master is None:
            if self._several:
                raise InvalidSetting("url", loaded.url, "a master playlist is expected where several channels are")
            return Found(loaded.url, None, tokens.renew_at(loaded.url, now_unix), loaded.at_s, labelled)
        try:
            url = hls.choose(loaded.master, channel, language, labelled=labelled or self._several)
        except InvalidPlaylist as error:
            return NotOffered(error)
        renewals = [tokens.renew_at(each, now_unix) for each in (url, loaded.url)]
        named = hls.is_labelled(loaded.master, channel, language) is not None
        return Found(url, loaded.url, next(filter(None, renewals), None), loaded.at_s, named)

    def is_live(self) -> bool | None:
        """Return whether the stream is on air; None if that is not known."""
        try:
            return self._source.is_live()
        except FloorlogError as error:
            log.warning("source.unknown", fault=str(error))
            return None

    def _load(self) -> _Loaded:
        at_s = self._now_s()
        url = self._source.master()
        body = self._asker.get(url, MAX_PLAYLIST_BYTES)
        if not body.whole:
            raise InvalidPlaylist(url, f"it has more than {MAX_PLAYLIST_BYTES} bytes")
        parsed = hls.parse(body.url, body.data.decode("utf-8", "replace"))
        return _Loaded(
            at_s, url if not isinstance(parsed, Master) else body.url, parsed if isinstance(parsed, Master) else None
        )


def same_stream(one: str, other: str) -> bool:
    """Return whether two addresses can be those of one stream: if they name entries at all, it is the same one.

    An address without an entry may lead to one that names a recording: that has to be looked at first.
    """
    entries = [found and found[1] for found in map(_ENTRY.search, (one, other))]
    return entries[0] == entries[1]
