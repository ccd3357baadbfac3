"""Decide where captions and their lines break: where it hurts a reader least."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from floorlog.cues import ends_sentence
from floorlog.exports.saying import Token

LONGEST_MS = 7000
"""Longest caption (Netflix Timed Text Style Guides, General Requirements)."""

BREATH_MS = 300
"""A pause of this length is a better place to break than none."""

SHORT_COLUMNS = 30
"""A caption of fewer columns is soon gone, and should not be cut off from others."""

_CAPTION, _MISSING_COLUMN, _SENTENCE_INSIDE, _REST_OF_SENTENCE = 3.0, 0.15, 2.0, 2.0
_AT_SENTENCE, _AT_CLAUSE, _AT_BREATH, _BETWEEN_WORDS, _BEHIND_ABBREVIATION, _INSIDE_WORD = 0.0, 2.0, 2.5, 4.0, 7.0, 9.0
"""What it costs to have a caption, and to break at a place; chosen by eye on the bundled sample."""

_FULL_STOPS = ("？", "！", "۔")  # besides those that `cues.ends_sentence` knows
_CLAUSE_ENDS = (",", ";", ":", "،", "؛", "，", "；", "、", "：")
_CLOSING = "\"'”’»)]}」』）】》"
_STAY = _CLOSING + "".join((*_FULL_STOPS, *_CLAUSE_ENDS, ".", "?", "!", "…", "。", "؟"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or a part of one that is longer than a line. `inside`: another part of the word stands before it."""

    text: str
    spaced: bool
    start_ms: int
    end_ms: int
    columns: int
    inside: bool


def width(text: str) -> int:
    """Return how many columns a text takes: two for a wide letter, none for a mark (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(each) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def pieces(token: Token, columns: int) -> Iterator[Piece]:
    """Yield a word in parts that fit on a line, each with its share of the time."""
    taken = width(token.text)
    if taken <= columns:
        yield Piece(token.text, token.spaced, token.start_ms, token.end_ms, taken, False)
        return
    letters, done = len(token.text), 0
    lasts_ms = token.end_ms - token.start_ms
    for part in _parts(token.text, columns):
        start_ms = token.start_ms + lasts_ms * done // letters
        end_ms = token.start_ms + lasts_ms * (done + len(part)) // letters
        yield Piece(part, token.spaced and not done, start_ms, end_ms, width(part), done > 0)
        done += len(part)


def _parts(text: str, columns: int) -> Iterator[str]:
    """Yield a word in parts that fit on a line; what belongs to the letter before it stays with it where it can."""
    part, taken = "", 0
    for letter in text:
        needs = width(letter)
        stays = letter in _STAY or part.endswith("\N{ZERO WIDTH JOINER}")
        if needs and part and taken + needs > (columns if stays else columns - 2):
            yield part
            part, taken = "", 0
        part, taken = part + letter, taken + needs
    yield part


def captions(run: Sequence[Piece], columns: int, first_rows: int, rows: int) -> list[Sequence[Piece]]:
    """Return what is said without a long pause, cut into captions, so that all the breaks together cost least.

    Args:
        run: What is said.
        columns: How long a line may be.
        first_rows: How many lines the first caption may have.
        rows: How many the others may have.
    """
    costs = [0.0, *(_cost(before, after) for before, after in pairwise(run)), 0.0]
    best = [0.0] * (len(run) + 1)
    until = [0] * len(run)
    for at in range(len(run) - 1, -1, -1):
        best[at] = float("inf")
        inside = False
        for end in _ends(run, at, columns, first_rows if at == 0 else rows):
            cost = _CAPTION + costs[end] + best[end]
            if inside:
                cost += _SENTENCE_INSIDE + (_REST_OF_SENTENCE if costs[at] > _AT_SENTENCE else 0)
            cost += _MISSING_COLUMN * max(0, SHORT_COLUMNS - _columns(run[at:end]))
            if cost < best[at]:
                best[at], until[at] = cost, end
            inside = inside or costs[end] == _AT_SENTENCE
    found, at = [], 0
    while at < len(run):
        found.append(run[at : until[at]])
        at = until[at]
    return found


def _ends(run: Sequence[Piece], at: int, columns: int, rows: int) -> Iterator[int]:
    """Yield where a caption that starts at a place may end; the piece there always fits."""
    row, taken = 1, run[at].columns
    yield at + 1
    for place in range(at + 1, len(run)):
        piece = run[place]
        needs = piece.columns + piece.spaced
        if taken + needs > columns:
            row, taken, needs = row + 1, 0, piece.columns
        if row > rows or piece.end_ms - run[at].start_ms > LONGEST_MS:
            return
        taken += needs
        yield place + 1


def lines(caption: Sequence[Piece], columns: int) -> Iterator[str]:
    """Yield the lines of a caption: one if it fits, else two of about the same length, the upper the shorter."""
    if _columns(caption) <= columns:
        yield _text(caption)
        return
    best, least = 0, float("inf")
    for place in range(1, len(caption)):
        upper, lower = _columns(caption[:place]), _columns(caption[place:])
        cost = abs(upper - lower) + 3 * (upper > lower) + 3 * _cost(caption[place - 1], caption[place])
        if upper <= columns and lower <= columns and cost < least:
            best, least = place, cost
    yield _text(caption[:best])
    yield _text(caption[best:])


def _cost(before: Piece, after: Piece) -> float:
    """Return what it costs to break between two pieces."""
    if after.inside:
        return _INSIDE_WORD
    ending = before.text.rstrip(_CLOSING)
    if ends_sentence(before.text) or ending.endswith(_FULL_STOPS):
        return _AT_SENTENCE
    if ending.endswith("."):
        return _BEHIND_ABBREVIATION
    if ending.endswith(_CLAUSE_ENDS):
        return _AT_CLAUSE
    return _AT_BREATH if after.start_ms - before.end_ms >= BREATH_MS else _BETWEEN_WORDS


def _columns(caption: Sequence[Piece]) -> int:
    return sum(piece.columns + piece.spaced for piece in caption) - caption[0].spaced


def _text(caption: Sequence[Piece]) -> str:
    return "".join(" " * piece.spaced + piece.text for piece in caption).strip()
