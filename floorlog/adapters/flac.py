"""FLAC objects of one channel: int16 mono 16 kHz samples in, the object's bytes out, and back."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from floorlog.clock import SAMPLE_RATE_HZ
from floorlog.errors import UnreadableAudio

Samples = NDArray[np.int16]
"""Mono audio at 16 kHz: shape (n,), int16."""


def encode(samples: Samples) -> bytes:
    """Return a FLAC file of the samples: lossless, and the same bytes each time for the same samples."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def decode(data: bytes, uri: str) -> Samples:
    """Return the samples of a FLAC file.

    Args:
        data: the whole file.
        uri: names the object in errors.

    Raises:
        UnreadableAudio: it is no FLAC file, or not 16 bits, one channel and 16 kHz.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            form = (file.format, file.subtype, file.channels, file.samplerate)
            if form != ("FLAC", "PCM_16", 1, SAMPLE_RATE_HZ):
                raise UnreadableAudio(uri, f"{form[0]} {form[1]}, {form[2]} channels at {form[3]} Hz")
            samples: Samples = file.read(dtype="int16")
            if len(samples) != file.frames:
                raise UnreadableAudio(uri, f"{len(samples)} of {file.frames} samples")
            return samples
    except soundfile.LibsndfileError as error:
        raise UnreadableAudio(uri, str(error)) from error
