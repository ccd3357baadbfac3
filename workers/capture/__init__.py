"""Capture: follow a stream or read a file, and announce one channel's audio, segment by segment.

Every step is committed to a journal, so that a capture can be killed at any moment and started again: it goes on to the
sample, and announces every segment at least once, always with the same bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from filelock import FileLock, Timeout

from floorlog.adapters import media as media_files
from floorlog.adapters import objects, voice_activity
from floorlog.adapters.broker import open_broker
from floorlog.clock import parse_rfc3339
from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.listing import Media
from floorlog.playlist import Start
from workers.capture.fetching import Fetcher
from workers.capture.following import Follower
from workers.capture.placing import STEP_S
from workers.capture.recording import Listen
from workers.capture.sending import Publisher, Put
from workers.capture.session import AgreeOnZero, Session, Sink, Summary
from workers.capture.zero import shared_zero
from workers.sources import Source, source_of

__all__ = ["Summary", "follow", "read_file", "run", "shared_zero"]

PATIENCE_S = 1800.0
"""How long an origin, a bucket or a broker may be away before capture gives up; a meeting's interval is shorter."""

LOOK_S = 0.5
"""How often a capture that waits for another one looks whether that one has ended."""

log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


def _no_progress(audio_ms: int) -> None:
    pass


def follow(
    source: Source,
    meeting: dict[str, Any],
    channel: str,
    *,
    objects_base: str,
    broker: Publisher,
    topic: str,
    journal_path: Path,
    start: Start = "oldest",
    stop: threading.Event | None = None,
    pace: float = 1.0,
    patience_s: float = PATIENCE_S,
    agree_on_zero: AgreeOnZero | None = None,
    progress: Callable[[int], None] = _no_progress,
    put: Put = objects.put,
    listen: Listen = voice_activity.probabilities,
    utc_now: Callable[[], datetime] = _now,
) -> Summary:
    """Follow an HLS stream until it ends, and announce one channel's audio.

    Args:
        source: tells where the master playlist is, or one rendition's.
        meeting: the meeting document.
        channel: name of the channel; which rendition that is follows from it and from the channel's language.
        objects_base: URI of the folder of audio objects.
        broker: takes the announcements.
        topic: where they go.
        journal_path: file of the journal; a capture that finds one goes on where that one stopped.
        start: where in the window to begin, the first time: at the oldest media segment or at the newest.
        stop: end soon when it is set, without announcing an end: the stream goes on.
        pace: how many times faster than real time the origin plays, if that is known; found out otherwise.
        patience_s: how long the origin may be away, and how long sending may take at the end.
        agree_on_zero: given when this channel's first sample was, return where the meeting clock starts; for meetings
            with several channels. Without it, the clock starts with this channel.
        progress: told the audio announced so far, in ms.
        put: stores an object.
        listen: voice activity.
        utc_now: the wall clock; anchors the meeting clock where the playlist has no program date-time.

    Raises:
        OriginUnavailable: the origin was away for too long.
        InvalidPlaylist: what it serves cannot be followed.
        BrokerUnavailable: announcements could not be sent; they are kept in the journal.
        InvalidSetting: the meeting's way to cut contradicts itself, or the journal is another capture's.
    """
    sink = Sink(meeting, channel, objects_base, broker, topic, journal_path, put, progress, listen)
    session = Session(sink, "stream", agree_on_zero)
    fetcher = Fetcher(utc_now)
    try:
        language = next((each["language"] for each in meeting["channels"] if each["name"] == channel), None)
        follower = Follower(
            session, fetcher, source.master(), channel, language, start, pace, patience_s, meeting["id"]
        )
        if follower.run(stop or threading.Event()):
            session.end()
            session.sender.finish(patience_s)
        return session.summary
    finally:
        fetcher.close()
        session.close()


