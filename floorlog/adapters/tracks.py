"""The audio tracks of a recording: which there are, and each in a file of its own or as samples at 16 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from floorlog.adapters import media
from floorlog.adapters.resampling import Resampler
from floorlog.clock import SAMPLE_RATE_HZ
from floorlog.errors import UnreadableAudio

LANGUAGES = {
    "en": "en",
    "eng": "en",
    "fr": "fr",
    "fra": "fr",
    "fre": "fr",
    "es": "es",
    "spa": "es",
    "ar": "ar",
    "ara": "ar",
    "zh": "zh",
    "zho": "zh",
    "chi": "zh",
    "ru": "ru",
    "rus": "ru",
}
"""Channel by the language of its track (ISO 639-1, ISO 639-2 in both forms). UN Web TV calls the floor Interlingua."""

STEP_S = Fraction(10, 1000)
"""A larger step of the timestamps is a hole of the recording, as in capture."""

LONGEST_HOLE_S = 24 * 3600
"""A step beyond that is no hole, but a clock that starts anew."""


@dataclass(frozen=True, slots=True)
class Track:
    """An audio track: its number among them, and the channel that its language names; None where it names none."""

    number: int
    channel: str | None


def tracks(path: Path) -> tuple[Track, ...]:
    """Return the audio tracks of a recording, in order.

    Raises:
        UnreadableAudio: it is no media file, or holds no audio.
    """
    try:
        with av.open(str(path), mode="r") as container:
            named = [str(stream.metadata.get("language", "")).lower() for stream in container.streams.audio]
    except (av.FFmpegError, OSError) as error:
        raise UnreadableAudio(str(path), str(error)) from error
    if not named:
        raise UnreadableAudio(str(path), "it holds no audio")
    return tuple(Track(number, LANGUAGES.get(language)) for number, language in enumerate(named))


def extract(path: Path, number: int, to: Path) -> None:
    """Copy one audio track into a file of its own, as it is encoded.

    Raises:
        UnreadableAudio: it cannot be read, or cannot be put into such a file.
    """
    try:
        with av.open(str(path), mode="r") as source, av.open(str(to), mode="w", format="matroska") as target:
            stream = source.streams.audio[number]
            copied = target.add_stream_from_template(stream)
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.stream = copied
                    target.mux(packet)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise UnreadableAudio(str(path), str(error)) from error


def decode(path: Path, to: Path) -> NDArray[np.int16]:
    """Write a recording's first audio track as raw samples at 16 kHz, and return them, mapped: hours cost no memory.

    Where packets are missing there is silence, so that a sample's place is its time behind the first one.

    Raises:
        UnreadableAudio: it holds no audio that can be decoded.
    """
    with to.open("wb") as file:
        written = 0
        begin: Fraction | None = None
        resampler: Resampler | None = None
        ends_s = Fraction(0)
        for run in media.read(path, tolerance_s=STEP_S):
            begin = run.at if begin is None else begin
            step_s = run.at - ends_s
            if resampler is None or run.rate_hz != resampler.rate_hz or abs(step_s) > STEP_S:
                if resampler is not None:
                    written += file.write(resampler.finish().astype("<i2").tobytes()) // 2
                at = round((run.at - begin) * SAMPLE_RATE_HZ)
                if 0 < at - written < LONGEST_HOLE_S * SAMPLE_RATE_HZ:
                    file.seek((at - written) * 2, 1)
                    written = at
                resampler = Resampler.begin(run.rate_hz)
            ends_s = run.at + Fraction(len(run.samples), run.rate_hz)
            resampler, samples = resampler.push(run.samples)
            written += file.write(samples.astype("<i2").tobytes()) // 2
        if resampler is not None:
            file.write(resampler.finish().astype("<i2").tobytes())
    return np.memmap(to, dtype="<i2", mode="r")
