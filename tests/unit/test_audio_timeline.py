"""The virtual WAV file: any range of it equals a slice of the whole."""

from __future__ import annotations

import io
import wave
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorlog.announcements import AudioObject, Segment
from floorlog.audio_timeline import (
    BYTES_PER_MS,
    HEADER_BYTES,
    LONGEST_MS,
    Header,
    Samples,
    Silence,
    Timeline,
    entity_tag,
    header,
    heard_until_ms,
    lay_out,
    parts,
)
from floorlog.clock import Span


def a_segment(start_ms: int, end_ms: int, sha256: str = "0" * 64) -> Segment:
    return Segment(
        meeting_id="m",
        channel="floor",
        sequence=0,
        span=Span(start_ms, end_ms),
        utc_start=datetime(2021, 2, 24, 15, tzinfo=UTC),
        utc_source="given",
        continuity=0,
        audio=AudioObject(f"objects/{start_ms}", sha256, 1),
        cut="pause",
        speech_ratio=1.0,
    )


def samples_of(segment: Segment) -> bytes:
    """Bytes that tell at every place where they come from, and are never zero."""
    count = segment.span.length_ms * BYTES_PER_MS // 2
    first = segment.span.start_ms * BYTES_PER_MS // 2
    return ((np.arange(first, first + count) % 30_000) + 1).astype("<i2").tobytes()


def rendered(timeline: Timeline, first_byte: int, length_bytes: int) -> bytes:
    out = b""
    for part in parts(timeline, first_byte, length_bytes):
        match part:
            case Header():
                out += part.data
            case Samples():
                out += samples_of(part.segment)[part.first_byte : part.first_byte + part.length_bytes]
            case Silence():
                out += bytes(part.length_bytes)
    return out


def whole(timeline: Timeline) -> bytes:
    """The file written the simple way, sample by sample."""
    data = bytearray(timeline.end_ms * BYTES_PER_MS)
    for segment in timeline.segments:
        at = segment.span.start_ms * BYTES_PER_MS
        data[at : at + segment.span.length_ms * BYTES_PER_MS] = samples_of(segment)
    return header(timeline) + bytes(data[: timeline.end_ms * BYTES_PER_MS])


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    at, segments = 0, []
    for silence_ms, length_ms in draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=6)):
        segments.append(a_segment(at + silence_ms, at + silence_ms + length_ms))
        at += silence_ms + length_ms
    return lay_out(draw(st.permutations(segments)), draw(st.integers(1, at + 8)))


@given(timelines(), st.data())
def test_any_range_equals_a_slice_of_the_whole_file(timeline: Timeline, data: st.DataObject) -> None:
    """A browser that seeks must hear exactly what one that reads from the start hears."""
    file = whole(timeline)
    assert len(file) == timeline.size_bytes
    first = data.draw(st.integers(0, len(file) + 3))
    length = data.draw(st.integers(0, len(file) + 3))
    assert rendered(timeline, first, length) == file[first : first + length]


@given(timelines(), st.integers(0, 2000), st.integers(1, 64))
def test_a_range_touches_only_the_segments_that_it_overlaps(timeline: Timeline, first: int, length: int) -> None:
    """Seeking in a meeting of hours must not read its other objects."""
    for part in parts(timeline, first, length):
        if isinstance(part, Samples):
            start = HEADER_BYTES + part.segment.span.start_ms * BYTES_PER_MS
            end = HEADER_BYTES + part.segment.span.end_ms * BYTES_PER_MS
            assert part.length_bytes > 0
            assert start < first + length
            assert first < end


def test_the_file_is_a_wav_file_of_the_channels_length() -> None:
    """Players trust the sizes in the header; the standard library's reader is as strict as they are."""
    timeline = lay_out([a_segment(0, 40), a_segment(60, 100)], 90)
    with wave.open(io.BytesIO(whole(timeline))) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, 16_000)
        assert reader.getnframes() == 90 * 16


def test_the_longest_file_still_fits_the_header() -> None:
    """A size that wraps around would make a long meeting play as a short one."""
    timeline = lay_out([], LONGEST_MS)
    assert int.from_bytes(header(timeline)[4:8], "little") == timeline.size_bytes - 8 < 2**32
    assert int.from_bytes(header(timeline)[40:44], "little") == timeline.size_bytes - HEADER_BYTES
    with pytest.raises(ValueError, match="cannot be laid out"):
        lay_out([], LONGEST_MS + 1)


def test_the_entity_tag_changes_when_late_audio_replaces_a_gap() -> None:
    """A browser must not join bytes of two different files."""
    before = lay_out([a_segment(0, 40)], 100)
    after = lay_out([a_segment(0, 40), a_segment(40, 80)], 100)
    again = lay_out([a_segment(40, 80), a_segment(0, 40), a_segment(100, 140)], 100)
    assert entity_tag(before) != entity_tag(after) == entity_tag(again)
    assert entity_tag(after) != entity_tag(lay_out([a_segment(0, 40, "1" * 64), a_segment(40, 80)], 100))


def test_a_channel_is_known_up_to_its_first_missing_announcement() -> None:
    """An end beyond a hole would name a file that changes when the hole is filled."""
    assert heard_until_ms([]) == 0
    assert heard_until_ms([Span(30, 40), Span(0, 10), Span(10, 20)]) == 20
    assert heard_until_ms([Span(5, 10), Span(10, 20)]) == 20  # a channel may begin later than the clock
