"""The reviewers' workbench: its pages, and the JSON that they work with. `docs/desk-api.md` describes the routes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray

from workers.web.audio import AudioReader
from workers.web.desk import correcting, hearing, naming, queueing, reading, shells
from workers.web.desk.peaks import Waveforms
from workers.web.desk.wire import Desk
from workers.web.people import API
from workers.web.reading import Reader
from workers.web.stream import Watch

__all__ = ["Desk", "routes"]


def routes(
    desk: Desk,
    reader: Reader,
    audio: AudioReader,
    watch: Watch,
    fetch: Callable[[str], bytes],
    decode: Callable[[bytes, str], NDArray[np.int16]],
) -> APIRouter:
    """Return the routes of the workbench.

    Args:
        desk: What is worked on.
        reader: Knows the audio of channels.
        audio: Reads samples.
        watch: Tells streams when to look; its versions are the desk's.
        fetch: Gives an audio object's bytes by its URI.
        decode: Gives the samples of such bytes.
    """
    router = APIRouter()
    for part in (
        queueing.routes(desk),
        reading.routes(desk, watch),
        correcting.routes(desk),
        hearing.routes(desk, reader, audio, Waveforms(desk.peaks, fetch, decode)),
        naming.routes(),
    ):
        router.include_router(part, prefix=API)
    router.include_router(shells.routes(desk))
    return router
