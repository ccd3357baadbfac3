"""What of a record readers see: no notes, no conflicts, no words off the record, no name that nobody confirmed."""

from __future__ import annotations

from typing import Any

from floorlog.clock import Span
from floorlog.retiming import Words


def as_shown(content: dict[str, Any]) -> dict[str, Any]:
    """Return a record's content without what is for reviewers only. What has nothing of that comes back as it is."""
    review: dict[str, Any] = content.get("review", {})
    shown = {**content, "review": {key: review[key] for key in ("state",) if key in review}}
    speaker = content.get("speaker")
    if speaker and speaker["person"] is not None and not review.get("person_confirmed"):
        shown["speaker"] = {**speaker, "person": None}
    if review.get("off_record"):
        hidden = [Span.decode(span) for span in review["off_record"]]
        shown |= _less(content, hidden)
    return shown


def _less(content: dict[str, Any], hidden: list[Span]) -> dict[str, Any]:
    def left(words: Words) -> Words:
        return [word for word in words if not any(span.contains(word["start_ms"]) for span in hidden)]

    words = left(content["words"])
    text = " ".join(word["text"] for word in words)
    less: dict[str, Any] = {
        "words": words,
        "text": text,
        "themes": [{**tag, "offset": at} for tag in content["themes"] if (at := text.find(tag["quote"])) >= 0],
    }
    if "interpretations" in content:
        less["interpretations"] = [
            {**item, "words": kept, "text": " ".join(word["text"] for word in kept)}
            for item in content["interpretations"]
            for kept in [left(item["words"])]
        ]
    return less
