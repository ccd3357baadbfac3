"""Tag the passages of a text that touch a theme, by the phrases of versioned lexicons.

A lexicon is a file `data/themes/<id>.v<version>.toml`, which a meeting names as `<id>-v<version>`; the files explain
their notation. A passage is a sentence; where a recogniser wrote none, some words of one.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from floorlog.cues import STOP, Token, tokens_of
from floorlog.errors import InvalidDocument
from floorlog.theme_notation import BadNotation, Phrase, compile_phrase

MOST_OF_A_THEME = 60
"""Passages of one theme in one text; the eight themes of a lexicon stay below the 500 that a record may hold."""

MOST = 500
"""Passages in one text: what the contract of a record allows."""

LONGEST_PASSAGE_WORDS, SHORTEST_CUT_WORDS = 60, 30
"""A sentence that is longer is cut, at a comma between these lengths where there is one. Sentences of statements have
25 words in the mean; near-conditions mean nothing across an unpunctuated minute."""

LONGEST_QUOTE = 2000
"""Characters of a quote: what the contract of a record allows."""

_KEYS = {"id", "except"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A passage that touches a theme.

    The quote is `text[offset : offset + len(quote)]`. Rule, offset and version name the tag within its text.
    """

    theme: str
    quote: str
    offset: int
    rule: str
    version: str

    def encode(self) -> dict[str, Any]:
        """Return the tag as records hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of a lexicon: its whole title, and a label for where there is little room."""

    id: str
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    theme: str
    phrases: tuple[Phrase, ...]
    struck: tuple[Phrase, ...]