def read_file(
    path: Path,
    meeting: dict[str, Any],
    channel: str,
    *,
    objects_base: str,
    broker: Publisher,
    topic: str,
    journal_path: Path,
    stop: threading.Event | None = None,
    patience_s: float = PATIENCE_S,
    progress: Callable[[int], None] = _no_progress,
    put: Put = objects.put,
    listen: Listen = voice_activity.probabilities,
    utc_now: Callable[[], datetime] = _now,
) -> Summary:
    """Read a media file as fast as possible, and announce one channel's audio.

    The wall clock is that of the meeting's actual start, else its scheduled one (`given`), else now (`arrival`).
    The other arguments are those of `follow`.

    Raises:
        UnreadableAudio: the file holds no audio that can be decoded.
        BrokerUnavailable: announcements could not be sent; they are kept in the journal.
        InvalidSetting: the meeting's way to cut contradicts itself, or the journal is another capture's.
    """
    sink = Sink(meeting, channel, objects_base, broker, topic, journal_path, put, progress, listen)
    session = Session(sink, "file", None)
    given = meeting["actual_start"] or meeting["scheduled_start"]
    utc = parse_rfc3339(given) if given else None
    done = session.position.sequence or 0
    try:
        for index, audio in enumerate(media_files.read(path, tolerance_s=STEP_S)):
            if stop is not None and stop.is_set():
                return session.summary
            if index >= done:
                first = index == 0
                media = Media(0, index, str(path), None, 1, False, utc if first else None, first)
                session.take_runs(media, (audio,), utc_now(), source="given")
        session.end()
        session.sender.finish(patience_s)
        return session.summary
    finally:
        session.close()


def run(
    settings: Settings,
    meeting: dict[str, Any],
    source: str,
    channel: str,
    *,
    start: str = "oldest",
    stop: threading.Event | None = None,
    pace: float = 1.0,
    progress: Callable[[int], None] = _no_progress,
) -> Summary:
    """Follow a stream, or read a file, with this machine's settings; see `follow` and `read_file`.

    Announcements of a stream go to the topic of live meetings, those of a file to that of recordings.

    Args:
        source: an http or https address, or the path of a media file.

    Raises:
        InvalidSetting: there is no such channel, no such way to start, or no such file.
        FloorlogError: what `follow` and `read_file` raise.
    """
    names = [each["name"] for each in meeting["channels"]]
    if channel not in names:
        raise InvalidSetting("channel", channel, f"one of {', '.join(names)} is expected")
    if start not in ("oldest", "newest"):
        raise InvalidSetting("start", start, "oldest or newest is expected")
    stream = None if Path(source).is_file() else source_of(settings, source)
    base = settings.objects_url
    objects_base = base if "://" in base else f"file://{Path(base).resolve()}"
    folder = settings.data_dir / "capture" / meeting["id"]
    journal_path = folder / f"{channel}.db"
    topic = settings.replay_topic if stream is None else settings.topic
    stop = stop or threading.Event()
    with _alone(folder, channel, stop), closing(open_broker(settings.broker_url)) as broker:
        if stop.is_set():
            return Summary(0, 0, 0)
        broker.create_topic(topic)
        if stream is None:
            return read_file(
                Path(source),
                meeting,
                channel,
                objects_base=objects_base,
                broker=broker,
                topic=topic,
                journal_path=journal_path,
                stop=stop,
                progress=progress,
            )
        return follow(
            stream,
            meeting,
            channel,
            objects_base=objects_base,
            broker=broker,
            topic=topic,
            journal_path=journal_path,
            start="newest" if start == "newest" else "oldest",
            stop=stop,
            pace=pace,
            progress=progress,
            agree_on_zero=shared_zero(folder / "zero"),
        )


@contextmanager
def _alone(folder: Path, channel: str, stop: threading.Event) -> Iterator[None]:
    """Hold the channel's lock; wait for a capture that holds it, which goes with its process, until told to stop.

    A supervisor that was killed and started again starts a new capture while the old one still ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{channel}.lock", blocking=False)
    told = False
    while not stop.is_set():
        try:
            with lock:
                yield
                return
        except Timeout:
            if not told:
                log.warning("capture.waits", channel=channel, why="another capture of this channel is running")
                told = True
            stop.wait(LOOK_S)
    yield
