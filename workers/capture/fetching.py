"""Loads playlists, keys and media segments in the background; answers come back through a queue."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from floorlog.adapters import hls, wholeness
from floorlog.adapters.demuxing import looks_like_media
from floorlog.adapters.hls import Master
from floorlog.errors import AddressRefused, FloorlogError, InvalidPlaylist, OriginUnavailable
from floorlog.listing import Listing, Media
from floorlog.playlist import Fault
from floorlog.slots import IN_FLIGHT
from workers.capture.asking import Asker
from workers.capture.journal import Fetched
from workers.capture.resolving import MAX_PLAYLIST_BYTES, Found, NotOffered, Resolver

MAX_MEDIA_BYTES = 64 * 2**20
"""A longer media segment is not read: one of video is below that."""

KEY_BYTES = 16
"""Length of an AES-128 key (RFC 8216, section 5)."""

KEPT = 8
"""Keys and initialization sections that are kept; a stream uses one of each at a time, or two when they change."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """It could not be found out where the channel's playlist is."""

    error: FloorlogError


@dataclass(frozen=True, slots=True)
class OnAir:
    """Whether the stream is on air; None if nobody knows."""

    live: bool | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A playlist was loaded; when that began, by the monotonic clock, from where in the end, and what it lists."""

    began_s: float
    url: str
    listing: Listing


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A playlist could not be had; `status` is the answer's, if there was one."""

    error: FloorlogError
    status: int | None


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A media segment could not be had this time, or ever; `part` is what came of it, if that can be used."""

    media: Media
    fault: Fault
    why: str
    status: int | None = None
    for_good: bool = False
    part: Fetched | None = None


Answer = Found | NotOffered | NotFound | OnAir | Loaded | NotLoaded | Fetched | NotFetched


class Fetcher:
    """Asks an origin for one channel, some requests at once. `answers` holds what came back, in that order."""

    def __init__(
        self, asker: Asker, resolver: Resolver, utc_now: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self.answers: queue.Queue[Answer | BaseException] = queue.Queue()
        self._asker, self._resolver, self._utc_now, self._now_s = asker, resolver, utc_now, monotonic
        self._pool = ThreadPoolExecutor(IN_FLIGHT + 3, thread_name_prefix="fetch")
        self._kept: dict[tuple[str, tuple[int, int] | None], bytes] = {}

    def close(self) -> None:
        """Stop asking; requests under way come to their end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def find(self, channel: str, language: str | None, newer_than_s: float, *, labelled: bool) -> None:
        """Ask where a channel's playlist is."""
        self._pool.submit(self._answer, lambda: self._find(channel, language, newer_than_s, labelled))

    def ask_whether_live(self) -> None:
        """Ask whether the stream is on air."""
        self._pool.submit(self._answer, lambda: OnAir(self._resolver.is_live()))

    def load(self, url: str, named_by: str | None) -> None:
        """Ask for a rendition's playlist."""
        self._pool.submit(self._answer, lambda: self._load(url, named_by))

    def fetch(self, media: Media, named_by: str | None) -> None:
        """Ask for a media segment that the playlist at `named_by` lists."""
        self._pool.submit(self._answer, lambda: self._fetch(media, named_by))

    def _answer(self, ask: Callable[[], Answer]) -> None:
        try:
            self.answers.put(ask())
        except BaseException as error:  # noqa: BLE001 - a bug: carried over to the thread that waits
            self.answers.put(error)

    def _find(self, channel: str, language: str | None, newer_than_s: float, labelled: bool) -> Answer:
        try:
            return self._resolver.rendition(channel, language, newer_than_s, labelled=labelled)
        except FloorlogError as error:
            return NotFound(error)

    def _load(self, url: str, named_by: str | None) -> Answer:
        began_s = self._now_s()
        try:
            body = self._asker.get(url, MAX_PLAYLIST_BYTES, named_by=named_by)
            if not body.whole:
                raise InvalidPlaylist(url, f"it has more than {MAX_PLAYLIST_BYTES} bytes")
            parsed = hls.parse(body.url, body.data.decode("utf-8", "replace"))
            if isinstance(parsed, Master):
                raise InvalidPlaylist(url, "a master playlist names another one")
            return Loaded(began_s, body.url, parsed)
        except (OriginUnavailable, InvalidPlaylist, AddressRefused) as error:
            return NotLoaded(error, error.status if isinstance(error, OriginUnavailable) else None)

    def _fetch(self, media: Media, named_by: str | None) -> Answer:
        try:
            key = None if media.key_uri is None else self._keep(media.key_uri, None, 4096, named_by)
        except (OriginUnavailable, AddressRefused) as error:
            return _not_fetched(media, "key-missing", error)
        if key is not None and len(key) != KEY_BYTES:
            return self._forget(media, "key-missing", f"a key of {len(key)} bytes")
        try:
            init = b""
            if media.init_uri is not None:
                init = self._keep(media.init_uri, media.init_range, MAX_MEDIA_BYTES, named_by)
            body = self._asker.get(media.uri, MAX_MEDIA_BYTES, named_by=named_by, byte_range=media.byte_range)
        except (OriginUnavailable, AddressRefused) as error:
            return _not_fetched(media, "media-missing", error)
        if not body.whole:
            why = f"{media.uri} has more than {MAX_MEDIA_BYTES} bytes"
            return NotFetched(media, "media-unreadable", why, for_good=True)
        data = body.data
        if key is not None and media.iv is not None:
            try:
                data = decrypt(data, key, media.iv)
                if init and not looks_like_media(init):
                    init = decrypt(init, key, media.iv)
            except ValueError as error:
                return self._forget(media, "media-unreadable", f"it cannot be decrypted: {error}")
        if not looks_like_media(data):
            return self._forget(media, "media-unreadable", "what was served is no media")
        fetched = Fetched(media, init + data, self._utc_now())
        short = wholeness.missing(data)
        return fetched if short is None else NotFetched(media, "media-unreadable", f"cut short: {short}", part=fetched)

    def _keep(self, uri: str, part: tuple[int, int] | None, limit_bytes: int, named_by: str | None) -> bytes:
        """Return what is the same for many media segments, and keep it."""
        found = self._kept.get((uri, part))
        if found is None:
            body = self._asker.get(uri, limit_bytes, named_by=named_by, byte_range=part)
            if not body.whole:
                raise OriginUnavailable(uri, f"more than {limit_bytes} bytes")
            found = body.data
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[uri, part] = found
        return found

    def _forget(self, media: Media, fault: Fault, why: str) -> NotFetched:
        """Ask anew for the key next time: it may have been an error page, or another one by now."""
        if media.key_uri is not None:
            self._kept.pop((media.key_uri, None), None)
        return NotFetched(media, fault, why)


def decrypt(data: bytes, key: bytes, iv: str) -> bytes:
    """Return what was encrypted with AES-128 in CBC mode and padded by PKCS7 (RFC 8216, section 4.3.2.4).

    Raises:
        ValueError: it was not encrypted with this key.
    """
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(bytes.fromhex(iv))).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _not_fetched(media: Media, fault: Fault, error: OriginUnavailable | AddressRefused) -> NotFetched:
    if isinstance(error, AddressRefused):
        return NotFetched(media, fault, str(error), for_good=True)
    return NotFetched(media, fault, f"{error.url}: {error.fault}", error.status)
