"""FLAC objects: lossless, the same bytes each time, and strict about what is read."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from floorlog.adapters import flac
from floorlog.errors import UnreadableAudio

SAMPLES = np.random.default_rng(3).integers(-32768, 32768, 16_000, dtype=np.int16)


def test_samples_come_back_as_they_were() -> None:
    """What is transcribed and what a reviewer hears is what was captured."""
    np.testing.assert_array_equal(flac.decode(flac.encode(SAMPLES), "memory"), SAMPLES)


def test_the_same_samples_give_the_same_bytes() -> None:
    """A segment that is stored again after a crash must keep its announced hash."""
    assert flac.encode(SAMPLES) == flac.encode(SAMPLES.copy())


@pytest.mark.parametrize(
    ("rate_hz", "channels", "form", "subtype"),
    [
        (48_000, 1, "FLAC", "PCM_16"),
        (16_000, 2, "FLAC", "PCM_16"),
        (16_000, 1, "WAV", "PCM_16"),
        (16_000, 1, "FLAC", "PCM_24"),
    ],
)
def test_audio_of_another_form_is_refused(rate_hz: int, channels: int, form: str, subtype: str) -> None:
    """Audio at another rate would be transcribed as gibberish and timed wrongly."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros((100, channels)), rate_hz, format=form, subtype=subtype)
    with pytest.raises(UnreadableAudio):
        flac.decode(buffer.getvalue(), "memory")


@pytest.mark.parametrize("data", [b"", b"fLaC", b"<html>"])
def test_what_is_no_flac_is_refused_with_its_name(data: bytes) -> None:
    """The dead letter must say which object is broken."""
    with pytest.raises(UnreadableAudio, match=r"gs://bucket/x\.flac"):
        flac.decode(data, "gs://bucket/x.flac")


def test_an_object_cut_short_is_refused() -> None:
    """Half a segment must not pass for a whole one."""
    data = flac.encode(SAMPLES)
    with pytest.raises(UnreadableAudio):
        flac.decode(data[: len(data) // 2], "memory")
