"""Waits: until a recording is there, and until all that capture announced has arrived."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

import structlog

from floorlog.adapters.broker import Broker, open_broker
from floorlog.adapters.store import Store
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, OriginUnavailable, RecordingNotReady
from workers.backfill.filling import captured_of
from workers.backfill.obtaining import Recorded, obtain
from workers.standings import is_running

log = structlog.get_logger()


def wait_for(
    settings: Settings, what: str, channel: str, *, patience_s: float, poll_s: float, stop: threading.Event
) -> Recorded:
    """Return one channel of a recording, asking again while it is not ready; what does not answer now is asked again.

    Args:
        settings: of this process.
        what: as `obtain` takes it.
        channel: name of the channel.
        patience_s: how long it may take; 0: it must be there.
        poll_s: seconds between two questions.
        stop: gives up when it is set.

    Raises:
        RecordingNotReady, OriginUnavailable: that took too long, or was given up.
        InvalidSetting, UnreadableAudio: as `obtain` does.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return obtain(settings, what, (channel,))[0]
        except (RecordingNotReady, OriginUnavailable) as error:
            if time.monotonic() >= deadline or stop.wait(min(poll_s, max(0.0, deadline - time.monotonic()))):
                raise
            log.info("backfill.waits", what=what, why=str(error))


def wait_for_capture(
    settings: Settings,
    store: Store,
    meeting_id: str,
    channels: Sequence[str],
    *,
    patience_s: float,
    poll_s: float,
    stop: threading.Event,
) -> None:
    """Wait until capture has ended and all that it announced is known: before, nobody knows what is missing.

    Args:
        settings: of this process.
        store: where the meeting is.
        meeting_id: the meeting.
        channels: names of its channels.
        patience_s: how long it may take.
        poll_s: seconds between two looks.
        stop: gives up when it is set.

    Raises:
        RecordingNotReady: that took too long, or was given up.
    """
    deadline = time.monotonic() + patience_s
    with contextlib.closing(open_broker(settings.broker_url)) as broker:
        while not all(has_arrived(settings, store, broker, meeting_id, channel) for channel in channels):
            log.info("backfill.waits", meeting_id=meeting_id, why="not all that was captured has arrived")
            if time.monotonic() >= deadline or stop.wait(min(poll_s, max(0.0, deadline - time.monotonic()))):
                raise RecordingNotReady(meeting_id)


def has_arrived(settings: Settings, store: Store, broker: Broker, meeting_id: str, channel: str) -> bool | None:
    """Return whether capture of a channel has ended and all that it announced is known; None if nobody can tell."""
    if is_running(settings.data_dir, meeting_id, channel):
        return False
    if captured_of(store, meeting_id, channel).whole:
        return True
    try:
        backlog = broker.backlog(settings.subscription)
    except InvalidSetting:  # no pipeline has begun to listen
        return False
    return None if backlog is None else not backlog.messages
