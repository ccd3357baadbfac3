"""The same audio on two channels: a packager that fills a hole may take it from another channel, in another language.

(kaltura/media-framework fills a track that is silent with media segments of another one.) It is kept as it was served,
and said: nobody can tell from one moment which of the two it belongs to.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

KEPT = 512
"""Media segments that are remembered: several minutes of seven channels."""

NEAR = timedelta(seconds=1)
"""Audio that is the same at another time is a jingle or a test tone."""


class Twins:
    """What was heard lately on all channels of one capture; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: OrderedDict[str, tuple[str, datetime | None]] = OrderedDict()

    def hear(self, channel: str, digest: str, utc: datetime | None) -> str | None:
        """Take in a media segment that is not silent; return another channel that had its audio at that time."""
        with self._lock:
            found = self._heard.get(digest)
            if found is None:
                self._heard[digest] = (channel, utc)
                while len(self._heard) > KEPT:
                    self._heard.popitem(last=False)
                return None
        other, other_utc = found
        if other == channel:
            return None
        apart = abs(utc - other_utc) if utc is not None and other_utc is not None else timedelta(0)
        return other if apart <= NEAR else None
