"""A rehearsal of UN Web TV and its media platform on this machine: what it answers depends on a clock that can be set.

Made from `floorlog.adapters.webtv.facts`, never from what Floorlog reads of it: false offsets, rows that come twice,
empty categories, errors as HTTP 200, flavours that are empty for a while after the end.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urljoin

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from workers import fake_webtv_pages as pages
from workers.fake_webtv_meeting import FakeMeeting
from workers.origin_http import Serving
from workers.origin_tokens import NAME, Tokens

SESSION = "djJ8MjUwMzQ1MXwrehearsal"
_REFERENCE = re.compile(r"\{(\d+):result((?::\w+)+)\}")


class FakeWebTv(Serving):
    """Serves the rehearsal on 127.0.0.1 from when it is made until `stop`: pages and platform at one address.

    Args:
        meetings: what there is; may be changed while it serves.
        now: the clock.
        port: 0 takes a free one.
        tokens: of master playlists.

    `asked` counts requests by kind. `edit_page` and `edit_answer` change what is served; `answer_with` makes the answer
    to any request instead, where it returns one.
    """

    def __init__(
        self, meetings: Sequence[FakeMeeting], now: Callable[[], datetime], port: int = 0, tokens: Tokens | None = None
    ) -> None:
        self.meetings, self._now, self._tokens = list(meetings), now, tokens or Tokens()
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.edit_page: Callable[[str], str] = lambda page: page
        self.edit_answer: Callable[[Any], Any] = lambda answer: answer
        self.answer_with: Callable[[Request], Response | None] = lambda request: None
        super().__init__(
            [
                Route("/en/schedule/{day}", self._schedule),
                Route("/en/asset/{folder}/{leaf}", self._page),
                Route("/api_v3/service/multirequest", self._multirequest, methods=["POST"]),
                Route("/p/{partner}/sp/{sub}/playManifest/{rest:path}", self._play_manifest),
                Route("/live/{entry}/master.m3u8", self._master),
                Route("/offered/{entry}.m3u8", self._master),
                Route("/files/{entry}/{flavor}.mp4", self._file),
            ],
            port,
        )

    def _heard(self, kind: str, request: Request) -> Response | None:
        self.asked[kind] += 1
        self.agents.add(request.headers.get("user-agent", ""))
        return self.answer_with(request)

    def _schedule(self, request: Request) -> Response:
        if instead := self._heard("schedule", request):
            return instead
        now, day = self._now(), request.path_params["day"]
        meetings = [each for each in self.meetings if each.published and each.start.date().isoformat() == day]
        rows = [_row(each, now) for each in meetings]
        live = [_row(each, now) for each in meetings if each.is_live(now)]
        return HTMLResponse(self.edit_page(pages.schedule(day, live, rows)))

    def _page(self, request: Request) -> Response:
        if instead := self._heard("page", request):
            return instead
        found = next((each for each in self.meetings if each.leaf == request.path_params["leaf"]), None)
        if found is None or not found.published:
            return HTMLResponse("<h1>Page not found</h1>", 404)
        return HTMLResponse(
            self.edit_page(
                pages.asset(found.title, _time(found.start), found.summary, found.category, labels=found.labels)
            )
        )

    async def _multirequest(self, request: Request) -> Response:
        if instead := self._heard("api", request):
            return instead
        asked: dict[str, Any] = json.loads(await request.body())
        answers: list[Any] = []
        for number in sorted(int(key) for key in asked if key.isdecimal()):
            try:
                call = {key: _refer(value, answers) for key, value in asked[str(number)].items()}
                answers.append(self._call(call))
            except (LookupError, TypeError):
                answers.append(_exception("INVALID_MULTIREQUEST_TOKEN", "nothing to refer to"))
        return JSONResponse(self.edit_answer(answers))

    def _call(self, call: dict[str, Any]) -> Any:
        now = self._now()
        action = f"{call['service']}.{call['action']}"
        if action == "session.startWidgetSession":
            partner = int(call["widgetId"].removeprefix("_"))
            return {
                "partnerId": partner,
                "ks": SESSION,
                "userId": 0,
                "objectType": "KalturaStartWidgetSessionResponse",
            }
        if call.get("ks") != SESSION:
            return _exception("INVALID_KS", "Invalid KS")
        if action == "baseEntry.list":
            meeting = self._meeting(call["filter"]["redirectFromEntryId"])
            found = [] if meeting is None else [self._entry(meeting, now)]
            return {"objects": found, "totalCount": len(found), "objectType": "KalturaBaseEntryListResponse"}
        if action == "flavorAsset.list":
            entry_id = call["filter"]["entryIdEqual"]
            meeting = self._meeting(entry_id)
            flavors = meeting.flavors(entry_id, now) if meeting else []
            return {"objects": flavors, "totalCount": len(flavors), "objectType": "KalturaFlavorAssetListResponse"}
        if action == "baseEntry.getPlaybackContext":
            meeting = self._meeting(call["entryId"])
            if meeting is None:
                return _exception("ENTRY_ID_NOT_FOUND", "not found")
            url = f"{self.address}/offered/{call['entryId']}.m3u8"
            return {"sources": [{"format": "mpegdash", "url": "x"}, {"format": "applehttp", "url": url}]}
        meeting = self._meeting(call["id"])
        if meeting is None or call["id"] != meeting.live_id:
            return _exception("ENTRY_ID_NOT_FOUND", f'Entry id "{call["id"]}" not found')
        if action == "liveStream.isLive":
            return meeting.is_live(now)
        live = meeting.is_live(now)
        return {
            "primaryStreamStatus": 1 if live else 0,
            "secondaryStreamStatus": 0,
            "viewMode": 1,
            "wasBroadcast": meeting.was_live(now),
            "broadcastStatus": 3 if live else 1,
            "objectType": "KalturaLiveStreamDetails",
        }

    def _entry(self, meeting: FakeMeeting, now: datetime) -> dict[str, Any]:
        recorded = meeting.is_recorded(now)
        length_s = sum((end - begin).total_seconds() for begin, end in meeting.on_air)
        return {
            "id": meeting.canonical_id(now),
            "duration": round(length_s) if recorded else 0,
            "objectType": "KalturaMediaEntry" if recorded else "KalturaLiveStreamEntry",
        }

    def _meeting(self, entry_id: str) -> FakeMeeting | None:
        ids = ((each, (each.player_id, each.live_id, each.recorded_id)) for each in self.meetings)
        return next((each for each, known in ids if entry_id in known), None)

    def _play_manifest(self, request: Request) -> Response:
        if instead := self._heard("playManifest", request):
            return instead
        words, now = request.path_params["rest"].split("/"), self._now()
        given = dict(zip(words[:-1:2], words[1::2], strict=False))
        meeting = self._meeting(given.get("entryId", ""))
        if meeting is None:
            return PlainTextResponse("", 404, {"X-Kaltura": "error-1"})
        if given.get("format") == "download":
            ready = {each["id"] for each in meeting.flavors(meeting.recorded_id, now)} if meeting.on_air else set()
            if given["entryId"] == meeting.live_id or given.get("flavorIds") not in ready:
                return PlainTextResponse("", 404, {"X-Kaltura": "error-6"})
            return RedirectResponse(f"{self.address}/files/{meeting.recorded_id}/{given['flavorIds']}.mp4", 302)
        recorded = given["entryId"] == meeting.recorded_id and meeting.is_recorded(now)
        if meeting.origin is None or not (meeting.is_live(now) or recorded):
            return PlainTextResponse("", 404, {"X-Kaltura": "error-36"})
        path = f"live/{given['entryId']}/master.m3u8"
        return RedirectResponse(f"{self.address}/{path}?{self._tokens.query(path, now.timestamp(), 0.0)}", 302)

    def _master(self, request: Request) -> Response:
        if instead := self._heard("master", request):
            return instead
        path, token = request.url.path.lstrip("/"), request.url.query.removeprefix(f"{NAME}=")
        if not token or not self._tokens.allows(path, token, self._now().timestamp(), 0.0):
            return PlainTextResponse("token", 403)
        meeting = self._meeting(request.path_params["entry"])
        if meeting is None or meeting.origin is None:
            return PlainTextResponse("", 404)
        text = httpx.get(meeting.origin, timeout=10.0).text
        whole = re.sub(r'URI="([^"]+)"', lambda found: f'URI="{urljoin(str(meeting.origin), found[1])}"', text)
        lines = (
            line if line.startswith("#") or not line else urljoin(meeting.origin, line) for line in whole.split("\n")
        )
        return Response("\n".join(lines), media_type="application/vnd.apple.mpegurl")

    def _file(self, request: Request) -> Response:
        if instead := self._heard("file", request):
            return instead
        meeting, now = self._meeting(request.path_params["entry"]), self._now()
        flavors = meeting.flavors(meeting.recorded_id, now) if meeting else []
        language = next((each["language"] for each in flavors if each["id"] == request.path_params["flavor"]), None)
        path = meeting.recordings.get(str(language)) if meeting else None
        return FileResponse(path, media_type="video/mp4") if path else PlainTextResponse("", 404)


def _row(meeting: FakeMeeting, now: datetime) -> pages.Row:
    length_s = None
    if meeting.is_recorded(now):
        length_s = round(sum((end - begin).total_seconds() for begin, end in meeting.on_air))
    return pages.Row(
        leaf=meeting.leaf,
        title=meeting.title,
        category=meeting.category,
        time=_time(meeting.start),
        live=meeting.is_live(now),
        length=str(timedelta(seconds=length_s)).zfill(8) if length_s is not None else None,
        entry_id=meeting.player_id,
    )


def _time(moment: datetime) -> str:
    """Return a moment as the service writes it: the digits are UTC, and what follows is false."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}-04:00"


