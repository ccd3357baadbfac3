"""Decoding and resampling: exact to the sample, whatever the pieces."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from floorlog.adapters import demuxing, media
from floorlog.adapters.media import Native, Run, step_s
from floorlog.adapters.resampling import Resampler, Samples
from floorlog.errors import UnreadableAudio
from tests.hls_media import FRAME, RATE_HZ, clicks, mp4_segments, noise, packets, ts_segments

STEP_S = Fraction(1, 100)


def decode_all(segments: list[bytes], init: bytes = b"") -> list[Run]:
    """Decode media segments one by one, each after the one before it."""
    runs: list[Run] = []
    before: bytes | None = None
    for segment in segments:
        decoded = media.decode(init + segment, before, "memory", tolerance_s=STEP_S)
        assert decoded.damaged_packets == 0
        runs += decoded.runs
        before = init + segment
    return runs


def at_16_khz(samples: Native, rate_hz: int, pieces: list[int] | None = None) -> Samples:
    """Resample in pieces of these lengths, the rest at once."""
    resampler = Resampler.begin(rate_hz)
    out: list[Samples] = []
    position = 0
    for length in [*(pieces or []), len(samples)]:
        resampler, fresh = resampler.push(samples[position : position + length])
        out.append(fresh)
        position += length
    return np.concatenate([*out, resampler.finish()])


def peaks(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    """Return where the clicks are, in s, to a fraction of a sample (the middle of mass around each peak)."""
    loud = np.abs(samples.astype(np.float64))
    found = []
    position = 0
    while position < len(loud):
        window = loud[position : position + rate_hz // 2]
        if len(window) and window.max() > 3000:
            middle = position + int(window.argmax())
            near = slice(max(0, middle - 8), middle + 9)
            found.append(
                float(np.average(np.arange(near.start, near.start + len(loud[near])), weights=loud[near] ** 2))
            )
            position = middle + rate_hz // 4
        else:
            position += rate_hz // 2
    return np.array(found) / rate_hz


def test_segments_decoded_one_by_one_are_what_one_decoder_gives() -> None:
    """A fresh decoder damages the first frame of every segment, unless it hears the packets before it."""
    samples = noise(13)
    pieces = decode_all(ts_segments(samples, frames_each=94))
    whole = decode_all(ts_segments(samples, frames_each=10_000))
    assert len(whole) == 1
    np.testing.assert_array_equal(np.concatenate([run.samples for run in pieces]), whole[0].samples)


def test_timestamps_go_on_across_the_wrap_of_33_bits() -> None:
    """The clock of MPEG-TS wraps every 26.5 hours; a meeting must not jump by that."""
    runs = decode_all(ts_segments(noise(12), frames_each=94, first_ticks=2**33 - 5 * 90_000))
    assert runs[0].at < 0 or runs[0].at > 90_000  # before the wrap, in one of the two ways FFmpeg tells it
    for earlier, later in itertools.pairwise(runs):
        expected = earlier.at + Fraction(len(earlier.samples), earlier.rate_hz)
        assert step_s(expected, later.at, wraps=True) == 0


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 32_000, 22_050])
def test_clicks_stay_where_they_were_to_a_sample(rate_hz: int) -> None:
    """Words are timed on this clock; decoding and resampling must not move it."""
    source = clicks(20, rate_hz=rate_hz)
    decoded = np.concatenate([run.samples for run in decode_all(ts_segments(source, 100, rate_hz=rate_hz))])
    found = peaks(at_16_khz(decoded, rate_hz), 16_000)
    truth = np.arange(0.5, 20, 1.0) + FRAME / rate_hz  # the encoder's own delay is part of the timeline
    assert len(found) == len(truth)
    assert np.abs(found - truth).max() <= 1 / 16_000
    assert np.std(found - truth) < 0.1 / 16_000


def test_an_edit_list_takes_no_samples_from_fragmented_mp4() -> None:
    """FFmpeg's own demuxing of init and segment drops 1024 samples of each segment in silence."""
    init, segments = mp4_segments(noise(12), 4)
    runs = decode_all(segments, init)
    assert sum(len(run.samples) for run in runs) >= 12 * RATE_HZ
    for earlier, later in itertools.pairwise(runs):
        assert later.at == earlier.at + Fraction(len(earlier.samples), earlier.rate_hz)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([48_000, 44_100, 16_000, 11_025]), st.lists(st.integers(0, 9000), max_size=12))
