"""What the page shows of a record's themes: each with its passages, which can be played."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.themes import theme_of
from workers.web import wording


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that touches a theme, as it can be played."""

    start_ms: int
    end_ms: int
    clock: str
    quote: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme of a turn with its passages, in order."""

    label: str
    title: str
    passages: tuple[Passage, ...]


def topics(record: dict[str, Any], word_offsets: Sequence[int]) -> Iterator[Topic]:
    """Yield the themes of a record, by their first passages; a passage whose words are not there is left out.

    Args:
        record: The record document.
        word_offsets: Where each of its words starts in its text.
    """
    words = record["words"]
    found: dict[tuple[str, str], list[Passage]] = {}
    for tag in record["themes"]:
        first = bisect_left(word_offsets, tag["offset"])
        last = bisect_left(word_offsets, tag["offset"] + len(tag["quote"])) - 1
        if first <= last:
            start_ms, end_ms = words[first]["start_ms"], words[last]["end_ms"]
            passage = Passage(start_ms, end_ms, wording.clock(start_ms), tag["quote"])
            found.setdefault((tag["theme"], tag["version"]), []).append(passage)
    for (theme, version), passages in found.items():
        known = theme_of(theme, version)
        label = known.label if known else theme.replace("-", " ").replace("_", " ").capitalize()
        yield Topic(label, known.title if known else label, tuple(passages))
