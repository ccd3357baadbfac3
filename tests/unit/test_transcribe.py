"""From a segment's audio to its transcript, with a recogniser that repeats what it was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from floorlog import contract, words
from floorlog.adapters import flac
from floorlog.adapters.whisper import Heard, Whisper
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import Span
from floorlog.errors import CorruptAudio, UnreadableAudio
from floorlog.services import recognisers
from floorlog.services.recognisers import LoadedRecogniser, RecogniserSettings
from floorlog.services.transcribe import transcribe
from floorlog.words import Dropped, Piece, Word
from tests.sample_audio import sample_audio


@dataclass
class Parrot:
    """Hears one word in each piece: the piece's length; or nothing in short ones."""

    languages: frozenset[str] = frozenset({"en", "fr", "es", "ar", "zh", "ru", "pt"})
    asked: list[tuple[Span, tuple[str, ...], int]] = field(default_factory=list)

    def hear(self, audio: NDArray[np.float32], span: Span, languages: Sequence[str], beam: int) -> Heard:
        """Return one word, and write down what was asked."""
        self.asked.append((span, tuple(languages), beam))
        if span.length_ms < 1000:
            return Heard(None, (Dropped(span, "no-words", "", None),))
        word = Word(f"{len(audio)} samples", span, 1.0)
        return Heard(Piece(span, languages[0], 1.0, -0.1, (word,)), ())


def loaded(parrot: Parrot, settings: RecogniserSettings | None = None) -> LoadedRecogniser:
    """A recogniser that needs no model."""
    settings = settings or RecogniserSettings()
    return LoadedRecogniser(recognisers.identify(settings), settings, cast(Whisper, parrot))


