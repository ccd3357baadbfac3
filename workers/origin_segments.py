"""What an HLS origin answers to requests for media segments: their bytes, parts of files, or what is wrong instead."""

from __future__ import annotations

import hashlib
import re
import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from workers.origin_forms import encrypted
from workers.origin_playlist import LivePlaylist
from workers.origin_script import SegmentFault

UNCACHED = {"Cache-Control": "no-store"}

_HTML = "<!doctype html>\n<title>Sign in</title>\n<p>Please sign in to this network.</p>\n"
_TYPES = {"ts": "video/mp2t", "m4s": "video/mp4", "mp4": "video/mp4", "aac": "audio/aac"}
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2048)
_SILENT_S = 30.0


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
    recordings: int = 0
    """How often the playlist of a recording was served."""


class Segments:
    """The media segments of an origin's renditions; for any number of threads.

    Args:
        renditions: by their key.
        diary: where it is written down what was given.
        elsewhere: whether segments are redirected to another path, as to a CDN.
    """

    def __init__(self, renditions: Mapping[str, Rendition], diary: Diary, *, elsewhere: bool) -> None:
        self._renditions, self._diary, self._elsewhere = renditions, diary, elsewhere
        self._by_name = _by_name(list(renditions.values()))
        self._asked: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self.stopping = threading.Event()

    def answer(self, path: str, ranged: str | None, published_s: float) -> Response:
        """Return the answer to a request for a path, as of when so much is published."""
        kind = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
        if self._elsewhere and not path.startswith("cdn/"):
            return RedirectResponse(f"/cdn/{path}", 302, UNCACHED)
        path = path.removeprefix("cdn/")
        for key, rendition in self._renditions.items():
            if rendition.playlist.init == path.rpartition("/")[2] and rendition.init:
                return Response(rendition.init, media_type=kind, headers=UNCACHED)
            if (whole := rendition.files(path)) is not None:
                return self._part(key, path, whole, ranged, kind)
        for key, index in self._named(path, published_s):
            playlist = self._renditions[key].playlist
            status = playlist.media_status(published_s)
            if status != 200 or not playlist.serves(index, published_s):
                return refusal(404 if status == 200 else status)
            data = self._bytes(key, index)
            if (answer := self._fault(key, index)) is not None:
                return self._broken(answer.answer, data)
            self._diary.given[key].add(index)
            return Response(data, media_type=kind, headers=UNCACHED)
        return refusal(404)

    def _part(self, key: str, path: str, whole: bytes, ranged: str | None, kind: str) -> Response:
        """Return a range of a file, or all of it."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", ranged or "")
        if asked is None:
            return Response(whole, media_type=kind, headers=UNCACHED)
        first, last = int(asked[1]), min(int(asked[2]), len(whole) - 1)
        ranges = self._renditions[key].playlist.ranges
        for index in range(len(self._renditions[key].playlist.segments) if ranges else 0):
            if ranges is not None and ranges(index) == (path, first, last - first + 1):
                self._diary.given[key].add(index)
        headers = {**UNCACHED, "Content-Range": f"bytes {first}-{last}/{len(whole)}"}
        return Response(whole[first : last + 1], 206, headers, kind)

    def _bytes(self, key: str, index: int) -> bytes:
        rendition = self._renditions[key]
        data = rendition.data(index)
        if rendition.playlist.key_every:
            secret = key_of(key, index // rendition.playlist.key_every)
            data = encrypted(data, secret, rendition.playlist.vector(index))
        return data

    def _named(self, path: str, published_s: float) -> list[tuple[str, int]]:
        """Return the segment that has a name now: one that was listed later takes it over."""
        key, indexes = self._by_name.get(path, ("", []))
        times_s = [self._renditions[key].playlist.listed_at_s(index) for index in indexes] if key else []
        last = bisect_right(times_s, max(0.0, published_s))
        return [(key, indexes[max(0, last - 1)])] if indexes else []

    def _broken(self, answer: str, data: bytes) -> Response:
        match answer:
            case "missing":
                return refusal(404)
            case "bad-request":
                return refusal(400)
            case "unavailable":
                return refusal(503)
            case "html":
                return HTMLResponse(_HTML, headers=UNCACHED)
            case "wrong-type":
                return Response(_PICTURE, media_type="image/png", headers=UNCACHED)
            case "truncated":
                data = data[: len(data) // 2 + 77]  # in the middle of a 188-byte packet
                return Response(data, media_type="video/mp2t", headers=UNCACHED)
            case "broken-off":
                headers = {**UNCACHED, "Content-Length": str(len(data))}
                return StreamingResponse(_half(data), headers=headers, media_type="video/mp2t")
            case _:
                self.stopping.wait(_SILENT_S)
                return refusal(504)

    def _fault(self, key: str, index: int) -> SegmentFault | None:
        fault = self._renditions[key].playlist.faults.segments.get(index)
        if fault is None:
            return None
        with self._lock:
            self._asked[key, index] += 1
            return fault if fault.times is None or self._asked[key, index] <= fault.times else None


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


def refusal(status: int) -> Response:
    """Return an answer with a status, and nothing else."""
    return PlainTextResponse("out of order", status, UNCACHED)
