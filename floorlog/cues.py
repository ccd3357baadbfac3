"""Find what is said when the floor is given, taken, kept and returned.

The phrases are matched against words in small letters without accents or punctuation, in which each name of an entity
stands as one mark; so that a phrase says where a name must be, and the table of entities says what is a name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from floorlog.folding import HAN, folded, without_marks
from floorlog.phrases import NAME, Phrases

STOP = "."
_ENDS = tuple(".?!…。؟")
_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "he", "prof", "rev", "sr", "sra", "vs", "messrs", "amb"}
    | {"excmo", "excma", "srta", "emb"}
)
_INITIALS = re.compile(r"\W*(?:[A-Za-z]\.)+")
_FILLERS = frozenset({"uh", "um", "er", "erm", "euh", "eh"})
_PART = re.compile(rf"[{HAN}]|[。!?](?=\w)|[^\W{HAN}]+")
"""A word, a Chinese letter, or the end of a sentence inside of what is written without spaces."""

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
    "thanks_host",
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
    language: str = "en"
    start: int = 0  # the same as tokens
    end: int = 0

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
        tokens.extend(Token(STOP if part in _ENDS else folded(part), index, part) for part in plain)
        if (ends or index in forced) and tokens and tokens[-1].text != STOP:
            tokens.append(Token(STOP, index, STOP))
    return tokens


def ends_sentence(text: str) -> bool:
    """Return whether a sentence ends behind a word as the recogniser wrote it; "Mr." and initials end none."""
    return _ends(without_marks(text).replace("’", "'"))


def _ends(plain: str) -> bool:
    bare = plain.rstrip("\"')]”»")
    letters = re.sub(r"[^\w]", "", bare).lower()
    return bare[-1:] in _ENDS and not (
        bare.endswith(".") and (letters in _ABBREVIATIONS or _INITIALS.fullmatch(bare) is not None)
    )


@lru_cache(maxsize=65_536)
def _plain(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the tokens of a word, with its capitals, and whether a sentence ends behind it."""
    plain = without_marks(text).replace("’", "'")
    ends = _ends(plain)
    # A possessive or an elision parts words ("l'action", "Kenya's"); a contraction stays one ("I'll" is "ill").
    plain = re.sub(r"\b([dlnsjmtc]|qu)'(?=\w{2})", r"\1 ", plain, flags=re.IGNORECASE)
    plain = re.sub(r"'s\b|'|(?<=\w)\.(?=\w)", "", plain)
    return tuple(part for part in _PART.findall(plain) if part.lower() not in _FILLERS), ends


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
                    phrase.language,
                    firsts[first],
                    lasts[last],
                )
            )
    return _resolve(found)


def _resolve(found: list[Cue]) -> tuple[Cue, ...]:
    """Keep the longest of overlapping cues: within a kind, and among the EXCLUSIVE kinds."""
    rank = {kind: place for place, kind in enumerate(EXCLUSIVE)}
    takes = [cue for cue in found if cue.kind in _TAKES_NAME]
    joint = [cue for cue in found if cue.kind == "on_behalf"]
    found = [
        cue
        for cue in found
        if not (cue.kind == "thanks_or_gives" and any(item.first <= cue.last <= item.last for item in takes))
        and not (cue.kind == "thanks_named" and any(item.first < cue.first <= item.last for item in joint))
    ]
    found = [_without_taken(cue, takes) if cue.kind == "on_behalf" else cue for cue in found]
    found.sort(key=lambda cue: (-(cue.last - cue.first), rank.get(cue.kind, len(rank)), cue.first, cue.kind))
    kept: list[Cue] = []
    for cue in found:
        rivals = (other for other in kept if other.kind == cue.kind or (other.kind in rank and cue.kind in rank))
        if all(other.last < cue.first or cue.last < other.first for other in rivals):
            kept.append(cue)
    kept.sort(key=lambda cue: (cue.first, cue.kind, cue.last))
    return tuple(kept)


def _without_taken(joint: Cue, takes: Sequence[Cue]) -> Cue:
    """Return a list of names without those that another phrase takes: "on behalf of the Group Kenya you have …"."""
    taken = {name for cue in takes if joint.first < cue.first <= joint.last for name in cue.names}
    return replace(joint, names=tuple(name for name in joint.names if name not in taken))
