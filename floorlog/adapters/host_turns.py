"""Turns at a host: how many requests are in flight at once, how far apart they start, and when it is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from floorlog.errors import OriginUnavailable

LONGEST_WAIT_S = 60.0
"""A Retry-After above this is not waited for: the command fails, and the host is left alone until then."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a host is asked: requests in flight at once, and seconds from the start of one to that of the next."""

    in_flight: int
    spacing_s: float


USUAL = Pace(2, 0.5)
"""For hosts that nothing more is known about."""


class Host:
    """The turns at one host."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._places = threading.Semaphore(pace.in_flight)
        self._lock = threading.Lock()
        self._next_s = self._alone_until_s = float("-inf")

    def leave_alone_until(self, moment_s: float) -> None:
        """Start no request before then: it is the whole host that is busy."""
        with self._lock:
            self._alone_until_s = max(self._alone_until_s, moment_s)

    @contextmanager
    def turn(self, url: str, clock: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises:
            OriginUnavailable: the host asked to be left alone for longer than is waited for.
        """
        with self._places:
            with self._lock:
                now_s = clock()
                if self._alone_until_s - now_s > LONGEST_WAIT_S:
                    raise OriginUnavailable(url, f"asked to be left alone for {self._alone_until_s - now_s:.0f} s more")
                begin_s = max(now_s, self._next_s, self._alone_until_s)
                self._next_s = begin_s + self._pace.spacing_s
            if begin_s > now_s:
                sleep(begin_s - now_s)
            yield
