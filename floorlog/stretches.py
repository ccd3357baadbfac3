"""Keep what was heard and not yet given to anybody: words, in stretches that are taken to be one voice each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from floorlog.clock import Span
from floorlog.room import SILENT, Room, heard_in
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
    """What was heard and not yet given to a holder of the floor, in order; `room` is what all voices have in common."""

    words: tuple[HeardWord, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    next_number: int = 0
    last_end_ms: int = 0  # where the last word or stretch that was ever pending ended
    room: Room = SILENT


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
    room, windows = heard_in(pending.room, transcript.voice_windows if hear_voices else ())
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
        room,
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
