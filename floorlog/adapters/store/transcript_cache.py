"""Transcripts that were heard just now, so that the words of a record are not read and decoded again."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import replace

from floorlog import words
from floorlog.words import Transcript

CAPACITY = 512
"""Transcripts kept: above an hour of segments of 10 s, so the longest intervention; some 10 MB."""


class TranscriptCache:
    """The transcripts that were used last, less their voice windows. What it holds never changes in the store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Transcript] = OrderedDict()

    def get(self, segment_id: str, fingerprint: str) -> Transcript | None:
        """Return a transcript without voice windows, if it is there."""
        with self._lock:
            found = self._kept.get((segment_id, fingerprint))
            if found is not None:
                self._kept.move_to_end((segment_id, fingerprint))
            return found

    def put(self, transcript: Transcript) -> Transcript:
        """Keep a transcript, and return it without voice windows."""
        silent = replace(transcript, voice_windows=())
        with self._lock:
            self._kept[(transcript.segment_id, transcript.recogniser.fingerprint)] = silent
            while len(self._kept) > CAPACITY:
                self._kept.popitem(last=False)
        return silent


def decode_silent(text: str) -> Transcript:
    """Return the transcript of its JSON without voice windows, which cost more than all the rest."""
    return words.decode({**json.loads(text), "voice_windows": []})