def _refer(value: Any, answers: list[Any]) -> Any:
    """Put what earlier answers hold in the place of references to them."""
    if isinstance(value, dict):
        return {key: _refer(each, answers) for key, each in value.items()}
    if not isinstance(value, str) or not (found := _REFERENCE.fullmatch(value)):
        return value
    result = answers[int(found[1]) - 1]
    for step in found[2].strip(":").split(":"):
        result = result[int(step)] if step.isdecimal() else result[step]
    return result


def _exception(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": escape(message), "objectType": "KalturaAPIException", "args": []}


def main(arguments: Sequence[str] | None = None) -> None:
    """Rehearse one meeting from the command line: `python -m workers.fake_webtv --origin http://…/master.m3u8`."""
    parser = argparse.ArgumentParser(prog="python -m workers.fake_webtv", description=__doc__)
    parser.add_argument("--origin", required=True, help="master playlist of what is on air, as of `floorlog origin`")
    parser.add_argument("--port", type=int, default=8002, help="0 takes a free one")
    parser.add_argument("--title", default="Rehearsal", help="of the meeting")
    parser.add_argument("--starts-in-s", type=float, default=30.0, help="when it goes live")
    parser.add_argument("--length-s", type=float, default=600.0, help="how long it is on air")
    options = parser.parse_args(arguments)
    start = datetime.now(UTC) + timedelta(seconds=options.starts_in_s)
    on_air = ((start, start + timedelta(seconds=options.length_s)),)
    meeting = FakeMeeting("k1rehearsal", options.title, start, on_air, "Rehearsal", options.origin)
    with FakeWebTv([meeting], lambda: datetime.now(UTC), options.port) as fake:
        print(f"export FLOORLOG_WEBTV_URL={fake.address} FLOORLOG_KALTURA_URL={fake.address}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
