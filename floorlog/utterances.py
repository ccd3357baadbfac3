"""Cut what was heard into utterances: the smallest stretches that are given to one holder of the floor as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from floorlog.clock import Span
from floorlog.cues import STOP, Cue, Name, Phrases, Token, find_cues, find_whole, tokens_of
from floorlog.entities import EntityTable
from floorlog.voices import Voice, voices_of
from floorlog.words import Transcript

PAUSE_MS = 300
"""A pause that may part two holders of the floor; changes of holder were heard with pauses from 30 ms on."""

LONG_PAUSE_MS = 700
"""A pause that ends a sentence whatever the punctuation."""

WORDLESS_MS = 800
"""Speech without words for this long is an utterance of its own: the recogniser drops short lines of the chair."""

FULL_SENTENCE_MS = 1500
"""A sentence that lasts this long has a voice of its own: one window of CAM++."""

LONGEST_BARE_TOKENS = 14
"""No phrase that must be a whole utterance is longer."""

TAIL_WORDS = 25
"""A sentence in which the floor is given may run on for so many words behind the name."""

ENDS_UTTERANCE = frozenset({"gives_named", "gives_unnamed", "gives_more", "recognizes", "resumes", "closes"})
STARTS_UTTERANCE = frozenset(
    {"gives_named", "gives_unnamed", "recognizes", "resumes", "thanks_named", "thanks_unnamed", "interrupts"}
    | {"presides", "admits", "opens", "point_of_order", "closes"}
)
CONTINUES = frozenset({"gives_more", "on_behalf", "explanation_of_vote", "right_of_reply", "briefing", "announces"})


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word that is not yet given to a holder of the floor; `stretch` numbers the stretch that it belongs to."""

    text: str
    start_ms: int
    end_ms: int
    stretch: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech between two pauses, pieces or sentences, taken to be one voice. `parted`: a new piece began with it."""

    number: int
    span: Span
    voice: Voice | None
    parted: bool
    language: str
    wordless: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """What was heard and not yet given to a holder of the floor, in order."""

    words: tuple[HeardWord, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    next_number: int = 0
    last_end_ms: int = 0  # where the last word or stretch that was ever pending ended


@dataclass(frozen=True, slots=True)
class Said:
    """A cue in an utterance: its words, its span, and the entity that it is about, with the name as said."""

    kind: str
    quote: str
    span: Span
    entity: str | None
    name: str | None
    score: float


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

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of cue in it."""
        return frozenset(cue.kind for cue in self.cues)


def take(pending: Pending, transcript: Transcript, hear_voices: bool) -> Pending:
    """Return what is pending once a transcript is added to it.

    Args:
        pending: What was pending before.
        transcript: The next one of the channel.
        hear_voices: Whether its voices are those of the speakers (on an interpretation channel they are not).
    """
    said = [(word, number) for number, piece in enumerate(transcript.pieces) for word in piece.words]
    said.sort(key=lambda item: (item[0].span.start_ms, item[1]))
    words: list[HeardWord] = []
    spans: list[Span] = []
    parted: list[bool] = []
    languages: list[str] = []
    last_end_ms = pending.last_end_ms
    last_piece = -1
    stopped = False
    for word, number in said:
        pause_ms = word.span.start_ms - last_end_ms
        fresh = number != last_piece
        if fresh or pause_ms >= PAUSE_MS or (stopped and last_end_ms - spans[-1].start_ms >= FULL_SENTENCE_MS):
            spans.append(word.span)
            parted.append(pause_ms >= LONG_PAUSE_MS or (fresh and last_piece >= 0))
            languages.append(transcript.pieces[number].language)
        else:
            spans[-1] = Span(spans[-1].start_ms, max(spans[-1].end_ms, word.span.end_ms))
        words.append(HeardWord(word.text, word.span.start_ms, word.span.end_ms, pending.next_number + len(spans) - 1))
        stopped = word.text[-1:] in ".?!"
        last_piece = number
        last_end_ms = max(last_end_ms, word.span.end_ms)
    windows = transcript.voice_windows if hear_voices else ()
    built = [
        Stretch(pending.next_number + index, span, voice, parted[index], languages[index])
        for index, (span, voice) in enumerate(zip(spans, voices_of(spans, windows), strict=True))
    ]
    if windows:
        built = _with_wordless(built, transcript, pending.next_number + len(built))
    return Pending(
        (*pending.words, *words),
        (*pending.stretches, *built),
        pending.next_number + len(built),
        max([last_end_ms, *(stretch.span.end_ms for stretch in built)]),
    )


