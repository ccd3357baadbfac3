"""An origin that means harm, or is broken beyond belief: each path does one thing that must not hurt who asks.

Nothing is kept in memory here either: what has no end is made while it is sent.
"""

from __future__ import annotations

import gzip
import itertools
import math
from collections.abc import AsyncIterator
from functools import cache

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from workers.origin_http import Serving

_TYPE = "application/vnd.apple.mpegurl"
_HEAD = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
_DATE = "#EXT-X-PROGRAM-DATE-TIME:2021-02-24T15:00:00.000Z\n"
_CHUNK = b"G" + bytes(187)
_ENTRIES = b"#EXTM3U\n" + b"#EXTINF:4,\nseg.ts\n" * 4096
GIGABYTE = 2**30

METADATA = "http://169.254.169.254/latest/meta-data/"
"""Where clouds keep what a machine may do; a request from inside must never be led there."""

INSIDE = "http://10.0.0.1/"

PLAYLISTS: dict[str, str] = {
    "a page": "<!doctype html><title>Sign in</title>",
    "an answer of an API": '{"objectType": "KalturaAPIException", "code": "ENTRY_ID_NOT_FOUND"}',
    "nothing": "",
    "a master that names itself": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nin/a master that names itself.m3u8\n",
    "a list of nothing": _HEAD,
    "a target of infinity": _HEAD.replace("DURATION:4", "DURATION:1e999") + "#EXTINF:4,\nmissing.ts\n",
    "a target of nan": _HEAD.replace("DURATION:4", "DURATION:nan") + "#EXTINF:4,\nmissing.ts\n",
    "a negative target": _HEAD.replace("DURATION:4", "DURATION:-4") + "#EXTINF:4,\nmissing.ts\n",
}
"""Lists that cannot be followed."""

_END = "#EXT-X-ENDLIST\n"
LISTS: dict[str, str] = {
    "a sequence beyond all numbers": _HEAD.replace("SEQUENCE:0", f"SEQUENCE:{10**30}") + "#EXTINF:4,\nmissing.ts\n",
    "a negative sequence": _HEAD.replace("SEQUENCE:0", "SEQUENCE:-5") + "#EXTINF:4,\nmissing.ts\n",
    "a length of infinity": f"{_HEAD}#EXTINF:1e999,\nmissing.ts\n",
    "a length of ages": f"{_HEAD}{_DATE}#EXTINF:1e12,\nmissing.ts\n#EXTINF:4,\nmissing.ts\n",
    "a negative length": f"{_HEAD}{_DATE}#EXTINF:-4,\nmissing.ts\n",
    "the end of time": f"{_HEAD}#EXT-X-PROGRAM-DATE-TIME:9999-12-31T23:59:58Z\n" + "#EXTINF:4,\nmissing.ts\n" * 2,
    "a segment without an end": f"{_HEAD}{_DATE}#EXTINF:4,\nendless.ts\n",
    "a segment of a gigabyte": f"{_HEAD}{_DATE}#EXTINF:4,\ngigabyte.ts\n",
    "a segment that unpacks to a gigabyte": f"{_HEAD}{_DATE}#EXTINF:4,\nbomb.ts\n",
    "a segment that drips": f"{_HEAD}{_DATE}#EXTINF:4,\ndrip.ts\n",
    "a segment that leads round in a circle": f"{_HEAD}{_DATE}#EXTINF:4,\nloop/0.ts\n",
    "a segment inside": f"{_HEAD}{_DATE}#EXTINF:4,\n{INSIDE}seg-0-s100-a.ts\n",
    "a segment that leads inside": f"{_HEAD}{_DATE}#EXTINF:4,\ninside.ts\n",
    "a segment in a file": f"{_HEAD}{_DATE}#EXTINF:4,\nfile:///etc/passwd\n",
    "a segment in itself": f"{_HEAD}{_DATE}#EXTINF:4,\ndata:video/mp2t;base64,RxAA\n",
    "a key inside": f'{_HEAD}{_DATE}#EXT-X-KEY:METHOD=AES-128,URI="{METADATA}"\n#EXTINF:4,\nmissing.ts\n',
    "a map inside": f'{_HEAD}{_DATE}#EXT-X-MAP:URI="{METADATA}"\n#EXTINF:4,\nmissing.ts\n',
    "a range of a gigabyte": f"{_HEAD}{_DATE}#EXTINF:4,\n#EXT-X-BYTERANGE:{GIGABYTE}@0\ngigabyte.ts\n",
    "a key of a gigabyte": f'{_HEAD}{_DATE}#EXT-X-KEY:METHOD=AES-128,URI="gigabyte.ts"\n#EXTINF:4,\nmissing.ts\n',
}
"""Lists that can be followed, and name what cannot be had; all of them end."""

