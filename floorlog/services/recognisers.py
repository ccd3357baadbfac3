"""Recognisers: settings, the fingerprint that they give a transcript, and one loaded model per process and settings."""

from __future__ import annotations

import functools
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from floorlog import splitting, words
from floorlog.adapters import model_files, voice_embedding
from floorlog.config import Settings
from floorlog.identity import canonical_json, digest

if TYPE_CHECKING:
    from floorlog.adapters.whisper import Whisper

VERSION = "3"
"""Version of the code that turns audio into transcripts; raised whenever the same audio may give other words."""

OFFICIAL_LANGUAGES = ("en", "fr", "es", "ar", "zh", "ru")
"""The six of the United Nations, the chair's most frequent one first. Of all 99 languages of the model, bad audio in
English was taken for Welsh with up to 95 %, and in Spanish for Italian (measured); among the six it was not."""


@dataclass(frozen=True, slots=True)
class RecogniserSettings:
    """Which recogniser to use and how.

    Args:
        model: `base-offline`, a model of the hub, or a folder; see `floorlog.adapters.model_files`.
        beam: size of the beam; 1 is faster and a little worse.
        languages: what may be heard on a channel without a language of its own (ISO 639-1), the expected one first.
        device: cpu or cuda.
        compute_type: number format of the weights, as CTranslate2 names it.
        threads: threads of one call on a CPU; does not change the words.
        calls: how many calls are decoded at once, on one copy of the weights; does not change the words.
        cache: folder where the offline model is joined; None: the user's cache. Does not change the words.
    """

    model: str = model_files.BASE_OFFLINE
    beam: int = 5
    languages: tuple[str, ...] = OFFICIAL_LANGUAGES
    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 1
    calls: int = 1
    cache: str | None = None


def settings_of(settings: Settings) -> RecogniserSettings:
    """Return the recogniser that this process's settings choose."""
    return RecogniserSettings(
        model=settings.model,
        beam=settings.beam_size,
        device=settings.device,
        compute_type=settings.compute_type,
        threads=settings.threads,
        calls=settings.concurrent_calls,
    )


@dataclass(frozen=True, slots=True)
class LoadedRecogniser:
    """A recogniser that is ready to be called."""

    identity: words.Recogniser
    settings: RecogniserSettings
    whisper: Whisper


@functools.cache
def identify(settings: RecogniserSettings) -> words.Recogniser:
    """Return what names a recogniser in its transcripts; its model is not loaded for that. The answer is kept.

    Raises:
        ModelMissing: there is no such model here.
    """
    sha256 = model_files.weights_sha256(settings.model)
    choices = {
        "beam": settings.beam,
        "compute_type": settings.compute_type,
        "device": settings.device,
        "languages": list(settings.languages),
        "voice_sha256": voice_embedding.SHA256,
        "splitting": asdict(splitting.RULE),
    }
    name = settings.model if settings.model == model_files.BASE_OFFLINE else Path(settings.model).name
    return words.Recogniser(digest(sha256, canonical_json(choices), VERSION), name, sha256, choices, VERSION)


def fingerprint(settings: RecogniserSettings) -> str:
    """Return the fingerprint of a recogniser: the same one gives the same words for the same audio.

    Raises:
        ModelMissing: there is no such model here.
    """
    return identify(settings).fingerprint


def recogniser(settings: RecogniserSettings) -> LoadedRecogniser:
    """Return a recogniser, loaded once per process and settings, however many threads ask for it.

    Raises:
        ModelMissing: there is no such model here.
    """
    with _loading:
        return _load(settings)


_loading = threading.Lock()


@functools.cache
def _load(settings: RecogniserSettings) -> LoadedRecogniser:
    from floorlog.adapters.whisper import Whisper  # heavy: loads CTranslate2

    files = model_files.resolve(settings.model, None if settings.cache is None else Path(settings.cache))
    whisper = Whisper(files.path, settings.device, settings.compute_type, settings.threads, settings.calls)
    return LoadedRecogniser(identify(settings), settings, whisper)


def loads() -> int:
    """Return how many models this process has loaded."""
    return _load.cache_info().misses
