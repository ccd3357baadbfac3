"""Voices by CAM++: a unit vector for each window of speech, so that two windows of one voice lie close together."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span
from floorlog.errors import ModelMissing
from floorlog.words import Embedding, VoiceWindow, decode_embedding, encode_embedding

MODEL = Path(__file__).parents[1] / "data" / "voice" / "campplus-w8.onnx"
"""CAM++ of 3D-Speaker (H. Wang et al., Interspeech 2023), weights stored as int8; see NOTICE beside it."""

SHA256 = "c62dac585744e7bca946da1ae6fdca1e3e7a761a706dbc3d6ba5a4da17f63e8f"

MEL_BINS = 80

WINDOW_MS = 1500
"""What the model is given; shorter windows are repeated up to it."""

BATCH = 8
"""Windows per call: a sixth less time than one by one (measured), and no change in a single bit."""


def embed(samples: NDArray[np.int16], windows: Sequence[Span]) -> tuple[VoiceWindow, ...]:
    """Return the voice in each window.

    Args:
        samples: mono at 16 kHz, shape (n,), int16.
        windows: where to listen, in ms from the first sample; at most `WINDOW_MS` long.

    Raises:
        ModelMissing: the model's file is not the expected one.
    """
    model = _model()
    vectors: list[Embedding] = []
    for first in range(0, len(windows), BATCH):
        batch = np.stack([_features(_cut(samples, window)) for window in windows[first : first + BATCH]])
        vectors.extend(model.run(None, {"fbank": batch})[0])
    return tuple(VoiceWindow(window, _unit(vector)) for window, vector in zip(windows, vectors, strict=True))


def _cut(samples: NDArray[np.int16], window: Span) -> NDArray[np.int16]:
    """Return the samples of a window, repeated to the length that the model is given."""
    heard = samples[window.start_ms * SAMPLES_PER_MS : window.end_ms * SAMPLES_PER_MS]
    return np.resize(heard, WINDOW_MS * SAMPLES_PER_MS)


def _features(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return Kaldi's filter bank energies, each bin's mean removed: shape (frames, 80), as CAM++ was trained."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.samp_freq = SAMPLE_RATE_HZ
    options.frame_opts.dither = 0  # dither is noise: it would make each run differ
    options.mel_opts.num_bins = MEL_BINS
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE_HZ, samples.astype(np.float32))
    bank.input_finished()
    energies = np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)]).astype(np.float32)
    centred: NDArray[np.float32] = energies - energies.mean(axis=0)
    return centred


def _unit(vector: NDArray[np.float32]) -> Embedding:
    """Return the unit vector as it will be read again from a stored transcript (float16), so that both are equal."""
    return decode_embedding(encode_embedding(vector / np.linalg.norm(vector)))


@functools.cache
def _model() -> Any:
    import onnxruntime

    content = MODEL.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ModelMissing(MODEL.stem, f"{MODEL} is not the expected file: install floorlog again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # sums in one order, whatever the machine
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
