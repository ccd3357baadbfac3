"""Compile the notation of the lexicons of themes; the files in `data/themes` explain it to those who write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

NEAR_WORDS = 8
"""How many words may stand between the sides of `~`: as many as a clause has between a verb and its object."""

ANY_WORDS = 3
"""How many words `...` stands for at most: an article and two adjectives."""

_PART = re.compile(r"\.\.\.|<[a-z_]+>|\w+\*?|[()\[\]|~]")
_MOST_LISTS = 50


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase. Whatever it matches holds one of the words `exact`, or a word that begins with one of `stems`.

    The pattern is for text in small letters without accents, in which one space follows each word.
    """

    pattern: re.Pattern[str]
    exact: frozenset[str]
    stems: frozenset[str]


class BadNotation(ValueError):
    """A phrase is not written in the notation."""


def compile_phrase(text: str, lists: Mapping[str, str]) -> Phrase:
    """Return a phrase, compiled.

    Args:
        text: The phrase as the lexicon has it.
        lists: What each `<name>` stands for.

    Raises:
        BadNotation: with what is wrong, in words.
    """
    plain = _folded(text)
    for _ in range(_MOST_LISTS):
        name = re.search(r"<([a-z_]+)>", plain)
        if name is None:
            break
        if name[1] not in lists:
            raise BadNotation(f"there is no list {name[0]}")
        plain = plain.replace(name[0], f" {_folded(lists[name[1]])} ")
    sides = plain.split("~")
    if len(sides) > 2:
        raise BadNotation("~ may stand once in a phrase")
    compiled = [_Side(side).compiled() for side in sides]
    # The side that is heard less often decides whether the pattern is tried at all.
    needs = max((needs for _, needs in compiled), key=_rarity)
    if not needs:
        raise BadNotation("no word of it is sure to be there")
    first, last = compiled[0][0], compiled[-1][0]
    between = rf"(?:\S+ ){{0,{NEAR_WORDS}}}?"
    body = first if len(compiled) == 1 else f"(?:{first}{between}{last}|{last}{between}{first})"
    return Phrase(
        re.compile(r"(?<!\S)" + body),
        frozenset(word for word in needs if not word.endswith("*")),
        frozenset(word[:-1] for word in needs if word.endswith("*")),
    )


def _folded(text: str) -> str:
    """Return the text as words are matched: small letters, no accents, hyphens and apostrophes as spaces."""
    plain = unicodedata.normalize("NFKD", text.lower()).replace("’", "'")
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"['-]", " ", re.sub(r"'s\b", "", plain))


def _rarity(needs: frozenset[str]) -> tuple[bool, float]:
    """Order sets of words by how seldom they are said: few words, and long ones."""
    return bool(needs), min((len(word) for word in needs), default=0) - 0.5 * len(needs)


class _Side:
    """One side of `~`, or a whole phrase without it, read from left to right."""

    def __init__(self, text: str) -> None:
        self._parts = _PART.findall(text)
        left = _PART.sub("", text).strip()
        if left:
            raise BadNotation(f"{left!r} has no meaning")
        self._at = 0

    def compiled(self) -> tuple[str, frozenset[str]]:
        """Return the pattern, and words of which one is in whatever it matches."""
        if not self._parts:
            raise BadNotation("there is nothing to look for")
        found = self._alternatives(None)
        if self._at < len(self._parts):
            raise BadNotation(f"{self._parts[self._at]!r} closes nothing")
        return found

    def _alternatives(self, closing: str | None) -> tuple[str, frozenset[str]]:
        options = [self._sequence()]
        while self._at < len(self._parts) and self._parts[self._at] == "|":
            self._at += 1
            options.append(self._sequence())
        if closing is not None:
            if self._at >= len(self._parts) or self._parts[self._at] != closing:
                raise BadNotation(f"{closing!r} is missing")
            self._at += 1
        if not all(pattern for pattern, _ in options):
            raise BadNotation("an alternative is empty")
        sure = all(needs for _, needs in options)
        needs = frozenset[str]().union(*(needs for _, needs in options)) if sure else frozenset[str]()
        return "(?:" + "|".join(pattern for pattern, _ in options) + ")", needs

    def _sequence(self) -> tuple[str, frozenset[str]]:
        pattern, best = "", frozenset[str]()
        while self._at < len(self._parts) and self._parts[self._at] not in ")]|":
            part = self._parts[self._at]
            self._at += 1
            needs = frozenset[str]()
            if part == "...":
                pattern += rf"(?:\S+ ){{0,{ANY_WORDS}}}?"
            elif part == "(":
                inner, needs = self._alternatives(")")
                pattern += inner
            elif part == "[":
                pattern += self._alternatives("]")[0] + "?"
            else:
                pattern += part.removesuffix("*") + (r"\w* " if part.endswith("*") else " ")
                needs = frozenset({part})
            best = max(best, needs, key=_rarity)
        return pattern, best
