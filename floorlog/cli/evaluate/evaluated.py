"""One meeting that was evaluated: its scores, and what a report shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from floorlog.clock import Span
from floorlog.scoring.logged import Logged
from floorlog.scoring.meeting import Scored
from floorlog.scoring.truth import Truth
from floorlog.words import Word

MOST_QUOTED = 60
"""Words of a quotation at most."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A meeting's log beside its truth.

    Args:
        tier: What its scores are pooled with.
        words: All that was heard, in order.
        media: The sound that was heard; None for a text.
    """

    tier: str
    scored: Scored
    truth: Truth
    log: Sequence[Logged]
    words: Sequence[Word]
    media: Path | None = None

    def quote(self, span: Span) -> str:
        """Return the words of a span, with the middle left out where they are many."""
        said = [word.text for word in self.words if span.contains(word.span.start_ms)]
        if len(said) > MOST_QUOTED:
            said = [*said[: MOST_QUOTED // 2], "[…]", *said[-MOST_QUOTED // 2 :]]
        return " ".join(said)
