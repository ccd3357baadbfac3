"""Insert a record that the machine missed, as a person describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floorlog.clock import Span
from floorlog.corrections import HUMAN, Content, fault, spans_of
from floorlog.coverage_shares import scaled
from floorlog.laying_out import with_utc
from floorlog.retiming import retime


def insert(meeting: Mapping[str, Any], record_id: str, after_: Mapping[str, Any], clock: Sequence[Content]) -> Content:
    """Return the content of a record that a person adds.

    Args:
        meeting: The meeting document.
        record_id: Its id.
        after_: What the person says of it, as the schema of corrections has it.
        clock: Records of the meeting, whose spans say what the time is in UTC.

    Raises:
        InvalidDocument: its time is taken by another record of the channel.
    """
    spans = [Span.decode(span) for span in after_["spans"]]
    channel = next((each for each in meeting["channels"] if each["name"] == after_["channel"]), None)
    if channel is None:
        raise fault("$.after.channel", "a channel of the meeting")
    for other in clock:
        if other["channel"] == channel["name"] and any(a.overlap_ms(b) for a in spans for b in spans_of(other)):
            raise fault("$.after.spans", f"time that no other record has; {other['id']} has some of it")
    speaker, text = after_.get("speaker"), after_.get("text", "")
    known = [span for each in clock for span in each["spans"]] or [_origin(meeting)]
    interpretation = bool(channel["interpretation"])
    return {
        "schema": "record/1",
        "id": record_id,
        "meeting_id": meeting["id"],
        "channel": channel["name"],
        "kind": after_["kind"],
        "spans": [with_utc(span, known) for span in spans],
        "language_spoken": None if interpretation else channel["language"],
        "language_text": channel["language"],
        "interpretation": interpretation,
        "speaker": speaker,
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed" if speaker else "unattributed",
            "confidence": 1.0 if speaker else 0.0,
            "method": HUMAN,
            "evidence": [],
            "alternatives": [],
        },
        "text": text,
        "words": retime([], text, spans),
        "quality": {
            "recogniser_confidence": None,
            "coverage": scaled(
                dict.fromkeys(("words_ms", "speech_without_words_ms", "no_speech_ms", "gap_ms"), 0),
                sum(span.length_ms for span in spans),
            ),
            "flags": [],
        },
        "themes": [],
        "review": {"state": "in_review", "based_on": []},
        "provenance": {"model": None, "model_sha256": None, "fingerprint": None, "method": HUMAN, "version": "1"},
        "licence": meeting["licence"],
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": meeting["synthetic"],
    }


def _origin(meeting: Mapping[str, Any]) -> dict[str, Any]:
    began = meeting["actual_start"] or meeting["scheduled_start"] or f"{meeting['date']}T00:00:00Z"
    return {"start_ms": 0, "end_ms": 0, "start_utc": began, "end_utc": began}
