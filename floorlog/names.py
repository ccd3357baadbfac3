"""Find the names of entities among the words that were heard, misheard ones too where a name is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from floorlog.cues import STOP, Cue, Name, Token
from floorlog.entities import EntityTable
from floorlog.name_forms import forms_among

LONGEST_MISHEARD = 4
"""Words of a misheard name."""

CLEAR_MARGIN = 8.0
"""By so many points the best candidate must lead, or it counts little."""

TRUST = ((85.0, 0.9), (75.0, 0.75), (70.0, 0.6))
"""How much of the weight of a name a misheard one has, by its score; from 70 on .91 were right and .02 wrong."""

UNCLEAR_TRUST = 0.25

LONGEST_MISHEARD_GROUP = 8
"""Words of a misheard group's name, such as "group friends in defense of the un charter"."""

GROUP_SCORE = 80.0
"""Least score of a misheard group: "on behalf of" is followed by other words more often than a name of a state is."""

STYLE_TRUST = 0.9
"""The same for a short name that was heard exactly behind a style that was not."""

_STYLES = frozenset({"republic", "kingdom", "state", "states", "union", "federation", "emirate", "sultanate"})
_SKIPPED = frozenset({"the", "la", "le", "el", "l", "les", "los", "las", "of", "on"})


def names_among(tokens: Sequence[Token], table: EntityTable) -> list[Name]:
    """Return the names of entities among tokens, in order, apart from each other."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    written = ["0" if token.text == STOP else token.written for token in tokens]  # no name has a figure for a word
    at = 0
    for index, text in enumerate(written):
        starts[at] = index
        at += len(text)
        ends[at] = index
        at += 1
    return [
        Name(starts[item.start], ends[item.end], item.code)
        for item in table.find(" ".join(written))
        if item.form == "name" and item.start in starts and item.end in ends
    ]


def misheard_among(
    tokens: Sequence[Token], names: Sequence[Name], cues: Sequence[Cue], table: EntityTable
) -> list[Name]:
    """Return the names, bent or misheard, where the cues expect a name and none was found as it is, in order."""
    found = forms_among(tokens, names, cues, table)
    taken = {index for name in (*names, *found) for index in range(name.first, name.last + 1)}
    by_word: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.text != STOP:
            by_word.setdefault(token.word, index)
    for cue in cues:  # "representative of" is no name, though it stands where one is expected
        if cue.kind.startswith("expects_name"):
            taken.update(range(by_word[cue.first], _last_token(tokens, cue) + 1))
    starts = {name.first: name for name in names}
    for cue in cues:
        if cue.kind == "expects_name":
            first = _last_token(tokens, cue) + 1
            while first < len(tokens) and tokens[first].text in _SKIPPED:
                first += 1
            ends = _style_ends(tokens, first)
            if ends is not None and ends in starts:
                name = starts[ends]
                found.append(Name(first, name.last, name.entity, STYLE_TRUST))
                taken.update(range(first, name.last + 1))
                continue
            begins = _last_token(tokens, cue) + 1
            spans = [(first, first + length - 1) for length in range(1, LONGEST_MISHEARD + 1)]
        elif cue.kind == "expects_name_before":
            last = by_word[cue.first] - 1
            begins = last + 1
            while begins > 0 and tokens[begins - 1].text != STOP:
                begins -= 1
            spans = [(begins, last)] if 0 <= last - begins < LONGEST_MISHEARD else []
        elif cue.kind == "expects_group":
            begins = _last_token(tokens, cue) + 1
            spans = [(begins, begins + length - 1) for length in range(1, LONGEST_MISHEARD_GROUP + 1)]
        else:
            continue
        best = _best(tokens, spans, taken, table, cue)
        if best is not None:
            found.append(replace(best, first=min(best.first, begins)))  # with what was misheard before it
            taken.update(range(begins, best.last + 1))
    return sorted(found, key=lambda name: name.first)


def _style_ends(tokens: Sequence[Token], first: int) -> int | None:
    """Return where a short name starts behind a style that was misheard, as in "the Bolivian Republic of Venezuela"."""
    for index in range(first + 1, min(len(tokens), first + LONGEST_MISHEARD)):
        if tokens[index].text == STOP:
            return None
        if tokens[index].text == "of" and tokens[index - 1].text in _STYLES:
            return index + 1
    return None


def _last_token(tokens: Sequence[Token], cue: Cue) -> int:
    return max(index for index, token in enumerate(tokens) if token.word == cue.last and token.text != STOP)


def _best(
    tokens: Sequence[Token], spans: Sequence[tuple[int, int]], taken: set[int], table: EntityTable, cue: Cue
) -> Name | None:
    best: tuple[float, Name] | None = None
    for first, last in spans:
        inside = range(first, last + 1)
        if last >= len(tokens) or any(index in taken or tokens[index].text == STOP for index in inside):
            break
        heard = _misheard(" ".join(tokens[index].text for index in inside), table, cue.language)
        if heard is not None and cue.kind == "expects_group":
            is_group = table.get(heard[1]).kind in ("group", "organization")
            heard = heard if is_group and heard[0] >= GROUP_SCORE and heard[2] > UNCLEAR_TRUST else None
        if heard is not None and (best is None or heard[0] > best[0]):
            best = heard[0], Name(first, last, heard[1], heard[2])
    return best[1] if best else None


@lru_cache(maxsize=4096)
def _misheard(text: str, table: EntityTable, language: str) -> tuple[float, str, float] | None:
    """Return the best candidate's score and code, and how much it is to be trusted."""
    ranked = table.match_misheard(text, language=language)
    if not ranked:
        return None
    score = ranked[0].score
    rival = max((item.score for item in table.match_misheard(text, score - CLEAR_MARGIN, language)[1:]), default=0.0)
    if score - rival < CLEAR_MARGIN:
        return score, ranked[0].code, UNCLEAR_TRUST
    return score, ranked[0].code, next(trust for least, trust in TRUST if score >= least)
