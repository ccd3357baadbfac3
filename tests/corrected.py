"""Records to correct: small contents whose words name themselves, so that a test can say which of them is where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.clock import after, rfc3339
from floorlog.held_records import Correction
from floorlog.identity import record_id
from floorlog.undoing import MemoryDesk
from tests.small_floor import BEGAN, a_meeting

FRANCE = {"scheme": "iso3166-1-alpha-3", "code": "FRA", "name": "France"}
KENYA = {"scheme": "iso3166-1-alpha-3", "code": "KEN", "name": "Kenya"}


def a_span(start_ms: int, end_ms: int) -> dict[str, Any]:
    """A span of a record, with its UTC."""
    utc = {"start_utc": rfc3339(after(BEGAN, start_ms)), "end_utc": rfc3339(after(BEGAN, end_ms))}
    return {"start_ms": start_ms, "end_ms": end_ms, **utc}


def a_speaker(entity: dict[str, str] = FRANCE, person: str | None = None) -> dict[str, Any]:
    """Who had the floor."""
    return {"entity": entity, "name_as_said": None, "role": "member_state", "capacity": None, "person": person}


def a_record(texts: Sequence[str], start_ms: int = 0, speaker: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the machine says of an intervention: a word a second."""
    length_ms = 1000 * max(1, len(texts))
    return {
        "schema": "record/1",
        "id": record_id("small", "floor", start_ms),
        "meeting_id": "small",
        "channel": "floor",
        "kind": "statement",
        "spans": [a_span(start_ms, start_ms + length_ms)],
        "language_spoken": "en",
        "language_text": "en",
        "interpretation": False,
        "speaker": speaker,
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed" if speaker else "unattributed",
            "confidence": 0.5,
            "method": "machine",
            "evidence": [],
            "alternatives": [],
        },
        "text": " ".join(texts),
        "words": [
            {
                "text": text,
                "start_ms": start_ms + 1000 * place,
                "end_ms": start_ms + 1000 * place + 800,
                "confidence": 0.9,
                "source": "recognised",
            }
            for place, text in enumerate(texts)
        ],
        "quality": {
            "recogniser_confidence": 0.9 if texts else None,
            "coverage": {"words_ms": length_ms, "speech_without_words_ms": 0, "no_speech_ms": 0, "gap_ms": 0},
            "flags": [],
        },
        "themes": [],
        "review": {"state": "machine"},
        "provenance": {
            "model": "small",
            "model_sha256": "0" * 64,
            "fingerprint": "fp-first",
            "method": "machine",
            "version": "1",
        },
        "licence": "CC0-1.0",
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
    }


def no_themes(_text: str) -> list[dict[str, Any]]:
    """A tagger that knows no theme."""
    return []


def a_desk(*contents: dict[str, Any]) -> MemoryDesk:
    """A meeting in memory with what the machine said."""
    desk = MemoryDesk(a_meeting(), no_themes)
    for content in contents:
        desk.add(content)
    return desk


def a_correction(record: str, operation: str, after_: Any, **more: Any) -> Correction:
    """A correction; its id comes from what it says unless another is given."""
    return {
        "schema": "correction/1",
        "id": f"cor-{operation}",
        "meeting_id": "small",
        "record_id": record,
        "base_revision": 1,
        "operation": operation,
        "before": None,
        "after": after_,
        "author": "ann",
        "reason": None,
        "at": "2021-02-24T18:00:00.000Z",
        **more,
    }
