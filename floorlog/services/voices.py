"""Everywhere a voice speaks: the records of a channel that sound like one of them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass

from floorlog.adapters.store import desk
from floorlog.errors import UnknownSubject
from floorlog.services.bench import Bench, Sheet
from floorlog.voices import Voice, cosine, merged, same_voice, voices_of

KEPT = 4
"""Channels whose voices are kept: reading those of three hours takes about a second."""


LONGEST_WINDOW_MS = 10_000
"""No window in which a voice was heard is longer; they are of some seconds."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A record that sounds like another one; `similarity` is the cosine of the voices."""

    record_id: str
    similarity: float


class Voices:
    """Knows what the records of a channel sound like, and keeps it until the meeting changes.

    Args:
        bench: Knows the records.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench, self._lock = bench, threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], dict[str, Voice]] = OrderedDict()

    def alike(self, meeting_id: str, record_id: str) -> tuple[Alike, ...]:
        """Return the other records in which the same voice rather speaks than not, the most alike first.

        An interpreter's voice says nothing about who speaks: for a record of an interpretation it is nothing.

        Raises:
            UnknownSubject: the meeting has no such record.
            StoreUnavailable: the store does not answer.
        """
        sheet = self._bench.sheet(meeting_id)
        item = next((each.digest for each in sheet.standing if each.digest.id == record_id), None)
        if item is None:
            raise UnknownSubject(record_id)
        if item.interpretation or item.channel in sheet.interpretations:
            return ()
        voices = self._voices(sheet, item.channel)
        own = voices.get(record_id)
        if own is None:
            return ()
        found = [
            Alike(other_id, round(cosine(own, other), 3))
            for other_id, other in voices.items()
            if other_id != record_id and same_voice(own, other) > 0
        ]
        return tuple(sorted(found, key=lambda each: (-each.similarity, each.record_id)))

    def _voices(self, sheet: Sheet, channel: str) -> dict[str, Voice]:
        key = (sheet.meeting.id, sheet.version, channel)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._read(sheet, channel)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _read(self, sheet: Sheet, channel: str) -> dict[str, Voice]:
        with self._bench.store.reading(sheet.meeting.id) as reader:
            windows = desk.voice_windows(reader, channel)
        records = [each.digest for each in sheet.standing if each.digest.channel == channel]
        starts = [window.span.start_ms for window in windows]
        found: dict[str, Voice] = {}
        for item in records:
            for span in item.spans:
                first, last = bisect_left(starts, span.start_ms - LONGEST_WINDOW_MS), bisect_left(starts, span.end_ms)
                (voice,) = voices_of([span], windows[first:last])
                both = None if item.interpretation else merged(found.get(item.id), voice)
                if both is not None:
                    found[item.id] = both
        return found