def test_how_samples_are_handed_over_does_not_change_the_resampled_audio(rate_hz: int, pieces: list[int]) -> None:
    """The bytes of a segment must not depend on how the stream was read, nor on where it was resumed."""
    samples = noise(1.5, rate_hz=rate_hz)
    np.testing.assert_array_equal(at_16_khz(samples, rate_hz, pieces), at_16_khz(samples, rate_hz))


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 16_000, 8_000])
def test_resampled_audio_is_as_long_as_its_source(rate_hz: int) -> None:
    """A rounding error per segment would add up over a meeting."""
    for count in (1, 100, 10_007):
        out = at_16_khz(np.zeros(count, dtype=np.float32), rate_hz)
        assert len(out) == -(-count * 16_000 // rate_hz)


def test_channels_are_mixed_to_their_mean(tmp_path: Path) -> None:
    """Speech on one side of a stereo track must be heard."""
    left = noise(1, rate_hz=16_000)
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack((left, np.zeros_like(left)), axis=1), 16_000, subtype="FLOAT")
    found = np.concatenate([run.samples for run in media.read(path, tolerance_s=STEP_S)])
    np.testing.assert_allclose(found, left / 2, atol=1e-6)


def test_a_segment_cut_short_gives_what_it_holds() -> None:
    """A connection that breaks late must not cost the whole segment."""
    segment = ts_segments(noise(4), 1000)[0]
    decoded = media.decode(segment[: len(segment) * 2 // 3], None, "memory", tolerance_s=STEP_S)
    assert 2 * RATE_HZ < sum(len(run.samples) for run in decoded.runs) < 4 * RATE_HZ


def test_a_step_in_time_inside_a_segment_begins_a_new_run() -> None:
    """Packets that were lost before they reached the origin must not shift what follows."""
    samples = noise(8)
    first = ts_segments(samples[: 4 * RATE_HZ], 1000, first_ticks=0)[0]
    second = ts_segments(samples[4 * RATE_HZ :], 1000, first_ticks=90_000 * 6)[0]
    decoded = media.decode(first + second, None, "memory", tolerance_s=STEP_S)
    assert len(decoded.runs) == 2
    assert decoded.runs[1].at - decoded.runs[0].at == 6


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>Sorry</body></html>", b"\x47" + b"\0" * 5000, b"ID3" + b"\0" * 500]
)
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    """An error page in place of a segment is a gap, not a crash."""
    with pytest.raises(UnreadableAudio):
        media.decode(data, None, "memory", tolerance_s=STEP_S)


def test_an_error_page_does_not_look_like_media() -> None:
    """Origins answer 200 with a page of HTML when they are in trouble: that is asked for again."""
    assert not demuxing.looks_like_media(b"<!DOCTYPE html><html>")
    assert not demuxing.looks_like_media(b'{"error": "not found"}')
    assert not demuxing.looks_like_media(b"")
    init, segments = mp4_segments(noise(2), 2)
    for data in (ts_segments(noise(1), 100)[0], init, segments[0], bytes([0xFF, 0xF1, 0x50])):
        assert demuxing.looks_like_media(data)


def test_packets_are_made_without_noise_substitution() -> None:
    """The tests above compare decoders, and that noise would be theirs."""
    assert len(packets(noise(1))) == 48


@pytest.mark.parametrize(
    ("suffix", "subtype"), [(".wav", "PCM_16"), (".flac", "PCM_24"), (".wav", "FLOAT"), (".wav", "PCM_U8")]
)
def test_a_media_file_is_read_whole(tmp_path: Path, suffix: str, subtype: str) -> None:
    """Recordings are read from files; not a sample may be missing, however they are stored."""
    samples = noise(20, rate_hz=32_000)
    path = tmp_path / f"meeting{suffix}"
    soundfile.write(path, samples, 32_000, subtype=subtype)
    runs = list(media.read(path, tolerance_s=STEP_S))
    found = np.concatenate([run.samples for run in runs])
    assert len(runs) == 3
    np.testing.assert_allclose(found, samples, atol=0.01 if subtype == "PCM_U8" else 1e-4)
    assert [run.at for run in runs] == [Fraction(sum(len(run.samples) for run in runs[:n]), 32_000) for n in range(3)]


def test_a_file_that_is_no_media_is_refused(tmp_path: Path) -> None:
    """A wrong path on the command line must name the file, not a codec."""
    path = tmp_path / "notes.txt"
    path.write_text("The meeting was called to order.")
    with pytest.raises(UnreadableAudio, match=r"notes\.txt"):
        list(media.read(path, tolerance_s=STEP_S))
    with pytest.raises(UnreadableAudio, match="absent"):
        list(media.read(tmp_path / "absent", tolerance_s=STEP_S))
