"""Voice activity: speech is told from silence, and the answer depends on the audio alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import floorlog
from floorlog.adapters import media
from floorlog.adapters.resampling import Resampler, Samples
from floorlog.adapters.voice_activity import CONTEXT_FRAMES, FRAME_SAMPLES, Probabilities, probabilities

SAMPLE = Path(floorlog.__file__).parent / "data" / "sample" / "meeting.opus"


@pytest.fixture(scope="module")
def speech() -> Samples:
    run = next(media.read(SAMPLE, tolerance_s=Fraction(1, 100)))
    return Resampler.begin(run.rate_hz).push(run.samples)[1][: 240 * FRAME_SAMPLES]


def at_once(samples: Samples) -> Probabilities:
    return probabilities(samples, 0)


def test_speech_is_told_from_silence(speech: Samples) -> None:
    """Cuts fall into pauses; nothing else does."""
    assert (at_once(speech) >= 0.5).mean() > 0.5
    assert (at_once(np.zeros_like(speech)) < 0.1).all()


def test_a_block_after_its_context_is_heard_nearly_as_if_all_came_before(speech: Samples) -> None:
    """The model's memory is short enough for a fixed grid."""
    start = 160
    context = speech[(start - CONTEXT_FRAMES) * FRAME_SAMPLES :]
    alone, whole = probabilities(context, CONTEXT_FRAMES), at_once(speech)[start:]
    assert len(alone) == len(whole)
    assert ((alone >= 0.5) == (whole >= 0.5)).mean() > 0.95


def test_the_last_frame_is_heard_whole_and_the_samples_stay_as_they_were(speech: Samples) -> None:
    """The wrapper underneath blanks the end of the last frame in place."""
    before = speech.copy()
    shorter = at_once(speech[: 100 * FRAME_SAMPLES])
    np.testing.assert_allclose(shorter, at_once(speech)[:100], atol=1e-5)
    np.testing.assert_array_equal(speech, before)


def test_half_a_frame_is_refused() -> None:
    """A grid that slips would make cuts depend on how the audio was read."""
    with pytest.raises(ValueError, match="whole number of frames"):
        probabilities(np.zeros(FRAME_SAMPLES + 1, dtype=np.int16), 0)
