"""The loop that follows a live playlist: load, fetch, hand on in order, and never stop for an origin in trouble."""

from __future__ import annotations

import queue
import threading
import time

import structlog

from floorlog import playlist
from floorlog.adapters import hls
from floorlog.adapters.hls import Master
from floorlog.errors import InvalidPlaylist, OriginUnavailable
from floorlog.listing import Listing
from floorlog.playlist import Following, Start
from workers.capture.fetching import Answer, Fetcher, Loaded, NotFetched, NotLoaded
from workers.capture.journal import Fetched
from workers.capture.session import Session

RESOLVE_AFTER = 3
"""Loads of a rendition's listing that fail in a row before the master playlist is asked again."""

NOTICE_S = 0.5
"""How long it takes at most to notice that it should stop."""

STALLED = 3
"""Periods without anything new that are called a stall (hls.js, shaka: three target durations)."""

log = structlog.get_logger()


class Follower:
    """Follows one rendition of one stream."""

    def __init__(
        self,
        session: Session,
        fetcher: Fetcher,
        url: str,
        channel: str,
        language: str | None,
        start: Start,
        pace: float,
        patience_s: float,
        meeting_id: str,
    ) -> None:
        self._session, self._fetcher, self._url = session, fetcher, url
        self._channel, self._language, self._patience_s = channel, language, patience_s
        self._rendition: str | None = None
        self._loading = False
        now_s = time.monotonic()
        self._heard_s = now_s
        self._state: Following = playlist.begin(start, session.position, session.journal.held(), now_s, pace)
        self._stalled = False
        self._log = log.bind(meeting_id=meeting_id, channel=channel)

    def run(self, stop: threading.Event) -> bool:
        """Follow until the stream has ended or `stop` is set; return whether it has ended.

        Raises:
            OriginUnavailable: no listing could be had for longer than the patience.
            InvalidPlaylist: for longer than the patience, what was served was none; or no rendition is the channel.
        """
        while not stop.is_set():
            self._act()
            if self._state.finished:
                return True
            answer = self._wait()
            if answer is not None:
                self._hear(answer)
        return False

    def _act(self) -> None:
        now_s = time.monotonic()
        if not self._loading and not self._state.ended and self._state.polling.next_s <= now_s:
            self._fetcher.load(self._rendition or self._url)
            self._loading = True
        self._state, wanted, settled = playlist.next_actions(self._state, now_s)
        for media in wanted:
            self._fetcher.fetch(media)
        for each in settled:
            if each.lost is not None:
                self._session.lose(each.media, each.lost)
            else:
                self._session.take(self._session.journal.fetched(each.media))
        polling = self._state.polling
        stalled = polling.first_s is not None and now_s - polling.changed_s > STALLED * polling.period_s
        if stalled != self._stalled and not self._state.ended:
            self._log.warning(
                "stream.stalled" if stalled else "stream.goes-on", quiet_s=round(now_s - polling.changed_s)
            )
            self._stalled = stalled

    def _wait(self) -> Answer | None:
        wake_s = self._state.retry_s() if self._loading else self._state.wake_s()
        try:
            answer = self._fetcher.answers.get(timeout=min(NOTICE_S, max(0.001, wake_s - time.monotonic())))
        except queue.Empty:
            return None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _hear(self, answer: Answer) -> None:
        now_s = time.monotonic()
        match answer:
            case Loaded(playlist=Master() as master):
                self._loading = False
                if self._rendition is None:
                    self._rendition = hls.choose(master, self._channel, self._language)
                    self._log.info("rendition.chosen", url=self._rendition)
                else:
                    self._fail(InvalidPlaylist(self._rendition, "a master playlist names another one"), now_s)
            case Loaded(began_s, Listing() as listing):
                self._loading, self._heard_s = False, now_s
                epoch = self._state.epoch
                self._state = playlist.hear_listing(self._state, listing, began_s, now_s)
                if self._state.epoch != epoch:
                    self._log.warning("origin.restarted", epoch=self._state.epoch)
            case NotLoaded(error):
                self._loading = False
                self._fail(error, now_s)
            case Fetched():
                self._session.journal.keep(answer)
                self._state = playlist.hear_media(self._state, answer.media)
            case NotFetched(media, fault, why):
                self._log.warning("media.retry", sequence=media.sequence, fault=why)
                self._state = playlist.hear_no_media(self._state, media, fault, now_s)

    def _fail(self, error: OriginUnavailable | InvalidPlaylist, now_s: float) -> None:
        if now_s - self._heard_s > self._patience_s:
            raise error
        self._state = playlist.hear_no_listing(self._state, now_s)
        self._log.warning("playlist.unavailable", fault=error.fault, faults=self._state.polling.faults)
        if self._state.polling.faults % RESOLVE_AFTER == 0:
            self._rendition = None
