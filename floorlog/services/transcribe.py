"""Transcribe one segment: the same audio and settings give the same transcript, byte for byte."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from floorlog import splitting
from floorlog.adapters import flac, voice_activity, voice_embedding
from floorlog.announcements import Segment
from floorlog.clock import SAMPLES_PER_MS, Span
from floorlog.errors import CorruptAudio, UnreadableAudio
from floorlog.services.recognisers import LoadedRecogniser
from floorlog.words import Transcript, VoiceWindow

DEFAULT_LANGUAGE = "en"
"""Expected where the channel has no language of its own: the chair's, in most meetings."""


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
    samples = _samples(segment, data)
    start_ms, length_ms = segment.span.start_ms, segment.span.length_ms
    runs = splitting.runs(_probabilities(samples))
    voices = voice_embedding.embed(samples, splitting.windows(runs))
    heard = [
        recogniser.whisper.hear(
            _floats(samples, piece),
            _later(piece, start_ms),
            DEFAULT_LANGUAGE if language is None else primary(language),
            detect=language is None,
            beam=recogniser.settings.beam,
        )
        for piece in splitting.split(runs, voices, length_ms)
    ]
    return Transcript(
        meeting_id=segment.meeting_id,
        channel=segment.channel,
        segment_id=segment.id,
        span=segment.span,
        recogniser=recogniser.identity,
        pieces=tuple(each.piece for each in heard if each.piece is not None),
        speech=tuple(_later(span, start_ms) for span in splitting.speech(runs, length_ms)),
        voice_windows=tuple(VoiceWindow(_later(voice.span, start_ms), voice.embedding) for voice in voices),
        dropped=tuple(dropped for each in heard for dropped in each.dropped),
    )


def primary(language: str) -> str:
    """Return the primary subtag of a BCP 47 tag, which is how Whisper names languages: `en` of `en-GB`."""
    return language.split("-")[0].lower()


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
    """Return the probability of speech in each frame; the last frame is filled up with silence."""
    missing = -len(samples) % voice_activity.FRAME_SAMPLES
    return voice_activity.probabilities(np.pad(samples, (0, missing)), context_frames=0)


def _floats(samples: flac.Samples, span: Span) -> NDArray[np.float32]:
    """Return the samples of a span in [-1, 1]."""
    heard = samples[span.start_ms * SAMPLES_PER_MS : span.end_ms * SAMPLES_PER_MS]
    return heard.astype(np.float32) / np.float32(32768)


def _later(span: Span, offset_ms: int) -> Span:
    return Span(span.start_ms + offset_ms, span.end_ms + offset_ms)
