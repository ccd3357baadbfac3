"""Transcribe one segment: the same audio and settings give the same transcript, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from floorlog import readings, splitting
from floorlog.adapters import flac, voice_activity, voice_embedding
from floorlog.announcements import Segment
from floorlog.clock import SAMPLES_PER_MS, Span
from floorlog.errors import CorruptAudio, UnreadableAudio
from floorlog.services.recognisers import LoadedRecogniser
from floorlog.words import Piece, Transcript, VoiceWindow

if TYPE_CHECKING:
    from floorlog.adapters.whisper import Heard


def transcribe(segment: Segment, data: bytes, recogniser: LoadedRecogniser, language: str | None = None) -> Transcript:
    """Return what was heard in a segment.

    Args:
        segment: its announcement.
        data: the bytes of its audio object.
        recogniser: what to hear with.
        language: the one language of the channel (BCP 47), as on an interpretation; None: it is heard, piece by piece.

    Raises:
        CorruptAudio: the bytes are not those announced.
        UnreadableAudio: they are no audio of the announced form and length.
    """
    prepared = prepare(segment, data)
    heard = hear(prepared, recogniser, language)
    start_ms = segment.span.start_ms
    return Transcript(
        meeting_id=segment.meeting_id,
        channel=segment.channel,
        segment_id=segment.id,
        span=segment.span,
        recogniser=recogniser.identity,
        pieces=tuple(each.piece for each in heard if each.piece is not None),
        speech=tuple(_later(span, start_ms) for span in prepared.speech),
        voice_windows=tuple(VoiceWindow(_later(voice.span, start_ms), voice.embedding) for voice in prepared.voices),
        dropped=tuple(dropped for each in heard for dropped in each.dropped),
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A segment's audio before it is decoded; spans are ms from its start.

    Args:
        samples: mono at 16 kHz, shape (n,), int16.
        speech: where there is speech.
        voices: who speaks, in windows.
        pieces: what is decoded alone: stretches of speech between changes of voice.
    """

    segment: Segment
    samples: flac.Samples
    speech: tuple[Span, ...]
    voices: tuple[VoiceWindow, ...]
    pieces: tuple[Span, ...]


def prepare(segment: Segment, data: bytes) -> Prepared:
    """Check a segment's audio, find its speech and its voices, and split it where the voice changes.

    Raises:
        CorruptAudio: the bytes are not those announced.
        UnreadableAudio: they are no audio of the announced form and length.
    """
    samples = _samples(segment, data)
    length_ms = segment.span.length_ms
    runs = splitting.runs(_probabilities(samples), length_ms)
    voices = voice_embedding.embed(samples, splitting.windows(runs))
    return Prepared(
        segment,
        samples,
        tuple(splitting.speech(runs, length_ms)),
        voices,
        tuple(splitting.split(runs, voices, length_ms)),
    )


def hear(prepared: Prepared, recogniser: LoadedRecogniser, language: str | None = None) -> list[Heard]:
    """Return what the recogniser heard in each piece, in order; short pieces that it doubts are read twice."""
    languages = _languages(recogniser, language)
    heard = [_read(prepared, piece, recogniser, languages) for piece in prepared.pieces]
    for place in range(len(heard)):
        pieces = [_piece(each, prepared, index) for index, each in enumerate(heard)]
        for other in readings.doubted(pieces, place):
            left, right = sorted((place, other))
            both = Span(prepared.pieces[left].start_ms, prepared.pieces[right].end_ms)
            together = _read(prepared, both, recogniser, (pieces[other].language,))
            if together.piece is None or together.dropped:
                continue
            if better := readings.compared(pieces[left], pieces[right], together.piece):
                heard[left], heard[right] = (replace(heard[left], piece=each, dropped=()) for each in better)
                break
    return heard


def _piece(heard: Heard, prepared: Prepared, index: int) -> Piece:
    """Return what was heard in a piece; without words where the recogniser did not trust its own reading."""
    if heard.piece is not None:
        return heard.piece
    return Piece(_later(prepared.pieces[index], prepared.segment.span.start_ms), "", 0.0, 0.0, ())


def _read(prepared: Prepared, span: Span, recogniser: LoadedRecogniser, languages: Sequence[str]) -> Heard:
    """Return what the recogniser hears in one stretch of a segment."""
    audio, place = _floats(prepared.samples, span), _later(span, prepared.segment.span.start_ms)
    return recogniser.whisper.hear(audio, place, languages, recogniser.settings.beam)


def _languages(recogniser: LoadedRecogniser, language: str | None) -> tuple[str, ...]:
    """Return the languages that may be heard, as Whisper names them: by the primary subtag, `en` of `en-GB`.

    A channel's language that the model does not know, such as the `ia` that UN Web TV calls its floor, tells nothing.
    """
    known = recogniser.whisper.languages
    if language is not None and (own := language.split("-")[0].lower()) in known:
        return (own,)
    return tuple(each for each in recogniser.settings.languages if each in known) or tuple(sorted(known))


def _samples(segment: Segment, data: bytes) -> flac.Samples:
    """Return the segment's samples, once they are known to be what was announced."""
    found = hashlib.sha256(data).hexdigest()
    if found != segment.audio.sha256:
        raise CorruptAudio(segment.audio.uri, segment.audio.sha256, found)
    samples = flac.decode(data, segment.audio.uri)
    if len(samples) != segment.span.length_ms * SAMPLES_PER_MS:
        announced = segment.span.length_ms * SAMPLES_PER_MS
        raise UnreadableAudio(segment.audio.uri, f"{len(samples)} samples, announced are {announced}")
    return samples


def _probabilities(samples: flac.Samples) -> voice_activity.Probabilities:
    """Return the probability of speech in each frame; the last frame is filled up with silence.

    It is heard twice, the second time with what the first one left in memory: one that begins cold is deaf to the first
    second or two of a noisy segment. Speech is what either hears: of that in a noisy meeting 99.0 %, cold 98.3 %.
    """
    missing = -len(samples) % voice_activity.FRAME_SAMPLES
    whole = np.pad(samples, (0, missing))
    cold, memory = voice_activity.probabilities(whole)
    warm, _ = voice_activity.probabilities(whole, memory)
    return np.maximum(cold, warm)


def _floats(samples: flac.Samples, span: Span) -> NDArray[np.float32]:
    """Return the samples of a span in [-1, 1]."""
    heard = samples[span.start_ms * SAMPLES_PER_MS : span.end_ms * SAMPLES_PER_MS]
    return heard.astype(np.float32) / np.float32(32768)


def _later(span: Span, offset_ms: int) -> Span:
    return Span(span.start_ms + offset_ms, span.end_ms + offset_ms)
