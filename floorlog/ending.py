"""Whether a live stream is over: its playlist hints, whoever can be asked decides, and time does where nobody knows.

A machine without a clock of its own, as `floorlog.playlist` is. EXT-X-ENDLIST is a hint only: packagers write it when
an encoder loses its connection, and take it back. A stream that is merely quiet is never over for that alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

LINGER_S = 120.0
"""Seconds without change after which a stream is over that nobody knows to be on air (Kaltura's answers about what is
live are cached for 120 s, KalturaServer playManifestAction)."""

STALLED = 3
"""Target durations without anything new that are called a stall (hls.js, shaka)."""

ASK_S = 10.0
"""Seconds between questions whether a stream is on air, as Kaltura's player asks (playkit-js-kaltura-live)."""

RESOLVE_S = 30.0
"""Seconds of quiet after which the master playlist is asked for again, and between such questions."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of it; times in s of the clock that the calls are told.

    Args:
        pace: how many times faster than real time the origin plays.
        linger_s: seconds without change after which a listed end counts, where nobody knows better.
        changed_s: when something new was last listed, or following began.
        target_s: the playlist's target duration, in seconds at this pace.
        ended_s: since when the playlist says that nothing follows; None while it does not.
        fixed: whether it also says that it will not change (EXT-X-PLAYLIST-TYPE).
        live: the last answer to whether the stream is on air.
        live_s: when the question for it was asked.
        asked_s: when a question was last asked, answered or not.
        resolved_s: when the master playlist was last asked for.
        looked_s: when the last answer about the playlist, of whatever kind, was asked for.
    """

    pace: float
    linger_s: float
    changed_s: float
    target_s: float = math.inf
    ended_s: float | None = None
    fixed: bool = False
    live: bool | None = None
    live_s: float = -math.inf
    asked_s: float = -math.inf
    resolved_s: float = -math.inf
    looked_s: float = -math.inf

    def listed(self, began_s: float, now_s: float, target_ms: int, *, fresh: bool, ended: bool, fixed: bool) -> Ending:
        """Take in a listing.

        Args:
            began_s: when it was asked for.
            now_s: when it came.
            target_ms: its target duration.
            fresh: whether it has anything new.
            ended: whether it says that nothing follows.
            fixed: whether it says that it will not change.
        """
        since_s = None if not ended else now_s if self.ended_s is None or fresh else self.ended_s
        changed_s = now_s if fresh else self.changed_s
        target_s = target_ms / 1000 / self.pace
        return replace(
            self,
            changed_s=changed_s,
            ended_s=since_s,
            fixed=ended and fixed,
            target_s=target_s,
            looked_s=began_s,
        )

    def lost(self, now_s: float, target_s: float) -> Ending:
        """Take in that no playlist could be had; before the first one, `target_s` stands in for its target duration."""
        known = self if math.isfinite(self.target_s) else replace(self, target_s=target_s / self.pace)
        return replace(known, looked_s=now_s)

    def asked(self, now_s: float) -> Ending:
        """Take in that the question whether it is on air is being asked."""
        return replace(self, asked_s=now_s)

    def answered(self, live: bool | None) -> Ending:
        """Take in the answer to the question that was asked last."""
        return replace(self, live=live, live_s=self.asked_s)

    def resolved(self, now_s: float) -> Ending:
        """Take in that the master playlist is being asked for."""
        return replace(self, resolved_s=now_s)

    def stalled(self, now_s: float) -> bool:
        """Return whether nothing new came for too long, though the playlist does not say that it has ended."""
        return self.ended_s is None and now_s - self.changed_s > STALLED * self.target_s

    def wants_answer(self, now_s: float) -> bool:
        """Return whether to ask now if the stream is on air."""
        doubtful = self.stalled(now_s) or (self.ended_s is not None and not self._at_once)
        return doubtful and now_s - self.asked_s >= ASK_S / self.pace

    def wants_master(self, now_s: float) -> bool:
        """Return whether to ask for the master playlist now: the stream may go on elsewhere."""
        quiet = self.stalled(now_s) or (self.ended_s is not None and not self._at_once)
        wait_s = RESOLVE_S / self.pace
        return quiet and now_s - self.changed_s >= wait_s and now_s - self.resolved_s >= wait_s

    def over(self, now_s: float, *, alone: bool = False) -> bool:
        """Return whether the stream is over.

        Args:
            now_s: the time.
            alone: all other channels of the same meeting have ended.
        """
        if self.ended_s is None:
            offline = self.live is False and self.looked_s > self.live_s >= self.changed_s
            return (offline or alone) and now_s - self.changed_s >= max(self.linger_s, LINGER_S / self.pace)
        if self.live_s >= self.ended_s and self.live is not None:
            return not self.live
        return self._at_once or now_s - max(self.changed_s, self.ended_s) >= self.linger_s

    @property
    def _at_once(self) -> bool:
        """Return whether a listed end counts without asking anybody."""
        return self.linger_s == 0 or self.fixed
