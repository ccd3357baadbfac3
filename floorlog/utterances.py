"""Cut what was heard into utterances: the smallest stretches that are given to one holder of the floor as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from floorlog.clock import Span
from floorlog.cues import EXCLUSIVE, STOP, Cue, Name, Phrases, Token, find_cues, find_whole, tokens_of
from floorlog.entities import EntityTable
from floorlog.names import misheard_among, names_among
from floorlog.voices import Voice, voices_of
from floorlog.words import Transcript, VoiceWindow

PAUSE_MS = 300
"""A pause that may part two holders of the floor; changes of holder were heard with pauses from 30 ms on."""

LONG_PAUSE_MS = 700
"""A pause that ends a sentence whatever the punctuation."""

WORDLESS_MS = 500
"""Speech without words for this long is an utterance of its own: the recogniser drops short lines of the chair."""

LONGEST_RIM_MS = 1500
"""As much speech around words may be theirs: so late the recogniser starts a word, or so early it ends one."""

FULL_SENTENCE_MS = 1500
"""A sentence that lasts this long has a voice of its own: one window of CAM++."""

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
    last_middle_ms = 0
    stopped = False
    windows = transcript.voice_windows if hear_voices else ()
    runs = _runs(windows)
    breaths = [run.end_ms for run in runs[:-1]]
    for word, number in said:
        pause_ms = word.span.start_ms - last_end_ms
        fresh = number != last_piece
        middle_ms = (word.span.start_ms + word.span.end_ms) // 2
        paused = pause_ms >= PAUSE_MS or any(last_middle_ms < at_ms <= middle_ms for at_ms in breaths)
        if fresh or paused or (stopped and last_end_ms - spans[-1].start_ms >= FULL_SENTENCE_MS):
            spans.append(word.span)
            parted.append(pause_ms >= LONG_PAUSE_MS or (fresh and last_piece >= 0))
            languages.append(transcript.pieces[number].language)
        else:
            spans[-1] = Span(spans[-1].start_ms, max(spans[-1].end_ms, word.span.end_ms))
        words.append(HeardWord(word.text, word.span.start_ms, word.span.end_ms, pending.next_number + len(spans) - 1))
        stopped = word.text[-1:] in ".?!"
        last_piece, last_middle_ms = number, middle_ms
        last_end_ms = max(last_end_ms, word.span.end_ms)
    built = [
        Stretch(pending.next_number + index, span, voice, parted[index], languages[index])
        for index, (span, voice) in enumerate(zip(spans, voices_of(spans, windows), strict=True))
    ]
    if windows:
        told = [piece.span for piece in transcript.pieces if piece.words]
        built = _with_wordless(built, runs, windows, told, pending.next_number + len(built))
    return Pending(
        (*pending.words, *words),
        (*pending.stretches, *built),
        max([pending.next_number, *(stretch.number + 1 for stretch in built)]),
        max([last_end_ms, *(stretch.span.end_ms for stretch in built)]),
    )


def _runs(windows: Sequence[VoiceWindow]) -> list[Span]:
    """Return the stretches that windows cover without a break; a breath parts them."""
    runs: list[Span] = []
    for window in windows:
        if runs and window.span.start_ms <= runs[-1].end_ms:
            runs[-1] = Span(runs[-1].start_ms, max(runs[-1].end_ms, window.span.end_ms))
        else:
            runs.append(window.span)
    return runs


def _with_wordless(
    built: list[Stretch],
    runs: Sequence[Span],
    windows: Sequence[VoiceWindow],
    told: Sequence[Span],
    next_number: int,
) -> list[Stretch]:
    """Add stretches in which a voice is heard and no words were found.

    Within what was decoded at once (`told`), a little speech around words without a breath between is theirs: words end
    where the recogniser hears them end, which is often too early.
    """
    spans: list[Span] = []
    for run in runs:
        at_ms = run.start_ms
        inside = [item for item in built if item.span.end_ms > run.start_ms and item.span.start_ms < run.end_ms]
        for stretch in inside:
            if stretch.span.start_ms > at_ms:
                spans.append(Span(at_ms, stretch.span.start_ms))
            at_ms = max(at_ms, stretch.span.end_ms)
        if run.end_ms > at_ms:
            spans.append(Span(at_ms, run.end_ms))
        if inside:
            spans = [
                span
                for span in spans
                if span.start_ms < run.start_ms
                or span.length_ms >= LONGEST_RIM_MS
                or not any(piece.overlap_ms(span) * 2 > span.length_ms for piece in told)
            ]
    spans = [span for span in spans if span.length_ms >= WORDLESS_MS]
    wordless = [
        Stretch(next_number + index, span, voice, True, "und", wordless=True)
        for index, (span, voice) in enumerate(zip(spans, voices_of(spans, windows), strict=True))
        if voice is not None
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
    tokens = tokens_of(_without_false_stops(words), stops)
    names = names_among(tokens, table)
    cues = find_cues(tokens, names, phrases)
    misheard = misheard_among(tokens, names, cues, table)
    if misheard:
        names = sorted([*names, *misheard], key=lambda name: name.first)
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