class Lexicon:
    """The themes and rules of one version of a lexicon, compiled.

    Args:
        document: The parsed file.

    Raises:
        InvalidDocument: the path says which rule is not as the notation has it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        try:
            self.version = f"{document['lexicon']}/{document['version']}"
            lists = document.get("lists", {})
            self.themes = {item["id"]: Theme(item["id"], item["title"], item["label"]) for item in document["theme"]}
            sections = [(theme, rule) for theme in document["theme"] for rule in theme["rule"]]
            self._rules = tuple(_rule(theme["id"], rule, lists) for theme, rule in sections)
        except KeyError as missing:
            raise InvalidDocument("lexicon/1", "$", f"the key {missing} in its place") from missing
        twice = [rule for rule, count in Counter(rule.id for rule in self._rules).items() if count > 1]
        if twice:
            raise InvalidDocument("lexicon/1", "$.theme", f"each id of a rule once, found {', '.join(twice)} again")
        self._exact: dict[str, list[tuple[int, Phrase]]] = {}
        self._stems: dict[str, list[tuple[int, Phrase]]] = {}
        for number, rule in enumerate(self._rules):
            for phrase in rule.phrases:
                for word in phrase.exact:
                    self._exact.setdefault(word, []).append((number, phrase))
                for stem in phrase.stems:
                    self._stems.setdefault(stem, []).append((number, phrase))
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def found(self, passage: str) -> tuple[tuple[str, str], ...]:
        """Return the themes that a passage touches, each with the first rule that says so, in the lexicon's order.

        Args:
            passage: Words in small letters without accents, each followed by one space.
        """
        candidates: dict[int, dict[Phrase, None]] = {}
        for word in dict.fromkeys(passage.split()):
            for number, phrase in self._among(word):
                candidates.setdefault(number, {})[phrase] = None
        found: dict[str, str] = {}
        for number in sorted(candidates):
            rule = self._rules[number]
            if rule.theme not in found and _holds(passage, candidates[number], rule.struck):
                found[rule.theme] = rule.id
        return tuple(found.items())

    def _among(self, word: str) -> Iterator[tuple[int, Phrase]]:
        yield from self._exact.get(word, ())
        for length in self._stem_lengths:
            if length > len(word):
                break
            yield from self._stems.get(word[:length], ())


def _holds(passage: str, phrases: Sequence[Phrase] | dict[Phrase, None], struck: Sequence[Phrase]) -> bool:
    if not any(phrase.pattern.search(passage) for phrase in phrases):
        return False
    left = passage
    for phrase in struck:
        left = phrase.pattern.sub("# ", left)
    return left == passage or any(phrase.pattern.search(left) for phrase in phrases)


def _rule(theme: str, section: dict[str, Any], lists: dict[str, str]) -> _Rule:
    def compiled(texts: Sequence[str]) -> Iterator[Phrase]:
        for text in texts:
            try:
                yield compile_phrase(text, lists)
            except BadNotation as fault:
                place = f"$.theme.{theme}.{section['id']}"
                raise InvalidDocument(
                    "lexicon/1", place, f"a phrase as the notation has it, but in {text!r} {fault}"
                ) from fault

    phrases = [phrase for key, texts in section.items() if key not in _KEYS for phrase in compiled(texts)]
    return _Rule(section["id"], theme, tuple(phrases), tuple(compiled(section.get("except", ()))))


def lexicon_names() -> tuple[str, ...]:
    """Return the names by which a meeting may ask for a lexicon, in order."""
    return tuple(sorted(_files()))


@cache
def load_lexicon(name: str) -> Lexicon | None:
    """Return a lexicon by the name that a meeting uses, such as `call-to-action-v1`; None where there is none."""
    document = _files().get(name)
    return None if document is None else Lexicon(tomllib.loads(document))


@cache
def _files() -> dict[str, str]:
    folder = resources.files("floorlog") / "data" / "themes"
    files = {item.name.removesuffix(".toml"): item for item in folder.iterdir() if item.name.endswith(".toml")}
    return {re.sub(r"\.v(\d+)$", r"-v\1", name): item.read_text(encoding="utf-8") for name, item in files.items()}


def theme_of(theme: str, version: str) -> Theme | None:
    """Return a theme by its id and the version that a tag names; None where no lexicon here has it."""
    lexicon = load_lexicon(version.replace("/", "-v"))
    return lexicon.themes.get(theme) if lexicon else None


def tag(text: str, lexicons: Sequence[str]) -> tuple[Tag, ...]:
    """Return the passages of a text that touch a theme, in order; within a passage in the lexicons' order.

    What was found stays when the text grows, but for its last sentence.

    Args:
        text: The text of a record.
        lexicons: Names of lexicons. A name that is not known adds nothing: a meeting must go on without it.
    """
    loaded = [lexicon for lexicon in map(load_lexicon, lexicons) if lexicon]
    if not loaded:
        return ()
    tags: list[Tag] = []
    counts: Counter[tuple[str, str]] = Counter()
    for first, last, plain in _passages(text):
        for lexicon in loaded:
            for theme, rule in _found(lexicon, plain):
                counts[theme, lexicon.version] += 1
                if counts[theme, lexicon.version] <= MOST_OF_A_THEME:
                    quote = text[first : min(last, first + LONGEST_QUOTE)]
                    tags.append(Tag(theme, quote, first, rule, lexicon.version))
    return tuple(tags[:MOST])


@lru_cache(maxsize=4096)
def _found(lexicon: Lexicon, passage: str) -> tuple[tuple[str, str], ...]:
    """Return what a lexicon finds; kept, because a growing record is looked through again and again."""
    return lexicon.found(passage)


def _passages(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each passage: where it starts and ends in the text, and its words as the lexicons match them."""
    words = [(match.start(), match.end(), match.group()) for match in re.finditer(r"\S+", text)]
    passage: list[Token] = []
    for token in tokens_of([word for _, _, word in words]):
        if token.text != STOP:
            passage.append(token)
        too_long = bool(passage) and token.word - passage[0].word >= LONGEST_PASSAGE_WORDS
        if token.text == STOP or too_long:
            cut = _cut(passage, words) if too_long else len(passage)
            yield from _passage(passage[:cut], words)
            passage = passage[cut:]
    yield from _passage(passage, words)


def _cut(passage: Sequence[Token], words: Sequence[tuple[int, int, str]]) -> int:
    """Return how many tokens of a passage that grew too long stand before its last comma, or before its last word."""
    places = range(len(passage) - 1, 0, -1)
    boundaries = [at for at in places if passage[at].word != passage[at - 1].word]
    for at in boundaries:
        before = passage[at - 1].word
        if before - passage[0].word < SHORTEST_CUT_WORDS:
            break
        if words[before][2].endswith((",", ";", ":")):
            return at
    return boundaries[0]


def _passage(tokens: Sequence[Token], words: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    if tokens:
        plain = "".join(token.text + " " for token in tokens)
        yield words[tokens[0].word][0], words[tokens[-1].word][1], plain
