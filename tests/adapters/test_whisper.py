"""What the recogniser hears, and what of it is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from faster_whisper.transcribe import Segment as Decoded
from faster_whisper.transcribe import Word as TimedWord
from numpy.typing import NDArray

from floorlog.adapters import model_files
from floorlog.adapters.whisper import Whisper, keep
from floorlog.clock import Span
from floorlog.words import Piece
from tests.sample_audio import sample_audio

LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru")


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    """The offline model, as it is used on one machine."""
    return Whisper(model_files.resolve(model_files.BASE_OFFLINE).path, "cpu", "int8", threads=1, calls=2)


def floats(from_ms: int, until_ms: int) -> NDArray[np.float32]:
    """A stretch of the sample in [-1, 1]."""
    return sample_audio(until_ms, from_ms).astype(np.float32) / np.float32(32768)


def decoded(
    *words: tuple[str, float, float],
    score: float = -0.2,
    compression: float = 1.2,
    no_speech: float = 0.01,
    seek: int = 0,
) -> list[Decoded]:
    """One decoding window of faster-whisper: words with start and end in s."""
    timed = [TimedWord(start, end, f" {text}", 0.87654) for text, start, end in words]
    text = "".join(word.word for word in timed)
    start, end = (timed[0].start, timed[-1].end) if timed else (0.0, 1.0)
    return [Decoded(1, seek, start, end, text, [1] * len(words), score, compression, no_speech, timed, 0.0)]


def test_words_are_put_on_the_meeting_clock_in_whole_ms() -> None:
    """All that follows counts in whole ms since the first captured sample."""
    heard = keep([decoded(("Thank", 0.12, 0.4), ("you.", 0.4, 0.68))], "en", 0.98, Span(5000, 7000), 5000)
    assert heard.dropped == ()
    assert isinstance(heard.piece, Piece)
    assert (heard.piece.span, heard.piece.language, heard.piece.average_log_probability) == (
        Span(5000, 7000),
        "en",
        -0.2,
    )
    assert [(word.text, word.span, word.confidence) for word in heard.piece.words] == [
        ("Thank", Span(5120, 5400), 0.877),
        ("you.", Span(5400, 5680), 0.877),
    ]


def test_a_compound_is_one_word() -> None:
    """The recogniser begins a word at a hyphen; "Secretary -General" would be on every page."""
    (window,) = decoded(("Secretary", 0.1, 0.5), ("General", 0.5, 0.9), ("spoke", 1.0, 1.3))
    title = window.words or []
    title[1] = replace(title[1], word="-General", probability=0.5)
    heard = keep([[window]], "en", 0.98, Span(5000, 7000), 5000)
    assert heard.piece is not None
    assert [(word.text, word.span, word.confidence) for word in heard.piece.words] == [
        ("Secretary-General", Span(5100, 5900), 0.5),
        ("spoke", Span(6000, 6300), 0.877),
    ]


def test_silence_put_before_the_audio_is_no_time_of_the_meeting() -> None:
    """Short lines are understood better after a little silence; the clock must not see it."""
    heard = keep([decoded(("Ja", 0.2, 0.5), ("pan.", 0.5, 0.9))], "en", 1.0, Span(5000, 6000), 4700)
    assert heard.piece is not None
    assert [word.span for word in heard.piece.words] == [Span(5000, 5200), Span(5200, 5600)]


def test_times_that_repeat_run_backwards_or_pass_the_end_are_put_in_order() -> None:
    """The recogniser's own times do all of that, and a word must lie in exactly one place."""
    wild = decoded(("one", 0.5, 0.5), ("two", 0.3, 0.4), ("three", 0.9, 2.5), ("four", 2.5, 2.6), ("five", 2.6, 2.7))
    heard = keep([wild], "en", 1.0, Span(0, 1000), 0)
    assert heard.piece is not None
    spans = [word.span for word in heard.piece.words]
    assert len(spans) == 5
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(spans))
    assert spans[-1].end_ms <= 1000


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (decoded(("ha", 0, 1), score=-1.1), "low-score"),
        (decoded(("you", 0, 1), score=-1.1, no_speech=0.9), "no-speech"),
        (decoded(("so", 0, 1), compression=2.5), "loop"),
        (decoded((".", 0, 0.5), (".", 0.5, 1)), "no-words"),
    ],
)
def test_what_was_hardly_heard_is_dropped_and_said_so(window: list[Decoded], reason: str) -> None:
    """Laughter becomes a sentence and noise becomes thanks; the ledger shows speech without words instead."""
    heard = keep([window], "en", 1.0, Span(2000, 4000), 2000)
    assert heard.piece is None
    (dropped,) = heard.dropped
    assert (dropped.span, dropped.reason, dropped.text) == (Span(2000, 3000), reason, window[0].text.strip())