def _with_wordless(built: list[Stretch], transcript: Transcript, next_number: int) -> list[Stretch]:
    """Add stretches of speech in which no words were found."""
    spans: list[Span] = []
    for speech in transcript.speech:
        at_ms = speech.start_ms
        for stretch in built:
            if stretch.span.end_ms <= at_ms or stretch.span.start_ms >= speech.end_ms:
                continue
            if stretch.span.start_ms - at_ms >= WORDLESS_MS:
                spans.append(Span(at_ms, stretch.span.start_ms))
            at_ms = max(at_ms, stretch.span.end_ms)
        if speech.end_ms - at_ms >= WORDLESS_MS:
            spans.append(Span(at_ms, speech.end_ms))
    voices = voices_of(spans, transcript.voice_windows)
    wordless = [
        Stretch(next_number + index, span, voice, True, "und", wordless=True)
        for index, (span, voice) in enumerate(zip(spans, voices, strict=True))
    ]
    return sorted([*built, *wordless], key=lambda stretch: stretch.span)


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
    tokens = tokens_of([word.text for word in words], stops)
    names = names_among(tokens, table)
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
                cues=tuple(_said(cue, words, tokens) for cue in inside),
                pause_ms=0,
                share=min(1.0, (end_ms - words[first].start_ms) / stretch.span.length_ms),
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


def _moved(name: Name, by: int) -> Name:
    return replace(name, first=name.first + by, last=name.last + by)


def _said(cue: Cue, words: Sequence[HeardWord], tokens: Sequence[Token]) -> Said:
    name = cue.names[-1] if cue.names else None
    said = words[tokens[name.first].word : tokens[name.last].word + 1] if name else ()
    return Said(
        kind=cue.kind,
        quote=" ".join(word.text for word in words[cue.first : cue.last + 1]),
        span=Span(words[cue.first].start_ms, max(word.end_ms for word in words[cue.first : cue.last + 1])),
        entity=cue.entity,
        name=" ".join(word.text for word in said).strip(" .,;:?!") if said else None,
        score=name.score if name else 1.0,
    )


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


def _borders(
    words: Sequence[HeardWord], tokens: Sequence[Token], cues: Sequence[Cue], stretches: dict[int, Stretch]
) -> list[int]:
    """Return where utterances start, as indexes of words, and behind the last one its end."""
    if not words:
        return []
    sentence_ends = [token.word + 1 for token in tokens if token.text == STOP]
    hard = {0, len(words), *sentence_ends}
    hard.update(i for i in range(1, len(words)) if words[i].stretch != words[i - 1].stretch)
    hard.update(cue.first for cue in cues if cue.kind in STARTS_UTTERANCE)
    soft: set[int] = set()
    for cue in cues:
        if cue.kind not in ENDS_UTTERANCE:
            continue
        end = cue.last + 1
        moved = True
        while moved:
            moved = False
            for more in cues:
                if more.kind in CONTINUES and more.first <= end + 2 and more.last + 1 > end and more.first >= cue.first:
                    end, moved = more.last + 1, True
        stop = next((border for border in sentence_ends if border >= end), None)
        if stop is None or stop - end > TAIL_WORDS:
            soft.add(end)
    inside_cue = {
        border
        for border in hard
        if 0 < border < len(words)
        and not stretches[words[border].stretch].parted
        and any(cue.first < border <= cue.last for cue in cues if cue.kind in ENDS_UTTERANCE | STARTS_UTTERANCE)
    }
    # Two words that start at once cannot be parted: a word belongs to the span that contains its start.
    return [
        border
        for border in sorted((hard - inside_cue) | soft)
        if border in (0, len(words)) or words[border].start_ms > words[border - 1].start_ms
    ]
