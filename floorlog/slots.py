"""Where following a live playlist stands: the media segments on their way, and the position that survives a restart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from floorlog.announcements import GapCause
from floorlog.listing import Media
from floorlog.polling import Polling

IN_FLIGHT = 4
"""Media segments fetched at once (what UN transcript services allow themselves per host)."""

Start = Literal["oldest", "newest"]


@dataclass(frozen=True, slots=True)
class Settled:
    """A media segment whose fate is known: it was fetched, or it is lost for this reason."""

    media: Media
    lost: GapCause | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A media segment on its way.

    Args:
        media: what is wanted.
        due_s: when to try (again).
        in_flight: whether an attempt is under way.
        attempts: attempts that failed.
        listed_s: when it was first listed.
        left_s: when it was found to be no longer listed.
        settled: whether it is there, or lost.
        lost: why it is lost.
    """

    media: Media
    due_s: float
    listed_s: float
    in_flight: bool = False
    attempts: int = 0
    left_s: float | None = None
    settled: bool = False
    lost: GapCause | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the stream to go on: survives a restart.

    Args:
        epoch: of the next media segment.
        sequence: of the next media segment; None before the first.
        known: the latest media segments that were handed on.
    """

    epoch: int = 0
    sequence: int | None = None
    known: tuple[Media, ...] = ()

    def past(self, media: Media) -> Position:
        """Return the position behind a media segment."""
        known = tuple(each for each in self.known if each.epoch == media.epoch)
        return Position(media.epoch, media.sequence + 1, (*known, media)[-8:])

    def encode(self) -> dict[str, Any]:
        """Return its JSON form."""
        return {"epoch": self.epoch, "sequence": self.sequence, "known": [media.encode() for media in self.known]}

    @staticmethod
    def decode(document: dict[str, Any]) -> Position:
        """Return the position of a JSON form."""
        return Position(document["epoch"], document["sequence"], tuple(map(Media.decode, document["known"])))


@dataclass(frozen=True, slots=True)
class Following:
    """Where following stands.

    Args:
        start: where in the window to begin.
        epoch: of what is listed now.
        next_sequence: of the first media segment that is not in `slots` yet; None before the first listing.
        known: what was listed lately.
        held: media segments that were fetched before a restart and are still there.
        polling: when to load the listing.
        slots: media segments on their way, in order.
        ended: whether the listing says that nothing follows.
        stale_s: since when only older copies of the list come; None: the last one was not.
    """

    start: Start
    epoch: int
    next_sequence: int | None
    known: tuple[Media, ...]
    held: tuple[Media, ...]
    polling: Polling
    slots: tuple[Slot, ...] = ()
    ended: bool = False
    stale_s: float | None = None

    @property
    def finished(self) -> bool:
        """Return whether the stream has ended and everything was handed on."""
        return self.ended and not self.slots

    def retry_s(self) -> float:
        """Return when a media segment is to be tried (again) next; infinity if none is."""
        if sum(slot.in_flight for slot in self.slots) >= IN_FLIGHT:
            return math.inf
        waiting = (slot.due_s for slot in self.slots if not slot.in_flight and not slot.settled)
        return min(waiting, default=math.inf)

    def wake_s(self) -> float:
        """Return when there is something to do next, unless an answer comes first."""
        return min(self.polling.next_s, self.retry_s())
