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

NAME = "§"
"""Stands for the name of an entity."""

_ARTICLES = "(?:(?:the|la|le|les|l|el|los|las) )?"
_LONGEST_WILDCARD_WORDS = 8
"""As many words as "His Excellency Mr. Firstname Middle Lastname, the new" puts before a name."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a kind, compiled."""

    kind: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]  # any of these words occurs in whatever it matches


class Phrases:
    """The phrases of all languages, compiled."""

    def __init__(self, documents: Sequence[dict[str, object]]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._phrases: list[Phrase] = []
        for document in documents:
            lists = document.get("lists", {})
            assert isinstance(lists, dict)
            for kind, section in document.items():
                if kind in ("language", "lists"):
                    continue
                assert isinstance(section, dict)
                for text in section["phrases"]:
                    self._add(kind, text, lists)

    def _add(self, kind: str, text: str, lists: dict[str, list[str]]) -> None:
        pattern, needs = _Grammar(text, lists).compile()
        for word in needs:
            self._by_word.setdefault(word, []).append(len(self._phrases))
        start = r"(?:\A|(?<=\. ))" if text.startswith("^") else r"(?<!\S)"
        self._phrases.append(Phrase(kind, re.compile(start + pattern), needs))

    def among(self, words: frozenset[str]) -> Iterator[Phrase]:
        """Return the phrases that may occur among these words, in a fixed order."""
        found = {index for word in words for index in self._by_word.get(word, ())}
        return (self._phrases[index] for index in sorted(found))


class _Grammar:
    """Turns the notation of the phrase files into a regular expression; each word is followed by one space."""

    def __init__(self, text: str, lists: dict[str, list[str]]) -> None:
        for name in re.findall(r"<(\w+)>", text):
            text = text.replace(f"<{name}>", "(" + "|".join(_expand(item, lists) for item in lists[name]) + ")")
        text = text.removeprefix("^")
        self.rest = re.findall(r"\{name\}|[()\[\]|*]|[^\s()\[\]|*{}]+", _spaced(text))
        self.at = 0

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
            if item == "{name}":
                pattern += f"{_ARTICLES}{NAME} "
                need = (NAME,)
            elif item == "*":
                pattern += rf"(?:\w+ ){{0,{_LONGEST_WILDCARD_WORDS}}}?"
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
    return re.sub(r"(\w)\[s\]", r"\1~s", text)


@cache
def load_phrases() -> Phrases:
    """Return the phrases of every language that has a file."""
    folder = resources.files("floorlog") / "data" / "cues"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return Phrases([tomllib.loads(item.read_text(encoding="utf-8")) for item in files])
