"""What a person should look at because the log is silent there: stretches of the coverage ledger above a threshold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from floorlog.clock import Span
from floorlog.coverage import Entry
from floorlog.identity import digest

Reason = Literal["speech-without-words", "gap", "channel-ended-early", "channel-missing"]
Severity = Literal["low", "medium", "high"]

SPEECH_MS = 3000
"""Speech without words from this length on is looked at: about eight words. What is shorter is mostly a cough, a
microphone that is moved, or a word at the edge of applause; the ledger and the record's coverage show it too."""

GAP_MS = 1000
"""A gap from this length on: shorter ones lose at most a word or two."""

ENDED_EARLY_MS = 5000
"""A channel that ends this much before the meeting's clock: the streams of one meeting end within a media segment."""

MEDIUM_MS, HIGH_MS = 10_000, 60_000
"""From these lengths on an omission is of medium and of high severity: a sentence or two, and a whole argument."""


@dataclass(frozen=True, slots=True)
class Omission:
    """A stretch of one channel whose words the log does not have. `cause` is the ledger's."""

    channel: str
    span: Span
    reason: Reason
    cause: str | None
    severity: Severity

    def id(self, meeting_id: str) -> str:
        """Return its id: where and why it begins, so that one that grows stays the same."""
        return "rev-" + digest(meeting_id, self.channel, self.reason, self.span.start_ms)


def omissions(channel: str, entries: Iterable[Entry]) -> tuple[Omission, ...]:
    """Return the stretches of a channel's ledger that are long enough to be looked at, in order.

    Speech whose words are missing for one reason and for another is one stretch; so are gaps of several causes.

    Args:
        channel: The channel.
        entries: Of its ledger, in order; those at the edges are whole.
    """
    runs: list[list[Entry]] = []
    for entry in entries:
        if runs and runs[-1][-1].kind == entry.kind and runs[-1][-1].span.end_ms == entry.span.start_ms:
            runs[-1].append(entry)
        elif entry.kind in ("gap", "speech_without_words"):
            runs.append([entry])
    found: list[Omission] = []
    for run in runs:
        span = Span(run[0].span.start_ms, run[-1].span.end_ms)
        cause = max(run, key=lambda entry: (entry.cause is not None, entry.span.length_ms)).cause
        if run[0].kind == "gap" and span.length_ms >= GAP_MS:
            found.append(Omission(channel, span, "gap", cause, _severity(span)))
        elif run[0].kind != "gap" and span.length_ms >= SPEECH_MS:
            found.append(Omission(channel, span, "speech-without-words", cause, _severity(span)))
    return tuple(found)


def tail(channel: str, required: bool, own_end_ms: int, clock_ms: int) -> Omission | None:
    """Return what is missing behind the end of a channel whose stream is over; None where that is too little.

    Args:
        channel: The channel.
        required: Whether the meeting waits for it.
        own_end_ms: Where what was heard of it ends.
        clock_ms: Where the meeting's clock ends.
    """
    if clock_ms - own_end_ms < ENDED_EARLY_MS:
        return None
    reason: Reason = "channel-ended-early" if own_end_ms else "channel-missing"
    return Omission(channel, Span(own_end_ms, clock_ms), reason, None, "high" if required else "medium")


def _severity(span: Span) -> Severity:
    return "high" if span.length_ms >= HIGH_MS else "medium" if span.length_ms >= MEDIUM_MS else "low"
