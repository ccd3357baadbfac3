"""Find what is said when the floor is given, taken, kept and returned.

The phrases lie in `data/cues/<language>.toml`, one file a language, in a notation that `en.toml` explains. They are
matched against words in small letters without accents or punctuation, in which each name of an entity stands as one
mark; so that a phrase says where a name must be, and the table of entities says what is a name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

NAME = "§"
STOP = "."
_ENDS = tuple(".?!…。؟")
_ABBREVIATIONS = frozenset({"mr", "mrs", "ms", "dr", "st", "he", "prof", "rev", "sr", "sra", "vs", "messrs", "amb"})
_INITIALS = re.compile(r"\W*(?:[A-Za-z]\.)+")
_FILLERS = frozenset({"uh", "um", "er", "erm", "euh", "eh"})
_ARTICLES = "(?:(?:the|la|le|les|l|el|los|las) )?"
_LONGEST_WILDCARD_WORDS = 8
"""As many words as "His Excellency Mr. Firstname Middle Lastname, the new" puts before a name."""

WHOLE_UTTERANCE = ("gives_bare", "gives_more_bare")
"""Kinds whose phrases must be all that is said between two pauses."""

EXCLUSIVE = (
    "admits",
    "promises",
    "announces",
    "recognizes",
    "resumes",
    "gives_named",
    "gives_weak",
    "gives_unnamed",
    "gives_more",
    "thanks_named",
    "thanks_weak",
    "thanks_or_gives",
    "thanks_unnamed",
    "interrupts",
)
"""Kinds that claim their words: of two that overlap the longer one holds, and at equal length the one named first."""


_TAKES_NAME = ("gives_named", "gives_weak")
"""Of "Thank you, Kenya, please" the name belongs to what follows it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is matched: small letters, no accents; `word` is the index of the word that it comes from.

    `written` keeps its capitals, because "US" is a state and "us" is not.
    """

    text: str
    word: int
    written: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an entity among the tokens [first, last]; `score` in (0, 1], 1 unless it was misheard."""

    first: int
    last: int
    entity: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that was found, over the words [first, last], with the entities that it names, in order."""

    kind: str
    first: int
    last: int
    names: tuple[Name, ...]

    @property
    def entity(self) -> str | None:
        """Return whom it is about: the last entity that it names."""
        return self.names[-1].entity if self.names else None


def tokens_of(texts: Sequence[str], stops: Sequence[int] = ()) -> list[Token]:
    """Return the tokens of words, with a STOP behind each word that ends a sentence.

    Args:
        texts: The words as the recogniser wrote them.
        stops: Indexes of words behind which a sentence ends whatever their punctuation.
    """
    forced = frozenset(stops)
    tokens: list[Token] = []
    for index, text in enumerate(texts):
        plain, ends = _plain(text)
        tokens.extend(Token(part.lower(), index, part) for part in plain)
        if (ends or index in forced) and tokens and tokens[-1].text != STOP:
            tokens.append(Token(STOP, index, STOP))
    return tokens


@lru_cache(maxsize=65_536)
def _plain(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the tokens of a word, with its capitals, and whether a sentence ends behind it."""
    folded = unicodedata.normalize("NFKD", text).replace("’", "'")
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    bare = folded.rstrip("\"')]”»")
    letters = re.sub(r"[^\w]", "", bare).lower()
    ends = bare[-1:] in _ENDS and not (
        bare.endswith(".") and (letters in _ABBREVIATIONS or _INITIALS.fullmatch(bare) is not None)
    )
    # A possessive or an elision parts words ("l'action", "Kenya's"); a contraction stays one ("I'll" is "ill").
    folded = re.sub(r"\b([dlnsjmtc]|qu)'(?=\w{2})", r"\1 ", folded, flags=re.IGNORECASE)
    folded = re.sub(r"'s\b|'|(?<=\w)\.(?=\w)", "", folded)
    return tuple(part for part in re.findall(r"\w+", folded) if part.lower() not in _FILLERS), ends


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]  # any of these words occurs in whatever it matches


class Phrases:
    """The phrases of all languages, compiled."""

    def __init__(self, documents: Sequence[dict[str, object]]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._phrases: list[_Phrase] = []
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
        self._phrases.append(_Phrase(kind, re.compile(start + pattern), needs))

    def among(self, words: frozenset[str]) -> Iterator[_Phrase]:
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


def find_cues(tokens: Sequence[Token], names: Sequence[Name], phrases: Phrases) -> tuple[Cue, ...]:
    """Return the cues among tokens, by first word, then kind; those of WHOLE_UTTERANCE are left out.

    Args:
        tokens: As `tokens_of` gives them.
        names: The entities named among them, in order, apart from each other.
        phrases: What to look for.
    """
    return _find(tokens, names, phrases, whole=False)


def find_whole(tokens: Sequence[Token], names: Sequence[Name], phrases: Phrases) -> tuple[Cue, ...]:
    """Return the cues that all the tokens together are; names and tokens as for `find_cues`."""
    return _find(tokens, names, phrases, whole=True)


def _find(tokens: Sequence[Token], names: Sequence[Name], phrases: Phrases, whole: bool) -> tuple[Cue, ...]:
    if not tokens:
        return ()
    parts: list[str] = []
    firsts: list[int] = []  # for each part, its first token
    lasts: list[int] = []
    named: dict[int, Name] = {}
    starts = {name.first: name for name in names}
    index = 0
    while index < len(tokens):
        name = starts.get(index)
        last = name.last if name else index
        if name:
            named[len(parts)] = name
        parts.append(NAME if name else tokens[index].text)
        firsts.append(index)
        lasts.append(last)
        index = last + 1
    if whole:
        while parts and parts[-1] == STOP:
            parts.pop()
    text = " ".join(parts) + " "
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + len(part) + 1)
    found: list[Cue] = []
    for phrase in phrases.among(frozenset(parts)):
        if (phrase.kind in WHOLE_UTTERANCE) != whole:
            continue
        if whole:
            match = phrase.pattern.fullmatch(text)
            matches = [match] if match else []
        else:
            matches = list(phrase.pattern.finditer(text))
        for match in matches:
            if match.end() == match.start():
                continue
            first = bisect_right(offsets, match.start()) - 1
            last = bisect_right(offsets, match.end() - 1) - 1
            found.append(
                Cue(
                    phrase.kind,
                    tokens[firsts[first]].word,
                    tokens[lasts[last]].word,
                    tuple(named[part] for part in range(first, last + 1) if part in named),
                )
            )
    return _resolve(found)


def _resolve(found: list[Cue]) -> tuple[Cue, ...]:
    """Keep the longest of overlapping cues: within a kind, and among the EXCLUSIVE kinds."""
    rank = {kind: place for place, kind in enumerate(EXCLUSIVE)}
    found = [
        cue
        for cue in found
        if cue.kind != "thanks_or_gives"
        or not any(other.kind in _TAKES_NAME and other.first <= cue.last <= other.last for other in found)
    ]
    found.sort(key=lambda cue: (-(cue.last - cue.first), rank.get(cue.kind, len(rank)), cue.first, cue.kind))
    kept: list[Cue] = []
    for cue in found:
        rivals = (other for other in kept if other.kind == cue.kind or (other.kind in rank and cue.kind in rank))
        if all(other.last < cue.first or cue.last < other.first for other in rivals):
            kept.append(cue)
    kept.sort(key=lambda cue: (cue.first, cue.kind, cue.last))
    return tuple(kept)
