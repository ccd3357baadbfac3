"""The loop that follows one channel's live playlist: load, fetch, hand on in order, never stop for trouble."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from floorlog import playlist
from floorlog.announcements import GapCause
from floorlog.ending import Ending
from floorlog.errors import FloorlogError, InvalidPlaylist, RetryableError
from floorlog.listing import Listing
from floorlog.polling import BACKOFF_S
from floorlog.slots import Following, Start
from workers.capture.channels import Channels
from workers.capture.fetching import Answer, Fetcher, Loaded, NotFetched, NotFound, NotLoaded, OnAir
from workers.capture.journal import Fetched
from workers.capture.parts import Parts
from workers.capture.resolving import Found, NotOffered, same_stream
from workers.capture.session import Session

RESOLVE_AFTER = 3
"""Loads of a rendition's listing that fail in a row before the master playlist is asked for again."""

ABSENT_S = 30.0
"""Seconds between questions for a channel that is not offered."""

REFUSED, GONE = (401, 403), (404, 410)
"""Answers of an origin: the right to the stream has run out, or there is no such rendition (any more)."""

TARGET_S = 6.0
"""Length of a media segment where no playlist has told it yet: what packagers make by default."""

NOTICE_S = 0.5
"""How long it takes at most to notice that it should stop."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be followed, and how.

    Args:
        channel: its name.
        language: of the channel; None for the floor.
        start: where in the window to begin, the first time.
        pace: how many times faster than real time the origin plays.
        linger_s: seconds without change after which a listed end counts, where nobody knows better.
    """

    channel: str
    language: str | None
    start: Start
    pace: float
    linger_s: float


