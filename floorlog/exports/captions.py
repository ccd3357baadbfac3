"""Cut what was said into captions: at most two lines, as long as they can be read, with the times of the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from floorlog.exports.saying import Said, Token, tokens

LINES = 2
COLUMNS, WIDE_COLUMNS = 42, 32
"""Longest line; of scripts whose letters are two columns wide, 16 letters (Netflix Timed Text Style Guides: 42 for
alphabets, Arabic among them, 16 for Chinese and Korean)."""

LONGEST_MS, SHORTEST_MS = 7000, 1000
"""Longest and shortest caption (the same guides: 7 s, and 5/6 s). One is shorter where the next speech is nearer."""

PAUSE_MS = 1000
"""A pause of this length ends a caption: what is said after it must not be read before it."""

BREATH_MS = 300
"""A pause of this length is a better place to break than none."""

_WIDE = frozenset({"zh", "ja", "ko"})
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv", "yi"})
_MARKS = {False: "\N{LEFT-TO-RIGHT MARK}", True: "\N{RIGHT-TO-LEFT MARK}"}
_SENTENCE_ENDS, _CLAUSE_ENDS = (
    (".", "?", "!", "…", "。", "？", "！", "؟", "۔"),
    (",", ";", ":", "،", "؛", "，", "；", "、", "："),
)
_CLOSING = "\"'”’»)]}」』）】》"
_STOPS = "".join(_SENTENCE_ENDS + _CLAUSE_ENDS)


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption on the meeting clock."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, or a part of one that is longer than a line."""

    text: str
    spaced: bool
    start_ms: int
    end_ms: int
    columns: int
    inside: bool  # a word: its first part stands before


def cues(words: Said, first_lines: int = LINES) -> Iterator[Cue]:
    """Yield the captions of what was said, in order; they do not overlap.

    Args:
        words: What was said.
        first_lines: How many lines the first one may have, where something else stands above it.
    """
    language = (words.language or "").split("-")[0]
    columns = WIDE_COLUMNS if language in _WIDE else COLUMNS
    pieces = [piece for token in tokens(words) for piece in _pieces(token, columns)]
    resumed = _resumed(words, pieces)
    groups: list[Sequence[_Piece]] = []
    lines: list[tuple[str, ...]] = []
    at = 0
    while at < len(pieces):
        rows = LINES if groups else first_lines
        reach, whole = _reach(pieces, at, columns, rows, resumed)
        until = reach if whole else _break(pieces, at, reach)
        groups.append(pieces[at:until])
        lines.append(tuple(_directed(line, language) for line in _lines(groups[-1], columns)))
        at = until
    last_ms = words.spans[-1]["end_ms"]
    for (start_ms, end_ms), text in zip(_times(groups, last_ms), lines, strict=True):
        yield Cue(start_ms, end_ms, text)


def width(text: str) -> int:
    """Return how many columns a text takes: two for a wide letter, none for a mark (UAX 11)."""
    return sum(0 if unicodedata.category(each) in ("Mn", "Me", "Cf") else 2 if _is_wide(each) else 1 for each in text)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")


def _pieces(token: Token, columns: int) -> Iterator[_Piece]:
    """Yield a word in parts that fit on a line, each with its share of the time."""
    parts = [token.text] if width(token.text) <= columns else list(_parts(token.text, columns))
    letters, done = len(token.text), 0
    lasts_ms = token.end_ms - token.start_ms
    for part in parts:
        start_ms = token.start_ms + lasts_ms * done // letters
        done += len(part)
        end_ms = token.start_ms + lasts_ms * done // letters
        yield _Piece(part, token.spaced and done == len(part), start_ms, end_ms, width(part), done > len(part))


def _parts(text: str, columns: int) -> Iterator[str]:
    """Yield a word in parts that fit on a line; what belongs to the letter before it stays with it where it can."""
    part, taken = "", 0
    for letter in text:
        needs = width(letter)
        stays = letter in _CLOSING + _STOPS or part.endswith("\N{ZERO WIDTH JOINER}")
        if needs and part and taken + needs > (columns if stays else columns - 2):
            yield part
            part, taken = "", 0
        part, taken = part + letter, taken + needs
    yield part


def _resumed(words: Said, pieces: Sequence[_Piece]) -> frozenset[int]:
    """Return the places of the pieces with which an interrupted intervention goes on."""
    pairs = zip(words.spans, words.spans[1:], strict=False)
    again_ms = [later["start_ms"] for before, later in pairs if before["end_ms"] < later["start_ms"]]
    found = set()
    for place in range(1, len(pieces)):
        while again_ms and pieces[place - 1].start_ms >= again_ms[0]:
            again_ms.pop(0)
        if again_ms and pieces[place].start_ms >= again_ms[0]:
            found.add(place)
    return frozenset(found)


def _reach(pieces: Sequence[_Piece], at: int, columns: int, rows: int, resumed: frozenset[int]) -> tuple[int, bool]:
    """Return how far a caption may reach, and whether it should: nothing is left, or nothing is said for a while."""
    row, taken = 1, pieces[at].columns
    for place in range(at + 1, len(pieces)):
        piece, before = pieces[place], pieces[place - 1]
        if place in resumed or piece.start_ms - before.end_ms >= PAUSE_MS:
            return place, True
        needs = piece.columns + piece.spaced
        if taken + needs > columns:
            row, taken, needs = row + 1, 0, piece.columns
        if row > rows or piece.end_ms - pieces[at].start_ms > LONGEST_MS:
            return place, False
        taken += needs
    return len(pieces), True


def _break(pieces: Sequence[_Piece], at: int, reach: int) -> int:
    """Return where to end a caption that cannot hold the whole sentence: where it hurts least, not too early."""
    room = max(1, sum(piece.columns for piece in pieces[at:reach]))  # marks alone take no column
    best, best_worth, taken = reach, -1.0, 0
    for place in range(at + 1, reach + 1):
        taken += pieces[place - 1].columns
        if taken * 3 < room:
            continue
        worth = _worth(pieces[place - 1], pieces[place]) + taken / room  # of two alike the later one
        if worth > best_worth:
            best, best_worth = place, worth
    return best


def _worth(before: _Piece, after: _Piece) -> int:
    if after.inside:
        return 0
    ending = before.text.rstrip(_CLOSING)
    if ending.endswith(_SENTENCE_ENDS):
        return 8
    if ending.endswith(_CLAUSE_ENDS):
        return 4
    return 3 if after.start_ms - before.end_ms >= BREATH_MS else 2


def _lines(pieces: Sequence[_Piece], columns: int) -> Iterator[str]:
    """Yield the lines of a caption: one if it fits, else two of about the same length, the upper the shorter."""
    if _columns(pieces) <= columns:
        yield _text(pieces)
        return
    best, least = 0, float("inf")
    for place in range(1, len(pieces)):
        upper, lower = _columns(pieces[:place]), _columns(pieces[place:])
        if upper <= columns and lower <= columns:
            cost = abs(upper - lower) + 3 * (upper > lower) - 3 * _worth(pieces[place - 1], pieces[place])
            if cost < least:
                best, least = place, cost
    yield _text(pieces[:best])
    yield _text(pieces[best:])


def _columns(pieces: Sequence[_Piece]) -> int:
    return sum(piece.columns + piece.spaced for piece in pieces) - pieces[0].spaced


def _text(pieces: Sequence[_Piece]) -> str:
    return "".join(" " * piece.spaced + piece.text for piece in pieces).strip()


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


def _times(groups: Sequence[Sequence[_Piece]], last_ms: int) -> Iterator[tuple[int, int]]:
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