def stored(samples: flac.Samples, start_ms: int) -> tuple[Segment, bytes]:
    """A segment of these samples, as capture announces it, and its object."""
    data = flac.encode(samples)
    audio = AudioObject("file:///objects/segment.flac", hashlib.sha256(data).hexdigest(), len(data))
    span = Span(start_ms, start_ms + len(samples) // 16)
    noon = datetime(2021, 2, 24, 12, tzinfo=UTC)
    return Segment("briefing", "floor", 3, span, noon, "given", 0, audio, "pause", 0.9), data


def test_a_transcript_lies_on_the_meeting_clock_and_keeps_its_contract() -> None:
    """Everything after this step counts from the first sample of the meeting, not of the segment."""
    segment, data = stored(sample_audio(44_000, 34_000), 34_000)
    parrot = Parrot()
    transcript = transcribe(segment, data, loaded(parrot))
    contract.validate("transcript", words.encode(transcript))
    assert transcript.segment_id == segment.id
    assert transcript.recogniser.fingerprint == recognisers.fingerprint(RecogniserSettings())
    assert [asked[0] for asked in parrot.asked] == [piece.span for piece in transcript.pieces]
    assert all(34_000 <= span.start_ms < span.end_ms <= 44_000 for span in transcript.speech)
    assert transcript.voice_windows
    assert transcript.words[0].text == f"{transcript.words[0].span.length_ms * 16} samples"


def test_a_change_of_voice_inside_a_segment_splits_it() -> None:
    """In the sample the chair ends at 38.4 s and the guest begins at 39.1 s."""
    segment, data = stored(sample_audio(44_000, 34_000), 34_000)
    first, second = transcribe(segment, data, loaded(Parrot())).pieces
    assert 38_300 <= first.span.end_ms <= 39_200
    assert 38_300 <= second.span.start_ms <= 39_200


@dataclass
class Mumbler(Parrot):
    """Understands what is long, and mumbles of what is short; drops it altogether if told to."""

    drops: bool = False

    def hear(self, audio: NDArray[np.float32], span: Span, languages: Sequence[str], beam: int) -> Heard:
        """Return what a stretch of that length sounds like."""
        self.asked.append((span, tuple(languages), beam))
        short = span.length_ms < 4000
        if short and self.drops:
            return Heard(None, (Dropped(span, "low-score", "no way", -1.2),))
        texts = ["no", "way"] if short else ["Norway", "thanks"] if span.length_ms > 6000 else ["thanks"]
        step = span.length_ms // len(texts)
        starts = [span.start_ms + step * index for index in range(len(texts))]
        spoken = tuple(Word(text, Span(at, at + step), 0.5) for text, at in zip(texts, starts, strict=True))
        return Heard(Piece(span, languages[0], 1.0, -0.9 if short else -0.2, spoken), ())


@pytest.mark.parametrize("drops", [False, True])
def test_a_short_line_that_is_doubted_is_read_again_with_what_follows(drops: bool) -> None:
    """The chair's short lines say who has the floor, and are misheard most."""
    segment, data = stored(sample_audio(44_000, 35_500), 35_500)
    mumbler = Mumbler(drops=drops)
    transcript = transcribe(segment, data, loaded(mumbler))
    contract.validate("transcript", words.encode(transcript))
    line, answer = transcript.pieces
    assert [word.text for word in line.words] == ["Norway"]
    assert [word.text for word in answer.words] == ["thanks"]
    assert transcript.dropped == ()
    assert [asked[0] for asked in mumbler.asked] == [
        line.span,
        answer.span,
        Span(line.span.start_ms, answer.span.end_ms),
    ]


def test_the_same_segment_gives_the_same_bytes() -> None:
    """A segment may be transcribed twice, by two machines at once; the first one stored must be the only one."""
    segment, data = stored(sample_audio(44_000, 38_000), 38_000)
    once, again = (transcribe(segment, data, loaded(Parrot())) for _ in range(2))
    assert words.encode(once) == words.encode(again)
    assert words.encode(words.decode(words.encode(once))) == words.encode(once)


@pytest.mark.parametrize("loudness", [0, 1600])
def test_silence_and_noise_are_not_decoded(loudness: int) -> None:
    """The recogniser hears `Thank you` in silence, and `I'm sorry` in noise."""
    noise = np.random.default_rng(7).normal(0, loudness, 80_000)
    segment, data = stored(noise.astype(np.int16), 0)
    parrot = Parrot()
    transcript = transcribe(segment, data, loaded(parrot))
    contract.validate("transcript", words.encode(transcript))
    assert (transcript.pieces, transcript.speech, transcript.dropped, parrot.asked) == ((), (), (), [])


def test_the_language_is_heard_unless_the_channel_has_one() -> None:
    """An interpretation is in one language, whatever is spoken on the floor; `ia` is how UN Web TV calls the floor."""
    segment, data = stored(sample_audio(10_000, 4000), 4000)
    parrot = Parrot()
    transcribe(segment, data, loaded(parrot, RecogniserSettings(beam=2)))
    transcribe(segment, data, loaded(parrot), "fr-CH")
    transcribe(segment, data, loaded(parrot), "ia")
    assert [(languages, beam) for _, languages, beam in parrot.asked] == [
        (("en", "fr", "es", "ar", "zh", "ru"), 2),
        (("fr",), 5),
        (("en", "fr", "es", "ar", "zh", "ru"), 5),
    ]


def test_other_bytes_than_announced_are_corrupt() -> None:
    """A swapped or overwritten object must not be logged as what was said."""
    segment, data = stored(sample_audio(5000), 0)
    with pytest.raises(CorruptAudio):
        transcribe(segment, data + b"\0", loaded(Parrot()))


def test_bytes_that_are_no_audio_are_unreadable() -> None:
    """It can never be decoded, so it becomes a dead letter and not a loop."""
    segment, _ = stored(sample_audio(5000), 0)
    audio = replace(segment.audio, sha256=hashlib.sha256(b"noise").hexdigest())
    with pytest.raises(UnreadableAudio):
        transcribe(replace(segment, audio=audio), b"noise", loaded(Parrot()))


def test_audio_of_another_length_is_unreadable() -> None:
    """Words would slip on the meeting clock from there on."""
    segment, data = stored(sample_audio(5000), 0)
    with pytest.raises(UnreadableAudio, match="80000 samples, announced are 80016"):
        transcribe(replace(segment, span=Span(0, 5001)), data, loaded(Parrot()))


def test_the_fingerprint_names_all_that_changes_the_words_and_nothing_else() -> None:
    """Transcripts are kept by it: too narrow mixes two recognisers, too wide does the work again."""
    usual = recognisers.fingerprint(RecogniserSettings())
    assert recognisers.fingerprint(RecogniserSettings(threads=4, calls=2, cache="/elsewhere")) == usual
    others = [
        RecogniserSettings(beam=1),
        RecogniserSettings(compute_type="float32"),
        RecogniserSettings(languages=("fr", "en")),
    ]
    assert len({usual, *map(recognisers.fingerprint, others)}) == 4


def test_a_model_of_one_language_hears_that_one() -> None:
    """An English-only model must not be asked for French, nor its text be called French."""
    segment, data = stored(sample_audio(10_000, 4000), 4000)
    parrot = Parrot(languages=frozenset({"en"}))
    transcribe(segment, data, loaded(parrot))
    transcribe(segment, data, loaded(parrot), "fr")
    assert [languages for _, languages, _ in parrot.asked] == [("en",), ("en",)]
