"""Voice activity: speech is told from silence, and the answer depends on the audio alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import floorlog
from floorlog.adapters import media
from floorlog.adapters.resampling import Resampler, Samples
from floorlog.adapters.voice_activity import (
    BLOCK_FRAMES,
    FRAME_SAMPLES,
    NOTHING_HEARD,
    Memory,
    Probabilities,
    probabilities,
)

SAMPLE = Path(floorlog.__file__).parent / "data" / "sample" / "meeting.opus"


@pytest.fixture(scope="module")
def speech() -> Samples:
    run = next(media.read(SAMPLE, tolerance_s=Fraction(1, 100)))
    return Resampler.begin(run.rate_hz).push(run.samples)[1][: 240 * FRAME_SAMPLES]


def at_once(samples: Samples) -> Probabilities:
    return probabilities(samples)[0]


def test_speech_is_told_from_silence(speech: Samples) -> None:
    """Cuts fall into pauses; nothing else does."""
    assert (at_once(speech) >= 0.5).mean() > 0.5
    assert (at_once(np.zeros_like(speech)) < 0.1).all()


def test_a_stream_is_heard_block_by_block_as_if_all_of_it_were_there(speech: Samples) -> None:
    """A listener that forgets what came before hears pauses in noisy speech, and cuts into sentences."""
    memory, heard = NOTHING_HEARD, []
    for first in range(0, len(speech), BLOCK_FRAMES * FRAME_SAMPLES):
        block, memory = probabilities(speech[first : first + BLOCK_FRAMES * FRAME_SAMPLES], memory)
        heard.append(block)
    np.testing.assert_allclose(np.concatenate(heard), at_once(speech), atol=1e-4)


def test_a_memory_that_was_written_down_goes_on_to_the_bit(speech: Samples) -> None:
    """A capture that was killed cuts where one cuts that ran on."""
    half = 100 * FRAME_SAMPLES
    _, memory = probabilities(speech[:half])
    again, after = probabilities(speech[half:], Memory.decode(memory.encode()))
    expected, expected_after = probabilities(speech[half:], memory)
    np.testing.assert_array_equal(again, expected)
    assert after.encode() == expected_after.encode()


def test_nothing_to_hear_changes_nothing() -> None:
    """The end of a stream may fall on a frame."""
    heard, memory = probabilities(np.zeros(0, dtype=np.int16))
    assert len(heard) == 0
    assert memory is NOTHING_HEARD


def test_the_last_frame_is_heard_whole_and_the_samples_stay_as_they_were(speech: Samples) -> None:
    """faster-whisper's own wrapper blanks the end of the last frame in place."""
    before = speech.copy()
    shorter = at_once(speech[: 100 * FRAME_SAMPLES])
    np.testing.assert_allclose(shorter, at_once(speech)[:100], atol=1e-5)
    np.testing.assert_array_equal(speech, before)


def test_half_a_frame_is_refused() -> None:
    """A grid that slips would make cuts depend on how the audio was read."""
    with pytest.raises(ValueError, match="whole number of frames"):
        probabilities(np.zeros(FRAME_SAMPLES + 1, dtype=np.int16))
