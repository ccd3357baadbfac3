"""Media segments that came cut short: kept until they come whole, and used as they are when that is hopeless."""

from __future__ import annotations

from floorlog.listing import Media
from workers.capture.journal import Fetched

MOST = 32
"""Parts that are kept at once; a window has fewer media segments, and hardly ever more than one comes cut short."""

MAX_PART_BYTES = 2 * 2**20
"""A longer part is not kept: a media segment of audio is a tenth of that."""


class Parts:
    """The longest part of each media segment that came cut short. Not for several threads."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], Fetched] = {}

    def keep(self, part: Fetched) -> None:
        """Keep a part, in memory only: after a restart the media segment is asked for anew."""
        key = (part.media.epoch, part.media.sequence)
        before = self._kept.get(key)
        longer = before is None or len(part.data) > len(before.data)
        if longer and len(part.data) <= MAX_PART_BYTES and (before is not None or len(self._kept) < MOST):
            self._kept[key] = part

    def take(self, media: Media) -> Fetched | None:
        """Return what was kept of a media segment, and let go of it."""
        return self._kept.pop((media.epoch, media.sequence), None)
