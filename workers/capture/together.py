"""One capture of one or several channels: a thread, a journal and a session for each, and what they share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Required, TypedDict

import structlog

from floorlog.adapters import objects, voice_activity
from floorlog.addresses import Policy
from floorlog.ending import LINGER_S
from floorlog.errors import FloorlogError, InvalidSetting
from floorlog.slots import Start
from workers.capture.asking import REQUEST_S, Asker
from workers.capture.channels import AgreeOnZero, Channels
from workers.capture.fetching import Fetcher
from workers.capture.following import Follower, Wanted
from workers.capture.recording import Listen
from workers.capture.resolving import Resolver
from workers.capture.sending import Publisher, Put
from workers.capture.session import Session, Sink, Summary
from workers.capture.twins import Twins
from workers.capture.zero import shared_zero
from workers.sources import PlainSource, Source

PATIENCE_S = 1800.0
"""How long an origin, a bucket or a broker may be away before capture gives up; a meeting's interval is shorter."""

LOOK_S = 0.2
"""How often it is looked whether a channel has ended."""

log = structlog.get_logger()


class Options(TypedDict, total=False):
    """How to follow a stream; the first three are needed, what else is not given has a default.

    Args:
        objects_base: URI of the folder of audio objects.
        broker: takes the announcements.
        topic: where they go.
        policy: which addresses playlists and redirects may name; by default, those of their own host.
        start: where in the window to begin, the first time: at the oldest media segment or at the newest.
        stop: end soon when it is set, without announcing an end: the stream goes on.
        pace: how many times faster than real time the origin plays, if that is known; found out otherwise.
        request_s: how long one request may last altogether.
        patience_s: how long the origin may be away, and how long sending may take at the end.
        linger_s: how long a listed end must last where the source does not know whether the stream is on air; by
            default two minutes, and no time where there is nobody to ask.
        agree_on_zero: given when a meeting's first sample was, return where its clock starts. By default, several
            channels agree through a file beside their journals, and a single one's clock starts with its first sample.
        progress: told the audio announced so far, in ms, of all channels together.
        put: stores an object.
        listen: voice activity.
        utc_now: the wall clock; anchors the meeting clock where the playlist has no program date-time.
        monotonic: seconds of a clock that never runs backwards; times what is asked when, and what is given up.
    """

    objects_base: Required[str]
    broker: Required[Publisher]
    topic: Required[str]
    policy: Policy
    start: Start
    stop: threading.Event
    pace: float
    request_s: float
    patience_s: float
    linger_s: float | None
    agree_on_zero: AgreeOnZero | None
    progress: Callable[[int], None]
    put: Put
    listen: Listen
    utc_now: Callable[[], datetime]
    monotonic: Callable[[], float]


def utc_now() -> datetime:
    """Return the wall clock's time."""
    return datetime.now(UTC)


class Together:
    """Follows the channels of one meeting at once. What goes wrong with one stops no other."""

    def __init__(self, source: Source, meeting: dict[str, Any], journals: Mapping[str, Path], options: Options) -> None:
        self._meeting, self._journals, self._options = meeting, journals, options
        self._stop = options.get("stop") or threading.Event()
        self._halt = threading.Event()
        self._pace = options.get("pace", 1.0)
        self._patience_s = options.get("patience_s", PATIENCE_S)
        self._now, self._monotonic = options.get("utc_now", utc_now), options.get("monotonic", time.monotonic)
        linger_s = options.get("linger_s")
        if linger_s is None:
            linger_s = 0.0 if isinstance(source, PlainSource) else LINGER_S / self._pace
        self._linger_s = linger_s
        agree = options.get("agree_on_zero")
        if agree is None and len(journals) > 1:
            agree = shared_zero(next(iter(journals.values())).parent / "zero")
        self._channels = Channels(tuple(journals), agree, self._patience_s, self._monotonic)
        self._asker = Asker(options.get("policy", Policy(())), request_s=options.get("request_s", REQUEST_S))
        self._resolver = Resolver(source, self._asker, len(journals), self._now, self._monotonic)
        self._twins = Twins()
        self._lock = threading.Lock()
        self._announced_ms = dict.fromkeys(journals, 0)
        self._summaries: dict[str, Summary] = {}
        self._failures: dict[str, BaseException] = {}

    def run(self) -> dict[str, Summary]:
        """Follow all channels until each has ended, or has failed for good.

        Raises:
            FloorlogError: one of them has failed; the others went on to their end.
        """
        threads = [
            threading.Thread(target=self._run_one, args=(channel,), name=f"follow-{channel}", daemon=True)
            for channel in self._journals
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(LOOK_S)
        finally:
            self._halt.set()
            for thread in threads:
                thread.join()
            self._asker.close()
        bugs = [failure for failure in self._failures.values() if not isinstance(failure, FloorlogError)]
        for failure in (*bugs, *self._failures.values()):
            raise failure
        return self._summaries

    def _stopped(self) -> bool:
        return self._stop.is_set() or self._halt.is_set()

    def _run_one(self, channel: str) -> None:
        try:
            self._follow(channel)
        except BaseException as failure:  # noqa: BLE001 - carried over to the thread that waits
            self._failures[channel] = failure
            self._channels.failed(channel)
            if not isinstance(failure, FloorlogError) or isinstance(failure, InvalidSetting):
                self._halt.set()
            else:
                log.error("channel.failed", meeting_id=self._meeting["id"], channel=channel, fault=str(failure))

    def _follow(self, channel: str) -> None:
        options = self._options
        sink = Sink(
            self._meeting,
            channel,
            options["objects_base"],
            options["broker"],
            options["topic"],
            self._journals[channel],
            options.get("put", objects.put),
            lambda audio_ms: self._progress(channel, audio_ms),
            options.get("listen", voice_activity.probabilities),
        )
        session = Session(sink, "stream", self._channels, self._twins)
        fetcher = Fetcher(self._asker, self._resolver, self._now, self._monotonic)
        try:
            language = next((each["language"] for each in self._meeting["channels"] if each["name"] == channel), None)
            wanted = Wanted(channel, language, options.get("start", "oldest"), self._pace, self._linger_s)
            follower = Follower(
                session, fetcher, self._channels, wanted, self._meeting["id"], self._now, self._monotonic
            )
            if follower.run(self._stopped):
                session.end(self._channels.end_ms() if follower.is_missing else 0)
                self._channels.over(channel, session.end_ms)
                session.sender.finish(self._patience_s)
            self._summaries[channel] = session.summary
        finally:
            fetcher.close()
            session.close()

    def _progress(self, channel: str, audio_ms: int) -> None:
        with self._lock:
            self._announced_ms[channel] = audio_ms
            announced_ms = sum(self._announced_ms.values())
        told = self._options.get("progress")
        if told is not None:
            told(announced_ms)
