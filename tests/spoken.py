"""Small synthetic sittings in words: lines with voices in, transcripts out. All of the text is invented."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from floorlog.announcements import End
from floorlog.clock import Span
from floorlog.interventions import Event, Intervention, Settled, begin, hear
from floorlog.words import Embedding, Piece, Recogniser, Transcript, VoiceWindow, Word

WORD_MS = 400
WINDOW_MS = 1500
HOP_MS = 500

RECOGNISER = Recogniser("fp-synthetic", "none", "0" * 64, {}, "1")


@dataclass(frozen=True)
class Line:
    """What one voice says in one go; an empty text is speech in which no words were found."""

    voice: str
    text: str
    pause_ms: int = 500
    language: str = "en"
    lasts_ms: int | None = None


def voice(name: str, noise: int = 0, alike: float = 0.0) -> Embedding:
    """The same direction for the same name; other directions for others. `noise` numbers a slightly different one.

    `alike`: how much all voices have in common; 0.85 gives cosines of .4 between two, as real voices have.
    """
    seed = sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 2**32
    own = np.random.default_rng(seed).normal(size=192) + alike * np.random.default_rng(0).normal(size=192)
    if noise:
        own = own + (0.65 if alike else 0.35) * np.random.default_rng([seed, noise]).normal(size=192)
    return (own / np.linalg.norm(own)).astype(np.float32)


def transcripts_of(
    lines: Sequence[Line],
    *,
    meeting_id: str = "spoken",
    channel: str = "floor",
    voices: bool = True,
    alike: float = 0.0,
) -> list[Transcript]:
    """One transcript for each line: words of 400 ms, and windows of 1.5 s every 0.5 s unless `voices` is false."""
    found = []
    at_ms = 0
    for number, line in enumerate(lines):
        start_ms = at_ms
        said_ms = at_ms + line.pause_ms
        texts = line.text.split()
        end_ms = said_ms + (line.lasts_ms or max(1, len(texts)) * WORD_MS)
        step_ms = (end_ms - said_ms) // max(1, len(texts))
        words = tuple(
            Word(text, Span(said_ms + step_ms * index, said_ms + step_ms * (index + 1)), 0.9)
            for index, text in enumerate(texts)
        )
        speech = Span(said_ms, end_ms)
        starts = range(said_ms, max(said_ms + 1, end_ms - WINDOW_MS + 1), HOP_MS)
        windows = tuple(
            VoiceWindow(Span(start, min(end_ms, start + WINDOW_MS)), voice(line.voice, number * 100 + index + 1, alike))
            for index, start in enumerate(starts)
        )
        found.append(
            Transcript(
                meeting_id=meeting_id,
                channel=channel,
                segment_id=f"{meeting_id}.{channel}.{start_ms:010d}",
                span=Span(start_ms, end_ms),
                recogniser=RECOGNISER,
                pieces=(Piece(speech, line.language, 0.99, -0.2, words),) if words else (),
                speech=(speech,),
                voice_windows=windows if voices else (),
                dropped=(),
            )
        )
        at_ms = end_ms
    return found


def recut(transcripts: Sequence[Transcript], segments: Collection[int], pieces: Collection[int]) -> list[Transcript]:
    """The same sitting with segments and pieces that end elsewhere: behind the transcripts with these indexes."""
    found: list[Transcript] = []
    inside: list[Transcript] = []
    for index, transcript in enumerate(transcripts):
        inside.append(transcript)
        if index not in segments and index + 1 < len(transcripts):
            continue
        joined: list[Piece] = []
        first = index + 1 - len(inside)
        for offset, item in enumerate(inside):
            for piece in item.pieces:
                if joined and offset and first + offset - 1 not in pieces:
                    last = joined.pop()
                    span = Span(last.span.start_ms, piece.span.end_ms)
                    piece = replace(last, span=span, words=(*last.words, *piece.words))
                joined.append(piece)
        found.append(
            replace(
                inside[0],
                span=Span(inside[0].span.start_ms, transcript.span.end_ms),
                pieces=tuple(joined),
                speech=tuple(span for item in inside for span in item.speech),
                voice_windows=tuple(window for item in inside for window in item.voice_windows),
            )
        )
        inside = []
    return found


def a_meeting(meeting_id: str = "spoken", **channels: bool) -> dict[str, Any]:
    """As much of a meeting document as the floor reads; each channel says whether it is interpreted."""
    named = channels or {"floor": False}
    return {
        "id": meeting_id,
        "date": "2021-02-24",
        "themes": [],
        "channels": [
            {"name": name, "language": None, "interpretation": interpreted, "required": True}
            for name, interpreted in named.items()
        ],
        "licence": "CC0-1.0",
        "synthetic": True,
    }


def the_end(transcripts: Sequence[Transcript]) -> End:
    """The end of the stream behind the last transcript."""
    last = transcripts[-1]
    return End(last.meeting_id, last.channel, len(transcripts), last.span.end_ms, len(transcripts) - 1)


def settled_by(events: Sequence[Event], meeting: dict[str, Any] | None = None) -> list[Settled]:
    """All that the machine settles over the events, in the order in which it does."""
    state = begin(meeting or a_meeting())
    found: list[Settled] = []
    for event in events:
        heard = hear(state, event)
        state = heard.state
        found.extend(heard.settled)
    return found


def log_of(lines: Sequence[Line], *, voices: bool = True) -> list[Intervention]:
    """The interventions of a whole sitting, by where they start, each in its last revision."""
    return log_of_transcripts(transcripts_of(lines, voices=voices))


def log_of_transcripts(transcripts: Sequence[Transcript]) -> list[Intervention]:
    """The same of a sitting that was already recognised."""
    latest = {item.intervention.id: item.intervention for item in settled_by([*transcripts, the_end(transcripts)])}
    return sorted(latest.values(), key=lambda item: item.spans[0])


def who(log: Sequence[Intervention]) -> list[str | None]:
    """The entities of a log, in order."""
    return [item.attribution.entity for item in log]
