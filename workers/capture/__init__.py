"""Capture: follow a stream or read a file, and announce one channel's audio, segment by segment.

Every step is committed to a journal, so that a capture can be killed at any moment and started again: it goes on to the
sample, and announces every segment at least once, always with the same bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack

import structlog
from filelock import FileLock, Timeout

from floorlog.adapters import media as media_files
from floorlog.adapters import objects, voice_activity
from floorlog.adapters.broker import open_broker
from floorlog.clock import parse_rfc3339
from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.listing import Media
from workers.capture.placing import STEP_S
from workers.capture.recording import Listen
from workers.capture.sending import Publisher, Put
from workers.capture.session import Session, Sink, Summary
from workers.capture.together import PATIENCE_S, Options, Together, utc_now
from workers.capture.zero import shared_zero
from workers.sources import PlainSource, Source, source_of

__all__ = ["Options", "Summary", "follow", "follow_all", "read_file", "run", "shared_zero"]

LOOK_S = 0.5
"""How often a capture that waits for another one looks whether that one has ended."""

log = structlog.get_logger()


def _no_progress(audio_ms: int) -> None:
    pass


def follow(
    source: Source,
    meeting: dict[str, Any],
    channel: str,
    *,
    journal_path: Path,
    **options: Unpack[Options],
) -> Summary:
    """Follow one channel of a live stream until that ends, and announce its audio; see `follow_all`.

    Args:
        journal_path: file of the journal; a capture that finds one goes on where that one stopped.
    """
    return follow_all(source, meeting, {channel: journal_path}, **options)[channel]


def follow_all(
    source: Source, meeting: dict[str, Any], journals: Mapping[str, Path], **options: Unpack[Options]
) -> dict[str, Summary]:
    """Follow several channels of a live stream until that ends, and announce their audio on one meeting clock.

    What goes wrong with one channel stops no other. One that is not offered is waited for, and what is missing of it is
    a gap.

    Args:
        source: tells where the master playlist is, or one rendition's.
        meeting: the meeting document.
        journals: for each channel the file of its journal; all in one folder.

    Returns:
        What was announced of each channel.

    Raises:
        OriginUnavailable: the origin was away for too long.
        InvalidPlaylist: what it serves cannot be followed, or has none of the channels.
        AddressRefused: it leads to an address that may not be asked.
        BrokerUnavailable: announcements could not be sent; they are kept in the journal.
        InvalidSetting: the meeting's way to cut contradicts itself, or a journal is another capture's.
    """
    return Together(source, meeting, journals, options).run()


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
    utc_now: Callable[[], datetime] = utc_now,
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
    session = Session(sink, "file")
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
    channels: Sequence[str],
    *,
    start: str = "oldest",
    stop: threading.Event | None = None,
    pace: float = 1.0,
    progress: Callable[[int], None] = _no_progress,
) -> dict[str, Summary]:
    """Follow a stream, or read a file, with this machine's settings; see `follow_all` and `read_file`.

    Announcements of a stream go to the topic of live meetings, those of a file to that of recordings.

    Args:
        source: what `source_of` knows, or the path of a media file.
        channels: names of channels that the meeting has; of a file, one.

    Raises:
        InvalidSetting: there is no such channel, no such way to start, or no such file.
        FloorlogError: what `follow_all` and `read_file` raise.
    """
    names = [each["name"] for each in meeting["channels"]]
    for channel in channels:
        if channel not in names:
            raise InvalidSetting("channel", channel, f"the meeting has {', '.join(names)}")
    if not channels or len(set(channels)) < len(channels):
        raise InvalidSetting("channels", ",".join(channels), "names of channels are expected, each once")
    if start not in ("oldest", "newest"):
        raise InvalidSetting("start", start, "oldest or newest is expected")
    stream = None if Path(source).is_file() else source_of(settings, source)
    if stream is None and len(channels) > 1:
        raise InvalidSetting("channels", ",".join(channels), "a file is one channel")
    base = settings.objects_url
    objects_base = base if "://" in base else f"file://{Path(base).resolve()}"
    folder = settings.data_dir / "capture" / meeting["id"]
    topic = settings.replay_topic if stream is None else settings.topic
    stop = stop or threading.Event()
    with ExitStack() as held:
        for channel in sorted(channels):
            held.enter_context(_alone(folder, channel, stop))
        broker = held.enter_context(closing(open_broker(settings.broker_url)))
        if stop.is_set():
            return {channel: Summary(0, 0, 0) for channel in channels}
        broker.create_topic(topic)
        if stream is None:
            (channel,) = channels
            summary = read_file(
                Path(source),
                meeting,
                channel,
                objects_base=objects_base,
                broker=broker,
                topic=topic,
                journal_path=folder / f"{channel}.db",
                stop=stop,
                progress=progress,
            )
            return {channel: summary}
        return follow_all(
            stream,
            meeting,
            {channel: folder / f"{channel}.db" for channel in channels},
            objects_base=objects_base,
            broker=broker,
            topic=topic,
            policy=settings.address_policy(),
            start="newest" if start == "newest" else "oldest",
            stop=stop,
            pace=pace,
            linger_s=0.0 if isinstance(stream, PlainSource) else settings.linger_s / pace,
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
