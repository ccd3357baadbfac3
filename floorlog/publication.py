"""What of a record readers see: no notes, no conflicts, no words off the record, no name that nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.clock import Span
from floorlog.retiming import Words


def as_shown(content: dict[str, Any], off_record: Sequence[dict[str, int]] = ()) -> dict[str, Any]:
    """Return a record's content without what is for reviewers only. What has nothing of that comes back as it is.

    Args:
        content: A revision's.
        off_record: Spans that are off the record now, besides those that were when the revision was made.
    """
    review: dict[str, Any] = content.get("review", {})
    shown = {**content, "review": {key: review[key] for key in ("state",) if key in review}}
    speaker = content.get("speaker")
    if speaker and not review.get("person_confirmed"):
        shown["speaker"] = {**speaker, "person": None, "name_as_said": None}
    hidden = [Span.decode(span) for span in (*review.get("off_record", ()), *off_record)]
    return shown | _less(content, hidden) if hidden else shown


def without_words(document: dict[str, Any]) -> dict[str, Any]:
    """Return a record's document without the times of its words; its texts stay."""
    less = {name: value for name, value in document.items() if name != "words"}
    if "interpretations" in document:
        less["interpretations"] = [
            {name: value for name, value in item.items() if name != "words"} for item in document["interpretations"]
        ]
    return less


def meeting_as_shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a meeting's document without what runs it, and without the persons that somebody expects to speak."""
    return {name: value for name, value in document.items() if name not in _FOR_THE_HOUSE}


_FOR_THE_HOUSE = frozenset(("roster", "cutting", "hold_s", "recogniser"))


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
    if "attribution" in content:
        evidence = [
            {**item, "quote": ""} if any(Span.decode(item["span"]).overlap_ms(span) for span in hidden) else item
            for item in content["attribution"]["evidence"]
        ]
        less["attribution"] = {**content["attribution"], "evidence": evidence}
    if "interpretations" in content:
        less["interpretations"] = [
            {**item, "words": kept, "text": " ".join(word["text"] for word in kept)}
            for item in content["interpretations"]
            for kept in [left(item["words"])]
        ]
    return less