def test_a_good_window_is_kept_beside_a_bad_one() -> None:
    """One bad stretch must not cost the words around it."""
    good, bad = decoded(("Peace", 0, 1)), decoded(("ha", 1, 2), score=-1.3, seek=100)
    heard = keep([good, bad], "en", 1.0, Span(0, 2000), 0)
    assert heard.piece is not None
    assert [word.text for word in heard.piece.words] == ["Peace"]
    assert [dropped.span for dropped in heard.dropped] == [Span(1000, 2000)]


def test_speech_without_any_text_is_told() -> None:
    """Every second of speech is either words or a stretch that says why it has none."""
    (dropped,) = keep([], "en", 1.0, Span(0, 2000), 0).dropped
    assert (dropped.span, dropped.reason, dropped.text) == (Span(0, 2000), "no-words", "")


@pytest.mark.model
def test_the_same_audio_gives_the_same_words_to_the_last_bit(whisper: Whisper) -> None:
    """A segment that is delivered twice, or again in a year, must not change the log."""
    audio, span = floats(2500, 10_500), Span(2500, 10_500)
    first = whisper.hear(audio, span, LANGUAGES, beam=5)
    whisper.hear(floats(211_600, 216_000), Span(0, 4400), LANGUAGES, beam=5)
    assert whisper.hear(audio, span, LANGUAGES, beam=5) == first
    assert first.piece is not None
    text = " ".join(word.text for word in first.piece.words)
    assert text.startswith("Excellencies, distinguished delegates, ladies and gentlemen")


@pytest.mark.model
def test_another_language_is_heard_where_it_is_clear(whisper: Whisper) -> None:
    """Told that all is English, the recogniser translates a French statement without a word about it."""
    heard = whisper.hear(floats(211_600, 216_600), Span(211_600, 216_600), LANGUAGES, beam=1)
    assert heard.piece is not None
    assert heard.piece.language == "fr"
    assert heard.piece.language_probability > 0.9
    assert "Président" in " ".join(word.text for word in heard.piece.words)


@pytest.mark.model
def test_a_moment_of_another_language_is_not_believed(whisper: Whisper) -> None:
    """On a second of audio the recogniser takes English for Japanese."""
    heard = whisper.hear(floats(212_000, 213_100), Span(212_000, 213_100), LANGUAGES, beam=1)
    assert heard.piece is None or heard.piece.language == "en"


@pytest.mark.model
def test_a_channel_with_a_language_is_heard_in_it(whisper: Whisper) -> None:
    """An interpretation is in one language; detecting it can only go wrong."""
    heard = whisper.hear(floats(211_600, 214_600), Span(0, 3000), ("fr",), beam=1)
    assert heard.piece is not None
    assert (heard.piece.language, heard.piece.language_probability) == ("fr", 1.0)


@pytest.mark.model
def test_calls_at_the_same_time_hear_what_they_would_hear_alone(whisper: Whisper) -> None:
    """Drivers transcribe several segments at once, and the words must not depend on the load."""
    stretches = [Span(2500, 7500), Span(29_200, 34_200), Span(211_600, 215_600)]
    alone = [whisper.hear(floats(span.start_ms, span.end_ms), span, LANGUAGES, 5) for span in stretches]
    with ThreadPoolExecutor(2) as threads:
        together = list(
            threads.map(lambda span: whisper.hear(floats(span.start_ms, span.end_ms), span, LANGUAGES, 5), stretches)
        )
    assert together == alone
