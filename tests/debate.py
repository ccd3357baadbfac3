"""A synthetic debate in twelve statements, heard by the real rules and never by a recogniser. All of it is invented."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from floorlog import words
from floorlog.adapters import flac
from floorlog.adapters.store import Store
from floorlog.announcements import AudioObject, End, Segment
from floorlog.clock import Span, after
from floorlog.errors import ObjectNotReady
from floorlog.identity import segment_id
from floorlog.services import review
from floorlog.services.advance import advance
from floorlog.services.review import Author
from floorlog.words import Piece, Transcript, Word
from tests.sitting import BEGAN, a_meeting
from tests.spoken import RECOGNISER, Line, transcripts_of

ID = "debate"
ANN = Author("ann", "Ann", "approver")


def a_debate(**changes: Any) -> dict[str, Any]:
    """The meeting's document: a floor and one interpretation."""
    return a_meeting(
        ID,
        **{
            "title": "Informal meeting of the General Assembly on the Call to Action for Human Rights (synthetic)",
            "licence": "Apache-2.0 (synthetic sample)",
            "themes": ["call-to-action-v1"],
            "channels": [
                {"name": "floor", "required": True},
                {"name": "fr", "language": "fr", "interpretation": True, "required": False},
            ],
            **changes,
        },
    )


@dataclass(frozen=True)
class Said:
    """One turn: its sentences a line each, and what the French booth made of its third one."""

    voice: str
    language: str
    text: str
    french: str = ""

    def lines(self) -> list[Line]:
        """One line for each sentence."""
        return [
            Line(self.voice, sentence, 300 if place else 600, self.language)
            for place, sentence in enumerate(self.text.split("\n"))
        ]


DEBATE = tuple(Said(**turn) for turn in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["turn"])


@dataclass
class Debate:
    """A debate in a store: it is heard turn by turn, and people work on it."""

    store: Store
    said: tuple[Said, ...] = DEBATE
    objects: dict[str, bytes] = field(default_factory=dict)
    _heard: int = 0

    def __post_init__(self) -> None:
        self._transcripts = transcripts_of([line for turn in self.said for line in turn.lines()], meeting_id=ID)
        self._french = [
            turn.french if place == min(2, len(turn.lines()) - 1) else ""
            for turn in self.said
            for place, _ in enumerate(turn.lines())
        ]

    def hear(self, turns: int | None = None, but: int = 0) -> None:
        """Let the rules hear so many turns, all by default, but for the last lines of the last one."""
        until = sum(len(turn.lines()) for turn in self.said[:turns]) - but
        for number in range(self._heard, until):
            transcript = self._transcripts[number]
            self._register(transcript, number)
            self._register(_interpreted(transcript, self._french[number]), number)
        self._heard = until
        advance(self.store, ID)

    def end(self) -> None:
        """Hear the rest, and end."""
        self.hear()
        last = self._transcripts[-1].span.end_ms
        for channel in ("floor", "fr"):
            self.store.register(End(ID, channel, self._heard, last, self._heard - 1))
        advance(self.store, ID)

    def fetch(self, uri: str) -> bytes:
        """Return an object that was announced."""
        if uri not in self.objects:
            raise ObjectNotReady(uri)
        return self.objects[uri]

    def of(self, code: str) -> str:
        """The id of what a delegation said."""
        for row, shown in self.store.current_revisions(ID):
            speaker = shown.content["speaker"]
            if speaker and speaker["entity"]["code"] == code:
                return row.id
        raise AssertionError(f"{code} has said nothing so far")

    def correct(self, record_id: str, operation: str, value: Any, reason: str | None = None) -> None:
        """Correct a record as it stands."""
        asked = {"id": f"cor-{operation}-{self._seen(record_id)}", "operation": operation, "after": value}
        review.correct(self.store, record_id, self._seen(record_id), [{**asked, "reason": reason}], ANN)

    def bring(self, record_id: str, *states: str, reason: str | None = None) -> None:
        """Bring a record through states of review."""
        for state in states:
            review.change_state(self.store, record_id, self._seen(record_id), state, ANN, reason)

    def _seen(self, record_id: str) -> int:
        row = self.store.record_row(record_id)
        assert row is not None
        return row.current_revision

    def _register(self, transcript: Transcript, number: int) -> None:
        span, uri = transcript.span, f"mem://{transcript.segment_id}.flac"
        data = flac.encode(_tone(span))
        self.objects[uri] = data
        audio = AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data))
        began = after(BEGAN, span.start_ms)
        self.store.register(Segment(ID, transcript.channel, number, span, began, "given", 0, audio, "pause", 0.9))
        self.store.put_transcript(words.encode(transcript))


def _interpreted(transcript: Transcript, text: str) -> Transcript:
    """The same stretch on the French channel: silent unless the booth spoke."""
    span, texts = transcript.span, text.split()
    step_ms = (span.end_ms - span.start_ms) // (len(texts) + 1)
    starts = [span.start_ms + step_ms * place for place in range(len(texts))]
    said = tuple(Word(word, Span(at, at + step_ms - 20), 0.9) for word, at in zip(texts, starts, strict=True))
    pieces = (Piece(span, "fr", 0.99, -0.2, said),) if said else ()
    return Transcript(ID, "fr", segment_id(ID, "fr", span.start_ms), span, RECOGNISER, pieces, (), (), ())


def _tone(span: Span) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A quiet hum: int16, 16 kHz."""
    at = np.arange((span.end_ms - span.start_ms) * 16)
    hum: np.ndarray[Any, np.dtype[np.int16]] = (800 * np.sin(at * 0.05)).astype(np.int16)
    return hum
