"""What of a record readers see: no notes, no conflicts, no words off the record, no name that nobody confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floorlog.clock import Span
from floorlog.retiming import Words

Stretches = Mapping[str, Sequence[Span]]
"""Spans on the meeting clock, by channel."""

_FOR_THE_HOUSE = frozenset(("roster", "cutting", "hold_s", "recogniser"))


def as_shown(content: dict[str, Any], hidden: Stretches | None = None) -> dict[str, Any]:
    """Return a record's content without what is for reviewers only. What has nothing of that comes back as it is.

    Args:
        content: A revision's.
        hidden: Stretches whose words are not shown, besides those that the revision itself has off the record.
    """
    review: dict[str, Any] = content.get("review", {})
    shown = {**content, "review": {key: review[key] for key in ("state",) if key in review}}
    speaker = content.get("speaker")
    if speaker and not review.get("person_confirmed"):
        shown["speaker"] = {**speaker, "person": None, "name_as_said": None}
    for stretches in (off_record(content), hidden):
        shown = less(shown, stretches) if stretches else shown
    return shown


def off_record(content: dict[str, Any]) -> Stretches:
    """Return what of a record is off the record, on its own channel and on those of its interpretations."""
    spans = [Span.decode(span) for span in content.get("review", {}).get("off_record", ())]
    return dict.fromkeys(_channels(content), spans) if spans else {}


def less(content: dict[str, Any], hidden: Stretches) -> dict[str, Any]:
    """Return a record's content without the words that begin in some stretches, and without what quotes them."""
    own = hidden.get(content["channel"], ())
    made = content
    if (words := _left(content["words"], own)) != content["words"]:
        text = " ".join(word["text"] for word in words)
        themes = [{**tag, "offset": at} for tag in content["themes"] if (at := text.find(tag["quote"])) >= 0]
        made = {**made, "words": words, "text": text, "themes": themes}
    if any(hidden.get(channel) for channel in _channels(content)[1:]):
        interpretations = [
            {**item, "words": left, "text": " ".join(word["text"] for word in left)}
            for item in content["interpretations"]
            for left in [_left(item["words"], hidden.get(item["channel"], ()))]
        ]
        made = {**made, "interpretations": interpretations}
    attribution = content.get("attribution")
    if attribution and (silent := unquoted(attribution, hidden)) is not attribution:
        made = {**made, "attribution": silent}
    return made


def unquoted(attribution: dict[str, Any], hidden: Stretches) -> dict[str, Any]:
    """Return an attribution without quotes of what was said in some stretches; without any, the attribution itself."""
    if not any(_quotes(item, hidden) for item in attribution["evidence"]):
        return attribution
    evidence = [{**item, "quote": ""} if _quotes(item, hidden) else item for item in attribution["evidence"]]
    return {**attribution, "evidence": evidence}


def without_words(document: dict[str, Any]) -> dict[str, Any]:
    """Return a record's document without the times of its words; its texts stay."""
    made = {name: value for name, value in document.items() if name != "words"}
    if "interpretations" in document:
        made["interpretations"] = [
            {name: value for name, value in item.items() if name != "words"} for item in document["interpretations"]
        ]
    return made


def meeting_as_shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a meeting's document without what runs it, and without the persons that somebody expects to speak."""
    return {name: value for name, value in document.items() if name not in _FOR_THE_HOUSE}


def _channels(content: dict[str, Any]) -> list[str]:
    return [content["channel"], *(item["channel"] for item in content.get("interpretations", ()))]


def _left(words: Words, hidden: Sequence[Span]) -> Words:
    return [word for word in words if not any(span.contains(word["start_ms"]) for span in hidden)]


def _quotes(evidence: dict[str, Any], hidden: Stretches) -> bool:
    span = Span.decode(evidence["span"])
    return bool(evidence["quote"]) and any(span.overlap_ms(each) for each in hidden.get(evidence["channel"], ()))
