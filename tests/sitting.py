"""A small synthetic sitting for the tests of the pages, and a hand-written reader that holds it in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from floorlog import contract
from floorlog.adapters import flac
from floorlog.announcements import AudioObject, Gap, Segment
from floorlog.audio_timeline import heard_until_ms
from floorlog.clock import Span, after, rfc3339
from floorlog.coverage import Entry, Ledger
from floorlog.errors import ObjectNotReady
from floorlog.identity import record_id
from floorlog.services.ledger import ChannelLedger
from floorlog.services.meetings import from_toml
from workers.web.reading import Sitting

BEGAN = datetime(2021, 2, 24, 15, 0, tzinfo=UTC)
NAMES = {"CMR": "Cameroon", "NOR": "Norway", "EU": "European Union", "G77": "Group of 77 and China", "CHAIR": "Chair"}


def a_meeting(meeting_id: str = "small", **changes: Any) -> dict[str, Any]:
    """A valid meeting document: live, synthetic, one channel."""
    return from_toml(
        {
            "id": meeting_id,
            "title": "A small meeting",
            "body": "General Assembly",
            "format": "informal",
            "date": "2021-02-24",
            "audience": "live",
            "synthetic": True,
            "licence": "CC0-1.0",
            "chair": {"title": "President"},
            **changes,
        }
    )


def entity(code: str) -> dict[str, str]:
    """An entity as records hold it."""
    scheme = "iso3166-1-alpha-3" if len(code) == 3 and code.isalpha() else "floorlog"
    return {"scheme": scheme, "code": code, "name": NAMES.get(code, code)}


def a_record(
    text: str,
    start_ms: int,
    *,
    code: str | None = None,
    kind: str = "statement",
    state: str = "machine",
    **changes: Any,
) -> dict[str, Any]:
    """A valid record whose words last 300 ms and start every 500 ms."""
    words = [
        {
            "text": word,
            "start_ms": start_ms + 500 * index,
            "end_ms": start_ms + 500 * index + 300,
            "confidence": 0.9,
            "source": "recognised",
        }
        for index, word in enumerate(text.split())
    ]
    end_ms = start_ms + 500 * max(1, len(words))
    record = {
        "schema": "record/1",
        "id": record_id("small", "floor", start_ms),
        "meeting_id": "small",
        "channel": "floor",
        "kind": kind,
        "spans": [
            {
                "start_ms": start_ms,
                "end_ms": end_ms,
                "start_utc": rfc3339(after(BEGAN, start_ms)),
                "end_utc": rfc3339(after(BEGAN, end_ms)),
            }
        ],
        "language_spoken": "en",
        "language_text": "en",
        "interpretation": False,
        "speaker": None
        if code is None
        else {"entity": entity(code), "name_as_said": None, "role": None, "capacity": None, "person": None},
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "unattributed" if code is None else "attributed",
            "confidence": 0.0 if code is None else 0.97,
            "method": "log-odds",
            "evidence": [],
            "alternatives": [],
        },
        "text": text,
        "words": words,
        "quality": {
            "recogniser_confidence": 0.9,
            "coverage": {
                "words_ms": 300 * len(words),
                "speech_without_words_ms": 0,
                "no_speech_ms": end_ms - start_ms - 300 * len(words),
                "gap_ms": 0,
            },
            "flags": [],
        },
        "themes": [],
        "review": {"state": state},
        "provenance": {
            "model": "test",
            "model_sha256": "0" * 64,
            "fingerprint": None,
            "method": "log-odds",
            "version": "floor/1",
        },
        "licence": "CC0-1.0",
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
        **changes,
    }
    contract.validate("record", record)
    return record


def evidence(kind: str, quote: str, at_ms: int, code: str, weight: float = 4.0) -> dict[str, Any]:
    """One piece of evidence as records hold it."""
    return {
        "type": kind,
        "quote": quote,
        "span": {"start_ms": at_ms, "end_ms": at_ms + 800},
        "channel": "floor",
        "weight": weight,
        "entity": code,
    }


@dataclass
class MemoryReader:
    """Holds meetings, records and audio; every change gives it another version."""

    meetings: dict[str, Sitting] = field(default_factory=dict)
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    announced: dict[tuple[str, str], list[Segment | Gap]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    to_look_at: list[dict[str, Any]] = field(default_factory=list)
    changes: int = 0

    def add(self, meeting: dict[str, Any], state: Any = "live") -> None:
        self.meetings[meeting["id"]] = Sitting(meeting, state)
        self.kept.setdefault(meeting["id"], [])
        self.changes += 1

    def put(self, record: dict[str, Any]) -> None:
        """Add a record, or replace the one of its id."""
        of_meeting = self.kept[record["meeting_id"]]
        of_meeting[:] = [item for item in of_meeting if item["id"] != record["id"]] + [record]
        self.changes += 1

    def drop(self, meeting_id: str, dropped: str) -> None:
        self.kept[meeting_id] = [item for item in self.kept[meeting_id] if item["id"] != dropped]
        self.changes += 1

    def hear(self, meeting_id: str, samples: np.ndarray[Any, np.dtype[np.int16]], channel: str = "floor") -> Segment:
        """Store samples (int16, 16 kHz, whole milliseconds) as the channel's next segment."""
        known = self.announced.setdefault((meeting_id, channel), [])
        start_ms = known[-1].span.end_ms if known else 0
        uri, data = f"memory/{meeting_id}/{channel}/{start_ms}.flac", flac.encode(samples)
        self.objects[uri] = data
        segment = Segment(
            meeting_id=meeting_id,
            channel=channel,
            sequence=len(known),
            span=Span(start_ms, start_ms + len(samples) // 16),
            utc_start=after(BEGAN, start_ms),
            utc_source="given",
            continuity=0,
            audio=AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data)),
            cut="pause",
            speech_ratio=1.0,
        )
        known.append(segment)
        self.changes += 1
        return segment

    def miss(self, meeting_id: str, length_ms: int, channel: str = "floor") -> Gap:
        """Add a gap as the channel's next stretch."""
        known = self.announced.setdefault((meeting_id, channel), [])
        start_ms = known[-1].span.end_ms if known else 0
        gap = Gap(meeting_id, channel, len(known), Span(start_ms, start_ms + length_ms), "media-missing")
        known.append(gap)
        self.changes += 1
        return gap

    def fetch(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise ObjectNotReady(uri)
        return self.objects[uri]

    def versions(self, meeting_ids: Collection[str]) -> dict[str, str]:
        return dict.fromkeys(meeting_ids, str(self.changes))

    def sittings(self) -> Sequence[Sitting]:
        return list(self.meetings.values())

    def sitting(self, meeting_id: str) -> Sitting | None:
        return self.meetings.get(meeting_id)

    def records(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        return self.kept[meeting_id]

    def announcements(self, meeting_id: str, channel: str) -> Sequence[Segment | Gap]:
        return self.announced.get((meeting_id, channel), [])

    def _ledger(self, meeting_id: str, channel: str) -> Ledger:
        known = self.announcements(meeting_id, channel)
        entries = tuple(
            Entry(item.span, "gap", item.cause) if isinstance(item, Gap) else Entry(item.span, "words")
            for item in known
        )
        return Ledger(heard_until_ms(item.span for item in known), entries)

    def coverage(self, meeting_id: str) -> Sequence[ChannelLedger]:
        channels = self.meetings[meeting_id].meeting["channels"]
        own = [self._ledger(meeting_id, channel["name"]) for channel in channels]
        clock_ms = max(item.until_ms for item in own)
        found = []
        for channel, account in zip(channels, own, strict=True):
            rest = (Entry(Span(account.until_ms, clock_ms), "unheard"),) if account.until_ms < clock_ms else ()
            whole = Ledger(clock_ms, (*account.entries, *rest))
            found.append(ChannelLedger(channel, account.until_ms, len(account.entries), whole))
        return found

    def review_items(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        return self.to_look_at


def noise(length_ms: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Samples that differ everywhere: int16, 16 kHz."""
    return np.random.default_rng(seed).integers(-2000, 2000, length_ms * 16, dtype=np.int16)
