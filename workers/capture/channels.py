"""What the channels of one capture know of each other: when the meeting began, who is heard, and when all is over.

Each channel is followed by a thread of its own, with a journal of its own; what goes wrong with one stops no other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

Standing = Literal["begins", "absent", "on", "over", "failed"]

AgreeOnZero = Callable[[datetime], datetime]
"""Given when a meeting's first sample was, return where its clock starts: the same for all captures of the meeting."""

ROLL_CALL_S = 10.0
"""Seconds that the first audio of a meeting waits until each channel has said where its own begins: the clock starts
with the earliest one, and must not depend on which of them was quicker to load."""


class Channels:
    """The channels of one capture; for any number of threads."""

    def __init__(
        self,
        names: Sequence[str],
        agree_on_zero: AgreeOnZero | None,
        patience_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agree, self._patience_s, self._now_s = agree_on_zero, patience_s, monotonic
        self._changed = threading.Condition()
        self._standing: dict[str, Standing] = dict.fromkeys(names, "begins")
        self._begins: dict[str, datetime | None] = {}
        self._was_on: set[str] = set()
        self._ends_ms: dict[str, int] = {}
        self._heard_s = self._now_s()

    @property
    def has_zero(self) -> bool:
        """Return whether the meeting's clock is agreed upon, instead of starting with the channel."""
        return self._agree is not None

    def begins(self, channel: str, utc: datetime | None) -> None:
        """Say when a channel's first audio is; None if it has none yet, or nothing tells when."""
        with self._changed:
            self._begins.setdefault(channel, utc)
            self._changed.notify_all()

    def zero(self, utc: datetime) -> datetime | None:
        """Return where the meeting's clock starts, given when a channel's first audio is; waits for other channels."""
        if self._agree is None:
            return None
        with self._changed:
            self._changed.wait_for(lambda: len(self._begins) == len(self._standing), ROLL_CALL_S)
            return self._agree(min([utc, *(each for each in self._begins.values() if each is not None)]))

    def on(self, channel: str) -> None:
        """Say that a channel's playlist was had."""
        with self._changed:
            self._heard_s = self._now_s()
            self._standing[channel] = "on"
            self._was_on.add(channel)

    def absent(self, channel: str) -> None:
        """Say that a channel is not offered now."""
        with self._changed:
            self._standing[channel] = "absent"
            self._begins.setdefault(channel, None)
            self._changed.notify_all()

    def over(self, channel: str, end_ms: int) -> None:
        """Say that a channel has ended, and where."""
        with self._changed:
            self._standing[channel] = "over"
            self._ends_ms[channel] = end_ms
            self._begins.setdefault(channel, None)
            self._changed.notify_all()

    def failed(self, channel: str) -> None:
        """Say that a channel cannot be followed any more."""
        with self._changed:
            self._standing[channel] = "failed"
            self._begins.setdefault(channel, None)
            self._changed.notify_all()

    def resumed(self, channel: str) -> None:
        """Say that a channel goes on from an earlier run, so that the meeting's clock is agreed on."""
        with self._changed:
            self._was_on.add(channel)
            self._begins.setdefault(channel, None)
            self._changed.notify_all()

    def none_offered(self) -> bool:
        """Return whether none of the channels is offered, and none ever was."""
        with self._changed:
            return not self._was_on and all(each in ("absent", "failed") for each in self._standing.values())

    def alone(self, channel: str) -> bool:
        """Return whether the other channels have ended, and this one is what is left."""
        with self._changed:
            others = [standing for name, standing in self._standing.items() if name != channel]
            return "over" in others and not any(each in ("begins", "on") for each in others)

    def end_ms(self) -> int:
        """Return where the channels that have ended did so, at the latest; 0 if none has."""
        with self._changed:
            return max(self._ends_ms.values(), default=0)

    def patient(self) -> bool:
        """Return whether to go on with an origin in trouble: one of the channels was heard not too long ago."""
        with self._changed:
            return self._now_s() - self._heard_s <= self._patience_s
