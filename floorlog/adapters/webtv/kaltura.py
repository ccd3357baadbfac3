"""The media platform's interface: which entry an id leads to, its audio tracks, and whether it is on air."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from floorlog.adapters.courtesy import CourteousClient
from floorlog.adapters.kept_answers import Answer
from floorlog.adapters.webtv import facts, flavors
from floorlog.adapters.webtv.found import ChannelOffered, Entry, Stream
from floorlog.errors import InvalidAnswer, NotLiveYet, OriginUnavailable, SourceChanged, SourceRemoved


class Kaltura:
    """Asks the platform.

    Args:
        client: asks.
        base: address of the platform.
    """

    def __init__(self, client: CourteousClient, base: str = facts.KALTURA_URL) -> None:
        self._client, self._base = client, base.rstrip("/")
        self.url = self._base + facts.API_PATH

    def look_up(self, ids: Sequence[str]) -> dict[str, Entry | None]:
        """Return what each id leads to; None for one that is not published.

        Raises:
            OriginUnavailable: the platform does not answer, or says that it cannot.
            SourceChanged: an answer lacks a field.
            InvalidAnswer: it is no answer of the platform.
        """
        found: dict[str, Entry | None] = {}
        for start in range(0, len(ids), facts.BATCH):
            found |= self._batch(list(dict.fromkeys(ids[start : start + facts.BATCH])))
        return found

    def is_live(self, entry_id: str) -> bool:
        """Return whether an entry is on air.

        Raises:
            SourceRemoved: there is no such entry.
            FloorlogError: what `look_up` raises.
        """
        (answer,) = self._ask([_is_live(entry_id)])
        return self._on_air(answer, entry_id)

    def stream(self, entry_id: str) -> Stream:
        """Return where the master playlist of an entry is now.

        Raises:
            NotLiveYet: none is served now.
            SourceRemoved: there is no such entry.
            OriginUnavailable: the platform does not answer.
            InvalidAnswer: it is no playlist.
        """
        url = self._base + facts.PLAY_MANIFEST.format(partner=facts.PARTNER_ID, entry=entry_id)
        answer = self._client.get(url, follow=False)
        if answer.status in (401, 403):
            (session,) = self._ask([])  # none but the session
            ks = self._text(session, "ks", "session.startWidgetSession")
            answer = self._client.get(url.replace("/a.", facts.SESSION_IN_PATH.format(ks=ks)), follow=False)
        name, value = facts.NOT_LIVE_HEADER
        if answer.status == 404 and answer.headers.get(name, "").lower() == value:
            raise NotLiveYet(entry_id)
        if answer.status in (404, 410):
            answer = self._client.get(self._offered(entry_id), named_by=self.url, follow=False)
        return self._stream(answer, entry_id)

    def _offered(self, entry_id: str) -> str:
        """Return the address of a playlist that the platform offers its own player."""
        (context,) = self._ask(
            [
                {
                    "service": "baseEntry",
                    "action": "getPlaybackContext",
                    "entryId": entry_id,
                    "contextDataParams": {"objectType": "KalturaPlaybackContextOptions", "flavorTags": "all"},
                }
            ]
        )
        action = "baseEntry.getPlaybackContext"
        sources = self._checked(context, action, dict, entry_id).get("sources")
        if not isinstance(sources, list):
            raise SourceChanged(self.url, f"sources ({action})")
        for each in sources:
            if isinstance(each, dict) and each.get("format") == facts.PLAYLIST_FORMAT:
                return self._text(each, "url", action)
        raise NotLiveYet(entry_id)

    def download(self, entry_id: str, flavor_id: str, extension: str) -> str:
        """Return the address of the recording of one audio track."""
        path = facts.DOWNLOAD.format(partner=facts.PARTNER_ID, entry=entry_id, flavor=flavor_id, ext=extension)
        return self._base + path

    def _stream(self, answer: Answer, entry_id: str) -> Stream:
        if 300 <= answer.status < 400 and "location" in answer.headers:
            target = self._client.join(answer.url, answer.headers["location"])
            return Stream(target, _expiry(target))
        if answer.status == 200:
            if not answer.text.lstrip("\ufeff").startswith("#EXTM3U"):
                raise InvalidAnswer(answer.url, "a playlist is expected")
            return Stream(answer.url, _expiry(answer.text))
        if answer.status in (404, 410):
            raise SourceRemoved(entry_id, f"{answer.url} answers HTTP {answer.status}")
        raise OriginUnavailable(answer.url, f"HTTP {answer.status}")

    def _batch(self, ids: list[str]) -> dict[str, Entry | None]:
        requests: list[dict[str, Any]] = []
        for number, entry_id in enumerate(ids):
            requests += [
                {
                    "service": "baseEntry",
                    "action": "list",
                    "filter": {"redirectFromEntryId": entry_id},
                    "responseProfile": {"type": 1, "fields": facts.ENTRY_FIELDS},
                },
                {
                    "service": "flavorAsset",
                    "action": "list",
                    "filter": {"entryIdEqual": f"{{{2 + 2 * number}:result:objects:0:id}}"},
                },
            ]
        answers = self._ask(requests)
        heads = {each: self._head(answers[2 * n], each) for n, each in enumerate(ids)}
        live = [(each, head[0]) for each, head in heads.items() if head and head[1] == "live"]
        status = self._statuses(live)
        found: dict[str, Entry | None] = {}
        for number, each in enumerate(ids):
            head = heads[each]
            if head is None:
                found[each] = None
                continue
            channels, extensions = self._flavors(answers[2 * number + 1])
            on_air, was_on_air = status.get(each, (False, False))
            found[each] = Entry(each, head[0], head[1], head[2], on_air, was_on_air, channels, extensions)
        return found

    def _statuses(self, live: list[tuple[str, str]]) -> dict[str, tuple[bool, bool]]:
        """Return, by the id that was asked about, whether a live entry is on air, and whether it was."""
        if not live:
            return {}
        requests = [
            request
            for _, entry_id in live
            for request in (
                _is_live(entry_id),
                {"service": "liveStream", "action": "getDetails", "id": entry_id},
            )
        ]
        answers, found = self._ask(requests), {}
        for number, (asked, entry_id) in enumerate(live):
            on_air = self._on_air(answers[2 * number], entry_id)
            details = self._checked(answers[2 * number + 1], "liveStream.getDetails", dict)
            was = details.get("wasBroadcast")
            if not isinstance(was, bool | int):
                raise SourceChanged(self.url, "wasBroadcast (liveStream.getDetails)")
            preview = details.get("broadcastStatus") not in (None, facts.BROADCAST_LIVE)
            found[asked] = (on_air and not preview, bool(was))
        return found

    def _on_air(self, answer: Any, entry_id: str) -> bool:
        answer = self._checked(answer, "liveStream.isLive", None, entry_id)
        if not isinstance(answer, bool):
            raise SourceChanged(self.url, "true or false (liveStream.isLive)")
        return answer

    def _head(self, answer: Any, asked: str) -> tuple[str, Literal["live", "recorded"], float] | None:
        try:
            objects = self._checked(answer, "baseEntry.list", dict, asked).get("objects")
        except SourceRemoved:
            return None
        if not isinstance(objects, list):
            raise SourceChanged(self.url, "objects (baseEntry.list)")
        if not objects:
            return None
        entry_id = self._text(objects[0], "id", "baseEntry.list")
        if not facts.ENTRY_ID.fullmatch(entry_id):
            raise SourceChanged(self.url, "id of an entry (baseEntry.list)")
        kind = self._text(objects[0], "objectType", "baseEntry.list")
        duration = objects[0].get("duration")
        length_s = float(duration) if isinstance(duration, int | float) else 0.0
        if kind in facts.LIVE_TYPES:
            return entry_id, "live", length_s
        if kind in facts.RECORDED_TYPES:
            return entry_id, "recorded", length_s
        raise SourceChanged(self.url, f"known objectType (baseEntry.list answers {kind[:80]!r})")

    def _flavors(self, answer: Any) -> tuple[tuple[ChannelOffered, ...], tuple[tuple[str, str], ...]]:
        try:
            objects = self._checked(answer, "flavorAsset.list", dict).get("objects")
        except SourceRemoved:
            objects = []
        if not isinstance(objects, list):
            raise SourceChanged(self.url, "objects (flavorAsset.list)")
        return flavors.read(self.url, objects)

    def _ask(self, requests: Sequence[dict[str, Any]]) -> list[Any]:
        """Return the answers to some requests of one session; that of the session itself where there are none."""
        session = {"service": "session", "action": "startWidgetSession", "widgetId": facts.WIDGET_ID}
        numbered = {str(n): {"ks": "{1:result:ks}", **each} for n, each in enumerate(requests, 2)}
        answers = self._client.post_json(
            self.url,
            {
                "1": session,
                **numbered,
                "apiVersion": facts.API_VERSION,
                "format": 1,
                "ks": "",
                "clientTag": facts.CLIENT_TAG,
                "partnerId": facts.PARTNER_ID,
            },
        )
        if isinstance(answers, dict):
            self._checked(answers, "multirequest", list)
        if not isinstance(answers, list) or len(answers) != 1 + len(requests):
            raise SourceChanged(self.url, "array of one answer to each request (multirequest)")
        self._text(self._checked(answers[0], "session.startWidgetSession", dict), "ks", "session.startWidgetSession")
        return answers[1:] if requests else answers

    def _checked(self, answer: Any, action: str, kind: type | None, entry_id: str | None = None) -> Any:
        """Return an answer that is no error and of the right kind; errors come as HTTP 200."""
        if isinstance(answer, dict) and answer.get("objectType") == facts.EXCEPTION:
            code, message = str(answer.get("code"))[:80], str(answer.get("message"))[:200]
            if code in facts.GONE_CODES or (action == "flavorAsset.list" and entry_id is None):
                raise SourceRemoved(entry_id or "the entry", f"{action} answers {code}")
            if code in facts.BUSY_CODES:
                raise OriginUnavailable(self.url, f"{action} answers {code}: {message}")
            raise InvalidAnswer(self.url, f"{action} answers {code}: {message}")
        if kind is not None and not isinstance(answer, kind):
            raise SourceChanged(self.url, f"{'object' if kind is dict else 'array'} ({action})")
        return answer

    def _text(self, answer: Any, field: str, action: str) -> str:
        value = answer.get(field) if isinstance(answer, dict) else None
        if not isinstance(value, str) or not value:
            raise SourceChanged(self.url, f"{field} ({action})")
        return value


def _is_live(entry_id: str) -> dict[str, Any]:
    return {"service": "liveStream", "action": "isLive", "id": entry_id, "protocol": facts.PROTOCOL}


def _expiry(text: str) -> datetime | None:
    """Return the earliest moment at which a token in some text runs out."""
    moments = [int(each) for each in facts.TOKEN_EXPIRY.findall(text)]
    return datetime.fromtimestamp(min(moments), UTC) if moments else None
