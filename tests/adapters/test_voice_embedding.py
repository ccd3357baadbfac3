"""Voices as vectors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from floorlog.adapters import voice_embedding
from floorlog.clock import Span
from floorlog.words import decode_embedding, encode_embedding
from tests.sample_audio import sample_audio

CHAIR = (Span(5000, 6500), Span(21_000, 22_500), Span(31_000, 32_500))
GUEST = (Span(42_000, 43_500), Span(50_000, 51_500))
"""Where the sample's chair and its first guest speak."""


@pytest.fixture(scope="module")
def samples() -> NDArray[np.int16]:
    """The first minute of the sample, in which its chair and its guest speak."""
    return sample_audio(60_000)


def test_a_voice_lies_closer_to_itself_than_to_another(samples: NDArray[np.int16]) -> None:
    """All that is asked of voices: where do they change, and is this the chair again?"""
    voices = [window.embedding for window in voice_embedding.embed(samples, [*CHAIR, *GUEST])]
    alike = np.array(voices) @ np.array(voices).T
    own = [alike[a, b] for group in ((0, 1, 2), (3, 4)) for a in group for b in group if a < b]
    other = [alike[a, b] for a in (0, 1, 2) for b in (3, 4)]
    assert min(own) > 0.55 > max(other)


def test_a_voice_is_a_unit_vector_that_survives_storing(samples: NDArray[np.int16]) -> None:
    """The floor must decide the same whether it hears a transcript at once or reads it again years later."""
    (window,) = voice_embedding.embed(samples, CHAIR[:1])
    assert window.span == CHAIR[0]
    assert window.embedding.shape == (192,)
    assert np.linalg.norm(window.embedding) == pytest.approx(1.0, abs=1e-6)
    stored = encode_embedding(window.embedding)
    assert np.array_equal(decode_embedding(stored), window.embedding)
    assert encode_embedding(decode_embedding(stored)) == stored


def test_the_same_window_gives_the_same_bits_in_any_company(samples: NDArray[np.int16]) -> None:
    """Windows are computed in batches; who shares a batch must not matter."""
    windows = [Span(start, start + 1500) for start in range(5000, 25_000, 1000)]
    together = voice_embedding.embed(samples, windows)
    alone = [voice_embedding.embed(samples, [window])[0] for window in windows[:: len(windows) // 3]]
    assert all(
        encode_embedding(one.embedding) == encode_embedding(each.embedding)
        for one, each in zip(alone, together[:: len(windows) // 3], strict=True)
    )


def test_a_short_window_still_tells_the_voice(samples: NDArray[np.int16]) -> None:
    """`Japan.` is all that the chair says at times."""
    chair, short, guest = voice_embedding.embed(samples, [CHAIR[0], Span(21_000, 21_700), GUEST[0]])
    to_chair, to_guest = short.embedding @ chair.embedding, short.embedding @ guest.embedding
    assert to_chair > to_guest + 0.1


def test_no_windows_have_no_voices(samples: NDArray[np.int16]) -> None:
    """A segment of silence is an ordinary segment."""
    assert voice_embedding.embed(samples, []) == ()
