"""Put the captions of a meeting's records into one order of time, though interventions interrupt each other."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from floorlog.exports import wording
from floorlog.exports.captions import LINES, Cue, cues
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.saying import Said, said

SLACK_MS = 60_000
"""How far the captions of a record may come before its start and still find their place."""

MISSING_MS = 5000
"""How long a caption says that there is no interpretation, at the most."""


@dataclass(frozen=True, slots=True, order=True)
class Captioned:
    """A caption, and where it is from. `number` counts the captions of its record, from 1."""

    start_ms: int
    order: int
    number: int
    cue: Cue = field(compare=False)
    meeting: dict[str, Any] = field(compare=False)
    record: dict[str, Any] = field(compare=False)
    words: Said | None = field(compare=False)  # None: there are none in the language that was asked for


def captioned(entries: Iterable[Entry], frame: Frame, first_lines: int = LINES) -> Iterator[Captioned]:
    """Yield the captions of one meeting's records in the order of their starts.

    A record is held until no later one can have a caption before its own: as a rule two or three are.

    Args:
        entries: The records of one meeting, by start.
        frame: Says in which language.
        first_lines: How many lines the first caption of a record may have.
    """
    waiting: list[Captioned] = []
    for order, (meeting, record) in enumerate(entries):
        while waiting and waiting[0].start_ms < record["spans"][0]["start_ms"] - SLACK_MS:
            yield heapq.heappop(waiting)
        words = said(record, frame.text_language)
        shown = [_missing(record, frame)] if words is None else cues(words, first_lines)
        for number, cue in enumerate(shown, start=1):
            heapq.heappush(waiting, Captioned(cue.start_ms, order, number, cue, meeting, record, words))
    while waiting:
        yield heapq.heappop(waiting)


def _missing(record: dict[str, Any], frame: Frame) -> Cue:
    """Return a caption that says that nothing can be read here, and why."""
    first = record["spans"][0]
    spoken = wording.language(record["language_spoken"] or record["language_text"]) or "another language"
    lines = (f"[Speaks {spoken}.", f"No interpretation into {wording.language(frame.text_language)}.]")
    return Cue(first["start_ms"], min(first["end_ms"], first["start_ms"] + MISSING_MS), lines)
