"""How long somebody must wait after failed attempts to sign in."""

from __future__ import annotations

from dataclasses import dataclass

FORGOTTEN_S = 24 * 3600
"""Failures count no more once that long has passed since the last one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free, and how the wait grows: it doubles with each further one, up to the longest.

    Raises:
        ValueError: a wait is not positive, or the longest is shorter than the first.
    """

    free: int
    first_wait_s: int
    longest_wait_s: int

    def __post_init__(self) -> None:
        if self.free < 1 or not 0 < self.first_wait_s <= self.longest_wait_s:
            raise ValueError(self)

    def wait_s(self, failures: int) -> int:
        """Return how many seconds the next attempt must wait after that many failures in a row."""
        if failures < self.free:
            return 0
        # 1 s << 30 is 34 years: no larger power is ever needed.
        return min(self.longest_wait_s, self.first_wait_s << min(failures - self.free, 30))


PER_ACCOUNT = Limit(free=5, first_wait_s=30, longest_wait_s=15 * 60)
"""At most about 12 guesses in the first hour and 4 in each further one; OWASP's ASVS 4.0.3 (2.2.1) allows 100."""

PER_ADDRESS = Limit(free=20, first_wait_s=30, longest_wait_s=15 * 60)
"""Higher, because the people of one office may share an address."""
