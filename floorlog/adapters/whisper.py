"""Words by faster-whisper: one short stretch of audio in, its words or the reason why there are none out.

Nothing is sampled at random: the temperature is 0. A loop or a low score is decoded once more in one fixed other way,
and dropped if that does not help. (The usual fallback to higher temperatures gave other words in each run, measured.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import TranscriptionOptions, get_suppressed_tokens
from numpy.typing import NDArray

from floorlog.clock import SAMPLES_PER_MS, Span
from floorlog.words import Dropped, DropReason, Piece, Word

LOW_SCORE = -1.0
"""Below this average log probability text is not kept: laughter scores −1.0 to −1.2 (measured); OpenAI's own limit."""

LOOP = 2.4
"""Above this ratio of plain to compressed length text repeats itself; OpenAI's own limit (whisper/transcribe.py)."""

NO_SPEECH = 0.6
"""Above this probability of no speech, text with a low score was heard in noise; OpenAI's own limit."""

LANGUAGE_CERTAIN = 0.7
"""Another language than the expected one is believed above this probability (measured)."""

LANGUAGE_MIN_MS = 1200
"""Another language than the expected one is believed in longer stretches only (measured)."""

LEAD_MS, LEAD_BELOW_MS = 300, 4000
"""Silence put before the audio of stretches below 4 s: of 15 short lines of the chair, three more were understood.

Longer ones gain nothing: with it before every piece, 2.6 % of the words were wrong, without it 2.3 % (the sample).
"""

MARGIN_FRAMES, MIN_FRAMES = 300, 1500
"""Frames of 10 ms: silence that the encoder is given after the audio, and the least that it is given in all.

Whisper pads all audio to 30 s and computes that silence too, at more than a third of the cost of a piece of 10 s. See
docs/decisions/0015-less-padding.md.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised in a stretch of speech: a piece if any words are kept, and what was dropped."""

    piece: Piece | None
    dropped: tuple[Dropped, ...]


class _ShortWindows(WhisperModel):  # type: ignore[misc]
    """A model whose encoder is not given all the padding."""

    def encode(self, features: NDArray[np.float32]) -> Any:
        content = int(np.flatnonzero(features.any(axis=0)).max(initial=-1)) + 1
        return super().encode(features[:, : max(MIN_FRAMES, content + MARGIN_FRAMES)])

    def encode_all(self, features: NDArray[np.float32]) -> Any:
        """Return the encoding of 30 s, padding included, as the model was trained."""
        return super().encode(features)


class Whisper:
    """A loaded model. Calls from several threads are safe, and give what they would give one by one.

    `languages` are those that it knows (ISO 639-1).
    """

    def __init__(self, folder: Path, device: str, compute_type: str, threads: int, calls: int = 1) -> None:
        self._model = _ShortWindows(
            str(folder), device=device, compute_type=compute_type, cpu_threads=threads, num_workers=calls
        )
        self.languages: frozenset[str] = frozenset(self._model.supported_languages)

    def hear(self, audio: NDArray[np.float32], span: Span, languages: Sequence[str], beam: int) -> Heard:
        """Return the words of a stretch of speech.

        Args:
            audio: mono at 16 kHz in [-1, 1], shape (n,), at most 30 s.
            span: where the stretch lies on the meeting clock.
            languages: those of `self.languages` that may be heard, the expected one first; of one alone, nothing is
                detected.
            beam: size of the beam.
        """
        lead_ms = LEAD_MS if span.length_ms < LEAD_BELOW_MS else 0
        features = self._model.feature_extractor(np.pad(audio, (lead_ms * SAMPLES_PER_MS, 0)))
        padded = pad_or_trim(features[:, :-1])
        encoded = self._model.encode(padded)
        language, probability = self._language(encoded, languages, span.length_ms)
        windows = self._decode(features, encoded, language, beam=beam, no_repeat=0)
        if any(_fault(each) for each in windows):
            again = self._decode(features, self._model.encode_all(padded), language, beam=beam, no_repeat=3)
            windows = min((again, windows), key=lambda tried: sum(_fault(each) is not None for each in tried))
        return keep(windows, language, probability, span, span.start_ms - lead_ms)

    def _language(self, encoded: Any, languages: Sequence[str], length_ms: int) -> tuple[str, float]:
        """Return the language of a stretch and its probability among those that may be heard."""
        expected = languages[0]
        if len(languages) == 1:
            return expected, 1.0
        found = {token[2:-2]: probability for token, probability in self._model.model.detect_language(encoded)[0]}
        among = sum(found[language] for language in languages)
        likeliest = max(languages, key=lambda language: found[language])
        believed = found[likeliest] > LANGUAGE_CERTAIN * among and length_ms > LANGUAGE_MIN_MS
        language = likeliest if believed else expected
        return language, round(float(found[language] / among), 3)

    def _decode(
        self, features: NDArray[np.float32], encoded: Any, language: str, *, beam: int, no_repeat: int
    ) -> list[list[Any]]:
        """Return faster-whisper's segments, those of one decoding window together: a score is a window's."""
        multilingual = self._model.model.is_multilingual
        tokenizer = Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)
        options = dataclasses.replace(
            _OPTIONS,
            beam_size=beam,
            no_repeat_ngram_size=no_repeat,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        )
        segments = list(self._model.generate_segments(features, tokenizer, options, False, encoded))
        return [list(group) for _, group in groupby(segments, key=lambda segment: segment.seek)]


