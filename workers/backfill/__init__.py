"""Backfill: what capture missed is taken from the meeting's recording, at the place where the sound says it belongs.

Everything follows from what capture announced and from the recording, so a run that is done again, or was killed, gives
the same bytes. Nothing that was captured is changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from floorlog.adapters.broker import open_broker
from floorlog.adapters.store import Store
from floorlog.config import Settings
from workers.backfill.awaiting import has_arrived, wait_for, wait_for_capture
from workers.backfill.filling import Filled, Summary, fill
from workers.backfill.obtaining import Recorded, obtain

__all__ = ["Filled", "Recorded", "Summary", "backfill", "fill", "obtain", "wait_for", "wait_for_capture"]


def backfill(
    settings: Settings, store: Store, meeting_id: str, recorded: Recorded, *, progress: Callable[[str], None]
) -> Summary:
    """Fill the holes of one channel from a recording with this machine's settings; see `fill`.

    The tail behind the last captured sample is taken only while nothing captures the channel, and nothing that was
    announced is still on its way.

    Raises:
        UnknownMeeting: it was never added.
        InvalidSetting: the meeting has no such channel, or nothing of it was captured.
        UnreadableAudio: the recording holds no audio that can be decoded.
        BrokerUnavailable: announcements could not be sent; run it again.
    """
    base = settings.objects_url
    objects_base = base if "://" in base else f"file://{Path(base).resolve()}"
    with contextlib.closing(open_broker(settings.broker_url)) as broker:
        broker.create_topic(settings.replay_topic)
        whole = has_arrived(settings, store, broker, meeting_id, recorded.channel)
        return fill(
            store,
            meeting_id,
            recorded,
            objects_base=objects_base,
            broker=broker,
            topic=settings.replay_topic,
            work=settings.data_dir,
            tail=whole is not False,
            progress=progress,
        )
