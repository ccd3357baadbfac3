"""The records of the bundled sample meeting without hearing it: written from what its makers know was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.clock import Span, after, rfc3339
from floorlog.entities import EntityTable
from floorlog.identity import record_id
from floorlog.services.meetings import SAMPLE, read_file
from floorlog.services.review import Author
from floorlog.themes import tag

MEETING = "synthetic-briefing"
BEGAN = datetime(2021, 2, 24, 15, 0, tzinfo=UTC)
ANN = Author("ann", "Ann", "approver")


def add_to(store: Store) -> list[str]:
    """Add the meeting, which has ended, and its records as the machine leaves them; return their ids in order."""
    meeting = read_file(SAMPLE / "meeting.toml")
    store.add_meeting(meeting)
    contents = [_record(meeting, turn) for turn in json.loads((SAMPLE / "truth.json").read_text())["turns"]]
    with store.locked(MEETING) as tx:
        for content in contents:
            revision = tx.add_record(content, "machine", state="machine")
            tx.emit("record.created", content["id"], {"record_id": content["id"], "revision": revision}, revision)
        tx.save_meeting_state("ended")
    return [content["id"] for content in contents]


def said_by(store: Store, code: str) -> str:
    """Return the id of what a delegation said first."""
    return next(
        record.id
        for record, revision in store.current_revisions(MEETING)
        if revision.content["speaker"]["entity"]["code"] == code
    )


def _record(meeting: dict[str, Any], turn: dict[str, Any]) -> dict[str, Any]:
    span = Span(round(1000 * turn["start"]), round(1000 * turn["end"]))
    said = turn["text"].split()
    each_ms = span.length_ms // len(said)
    entities, day = EntityTable.load(), BEGAN.date()
    utc = {"start_utc": rfc3339(after(BEGAN, span.start_ms)), "end_utc": rfc3339(after(BEGAN, span.end_ms))}
    group = {"EU": "EU", "CMR": "AFRICAN_GROUP"}.get(turn["entity"])
    content = {
        "schema": "record/1",
        "id": record_id(MEETING, "floor", span.start_ms),
        "meeting_id": MEETING,
        "channel": "floor",
        "kind": turn["kind"],
        "spans": [{**span.encode(), **utc}],
        "language_spoken": turn["language"],
        "language_text": turn["language"],
        "interpretation": False,
        "speaker": {
            "entity": entities.reference(turn["entity"], day),
            "name_as_said": None,
            "role": turn["role"],
            "capacity": None,
            "person": None,
        },
        "on_behalf_of": [entities.reference(group, day)] if group else [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed",
            "confidence": 0.97,
            "method": "log-odds",
            "evidence": [],
            "alternatives": [],
        },
        "text": " ".join(said),
        "words": [
            {
                "text": word,
                "start_ms": span.start_ms + each_ms * place,
                "end_ms": span.start_ms + each_ms * place + each_ms - 1,
                "confidence": 0.9,
                "source": "recognised",
            }
            for place, word in enumerate(said)
        ],
        "quality": {
            "recogniser_confidence": 0.9,
            "coverage": {"words_ms": span.length_ms, "speech_without_words_ms": 0, "no_speech_ms": 0, "gap_ms": 0},
            "flags": [],
        },
        "themes": [item.encode() for item in tag(" ".join(said), meeting["themes"])],
        "review": {"state": "machine"},
        "provenance": {
            "model": "test",
            "model_sha256": "0" * 64,
            "fingerprint": None,
            "method": "log-odds",
            "version": "floor/1",
        },
        "licence": meeting["licence"],
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
    }
    contract.validate("record", content)
    return content