SERVED = (
    "an endless list",
    "a list that drips",
    "a list that leads round in a circle",
    "a list that leads inside",
    "a list that leads to what is inside by name",
    "a list that unpacks to a gigabyte",
)
"""What is no list at all."""

CROWDED = "a list of tens of thousands"


def serve(port: int = 0) -> Serving:
    """Serve everything hostile; a playlist's address is `/in/{name}.m3u8`.

    Raises:
        InvalidSetting: the port is taken.
    """
    return Serving(
        [
            Route("/in/endless.ts", _endless_media),
            Route("/in/gigabyte.ts", _gigabyte),
            Route("/in/bomb.ts", _bomb),
            Route("/in/drip.ts", _drip),
            Route("/in/inside.ts", _lead_inside),
            Route("/in/loop/{number:int}.ts", _loop),
            Route("/in/{name}.m3u8", _playlist),
        ],
        port,
    )


async def _playlist(request: Request) -> Response:
    name = request.path_params["name"]
    match name:
        case "an endless list":
            return StreamingResponse(_repeat(request, _ENTRIES), media_type=_TYPE)
        case "a list that drips":
            return StreamingResponse(_slowly(request, _HEAD.encode()), media_type=_TYPE)
        case "a list that leads round in a circle":
            return RedirectResponse(request.url.path, 302)
        case "a list that leads inside":
            return RedirectResponse(METADATA, 302)
        case "a list that leads to what is inside by name":
            return RedirectResponse("http://localhost.localdomain:80/", 302)
        case "a list that unpacks to a gigabyte":
            return await _bomb(request)
        case "a list of tens of thousands":
            return Response(_HEAD + _DATE + "#EXTINF:4,\na.ts\n" * 60_000 + _END, media_type=_TYPE)
    text = PLAYLISTS.get(name)
    return Response(LISTS[name] + _END if text is None else text, media_type=_TYPE)


async def _gigabyte(request: Request) -> Response:
    status = 206 if "range" in request.headers else 200
    chunks = _repeat(request, _CHUNK * 348, GIGABYTE // (len(_CHUNK) * 348))
    return StreamingResponse(chunks, status, media_type="video/mp2t")


async def _endless_media(request: Request) -> Response:
    return StreamingResponse(_repeat(request, _CHUNK * 348), media_type="video/mp2t")


async def _bomb(request: Request) -> Response:
    headers = {"Content-Encoding": "gzip"}
    return Response(_packed_gigabyte(), headers=headers, media_type="video/mp2t")


@cache
def _packed_gigabyte() -> bytes:
    part = gzip.compress(_CHUNK * (GIGABYTE // 64 // len(_CHUNK)))
    return part * 64  # gzip members one behind the other are one file


async def _drip(request: Request) -> Response:
    return StreamingResponse(_slowly(request, _CHUNK), media_type="video/mp2t")


async def _loop(request: Request) -> Response:
    return RedirectResponse(f"/in/loop/{request.path_params['number'] + 1}.ts", 302)


async def _lead_inside(request: Request) -> Response:
    return RedirectResponse(METADATA, 302)


async def _repeat(request: Request, data: bytes, times: float = math.inf) -> AsyncIterator[bytes]:
    """Yield something again and again, until the client is gone."""
    while times > 0 and not await request.is_disconnected():
        yield data
        times -= 1


async def _slowly(request: Request, data: bytes) -> AsyncIterator[bytes]:
    for byte in itertools.cycle(data):
        if await request.is_disconnected():
            return
        yield bytes([byte])
        await anyio.sleep(0.3)
