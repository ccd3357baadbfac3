"""What is written can be read again, and is the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floorlog import announcements, contract, words
from floorlog.announcements import Announcement, AudioObject, End, Gap, Segment, Tick
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.words import Dropped, Piece, Recogniser, Transcript, VoiceWindow, Word

STARTS = st.integers(0, 7_200_000)
LENGTHS = st.integers(1, 25_000)
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


@st.composite
def announced(draw: st.DrawFn) -> Announcement:
    """Any announcement that keeps its contract."""
    start_ms, sequence = draw(STARTS), draw(st.integers(0, 10_000))
    span = Span(start_ms, start_ms + draw(LENGTHS))
    match draw(st.sampled_from(("segment", "gap", "end", "tick"))):
        case "gap":
            return Gap("ga-1", "floor", sequence, span, draw(st.sampled_from(("media-missing", "dead-letter"))))
        case "end":
            return End("ga-1", "floor", sequence, start_ms, sequence - 1)
        case "tick":
            return Tick()
    sha256 = draw(st.text("0123456789abcdef", min_size=64, max_size=64))
    return Segment(
        "ga-1",
        "floor",
        sequence,
        span,
        datetime(2021, 2, 24, 15, tzinfo=UTC) + timedelta(milliseconds=start_ms),
        "program-date-time",
        draw(st.integers(0, 9)),
        AudioObject("file:///objects/a.flac", sha256, draw(st.integers(1, 10**6))),
        "pause",
        draw(st.integers(0, 1000)) / 1000,
    )


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Any transcript of one piece that keeps its contract."""
    start_ms = draw(STARTS)
    texts = draw(st.lists(PLAIN.filter(str.strip), min_size=1, max_size=8))
    spoken = tuple(
        Word(text, Span(start_ms + 100 * index, start_ms + 100 * index + 80), draw(st.integers(0, 1000)) / 1000)
        for index, text in enumerate(texts)
    )
    span = Span(start_ms, start_ms + 100 * len(texts))
    vector = np.asarray(draw(st.lists(st.integers(1, 9), min_size=192, max_size=192)), np.float32)
    voice = words.decode_embedding(words.encode_embedding(vector / np.linalg.norm(vector)))
    return Transcript(
        "ga-1",
        "floor",
        f"ga-1.floor.{start_ms:010d}",
        span,
        Recogniser("f" * 20, "base-offline", "0" * 64, {"beam": 5}, "1"),
        (Piece(span, "en", 0.99, -0.2, spoken),),
        (span,),
        (VoiceWindow(span, voice),),
        (Dropped(span, "loop", "again again", -0.4),),
    )


@given(announced())
def test_announcements_survive_being_written(announcement: Announcement) -> None:
    """What capture meant must be what the pipeline reads, and what every reader in another language can check."""
    document = announcements.encode(announcement)
    contract.validate("segment", document)
    assert announcements.decode(contract.parse("segment", canonical_json(document).encode())) == announcement


@given(transcripts())
def test_transcripts_survive_being_written(transcript: Transcript) -> None:
    """A meeting is derived again from stored transcripts; what comes of it must be the same to the byte."""
    document = words.encode(transcript)
    contract.validate("transcript", document)
    again = words.decode(json.loads(canonical_json(document)))
    assert words.encode(again) == document
    assert again.words == transcript.words
