"""Cut what was heard into utterances: the smallest stretches that are given to one holder of the floor as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from floorlog.clock import Span
from floorlog.cues import EXCLUSIVE, STOP, Cue, Name, Token, find_cues, find_whole, tokens_of
from floorlog.entities import EntityTable
from floorlog.for_whom import entities_of
from floorlog.names import misheard_among, names_among
from floorlog.persons import person_at, person_in
from floorlog.phrases import Phrases
from floorlog.stretches import LONG_PAUSE_MS, PAUSE_MS, HeardWord, Pending, Stretch
from floorlog.voices import Voice

LONGEST_BARE_TOKENS = 14
"""No phrase that must be a whole utterance is longer."""

LONGEST_WORDS = 40
"""An utterance with so many words ends with its segment, so that what is pending stays small."""

LEAD_WORDS = 2
"""So many words may stand between a full stop and a phrase ("And so I give the floor …") and belong to it."""

TAIL_WORDS = 25
"""A sentence in which the floor is given may run on for so many words behind the name."""

ENDS_SENTENCE = frozenset(
    {"gives_named", "gives_weak", "gives_unnamed", "gives_more", "recognizes", "resumes", "closes"}
)
ENDS_AT_ONCE = frozenset({"thanks_named", "thanks_unnamed", "thanks_or_gives", "closes"})
STARTS_UTTERANCE = frozenset(
    {"gives_named", "gives_weak", "gives_unnamed", "recognizes", "resumes", "thanks_named", "thanks_unnamed"}
    | {
        "presides_weak",
        "promises",
        "thanks_or_gives",
        "interrupts",
        "presides",
        "admits",
        "opens",
        "point_of_order",
        "closes",
    }
)
CONTINUES = frozenset({"gives_more", "on_behalf", "explanation_of_vote", "right_of_reply", "briefing", "announces"})


@dataclass(frozen=True, slots=True)
class Said:
    """A cue in an utterance: its words, its span, and the entity that it is about, with the name as said.

    `entities` are all for whom it is said that somebody speaks, or with whom it agrees; several in a joint statement.
    """

    kind: str
    quote: str
    span: Span
    entity: str | None
    name: str | None
    score: float
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words [first, last) of what is pending, with what they say and sound like; first == last if there are none.

    `share`: how much of its stretch it is, so that one voice heard counts once.
    """

    first: int
    last: int
    span: Span
    stretch: int
    voice: Voice | None
    language: str
    cues: tuple[Said, ...]
    pause_ms: int
    share: float
    person: str | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of cue in it."""
        return frozenset(cue.kind for cue in self.cues)


def utterances_of(pending: Pending, table: EntityTable, phrases: Phrases) -> tuple[Utterance, ...]:
    """Return the utterances among what is pending, in order: every word is in exactly one."""
    words = pending.words
    stretches = {stretch.number: stretch for stretch in pending.stretches}
    stops = [
        index
        for index in range(len(words) - 1)
        if words[index + 1].start_ms - words[index].end_ms >= LONG_PAUSE_MS
        or (words[index + 1].stretch != words[index].stretch and stretches[words[index + 1].stretch].parted)
    ]
    tokens = tokens_of(_without_false_stops(words), stops)
    names = names_among(tokens, table)
    cues = find_cues(tokens, names, phrases)
    misheard = misheard_among(tokens, names, cues, table)
    if misheard:
        apart = [name for name in names if not any(item.first <= name.first <= item.last for item in misheard)]
        names = sorted([*apart, *misheard], key=lambda name: name.first)
        cues = find_cues(tokens, names, phrases)
    found: list[Utterance] = []
    at = 0
    for first, last in pairwise(_borders(words, tokens, cues, stretches)):
        start = at
        while at < len(tokens) and tokens[at].word < last:
            at += 1
        inside = [cue for cue in cues if first <= cue.first < last]
        if at - start <= LONGEST_BARE_TOKENS:
            own = [
                replace(name, first=name.first - start, last=name.last - start)
                for name in names
                if start <= name.first and name.last < at
            ]
            whole = find_whole(tokens[start:at], own, phrases)
            inside += [replace(cue, names=tuple(_moved(name, start) for name in cue.names)) for cue in whole]
        stretch = stretches[words[first].stretch]
        end_ms = max(word.end_ms for word in words[first:last])
        found.append(
            Utterance(
                first=first,
                last=last,
                span=Span(words[first].start_ms, end_ms),
                stretch=stretch.number,
                voice=stretch.voice,
                language=stretch.language,
                cues=tuple(_said(cue, words, tokens, table) for cue in inside),
                pause_ms=0,
                share=min(1.0, (end_ms - words[first].start_ms) / stretch.span.length_ms),
                person=_person(words, first, last, inside),
            )
        )
    for stretch in pending.stretches:
        if stretch.wordless:
            found.append(Utterance(0, 0, stretch.span, stretch.number, stretch.voice, stretch.language, (), 0, 1.0))
    found.sort(key=lambda item: item.span.start_ms)
    return tuple(
        replace(item, pause_ms=max(0, item.span.start_ms - before.span.end_ms)) if before else item
        for before, item in zip([None, *found], found, strict=False)
    )


def _person(words: Sequence[HeardWord], first: int, last: int, cues: Sequence[Cue]) -> str | None:
    """Return the person who is introduced in an utterance with cues, by the chair or by himself."""
    texts = [word.text for word in words[first:last]]
    own = next((cue.last + 1 - first for cue in cues if cue.kind == "names_self"), None)
    if own is not None:
        return person_at(texts[own:])
    return person_in(texts) if cues else None


def _without_false_stops(words: Sequence[HeardWord]) -> list[str]:
    """Return the texts of the words, without the full stops that only the end of a segment put there.

    The recogniser ends each piece with a full stop; where the next one goes on in small letters, there was none.
    """
    texts = [word.text for word in words]
    for index in range(len(words) - 1):
        after = words[index + 1]
        if (
            after.stretch != words[index].stretch
            and texts[index].endswith(".")
            and after.text[:1].islower()
            and after.start_ms - words[index].end_ms < LONG_PAUSE_MS
        ):
            texts[index] = texts[index][:-1]
    return texts


def _moved(name: Name, by: int) -> Name:
    return replace(name, first=name.first + by, last=name.last + by)


def _said(cue: Cue, words: Sequence[HeardWord], tokens: Sequence[Token], table: EntityTable) -> Said:
    name = cue.names[-1] if cue.names else None
    said = words[tokens[name.first].word : tokens[name.last].word + 1] if name else ()
    return Said(
        kind=cue.kind,
        quote=" ".join(word.text for word in words[cue.first : cue.last + 1]),
        span=Span(words[cue.first].start_ms, max(word.end_ms for word in words[cue.first : cue.last + 1])),
        entity=cue.entity,
        name=" ".join(word.text for word in said).strip(" .,;:?!") if said else None,
        score=name.score if name else 1.0,
        entities=entities_of(cue, tokens, table),
    )


def _borders(
    words: Sequence[HeardWord], tokens: Sequence[Token], cues: Sequence[Cue], stretches: dict[int, Stretch]
) -> list[int]:
    """Return where utterances start, as indexes of words, and behind the last one its end."""
    if not words:
        return []
    sentence_ends = [token.word + 1 for token in tokens if token.text == STOP]
    changes = [
        index
        for index in range(1, len(words))
        if words[index].stretch != words[index - 1].stretch
        and (stretches[words[index].stretch].voice or words[index].start_ms - words[index - 1].end_ms >= PAUSE_MS)
    ]
    whole = [cue for cue in cues if cue.kind in EXCLUSIVE]
    borders = {0, len(words), *sentence_ends, *(i for i in changes if stretches[words[i].stretch].parted)}

    def inside(border: int) -> bool:
        return any(cue.first < border <= cue.last for cue in whole)

    borders.update(cue.last + 1 for cue in cues if cue.kind in ENDS_AT_ONCE and not inside(cue.last + 1))
    borders.update(border for border in changes if not inside(border))
    for cue in cues:
        led_in = any(cue.first - lead in borders for lead in range(1, LEAD_WORDS + 1))
        if cue.kind in STARTS_UTTERANCE and not led_in and not inside(cue.first):
            borders.add(cue.first)
    for cue in cues:
        if cue.kind not in ENDS_SENTENCE:
            continue
        end = cue.last + 1
        moved = True
        while moved:
            moved = False
            for more in cues:
                if more.kind in CONTINUES and more.first <= end + 2 and more.last + 1 > end:
                    end, moved = more.last + 1, True
        stop = next((border for border in sentence_ends if border >= end), None)
        if stop is None or stop - end > TAIL_WORDS:
            borders.add(end)
    for index in range(1, len(words)):  # what runs on without a voice or a pause must still end somewhere
        if words[index].stretch != words[index - 1].stretch and not inside(index):
            before = max(border for border in borders if border < index)
            if index - before >= LONGEST_WORDS:
                borders.add(index)
    # Two words that start at once cannot be parted: a word belongs to the span that contains its start.
    return [
        border
        for border in sorted(borders)
        if border in (0, len(words)) or words[border].start_ms > words[border - 1].start_ms
    ]
