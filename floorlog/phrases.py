"""Read the phrases that are said when the floor is given, taken, kept and returned.

They lie in `data/cues/<language>.toml`, one file a language, in a notation that `en.toml` explains.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from floorlog.folding import ARABIC_PREFIXES, folded, han_apart

NAME = "§"
"""Stands for the name of an entity."""

AND = "and"
"""The list of the words that may stand between the names of a {names}."""

_ARTICLES = "(?:(?:the|la|le|les|l|el|los|las) )?"
_NAME = f"{_ARTICLES}{NAME} "
_WILDCARD_WORDS = {"*": 8, "**": 16}
"""As many words as "His Excellency Mr. Firstname Middle Lastname, the new" puts before a name; and with his office."""

_ITEM = re.compile(r"\{names?\}|\*\*|[()\[\]|*]|[^\s()\[\]|*{}]+")
_BEGINS = "~"
_PREFIXES = "(?:" + "|".join(ARABIC_PREFIXES) + ")?"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a kind and a language, compiled."""

    kind: str
    language: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]  # any of these words, or of words that begin so ("represent~"), is in whatever it matches


class Phrases:
    """The phrases of all languages, compiled."""

    def __init__(self, documents: Sequence[dict[str, object]]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._stem_lengths: set[int] = set()
        self._phrases: list[Phrase] = []
        for document in documents:
            lists = document.get("lists", {})
            assert isinstance(lists, dict)
            for kind, section in document.items():
                if kind in ("language", "lists"):
                    continue
                assert isinstance(section, dict)
                for text in section["phrases"]:
                    self._add(kind, str(document["language"]), text, lists)

    def _add(self, kind: str, language: str, text: str, lists: dict[str, list[str]]) -> None:
        pattern, needs = _Grammar(text, lists).compile()
        for word in needs:
            self._by_word.setdefault(word, []).append(len(self._phrases))
            if word.endswith(_BEGINS):
                self._stem_lengths.add(len(word) - 1)
        start = r"(?:\A|(?<=\. ))" if text.startswith("^") else r"(?<!\S)"
        self._phrases.append(Phrase(kind, language, re.compile(start + pattern), needs))

    def among(self, words: frozenset[str]) -> Iterator[Phrase]:
        """Return the phrases that may occur among these words, in a fixed order."""
        stems = {word[:length] + _BEGINS for word in words for length in self._stem_lengths if len(word) >= length}
        found = {index for word in words | stems for index in self._by_word.get(word, ())}
        return (self._phrases[index] for index in sorted(found))


class _Grammar:
    """Turns the notation of the phrase files into a regular expression; each word is followed by one space."""

    def __init__(self, text: str, lists: dict[str, list[str]]) -> None:
        text = _expand(text, lists).removeprefix("^")
        self.rest = _ITEM.findall(_spaced(han_apart(folded(text))))
        self.at = 0
        between = "|".join(re.escape(folded(item)) for item in lists.get(AND, ()))
        self.more = f"(?:(?:(?:{between}) )*{_NAME})*" if between else f"(?:{_NAME})*"

    def compile(self) -> tuple[str, tuple[str, ...]]:
        return self._alternatives(frozenset())

    def _alternatives(self, until: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        patterns, needs = [], []
        while True:
            pattern, need = self._sequence(until | {"|"})
            patterns.append(pattern)
            needs.append(need)
            if self.at < len(self.rest) and self.rest[self.at] == "|":
                self.at += 1
                continue
            break
        every = () if any(not need for need in needs) else tuple(dict.fromkeys(w for need in needs for w in need))
        return (patterns[0] if len(patterns) == 1 else "(?:" + "|".join(patterns) + ")"), every

    def _sequence(self, until: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        pattern = ""
        best: tuple[str, ...] = ()
        while self.at < len(self.rest) and self.rest[self.at] not in until:
            item = self.rest[self.at]
            self.at += 1
            need: tuple[str, ...] = ()
            if item in ("{name}", "{names}"):
                pattern += _NAME + (self.more if item == "{names}" else "")
                need = (NAME,)
            elif item in _WILDCARD_WORDS:
                pattern += rf"(?:\w+ ){{0,{_WILDCARD_WORDS[item]}}}?"
            elif item == "(":
                inner, need = self._alternatives(frozenset(")"))
                pattern += f"(?:{inner})"
                self.at += 1
            elif item == "[":
                inner, _ = self._alternatives(frozenset("]"))
                pattern += f"(?:{inner})?"
                self.at += 1
            elif item.endswith("~s"):  # explanation[s]
                pattern += f"{re.escape(item[:-2])}s? "
                need = (item[:-2], item[:-2] + "s")
            elif item.endswith(_BEGINS):  # represent*
                pattern += rf"{re.escape(item[:-1])}\w* "
                need = (item,)
            elif item.startswith("+"):  # +word, with or without what Arabic writes in front of it
                pattern += f"{_PREFIXES}{re.escape(item[1:])} "
                need = (item[1:], *(prefix + item[1:] for prefix in ARABIC_PREFIXES))
            else:
                pattern += f"{re.escape(item)} "
                need = (item,)
            if need and (not best or _rarity(need) > _rarity(best)):
                best = need
        return pattern, best


def _rarity(needs: tuple[str, ...]) -> tuple[bool, float]:
    """Order sets of words by how seldom they occur: names are frequent, and so are short words and long sets."""
    return NAME not in needs, min(len(word) for word in needs) - 0.5 * len(needs)


def _expand(text: str, lists: dict[str, list[str]]) -> str:
    for name in re.findall(r"<(\w+)>", text):
        text = text.replace(f"<{name}>", "(" + "|".join(_expand(item, lists) for item in lists[name]) + ")")
    return text


def _spaced(text: str) -> str:
    return re.sub(r"(\w)\*(?!\*)", rf"\1{_BEGINS}", re.sub(r"(\w)\[s\]", r"\1~s", text))


@cache
def load_phrases() -> Phrases:
    """Return the phrases of every language that has a file."""
    folder = resources.files("floorlog") / "data" / "cues"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return Phrases([tomllib.loads(item.read_text(encoding="utf-8")) for item in files])
