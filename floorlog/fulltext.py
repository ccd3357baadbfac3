"""Find words in a text whatever their accents and capitals: tokens, queries, and the excerpt around what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from floorlog.folding import HAN, folded

INDEXED_CHARACTERS = 300_000
"""Of one text; six hours of speech. PostgreSQL's index takes 1 MB for a text with its places, and no more."""

LONGEST_TOKEN = 64
"""Characters; what is longer is no word that anybody looks for."""

_MARK = "\x00"
_HAN = re.compile(f"[{HAN}]")
_TOKEN = re.compile(rf"[{HAN}]|(?:(?![{HAN}])[^\W_]|{_MARK})+")
_QUOTED = re.compile(r'"([^"]*)"?|([^"]+)')


class _Letters(dict[int, str]):
    """Gives one character for each, so that places stay: the folded letter, or a mark that counts as nothing."""

    def __missing__(self, code: int) -> str:
        self[code] = (folded(chr(code)) or _MARK)[0]
        return self[code]


_LETTERS = _Letters()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: phrases that must all occur, each of tokens one after the other."""

    phrases: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.phrases)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an excerpt, and whether it is what was looked for."""

    text: str
    hit: bool


def tokens(text: str) -> list[str]:
    """Return the words of a text in order, folded; each Chinese letter is one."""
    found = (token.replace(_MARK, "") for token in _TOKEN.findall(_placed(text[:INDEXED_CHARACTERS])))
    return [token[:LONGEST_TOKEN] for token in found if token]


@lru_cache(maxsize=1024)
def parse(text: str) -> Query:
    """Return the query of what a reader typed: words that must all occur; in double quotes, one after the other.

    A word that is several tokens, as in "Côte-d'Or", is a phrase. Nothing in a query is an error.
    """
    phrases: dict[tuple[str, ...], None] = {}
    for quoted, plain in _QUOTED.findall(text):
        for part in [quoted] if quoted else plain.split():
            if phrase := tuple(tokens(part)):
                phrases[phrase] = None
    return Query(tuple(phrases))


def excerpt(text: str, query: Query, around: int = 120) -> tuple[list[Part], int | None]:
    """Return the text around the first hit, cut between words, and where that hit begins, in characters.

    Without a hit, as where a text is longer than is indexed, it is the text's beginning, and None.

    Args:
        text: As it is shown.
        query: What was looked for.
        around: Characters before the first hit at most; three times as many follow.
    """
    placed = _placed(text)
    pattern = _pattern(query, _MARK in placed)
    first = pattern.search(placed) if query else None
    begin = max(0, first.start() - around) if first else 0
    end = min(len(text), (first.start() if first else 0) + 3 * around)
    if begin:
        begin = text.find(" ", begin, first.start() if first else None) + 1 or begin
    if end < len(text):
        end = max(text.rfind(" ", begin, end), first.end() if first else 0)
    parts: list[Part] = [Part("… ", False)] if begin else []
    at = begin
    for hit in pattern.finditer(placed, begin, end) if first else ():
        if hit.start() > at:
            parts.append(Part(text[at : hit.start()], False))
        parts.append(Part(text[hit.start() : hit.end()], True))
        at = hit.end()
    if at < end:
        parts.append(Part(text[at:end], False))
    if end < len(text):
        parts.append(Part(" …", False))
    return parts, first.start() if first else None


def _placed(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_LETTERS)


@lru_cache(maxsize=1024)
def _pattern(query: Query, marked: bool) -> re.Pattern[str]:
    """Return what matches a query in a text of `_placed`; `marked` where marks stand between its letters."""
    return re.compile("|".join(_spelled(phrase, marked) for phrase in query.phrases) or "(?!)")


def _spelled(phrase: tuple[str, ...], marked: bool) -> str:
    within = f"{_MARK}*" if marked else ""
    first, *others = (within.join(token) for token in phrase)
    letter = rf"[^\W_{HAN}]"
    # A Chinese letter is a word already; of others, none may stand before or behind. Looked for behind the first word,
    # where it is as long as always: what begins with plain letters is found several times as fast.
    before = "" if _HAN.match(first) else f"(?<!{letter})" if marked else f"(?<!{letter}{first})"
    behind = "" if _HAN.match(phrase[-1][-1]) else f"(?!{letter})"
    start = before + first if marked else first + before
    return r"[\W_]*".join([start, *others]) + behind
