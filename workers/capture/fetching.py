"""Loads playlists and media segments over HTTP in the background; answers come back through a queue."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import httpx

import floorlog
from floorlog.adapters import hls
from floorlog.adapters.hls import Master
from floorlog.adapters.media import looks_like_media
from floorlog.errors import InvalidPlaylist, OriginUnavailable
from floorlog.listing import Listing, Media
from floorlog.playlist import IN_FLIGHT, Fault
from workers.capture.journal import Fetched

USER_AGENT = f"floorlog/{floorlog.__version__} (automatic meeting log)"

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Connect 5 s, read 10 s: a live segment that takes longer is better asked for again."""

MAX_MEDIA_BYTES = 64 * 2**20
MAX_PLAYLIST_BYTES = 8 * 2**20
"""More than that is not read: hours of a window are below 1 MB of playlist, and a segment of video below 64 MiB."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A playlist was loaded; when that began, by the monotonic clock, and what it says."""

    began_s: float
    playlist: Listing | Master


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A playlist could not be had."""

    error: OriginUnavailable | InvalidPlaylist


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A media segment could not be had this time."""

    media: Media
    fault: Fault
    why: str


Answer = Loaded | NotLoaded | Fetched | NotFetched


class Fetcher:
    """Asks an origin, some requests at once. `answers` holds what came back, in the order in which it did."""

    def __init__(self, utc_now: Callable[[], datetime]) -> None:
        self.answers: queue.Queue[Answer | BaseException] = queue.Queue()
        self._utc_now = utc_now
        self._pool = ThreadPoolExecutor(IN_FLIGHT + 1, thread_name_prefix="fetch")
        self._client = httpx.Client(
            timeout=TIMEOUT, follow_redirects=True, max_redirects=5, headers={"User-Agent": USER_AGENT}
        )
        self._inits: dict[str, bytes] = {}

    def close(self) -> None:
        """Stop asking; requests under way come to their end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def load(self, url: str) -> None:
        """Ask for a playlist."""
        self._pool.submit(self._answer, lambda: self._load(url))

    def fetch(self, media: Media) -> None:
        """Ask for a media segment."""
        self._pool.submit(self._answer, lambda: self._fetch(media))

    def _answer(self, ask: Callable[[], Answer]) -> None:
        try:
            self.answers.put(ask())
        except BaseException as error:  # noqa: BLE001 - a bug: carried over to the thread that waits
            self.answers.put(error)

    def _load(self, url: str) -> Answer:
        began_s = time.monotonic()
        try:
            final_url, data = self._get(url, MAX_PLAYLIST_BYTES)
            return Loaded(began_s, hls.parse(final_url, data.decode("utf-8", "replace")))
        except (OriginUnavailable, InvalidPlaylist) as error:
            return NotLoaded(error)

    def _fetch(self, media: Media) -> Answer:
        try:
            init = b""
            if media.init_uri is not None:
                if media.init_uri not in self._inits:
                    self._inits = {media.init_uri: self._get(media.init_uri, MAX_MEDIA_BYTES)[1]}
                init = self._inits.get(media.init_uri) or self._get(media.init_uri, MAX_MEDIA_BYTES)[1]
            data = self._get(media.uri, MAX_MEDIA_BYTES)[1]
        except OriginUnavailable as error:
            return NotFetched(media, "media-missing", error.fault)
        if not looks_like_media(data):
            return NotFetched(media, "media-unreadable", "what was served is no media")
        return Fetched(media, init + data, self._utc_now())

    def _get(self, url: str, limit_bytes: int) -> tuple[str, bytes]:
        """Return the address after redirects, and the body.

        Raises:
            OriginUnavailable: no answer, not this answer, or too much of it.
        """
        try:
            with self._client.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    raise OriginUnavailable(url, f"HTTP {response.status_code}")
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > limit_bytes:
                        raise OriginUnavailable(url, f"more than {limit_bytes} bytes")
                return str(response.url), bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OriginUnavailable(url, type(error).__name__) from error
