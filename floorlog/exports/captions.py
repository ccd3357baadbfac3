"""Cut what was said into captions: at most two lines, as long as they can be read, with the times of the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from floorlog.exports import breaking
from floorlog.exports.breaking import Piece
from floorlog.exports.saying import Said, tokens

LINES = 2
COLUMNS, WIDE_COLUMNS = 42, 32
"""Longest line; of scripts whose letters are two columns wide, 16 letters (Netflix Timed Text Style Guides: 42 for
alphabets, Arabic among them, 16 for Chinese and Korean)."""

SHORTEST_MS = 1000
"""Shortest caption (the same guides: 5/6 s). One is shorter where the next speech is nearer."""

PAUSE_MS = 1000
"""A pause of this length ends a caption: what is said after it must not be read before it."""

_WIDE = frozenset({"zh", "ja", "ko"})
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv", "yi"})
_MARKS = {False: "\N{LEFT-TO-RIGHT MARK}", True: "\N{RIGHT-TO-LEFT MARK}"}


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption on the meeting clock."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(words: Said, first_lines: int = LINES) -> Iterator[Cue]:
    """Yield the captions of what was said, in order; they do not overlap.

    Args:
        words: What was said.
        first_lines: How many lines the first one may have, where something else stands above it.
    """
    language = (words.language or "").split("-")[0]
    columns = WIDE_COLUMNS if language in _WIDE else COLUMNS
    pieces = [piece for token in tokens(words) for piece in breaking.pieces(token, columns)]
    groups: list[Sequence[Piece]] = []
    for run in _runs(words, pieces):
        groups += breaking.captions(run, columns, LINES if groups else first_lines, LINES)
    times = _times(groups, words.spans[-1]["end_ms"])
    for (start_ms, end_ms), group in zip(times, groups, strict=True):
        yield Cue(start_ms, end_ms, tuple(_directed(line, language) for line in breaking.lines(group, columns)))


def _runs(words: Said, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Yield what is said without a pause, and without another intervention between."""
    pairs = zip(words.spans, words.spans[1:], strict=False)
    again_ms = [later["start_ms"] for before, later in pairs if before["end_ms"] < later["start_ms"]]
    first = 0
    for place in range(1, len(pieces)):
        before, piece = pieces[place - 1], pieces[place]
        while again_ms and before.start_ms >= again_ms[0]:
            again_ms.pop(0)
        resumed = bool(again_ms) and piece.start_ms >= again_ms[0]
        if resumed or piece.start_ms - before.end_ms >= PAUSE_MS:
            yield pieces[first:place]
            first = place
    if pieces:
        yield pieces[first:]


def _directed(line: str, language: str) -> str:
    """Return a line with a mark in front where its first letter would turn it around.

    Players take the direction of a line from its first letter with one (WebVTT, `unicode-bidi: plaintext`): a line of
    Arabic that starts with a Latin abbreviation would be laid out from the left.
    """
    if not language:
        return line
    rightward = language in _RIGHT_TO_LEFT
    strong = next((kind for kind in map(unicodedata.bidirectional, line) if kind in ("L", "R", "AL")), None)
    return line if strong is None or (strong != "L") == rightward else _MARKS[rightward] + line


def _times(groups: Sequence[Sequence[Piece]], last_ms: int) -> Iterator[tuple[int, int]]:
    """Yield when each caption is shown: with its words, for long enough to be read if there is room, one at a time.

    Captions whose words all have the same time share it out, up to the next one.
    """
    starts = [group[0].start_ms for group in groups]
    ends = [max(piece.end_ms for piece in group) for group in groups]
    at = 0
    while at < len(groups):
        after = at + 1
        while after < len(groups) and starts[after] < starts[at] + after - at:
            after += 1
        number = after - at
        room_ms = starts[after] if after < len(groups) else max(last_ms, *ends[at:], starts[at] + number)
        lasts_ms = min(room_ms, max(*ends[at:after], starts[at] + number * SHORTEST_MS)) - starts[at]
        for index in range(number):
            yield starts[at] + lasts_ms * index // number, starts[at] + lasts_ms * (index + 1) // number
        at = after
