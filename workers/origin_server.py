"""The HTTP side of the HLS origin: a master playlist, renditions and their segments."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from workers.origin_forms import encrypted
from workers.origin_http import Serving
from workers.origin_playlist import MASTER, LivePlaylist, Offer, master
from workers.origin_script import SegmentFault, folder_of
from workers.origin_tokens import NAME, Tokens

_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_UNCACHED = {"Cache-Control": "no-store"}
_HTML = "<!doctype html>\n<title>Sign in</title>\n<p>Please sign in to this network.</p>\n"
_TYPES = {"ts": "video/mp2t", "m4s": "video/mp4", "mp4": "video/mp4", "aac": "audio/aac"}
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2048)
_SILENT_S = 30.0

_STREAM = re.compile(r"(?:e/1_live(?P<entry>\d+)/)?(?:master|index-(?P<key>\w+)-a)\.m3u8")
_KEY = re.compile(r"(?:e/1_live\d+/)?enc-(?P<key>\w+)-(?P<number>\d+)\.key")


@dataclass(frozen=True)
class Rendition:
    """One audio track.

    Args:
        name: NAME in the master playlist.
        language: LANGUAGE, as the stream's owner spells it.
        playlist: what is published when; its `key` names the rendition in addresses.
        data: a segment's bytes, in the clear.
        init: the initialization section, for fragmented MP4.
        files: bytes of the files of which segments are parts, by name, where the playlist lists byte ranges.
    """

    name: str
    language: str
    playlist: LivePlaylist
    data: Callable[[int], bytes]
    init: bytes = b""
    files: Callable[[str], bytes | None] = lambda name: None


@dataclass
class Diary:
    """What an origin has told and given its clients so far, by the key of the rendition."""

    listed: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    given: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    asked_s: dict[str, float] = field(default_factory=dict)
    """Until when media was published when a playlist was asked for last."""


class Origin(Serving):
    """A live HLS origin; it serves from when it is made until `stop`.

    Args:
        renditions: what is offered; the first is the default.
        pace: seconds of media that are published in one second.
        started_at_unix: when the first segment was published, in seconds since 1970.
        port: 0 takes a free one.
        now: seconds since 1970.
        tokens: asked for by renditions' playlists; None: they are open.
        elsewhere: whether segments are redirected to another path, as to a CDN.

    Raises:
        InvalidSetting: the port is taken.
    """

    def __init__(
        self,
        renditions: Sequence[Rendition],
        *,
        pace: float,
        started_at_unix: float,
        port: int = 0,
        now: Callable[[], float] = time.time,
        tokens: Tokens | None = None,
        elsewhere: bool = False,
    ) -> None:
        self.renditions: Mapping[str, Rendition] = {each.playlist.key: each for each in renditions}
        self.pace, self.started_at_unix = pace, started_at_unix
        self.diary = Diary()
        self._now, self._tokens, self._elsewhere = now, tokens, elsewhere
        self._segments = _by_name(renditions)
        self._shown: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        routes = [Route("/listed.json", self._send_listed), Route("/{path:path}", self._send)]
        super().__init__([*routes], port)

    @property
    def url(self) -> str:
        """Return the address of the master playlist."""
        return f"{self.address}/{MASTER}"

    @property
    def playlist(self) -> LivePlaylist:
        """Return that of the first rendition."""
        return next(iter(self.renditions.values())).playlist

    @property
    def published_s(self) -> float:
        """Return how much media is published, in seconds."""
        return (self._now() - self.started_at_unix) * self.pace

    @property
    def ended(self) -> bool:
        """Return whether everything is published, and the playlists say so."""
        return all(each.playlist.ended(self.published_s) for each in self.renditions.values())

    def listed(self) -> list[dict[str, float | int]]:
        """Return each segment that the first rendition has listed: its place, and when it was listed first."""
        playlist = self.playlist
        return [
            {
                "sequence": playlist.sequence(index),
                "start_s": segment.start_s,
                "end_s": segment.end_s,
                "listed_at": self.started_at_unix + playlist.listed_at_s(index) / self.pace,
            }
            for index, segment in enumerate(playlist.segments[: playlist.window(self.published_s).stop])
        ]

    # Handlers are plain functions: Starlette runs them in threads, so that none holds up another while it reads.

    def _send_listed(self, request: Request) -> Response:
        return JSONResponse(self.listed(), headers=_UNCACHED)

    def _send(self, request: Request) -> Response:
        path, published_s = request.path_params["path"], self.published_s
        if found := _STREAM.fullmatch(path):
            entry = int(found["entry"] or 0)
            if found["key"] is None:
                return self._master(entry, published_s)
            if found["key"] in self.renditions:
                return self._playlist(found["key"], entry, path, request.query_params.get(NAME, ""), published_s)
        if (found := _KEY.fullmatch(path)) and found["key"] in self.renditions:
            return Response(key_of(found["key"], int(found["number"])), headers=_UNCACHED)
        return self._media(path, request.headers.get("range"), published_s)

    def _master(self, entry: int, published_s: float) -> Response:
        if (status := self.playlist.status(published_s)) != 200:
            return _refusal(status)
        current = self.playlist.entry(published_s)
        if entry == 0 != current:
            return RedirectResponse(f"/{folder_of(current)}{MASTER}", 302, _UNCACHED)
        if entry != current:
            return _refusal(404)
        offers = []
        for key, each in self.renditions.items():
            if not each.playlist.left(published_s):
                uri, folder = f"index-{key}-a.m3u8", folder_of(entry)
                if self._tokens is not None:
                    uri += f"?{self._tokens.query(folder + uri, self._now(), published_s)}"
                offers.append(Offer(each.name, each.language, uri))
        return Response(master(offers), media_type=_PLAYLIST_TYPE, headers=_UNCACHED)

    def _playlist(self, key: str, entry: int, path: str, token: str, published_s: float) -> Response:
        playlist = self.renditions[key].playlist
        self.diary.asked_s[key] = published_s
        if (status := playlist.status(published_s)) != 200:
            return _refusal(status)
        if self._tokens is not None and not self._tokens.allows(path, token, self._now(), published_s):
            return _refusal(403)
        if playlist.left(published_s):
            return _refusal(410)
        with self._lock:
            self._shown[key, -1] += 1
            shown_s = playlist.shown_s(published_s, self._shown[key, -1])
        if entry != playlist.entry(shown_s):
            return _refusal(404)
        listed = playlist.window(shown_s)
        self.diary.listed[key].update(set(listed) - playlist.faults.gaps)
        return Response(playlist.text(shown_s), media_type=_PLAYLIST_TYPE, headers=_UNCACHED)

    def _media(self, path: str, ranged: str | None, published_s: float) -> Response:
        kind = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
        if self._elsewhere and not path.startswith("cdn/"):
            return RedirectResponse(f"/cdn/{path}", 302, _UNCACHED)
        path = path.removeprefix("cdn/")
        for key, rendition in self.renditions.items():
            if rendition.playlist.init == path.rpartition("/")[2] and rendition.init:
                return Response(rendition.init, media_type=kind, headers=_UNCACHED)
            if (whole := rendition.files(path)) is not None:
                return self._part(key, path, whole, ranged, kind)
        for key, index in self._named(path, published_s):
            playlist = self.renditions[key].playlist
            status = playlist.media_status(published_s)
            if status != 200 or not playlist.serves(index, published_s):
                return _refusal(404 if status == 200 else status)
            data = self._bytes(key, index)
            if (answer := self._fault(key, index)) is not None:
                return self._broken(answer.answer, data)
            self.diary.given[key].add(index)
            return Response(data, media_type=kind, headers=_UNCACHED)
        return _refusal(404)

    def _part(self, key: str, path: str, whole: bytes, ranged: str | None, kind: str) -> Response:
        """Return a range of a file, or all of it."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", ranged or "")
        if asked is None:
            return Response(whole, media_type=kind, headers=_UNCACHED)
        first, last = int(asked[1]), min(int(asked[2]), len(whole) - 1)
        ranges = self.renditions[key].playlist.ranges
        for index in range(len(self.renditions[key].playlist.segments) if ranges else 0):
            if ranges is not None and ranges(index) == (path, first, last - first + 1):
                self.diary.given[key].add(index)
        headers = {**_UNCACHED, "Content-Range": f"bytes {first}-{last}/{len(whole)}"}
        return Response(whole[first : last + 1], 206, headers, kind)

    def _bytes(self, key: str, index: int) -> bytes:
        rendition = self.renditions[key]
        data = rendition.data(index)
        if rendition.playlist.key_every:
            secret = key_of(key, index // rendition.playlist.key_every)
            data = encrypted(data, secret, rendition.playlist.vector(index))
        return data

    def _named(self, path: str, published_s: float) -> list[tuple[str, int]]:
        """Return the segment that has a name now: one that was listed later takes it over."""
        key, indexes = self._segments.get(path, ("", []))
        times_s = [self.renditions[key].playlist.listed_at_s(index) for index in indexes] if key else []
        last = bisect_right(times_s, max(0.0, published_s))
        return [(key, indexes[max(0, last - 1)])] if indexes else []

    def _broken(self, answer: str, data: bytes) -> Response:
        match answer:
            case "missing":
                return _refusal(404)
            case "bad-request":
                return _refusal(400)
            case "unavailable":
                return _refusal(503)
            case "html":
                return HTMLResponse(_HTML, headers=_UNCACHED)
            case "wrong-type":
                return Response(_PICTURE, media_type="image/png", headers=_UNCACHED)
            case "truncated":
                data = data[: len(data) // 2 + 77]  # in the middle of a 188-byte packet
                return Response(data, media_type="video/mp2t", headers=_UNCACHED)
            case "broken-off":
                headers = {**_UNCACHED, "Content-Length": str(len(data))}
                return StreamingResponse(_half(data), headers=headers, media_type="video/mp2t")
            case _:
                self.stopping.wait(_SILENT_S)
                return _refusal(504)

    def _fault(self, key: str, index: int) -> SegmentFault | None:
        fault = self.renditions[key].playlist.faults.segments.get(index)
        if fault is None:
            return None
        with self._lock:
            self._shown[key, index] += 1
            return fault if fault.times is None or self._shown[key, index] <= fault.times else None


def key_of(rendition: str, number: int) -> bytes:
    """Return an AES-128 key."""
    return hashlib.sha256(f"{rendition} {number}".encode()).digest()[:16]


def _by_name(renditions: Sequence[Rendition]) -> dict[str, tuple[str, list[int]]]:
    found: dict[str, tuple[str, list[int]]] = {}
    for each in renditions:
        for index, segment in enumerate(each.playlist.segments):
            found.setdefault(segment.name, (each.playlist.key, []))[1].append(index)
    return found


async def _half(data: bytes) -> AsyncIterator[bytes]:
    yield data[: len(data) // 2]


def _refusal(status: int) -> Response:
    return PlainTextResponse("out of order", status, _UNCACHED)
