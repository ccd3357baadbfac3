"""Find names as languages bend them: short ones in Chinese, with prefixes in Arabic, with case endings in Russian.

Such forms are looked for only where a phrase expects a name: elsewhere they stand by chance inside of other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from floorlog.cues import STOP, Cue, Name, Token, tokens_of
from floorlog.entities import EntityTable
from floorlog.folding import HAN

LONGEST = 8
"""Tokens of a name; a Chinese letter is a token."""

SHORTEST_STEM = 3
"""Letters of a Russian name that are left when its ending is taken away."""

_SCRIPTS = ("ar", "zh", "ru")
_FOREIGN = re.compile(f"[\u0400-\u04ff\u0600-\u06ff{HAN}]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_ENDINGS = re.compile(
    "(?:ыми|ими|ого|его|ому|ему|ами|ями|ых|их|ые|ие|ая|яя|ои|еи|ую|юю|ов|ев|ам|ям|ах|ях|ом|ем|ыи|ии|ою|ия|ию|а|я|ы|и|е|у|ю|о|ь)$"
)
"""Case endings of Russian nouns and adjectives, longest first, as they are folded (й is и)."""

_PREFIXED = (("لل", "ال"), ("ول", ""), ("ل", ""), ("و", ""), ("ب", ""))
"""Arabic prefixes before a name, and what stands there without them: "for" swallows the first letter of "the"."""


def forms_among(tokens: Sequence[Token], names: Sequence[Name], cues: Sequence[Cue], table: EntityTable) -> list[Name]:
    """Return the names that stand in a bent form where the cues expect one, in order, apart from each other."""
    found: dict[int, Name] = {}
    known = {(name.first, name.last) for name in names}
    for cue in cues:
        if cue.kind == "expects_name":
            spans = [(cue.end + 1, cue.end + length) for length in range(LONGEST, 0, -1)]
        elif cue.kind == "expects_name_before":
            spans = [(cue.start - length, cue.start - 1) for length in range(LONGEST, 0, -1)]
        else:
            continue
        name = next((name for first, last in spans if (name := _named(tokens, first, last, table))), None)
        if name is not None and (name.first, name.last) not in known:
            found.setdefault(name.first, name)
    apart: list[Name] = []
    for first in sorted(found):
        if not apart or apart[-1].last < first:
            apart.append(found[first])
    return apart


def _named(tokens: Sequence[Token], first: int, last: int, table: EntityTable) -> Name | None:
    if first < 0 or last >= len(tokens) or not _FOREIGN.search(tokens[first].text):
        return None
    words = [token.text for token in tokens[first : last + 1]]
    if STOP in words:
        return None
    known = _forms(table)
    for begins in _without_prefix(words[0]):
        code = known.get((_stem(begins), *(_stem(word) for word in words[1:])))
        if code is not None:
            return Name(first, last, code)
    return None


def _without_prefix(word: str) -> Iterator[str]:
    yield word
    for prefix, instead in _PREFIXED:
        if word.startswith(prefix):
            yield instead + word.removeprefix(prefix)


def _stem(word: str) -> str:
    if not _CYRILLIC.search(word):
        return word
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= SHORTEST_STEM else word


@lru_cache(maxsize=4)
def _forms(table: EntityTable) -> dict[tuple[str, ...], str]:
    """Return whose names these are, without endings; what could be two entities is nobody's."""
    found: dict[tuple[str, ...], set[str]] = {}
    for entity in table:
        if entity.kind == "official":
            continue
        said = [each for names in entity.names for each in (names.short, names.formal)]
        texts = [text for each in said for language in _SCRIPTS if (text := each.get(language))]
        texts += [text for language in _SCRIPTS for text in entity.aliases.get(language, ())]
        for text in texts:
            words = tuple(_stem(token.text) for token in tokens_of(text.split()) if token.text != STOP)
            if words:
                found.setdefault(words, set()).add(entity.code)
    return {words: next(iter(codes)) for words, codes in found.items() if len(codes) == 1}
