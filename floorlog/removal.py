"""Erase words for good: from contents, corrections, transcripts and events; what is left keeps its form."""

from __future__ import annotations

from typing import Any, Final

from floorlog.clock import Span, without
from floorlog.publication import Stretches, less, unquoted

MARK: Final = "…"
"""Stands for a word of a transcript, whose times the floor goes by."""

_FOR_REVIEWERS: Final = frozenset(("note", "conflicts"))
_OF_AN_EVENT: Final = frozenset(("record", "before", "after", "reason"))


def stretches_of(contents: list[dict[str, Any]]) -> dict[str, list[Span]]:
    """Return where a record lies in all its revisions, and where its interpretations do, by channel."""
    found: dict[str, set[Span]] = {}
    for content in contents:
        for item in (content, *content.get("interpretations", ())):
            found.setdefault(item["channel"], set()).update(_span(span) for span in item["spans"])
    return {channel: sorted(spans) for channel, spans in found.items()}


def erased(content: dict[str, Any], stretches: Stretches) -> dict[str, Any]:
    """Return a record's content without what was said in some stretches; without anything there, the content itself."""
    made = less(content, stretches)
    hidden = stretches.get(content["channel"], ())
    if all(not without(_span(span), hidden) for span in content["spans"]):
        made = {**made, "words": [], "text": "", "themes": [], "language_text": None}
        if content["speaker"]:
            made["speaker"] = {**content["speaker"], "person": None, "name_as_said": None}
        made["quality"] = {**content["quality"], "recogniser_confidence": None}
    if made is not content:
        review = {name: value for name, value in content["review"].items() if name not in _FOR_REVIEWERS}
        made = {**made, "review": review}
    return made


def erased_correction(document: dict[str, Any]) -> dict[str, Any]:
    """Return a correction without texts, notes and names; what it did to a record's form stays."""
    made = {**document, "reason": None}
    for side in ("before", "after"):
        if document[side] is not None:
            made[side] = {name: _blank(name, value) for name, value in document[side].items()}
    return made


def erased_transcript(document: dict[str, Any], stretches: Stretches) -> dict[str, Any]:
    """Return a transcript whose words that begin in some stretches are marks; without any, the transcript itself."""
    hidden = stretches.get(document["channel"], ())

    def is_hidden(word: dict[str, Any]) -> bool:
        return any(span.contains(word["span"]["start_ms"]) for span in hidden)

    if not any(is_hidden(word) for piece in document["pieces"] for word in piece["words"]):
        return document
    pieces = [
        {**piece, "words": [{**word, "text": MARK} if is_hidden(word) else word for word in piece["words"]]}
        for piece in document["pieces"]
    ]
    return {**document, "pieces": pieces}


def erased_settlement(document: dict[str, Any], stretches: Stretches) -> dict[str, Any]:
    """Return the JSON of an intervention without names and quotes of what was said in some stretches."""
    made = {**document, "attribution": unquoted(document["attribution"], stretches)}
    hidden = stretches.get(document["channel"], ())
    inside = all(not without(_span(span), hidden) for span in document["spans"])
    return made | ({"name_as_said": None, "person": None} if inside else {})


def erased_event(data: dict[str, Any]) -> dict[str, Any]:
    """Return an event's data without what was said."""
    return {name: value for name, value in data.items() if name not in _OF_AN_EVENT}


def _blank(name: str, value: Any) -> Any:
    match name:
        case "text":
            return ""
        case "words" | "themes":
            return []
        case "person":
            return None
        case "note":
            return MARK if value else value
        case "speaker" if value:
            return {**value, "person": None, "name_as_said": None}
    return value


def _span(span: dict[str, Any]) -> Span:
    return Span(span["start_ms"], span["end_ms"])
