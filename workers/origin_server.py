"""The HTTP side of the HLS origin: playlists and segments on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from floorlog.errors import InvalidSetting
from workers.origin_playlist import MASTER, PLAYLIST, LivePlaylist, master

_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_UNCACHED = {"Cache-Control": "no-store"}
_HTML = "<!doctype html>\n<title>Sign in</title>\n<p>Please sign in to this network.</p>\n"


class Origin:
    """A live HLS origin; it serves from when it is made until `stop`.

    Args:
        playlist: what is published when.
        folder: where the segments' files lie.
        pace: seconds of media that are published in one second.
        started_at_unix: when the first segment was published, in seconds since 1970.
        port: 0 takes a free one.
        name: NAME of the audio rendition.
        language: LANGUAGE of the audio rendition, as the stream's owner spells it.
        now: seconds since 1970.

    Raises:
        InvalidSetting: the port is taken.
    """

    def __init__(
        self,
        playlist: LivePlaylist,
        folder: Path,
        *,
        pace: float,
        started_at_unix: float,
        port: int = 0,
        name: str = "Floor",
        language: str = "ia",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.playlist, self.pace, self.started_at_unix = playlist, pace, started_at_unix
        self._folder, self._name, self._language, self._now = folder, name, language, now
        self._indexes = {segment.name: index for index, segment in enumerate(playlist.segments)}
        self._faults_shown: Counter[int] = Counter()
        self._lock = threading.Lock()
        listener = _listen(port)
        self.port: int = listener.getsockname()[1]
        settings = uvicorn.Config(
            Starlette(routes=self._routes()),
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="origin", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the address of the master playlist."""
        return f"http://127.0.0.1:{self.port}/{MASTER}"

    @property
    def published_s(self) -> float:
        """Return how much media is published, in seconds."""
        return (self._now() - self.started_at_unix) * self.pace

    @property
    def ended(self) -> bool:
        """Return whether everything is published, and the playlist says so."""
        return self.playlist.ended(self.published_s)

    def listed(self) -> list[dict[str, float | int]]:
        """Return each segment that was listed so far: its place in the media, and when it was listed first (Unix)."""
        playlist = self.playlist
        return [
            {
                "sequence": playlist.first_sequence + index,
                "start_s": segment.start_s,
                "end_s": segment.end_s,
                "listed_at": self.started_at_unix + playlist.listed_at_s(index) / self.pace,
            }
            for index, segment in enumerate(playlist.segments[: playlist.window(self.published_s).stop])
        ]

    def stop(self) -> None:
        """Finish what is being sent, and close."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Origin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _routes(self) -> list[Route]:
        return [
            Route(f"/{MASTER}", self._send_master),
            Route(f"/{PLAYLIST}", self._send_playlist),
            Route("/listed.json", self._send_listed),
            Route("/{name}", self._send_segment),
        ]

    # Handlers are plain functions: Starlette runs them in threads, so that none holds up another while it reads.

    def _send_master(self, request: Request) -> Response:
        return self._playlist_response(master(self._name, self._language))

    def _send_playlist(self, request: Request) -> Response:
        return self._playlist_response(self.playlist.text(self.published_s))

    def _send_listed(self, request: Request) -> Response:
        return JSONResponse(self.listed(), headers=_UNCACHED)

    def _send_segment(self, request: Request) -> Response:
        name = request.path_params["name"]
        index = self._indexes.get(name)
        if index is None or not self.playlist.serves(index, self.published_s):
            return PlainTextResponse("not here", 404, _UNCACHED)
        data = (self._folder / name).read_bytes()
        match self._fault(index):
            case "missing":
                return PlainTextResponse("not here yet", 404, _UNCACHED)
            case "html":
                return HTMLResponse(_HTML, headers=_UNCACHED)
            case "truncated":
                data = data[: len(data) // 2 + 77]  # in the middle of a 188-byte packet
        return Response(data, media_type="video/mp2t")

    def _playlist_response(self, text: str) -> Response:
        status = self.playlist.status(self.published_s)
        if status != 200:
            return PlainTextResponse("out of order", status, _UNCACHED)
        return Response(text, media_type=_PLAYLIST_TYPE, headers=_UNCACHED)

    def _fault(self, index: int) -> str | None:
        fault = self.playlist.faults.segments.get(index)
        if fault is None:
            return None
        with self._lock:
            self._faults_shown[index] += 1
            return fault.answer if fault.times is None or self._faults_shown[index] <= fault.times else None


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as fault:
        listener.close()
        raise InvalidSetting("port", str(port), str(fault)) from fault
    listener.listen()  # from here on a client may connect, though the server still starts
    return listener
