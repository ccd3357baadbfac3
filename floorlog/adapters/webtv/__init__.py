"""UN Web TV: pages, schedules and streams. Everything that is known about the service is in `facts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from floorlog.adapters.courtesy import CourteousClient
from floorlog.adapters.kept_answers import Answer
from floorlog.adapters.webtv import asset_page, facts, names
from floorlog.adapters.webtv import schedule as schedule_page
from floorlog.adapters.webtv.found import (
    ChannelOffered,
    Entry,
    PageMetadata,
    Resolved,
    ScheduledMeeting,
    State,
    Stream,
)
from floorlog.adapters.webtv.kaltura import Kaltura
from floorlog.addresses import Policy, host_of
from floorlog.errors import NotLiveYet, OriginUnavailable, RecordingNotReady, SourceRemoved

__all__ = ["ChannelOffered", "Entry", "PageMetadata", "Resolved", "ScheduledMeeting", "State", "Stream", "WebTv"]


def _now() -> datetime:
    return datetime.now(UTC)


def courteous_client(
    policy: Policy, contact: str, kept: Path | None, webtv_url: str, kaltura_url: str
) -> CourteousClient:
    """Return a client that asks UN Web TV and its platform as each is to be asked."""
    paces = {host_of(kaltura_url): facts.KALTURA_PACE, host_of(webtv_url): facts.WEBTV_PACE}
    return CourteousClient(policy, contact, paces, kept=kept)


class WebTv:
    """UN Web TV.

    Args:
        client: asks.
        url: where the pages are.
        kaltura_url: where the media platform is asked.
        utc_now: the wall clock.
    """

    def __init__(
        self,
        client: CourteousClient,
        url: str = facts.WEBTV_URL,
        kaltura_url: str = facts.KALTURA_URL,
        utc_now: Callable[[], datetime] = _now,
    ) -> None:
        self._client, self._url, self._utc_now = client, url.rstrip("/"), utc_now
        self._kaltura = Kaltura(client, kaltura_url)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> WebTv:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resolve(self, what: str) -> Resolved:
        """Return where a meeting's audio is.

        Args:
            what: the address of a page, an asset id, an entry id, or the address of a stream or a recording, which
                passes through.

        Raises:
            UnknownSource: it is none of these.
            SourceRemoved: it is not published.
            SourceChanged: a page or an answer lacks a field.
            OriginUnavailable: the service does not answer.
            InvalidAnswer: what it answers is something else.
            AddressRefused: an answer names an address that may not be asked.
        """
        named = names.understand(what)
        if named.entry_id is None:
            return _plain(named.address or what)
        page = self.page(named.asset_id) if named.asset_id else None
        entry = self.entry(named.entry_id)
        recordings: tuple[tuple[str, str], ...] = ()
        if entry.state == "recording":
            kinds = dict(entry.extensions)
            recordings = tuple(
                (each.name, self._kaltura.download(entry.id, each.flavor_id, kinds[each.flavor_id]))
                for each in entry.channels
            )
        stream = None
        if entry.state == "live" or entry.kind == "recorded":
            # The answers of one moment need not agree: the playlist's are kept for a minute or two.
            with suppress(NotLiveYet, SourceRemoved):
                stream = self._kaltura.stream(entry.id)
        return Resolved(
            asset_id=named.asset_id,
            entry_id=named.entry_id,
            canonical_entry_id=entry.id,
            state=entry.state,
            stream_url=stream.url if stream else None,
            recording_urls=recordings,
            channels=entry.channels,
            page=page,
            expires=stream.expires if stream else None,
        )

    def entry(self, entry_id: str) -> Entry:
        """Return what an entry id leads to.

        Raises:
            SourceRemoved: it is not published.
            FloorlogError: what `resolve` raises.
        """
        entry = self._kaltura.look_up([entry_id])[entry_id]
        if entry is None:
            raise SourceRemoved(entry_id, "the media platform knows no such entry")
        return entry

    def entries(self, entry_ids: Sequence[str]) -> dict[str, Entry | None]:
        """Return what each of some entry ids leads to, asking as little as possible; None for one not published."""
        return self._kaltura.look_up(entry_ids)

    def is_live(self, entry_id: str) -> bool:
        """Return whether an entry is on air. The id must be one that an alias leads to.

        Raises:
            SourceRemoved: there is no such entry.
        """
        return self._kaltura.is_live(entry_id)

    def stream(self, entry_id: str) -> Stream:
        """Return where an entry's master playlist is now; tokens in it are new.

        Raises:
            NotLiveYet: none is served, and the entry was never on air.
            RecordingNotReady: none is served any more.
            SourceRemoved: there is no such entry.
            FloorlogError: what `resolve` raises.
        """
        try:
            return self._kaltura.stream(entry_id)
        except NotLiveYet:
            if self.entry(entry_id).state in ("ended", "recording"):
                raise RecordingNotReady(entry_id) from None
            raise

    def page(self, asset_id: str) -> PageMetadata:
        """Return what the page of a meeting says.

        Raises:
            SourceRemoved: there is no such page.
            SourceChanged: it has no title.
        """
        url = schedule_page.page_address(self._url, asset_id)
        answer = self._page(url, facts.PAGE_TTL_S)
        return replace(asset_page.read(answer.url, answer.text, asset_id), page=url)

    def schedule(self, day: date) -> tuple[ScheduledMeeting, ...]:
        """Return the meetings of a day; where the page leaves their state open, the platform decides.

        Raises:
            SourceRemoved: there is no schedule of that day.
            SourceChanged: the page has none of the marks of a schedule.
        """
        now = self._utc_now()
        url = self._url + facts.SCHEDULE_PATH.format(day=day.isoformat())
        answer = self._page(url, _schedule_ttl_s(day, now))
        found = schedule_page.read(answer.url, answer.text, self._url, now)
        open_ = [each.entry_id for each in found if each.state == "live"]
        entries = self.entries(open_)
        return tuple(_decided(each, entries.get(each.entry_id)) for each in found)

    def _page(self, url: str, ttl_s: float) -> Answer:
        answer = self._client.get(url, ttl_s=ttl_s)
        if answer.status in (404, 410):
            raise SourceRemoved(url, f"it answers HTTP {answer.status}")
        if answer.status != 200:
            raise OriginUnavailable(url, f"HTTP {answer.status}")
        return answer


def _schedule_ttl_s(day: date, now: datetime) -> float:
    if day >= now.date():
        return facts.SCHEDULE_TTL_S
    return facts.SCHEDULE_TTL_YESTERDAY_S if day == now.date() - timedelta(days=1) else facts.SCHEDULE_TTL_OLDER_S


def _decided(meeting: ScheduledMeeting, entry: Entry | None) -> ScheduledMeeting:
    if entry is None:
        return meeting
    return replace(meeting, state="ended" if entry.state == "recording" else entry.state)


def _plain(address: str) -> Resolved:
    """Return a bare address as it is: a playlist is taken for live, anything else for a recording."""
    if urlsplit(address).path.lower().endswith((".m3u8", ".m3u")):
        return Resolved(None, None, None, "live", address)
    return Resolved(None, None, None, "recording", None, (("floor", address),))
