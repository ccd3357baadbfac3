"""The HTTP side of the HLS origin: a master playlist, renditions and their segments."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from workers import origin_text
from workers.origin_http import Serving
from workers.origin_playlist import LivePlaylist
from workers.origin_script import folder_of
from workers.origin_segments import UNCACHED, Diary, Rendition, Segments, key_of, refusal
from workers.origin_text import MASTER, Offer, master
from workers.origin_tokens import NAME, Tokens

_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"

RECORDED = 9000
"""Number of the entry that is a recording."""

_STREAM = re.compile(r"(?:e/1_live(?P<entry>\d+)/)?(?:master|index-(?P<key>\w+)-a)\.m3u8")
_KEY = re.compile(r"(?:e/1_live\d+/)?enc-(?P<key>\w+)-(?P<number>\d+)\.key")


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
        recorded_at_s: from when on the master playlist is that of a recording of what was published until then, under
            another entry, while the live entry goes on; in seconds of the media. None: never.

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
        recorded_at_s: float | None = None,
    ) -> None:
        self.renditions: Mapping[str, Rendition] = {each.playlist.key: each for each in renditions}
        self.pace, self.started_at_unix = pace, started_at_unix
        self.diary = Diary()
        self._now, self._tokens, self._recorded_at_s = now, tokens, recorded_at_s
        self._segments = Segments(self.renditions, self.diary, elsewhere=elsewhere)
        self._shown: Counter[str] = Counter()
        self._lock = threading.Lock()
        routes = [Route("/listed.json", self._send_listed), Route("/{path:path}", self._send)]
        super().__init__([*routes], port)

    def stop(self) -> None:
        """Finish what is being sent, and close."""
        self._segments.stopping.set()
        super().stop()

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
        return JSONResponse(self.listed(), headers=UNCACHED)

    def _send(self, request: Request) -> Response:
        path, published_s = request.path_params["path"], self.published_s
        if found := _STREAM.fullmatch(path):
            entry = int(found["entry"] or 0)
            if found["key"] is None:
                return self._master(entry, published_s)
            if found["key"] in self.renditions:
                return self._playlist(found["key"], entry, path, request.query_params.get(NAME, ""), published_s)
        if (found := _KEY.fullmatch(path)) and found["key"] in self.renditions:
            return Response(key_of(found["key"], int(found["number"])), headers=UNCACHED)
        return self._segments.answer(path, request.headers.get("range"), published_s)

    def _master(self, entry: int, published_s: float) -> Response:
        if (status := self.playlist.status(published_s)) != 200:
            return refusal(status)
        recorded = self._recorded_at_s is not None and published_s >= self._recorded_at_s
        current = RECORDED if recorded else self.playlist.entry(published_s)
        if entry == 0 != current:
            return RedirectResponse(f"/{folder_of(current)}{MASTER}", 302, UNCACHED)
        if entry != current:
            return refusal(404)
        offers = []
        for key, each in self.renditions.items():
            if not each.playlist.left(published_s):
                uri, folder = f"index-{key}-a.m3u8", folder_of(entry)
                if self._tokens is not None:
                    uri += f"?{self._tokens.query(folder + uri, self._now(), published_s)}"
                offers.append(Offer(each.name, each.language, uri))
        return Response(master(offers), media_type=_PLAYLIST_TYPE, headers=UNCACHED)

    def _playlist(self, key: str, entry: int, path: str, token: str, published_s: float) -> Response:
        playlist = self.renditions[key].playlist
        self.diary.asked_s[key] = published_s
        if (status := playlist.status(published_s)) != 200:
            return refusal(status)
        if self._tokens is not None and not self._tokens.allows(path, token, self._now(), published_s):
            return refusal(403)
        if playlist.left(published_s):
            return refusal(410)
        if entry == RECORDED and self._recorded_at_s is not None:
            self.diary.recordings += 1
            text = origin_text.recording(playlist, self._recorded_at_s)
            return Response(text, media_type=_PLAYLIST_TYPE, headers=UNCACHED)
        with self._lock:
            self._shown[key] += 1
            shown_s = playlist.shown_s(published_s, self._shown[key])
        if entry != playlist.entry(shown_s):
            return refusal(404)
        listed = playlist.window(shown_s)
        self.diary.listed[key].update(set(listed) - playlist.faults.gaps)
        return Response(origin_text.live(playlist, shown_s), media_type=_PLAYLIST_TYPE, headers=UNCACHED)