_OPTIONS = TranscriptionOptions(
    beam_size=5,
    best_of=1,
    patience=1,
    length_penalty=1,
    repetition_penalty=1,
    no_repeat_ngram_size=0,
    log_prob_threshold=None,  # scores are judged here, where what is dropped is told
    no_speech_threshold=None,
    compression_ratio_threshold=None,
    condition_on_previous_text=False,
    prompt_reset_on_temperature=0.5,
    temperatures=[0.0],
    initial_prompt=None,  # prompts and hotwords put names into the text that nobody said
    prefix=None,
    suppress_blank=True,
    suppress_tokens=[-1],
    without_timestamps=False,
    max_initial_timestamp=1.0,
    word_timestamps=True,
    prepend_punctuations="\"'“¿([{-",
    append_punctuations="\"'.。,，!！?？:：”)]}、",
    multilingual=False,
    max_new_tokens=None,
    clip_timestamps="0",
    hallucination_silence_threshold=None,
    hotwords=None,
)


def _fault(window: Sequence[Any]) -> DropReason | None:
    """Return why the text of a decoding window is not to be kept; None: it is kept."""
    first = window[0]
    if first.compression_ratio > LOOP:
        return "loop"
    if first.avg_logprob < LOW_SCORE:
        return "no-speech" if first.no_speech_prob > NO_SPEECH else "low-score"
    if not any(letter.isalnum() for segment in window for letter in segment.text):
        return "no-words"  # noise becomes a row of full stops
    return None


def keep(windows: Sequence[Sequence[Any]], language: str, probability: float, span: Span, origin_ms: int) -> Heard:
    """Return what of the recogniser's output is kept, on the meeting clock, and what is not, with the reason.

    Args:
        windows: faster-whisper's segments, those of one decoding window together.
        language: in which the stretch was decoded.
        probability: of that language.
        span: where the stretch lies on the meeting clock.
        origin_ms: where the recogniser's time began on the meeting clock; not after the stretch.
    """
    kept = [window for window in windows if _fault(window) is None]
    timed = [word for window in kept for segment in window for word in segment.words]
    words = _words(_hyphened(timed), span, origin_ms)
    dropped = tuple(_dropped(window, reason, span, origin_ms) for window in windows if (reason := _fault(window)))
    if not words:
        return Heard(None, dropped or (Dropped(span, "no-words", "", None),))
    segments = [segment for window in kept for segment in window]
    score = np.average([each.avg_logprob for each in segments], weights=[len(each.tokens) for each in segments])
    return Heard(Piece(span, language, probability, round(float(score), 3), words), dropped)


def _hyphened(timed: Sequence[Any]) -> list[Any]:
    """Return the words with each compound as one: the recogniser begins a new word at its hyphen, without a space."""
    joined: list[Any] = []
    for each in timed:
        if joined and each.word.startswith("-"):
            first = joined[-1]
            whole = {"word": first.word + each.word, "end": each.end}
            joined[-1] = dataclasses.replace(first, **whole, probability=min(first.probability, each.probability))
        else:
            joined.append(each)
    return joined


def _dropped(window: Sequence[Any], reason: DropReason, span: Span, origin_ms: int) -> Dropped:
    text = "".join(segment.text for segment in window).strip()
    start_ms = min(max(origin_ms + round(window[0].start * 1000), span.start_ms), span.end_ms - 1)
    end_ms = min(max(origin_ms + round(window[-1].end * 1000), start_ms + 1), span.end_ms)
    return Dropped(Span(start_ms, end_ms), reason, text, round(float(window[0].avg_logprob), 3))


def _words(timed: Sequence[Any], span: Span, origin_ms: int) -> tuple[Word, ...]:
    """Return words whose spans are in order, not empty, apart, and inside `span`.

    The recogniser's own times may repeat, run backwards and pass the end. No one says a word in a millisecond.
    """
    kept = [(each, text) for each in timed if (text := each.word.strip())][: span.length_ms]
    words: list[Word] = []
    free_ms = span.start_ms
    for index, (each, text) in enumerate(kept):
        last_ms = span.end_ms - (len(kept) - index)  # each word after this one needs 1 ms
        start_ms = min(max(origin_ms + round(each.start * 1000), free_ms), last_ms)
        free_ms = min(max(origin_ms + round(each.end * 1000), start_ms + 1), last_ms + 1)
        words.append(Word(text, Span(start_ms, free_ms), round(float(each.probability), 3)))
    return tuple(words)