class Follower:
    """Follows one rendition of one stream."""

    def __init__(
        self,
        session: Session,
        fetcher: Fetcher,
        channels: Channels,
        wanted: Wanted,
        meeting_id: str,
        utc_now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._session, self._fetcher, self._channels, self._wanted = session, fetcher, channels, wanted
        self._utc_now, self._now_s = utc_now, monotonic
        self._log = log.bind(meeting_id=meeting_id, channel=wanted.channel)
        now_s = self._now_s()
        self._state: Following = playlist.begin(
            wanted.start, session.position, session.journal.held(), now_s, wanted.pace
        )
        self._ending = Ending(wanted.pace, wanted.linger_s, now_s)
        self._parts = Parts()
        self._found: Found | None = None
        self._listed_at: str | None = None  # address of the listing, after redirects: it names the media segments
        self._find_s: float | None = now_s  # when to ask for the master playlist; None: no need to
        self._finds = 0  # questions for the master playlist since a listing was had
        self._finding, self._loading, self._asking = False, False, False
        self._other: Found | None = None  # where another entry plays; not known yet whether live or as a recording
        self._looking = False  # whether it is that one's listing that is being loaded
        self._absent, self._stalled = False, False
        if session.position.sequence is not None:
            channels.resumed(wanted.channel)

    @property
    def is_missing(self) -> bool:
        """Return whether the channel is not offered, or goes on without anything new, while others have ended."""
        return self._absent or self._ending.ended_s is None

    def run(self, stopped: Callable[[], bool]) -> bool:
        """Follow until the stream has ended or `stopped` says so; return whether it has ended.

        Raises:
            OriginUnavailable: no listing could be had for longer than the patience.
            InvalidPlaylist: for longer than the patience, what was served was none; or no rendition is a channel.
            AddressRefused: for longer than the patience, the playlist was at an address that may not be asked.
        """
        while not stopped():
            if self._over():
                return True
            self._act()
            answer = self._wait()
            if answer is not None:
                self._hear(answer)
        return False

    def _over(self) -> bool:
        alone = self._channels.alone(self._wanted.channel)
        never = self._session.position.sequence is None and self._ending.ended_s is None
        if self._state.slots or (never and not alone):
            return False
        return (alone and self._absent) or self._ending.over(self._now_s(), alone=alone)

    def _act(self) -> None:
        now_s = self._now_s()
        self._renew(now_s)
        if self._find_s is not None and self._find_s <= now_s and not self._finding:
            self._finding, self._find_s, self._finds = True, None, self._finds + 1
            self._ending = self._ending.resolved(now_s)
            newer_than_s = self._found.at_s if self._found else 0.0
            self._fetcher.find(
                self._wanted.channel, self._wanted.language, newer_than_s, labelled=self._session.labelled
            )
        where = self._other or self._found
        if where is not None and not self._loading and self._state.polling.next_s <= now_s:
            self._fetcher.load(where.url, where.named_by)
            self._loading, self._looking = True, self._other is not None
        if self._ending.wants_answer(now_s) and not self._asking:
            self._fetcher.ask_whether_live()
            self._asking, self._ending = True, self._ending.asked(now_s)
        self._state, wanted, settled = playlist.next_actions(self._state, now_s)
        for media in wanted:
            self._fetcher.fetch(media, self._listed_at)
        for each in settled:
            part = self._parts.take(each.media)
            if each.lost is None:
                self._session.take(self._session.journal.fetched(each.media))
            elif part is None:
                self._session.lose(each.media, each.lost)
            else:
                self._session.take_part(part, each.lost)
        stalled = self._ending.stalled(now_s)
        if stalled != self._stalled:
            quiet_s = round(now_s - self._ending.changed_s)
            self._log.warning("stream.stalled" if stalled else "stream.goes-on", quiet_s=quiet_s)
            self._stalled = stalled

    def _renew(self, now_s: float) -> None:
        """Ask for the master playlist where the token runs out, or where the stream may go on elsewhere."""
        due_unix = self._found.renew_at_unix if self._found else None
        runs_out = due_unix is not None and self._utc_now().timestamp() >= due_unix
        if (runs_out or self._ending.wants_master(now_s)) and not self._finding:
            self._find(now_s)

    def _find(self, now_s: float) -> None:
        """Ask for the master playlist, at once the first time and later at growing intervals."""
        if self._find_s is None and not self._finding:
            wait_s = 0.0 if not self._finds else BACKOFF_S[min(self._finds, len(BACKOFF_S)) - 1] / self._wanted.pace
            self._find_s = now_s + wait_s

    def _wait(self) -> Answer | None:
        wakes_s = [self._state.retry_s()]
        if self._found is not None and not self._loading:
            wakes_s.append(self._state.polling.next_s)
        if self._find_s is not None and not self._finding:
            wakes_s.append(self._find_s)
        wait_s = min(NOTICE_S, max(0.001, min(wakes_s) - self._now_s()))
        try:
            answer = self._fetcher.answers.get(timeout=wait_s)
        except queue.Empty:
            return None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _hear(self, answer: Answer) -> None:
        now_s = self._now_s()
        match answer:
            case Found():
                self._finding = False
                self._hear_found(answer)
            case NotOffered(error):
                self._finding = False
                self._miss(error, now_s)
            case NotFound(error):
                self._finding = False
                self._fail(error)
                self._find(now_s)
            case OnAir(live):
                self._asking, self._ending = False, self._ending.answered(live)
                self._log.info("stream.asked", live=live)
            case Loaded():
                self._loading = False
                self._hear_listing(answer, now_s)
            case NotLoaded(error, status):
                self._loading = False
                self._hear_no_listing(error, status, now_s)
            case Fetched():
                self._session.journal.keep(answer)
                self._state = playlist.hear_media(self._state, answer.media)
            case NotFetched(media, fault, why, status, for_good, part):
                self._log.warning("media.retry", sequence=media.sequence, fault=why)
                if part is not None:
                    self._parts.keep(part)
                self._state = playlist.hear_no_media(self._state, media, fault, now_s, for_good=for_good)
                if status in REFUSED:
                    self._find(now_s)

    def _hear_found(self, found: Found) -> None:
        if self._found is None or same_stream(self._found.url, found.url):
            if self._found is None or self._found.url != found.url:
                self._log.info("rendition.chosen", url=found.url)
            self._found, self._other = found, None
            if found.labelled:
                self._session.labelled = True
        elif self._state.polling.faults or self._stalled or self._ending.ended_s is not None:
            self._log.warning("rendition.moved", url=found.url)
            self._other = found
        else:
            self._log.info("rendition.kept", url=self._found.url)  # what is live now stays live until it ends
            self._found = Found(
                self._found.url, self._found.named_by, found.renew_at_unix, found.at_s, self._found.labelled
            )

    def _hear_listing(self, loaded: Loaded, now_s: float) -> None:
        listing = loaded.listing
        moved = self._looking and self._other is not None
        if moved and listing.ended and listing.kind == "vod":
            self._log.info("stream.recorded", url=loaded.url)  # the meeting as a recording: that is for backfill
            self._other = None
            self._ending = self._ending.asked(now_s).answered(False)
            return
        if moved:
            self._found, self._other = self._other, None
        self._listed_at = loaded.url
        epoch, following, first = self._state.epoch, self._state.next_sequence, not self._state.known
        missed: GapCause = "channel-missing" if self._absent else "fell-behind"
        self._state = playlist.hear_listing(self._state, listing, loaded.began_s, now_s, other=moved, missed=missed)
        if self._state.epoch != epoch:
            self._log.warning("origin.restarted", epoch=self._state.epoch)
        fresh = (self._state.epoch, self._state.next_sequence) != (epoch, following)
        self._heard(listing, loaded.began_s, now_s, fresh=fresh)
        if first:
            slots = self._state.slots
            self._channels.begins(self._wanted.channel, slots[0].media.utc if slots else None)

    def _heard(self, listing: Listing, began_s: float, now_s: float, *, fresh: bool) -> None:
        if self._absent:
            self._log.warning("channel.back")
        self._absent, self._finds = False, 0
        self._ending = self._ending.listed(
            began_s, now_s, listing.target_ms, fresh=fresh, ended=listing.ended, fixed=listing.kind != "live"
        )
        self._channels.on(self._wanted.channel)

    def _hear_no_listing(self, error: FloorlogError, status: int | None, now_s: float) -> None:
        self._other = None if self._looking else self._other
        self._state = playlist.hear_no_listing(self._state, now_s)
        faults = self._state.polling.faults
        if status in REFUSED or (status in GONE and faults > 1) or faults % RESOLVE_AFTER == 0:
            self._find(now_s)
        if status in GONE and faults > 1 and not self._absent:
            self._absent = True
            self._channels.absent(self._wanted.channel)
        self._fail(error)

    def _miss(self, error: FloorlogError, now_s: float) -> None:
        """Take in that the master playlist has no such channel: it may come (back)."""
        self._find_s = now_s + ABSENT_S / self._wanted.pace
        if self._found is not None and not self._state.polling.faults:
            return  # its playlist is still there: a master playlist that is behind
        if not self._absent:
            self._log.warning("channel.missing", fault=str(error))
        self._absent = True
        self._channels.absent(self._wanted.channel)
        if self._channels.none_offered():
            raise error
        self._fail(error)

    def _fail(self, error: FloorlogError) -> None:
        self._ending = self._ending.lost(self._now_s(), TARGET_S)
        never = self._found is None and self._session.position.sequence is None
        passing = isinstance(error, RetryableError | InvalidPlaylist) or self._absent
        if not self._channels.patient() or (never and not passing):
            raise error
        self._log.warning("stream.unavailable", fault=str(error), faults=self._state.polling.faults)
