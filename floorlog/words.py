"""Words, pieces and transcripts: what the recogniser heard in one segment.

The JSON form is `schemas/transcript.v1.schema.json`. `decode` expects a document that was validated.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from floorlog.clock import Span

SCHEMA = "transcript/1"

Embedding = NDArray[np.float32]
"""A voice as a point on the unit sphere: shape (192,), float32, L2 norm 1."""


@dataclass(frozen=True, slots=True)
class Word:
    """A timed token of the transcript. The text has no surrounding space."""

    text: str
    span: Span
    confidence: float


@dataclass(frozen=True, slots=True)
class VoiceWindow:
    """The voice heard in a window of speech; made by CAM++."""

    span: Span
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one segment between changes of voice, decoded alone in one language.

    Pieces of a segment are in order and do not overlap; together they hold all its words.
    """

    span: Span
    language: str
    language_probability: float
    average_log_probability: float
    words: tuple[Word, ...]


DropReason = Literal["low-score", "loop", "no-speech", "no-words"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stretch of speech whose words were not kept, and why: it counts as speech without words."""

    span: Span
    reason: DropReason
    text: str
    average_log_probability: float | None


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Which recogniser, with which settings, made a transcript."""

    fingerprint: str
    model: str
    model_sha256: str
    settings: dict[str, Any]
    version: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that was heard in one segment. `speech` are the spans that voice activity detection found, in order."""

    meeting_id: str
    channel: str
    segment_id: str
    span: Span
    recogniser: Recogniser
    pieces: tuple[Piece, ...]
    speech: tuple[Span, ...]
    voice_windows: tuple[VoiceWindow, ...]
    dropped: tuple[Dropped, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """Return the words of all pieces, in order."""
        return tuple(word for piece in self.pieces for word in piece.words)


def encode_embedding(embedding: Embedding) -> str:
    """Return base64 of the little-endian float16 values (384 bytes for 192 dimensions)."""
    return base64.b64encode(np.asarray(embedding, dtype="<f2").tobytes()).decode("ascii")


def decode_embedding(text: str) -> Embedding:
    """Return the unit vector behind `encode_embedding`: shape (n,), float32; n is the number of stored values."""
    vector = np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)
    norm = float(np.linalg.norm(vector))
    return vector / np.float32(norm) if norm > 0 else vector


def encode(transcript: Transcript) -> dict[str, Any]:
    """Return the JSON form, as `schemas/transcript.v1.schema.json` describes it."""
    return {
        "schema": SCHEMA,
        "meeting_id": transcript.meeting_id,
        "channel": transcript.channel,
        "segment_id": transcript.segment_id,
        "span": transcript.span.encode(),
        "recogniser": {
            "fingerprint": transcript.recogniser.fingerprint,
            "model": transcript.recogniser.model,
            "model_sha256": transcript.recogniser.model_sha256,
            "settings": transcript.recogniser.settings,
            "version": transcript.recogniser.version,
        },
        "pieces": [
            {
                "span": piece.span.encode(),
                "language": piece.language,
                "language_probability": piece.language_probability,
                "average_log_probability": piece.average_log_probability,
                "words": [
                    {"text": word.text, "span": word.span.encode(), "confidence": word.confidence}
                    for word in piece.words
                ],
            }
            for piece in transcript.pieces
        ],
        "speech": [span.encode() for span in transcript.speech],
        "voice_windows": [
            {"span": window.span.encode(), "embedding": encode_embedding(window.embedding)}
            for window in transcript.voice_windows
        ],
        "dropped": [
            {
                "span": dropped.span.encode(),
                "reason": dropped.reason,
                "text": dropped.text,
                "average_log_probability": dropped.average_log_probability,
            }
            for dropped in transcript.dropped
        ],
    }


def decode(document: dict[str, Any]) -> Transcript:
    """Return the transcript of a validated JSON form.

    Raises:
        InvalidSpan: a span is empty or runs backwards.
    """
    recogniser = document["recogniser"]
    return Transcript(
        meeting_id=document["meeting_id"],
        channel=document["channel"],
        segment_id=document["segment_id"],
        span=Span.decode(document["span"]),
        recogniser=Recogniser(
            fingerprint=recogniser["fingerprint"],
            model=recogniser["model"],
            model_sha256=recogniser["model_sha256"],
            settings=recogniser["settings"],
            version=recogniser["version"],
        ),
        pieces=tuple(
            Piece(
                span=Span.decode(piece["span"]),
                language=piece["language"],
                language_probability=piece["language_probability"],
                average_log_probability=piece["average_log_probability"],
                words=tuple(
                    Word(word["text"], Span.decode(word["span"]), word["confidence"]) for word in piece["words"]
                ),
            )
            for piece in document["pieces"]
        ),
        speech=tuple(Span.decode(span) for span in document["speech"]),
        voice_windows=tuple(
            VoiceWindow(Span.decode(window["span"]), decode_embedding(window["embedding"]))
            for window in document["voice_windows"]
        ),
        dropped=tuple(
            Dropped(
                Span.decode(dropped["span"]), dropped["reason"], dropped["text"], dropped["average_log_probability"]
            )
            for dropped in document["dropped"]
        ),
    )
