"""What a correction of one record does: content and correction give the next content.

A record's content is its document without revision and ordinal. Beside the state, its `review` holds what only people
make: notes, stretches off the record, whether a person's name is confirmed, conflicts with a better model. What becomes
of several records at once is in `floorlog.restructuring`; the journal of a meeting in `floorlog.journal`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from floorlog.clock import Span, without
from floorlog.errors import InvalidDocument
from floorlog.retiming import retime

Content = dict[str, Any]
Tagger = Callable[[str], list[dict[str, Any]]]
"""Gives the themes of a text, as records hold them."""

HUMAN: Final = "human"

STRUCTURE: Final = frozenset(("span", "split", "merge", "insert", "restore"))
"""Operations that may change several records."""


def fault(place: str, expected: str) -> InvalidDocument:
    """Return the error of a correction that cannot be carried out."""
    return InvalidDocument("correction/1", place, expected)


def spans_of(content: Content) -> list[Span]:
    """Return a record's spans."""
    return [Span(span["start_ms"], span["end_ms"]) for span in content["spans"]]


def before_of(content: Content, operation: str) -> dict[str, Any] | None:
    """Return what a correction changes, as it stands: the `before` of the correction."""
    review = content["review"]
    match operation:
        case "text":
            return {"text": content["text"]}
        case "speaker" | "on_behalf_of" | "aligned_with" | "kind":
            return {operation: content[operation]}
        case "person":
            return {"person": content["speaker"]["person"] if content["speaker"] else None}
        case "span":
            return {"spans": [span.encode() for span in spans_of(content)]}
        case "language":
            return {name: content[name] for name in ("language_spoken", "language_text", "interpretation")}
        case "off_record":
            return {"off_record": bool(review.get("off_record"))}
        case "theme":
            return {"themes": content["themes"]}
        case "note":
            return {"note": review["note"]} if "note" in review else None
        case "state":
            return {"state": review["state"]}
    return {"records": [content["id"]]}


def correct(content: Content, operation: str, after: dict[str, Any] | None, tag: Tagger) -> Content:
    """Return the content that a correction of one record makes of another; the given one stays as it is.

    Args:
        content: The record's content.
        operation: The correction's, one that changes one record only.
        after: What the correction makes of it, as its schema has it.
        tag: Gives the themes of a text.

    Raises:
        InvalidDocument: the correction does not fit the record.
    """
    if after is None and operation != "note":
        raise fault("$.after", "what it becomes")
    return {**content, **_OPERATIONS[operation](content, after or {}, tag)}


def retext(content: Content, text: str, words: list[dict[str, Any]], tag: Tagger) -> Content:
    """Return the content with another text and its words; themes go with their passages.

    Where the themes were the tagger's, they are the tagger's again; where a person set them, those stay whose
    passage still stands.
    """
    themes = content["themes"]
    if text != content["text"]:
        themes = tag(text) if themes == tag(content["text"]) else moved_themes(themes, text)
    return {**content, "text": text, "words": words, "themes": themes}


def moved_themes(themes: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Return the themes whose passage stands in a text, where it stands there."""
    found: list[dict[str, Any]] = []
    behind = 0
    for item in sorted(themes, key=lambda each: each["offset"]):
        at = text.find(item["quote"], behind)
        at = at if at >= 0 else text.find(item["quote"])
        if at >= 0:
            found.append({**item, "offset": at})
            behind = at
    return found


def _text(content: Content, after: dict[str, Any], tag: Tagger) -> Content:
    text = after.get("text", "")
    words = after.get("words")
    if words is None:
        words = retime(content["words"], text, spans_of(content))
    elif "".join("".join(word["text"].split()) for word in words) != "".join(text.split()):
        raise fault("$.after.words", "the words of the text, in order")
    return retext(content, text, words, tag)


def _speaker(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    speaker, had = after.get("speaker"), content["speaker"]
    same_person = bool(speaker and had and speaker["person"] == had["person"] and speaker["entity"] == had["entity"])
    review = content["review"] if same_person else _without(content["review"], "person_confirmed")
    attribution = {
        **content["attribution"],
        "status": "attributed" if speaker else "unattributed",
        "confidence": 1.0 if speaker else 0.0,
        "method": HUMAN,
    }
    return {"speaker": speaker, "attribution": attribution, "review": review}


def _person(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    if content["speaker"] is None:
        raise fault("$.after.person", "a record whose speaker is named; correct the speaker first")
    name = after.get("person")
    review = _without(content["review"], "person_confirmed")
    return {
        "speaker": {**content["speaker"], "person": name},
        "review": review if name is None else review | {"person_confirmed": True},
    }


def _entities(name: str) -> Callable[[Content, dict[str, Any], Tagger], Content]:
    def put(_content: Content, after: dict[str, Any], _: Tagger) -> Content:
        return {name: after.get(name, [])}

    return put


def _kind(_content: Content, after: dict[str, Any], _: Tagger) -> Content:
    if "kind" not in after:
        raise fault("$.after.kind", "a kind")
    return {"kind": after["kind"]}


def _language(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    spoken = after.get("language_spoken")
    return {
        "language_spoken": spoken,
        "language_text": after.get("language_text", content["language_text"]),
        "interpretation": after.get("interpretation", content["interpretation"]),
    }


def _off_record(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    stretch = after.get("span")
    asked = [Span.decode(stretch)] if stretch else spans_of(content)
    off = [Span.decode(span) for span in content["review"].get("off_record", ())]
    if after.get("off_record", False):
        inside = [Span(max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)) for a, b in _meeting(asked, content)]
        if not inside:
            raise fault("$.after.span", "a stretch inside of the record's spans")
        left = union([*off, *inside])
    else:
        left = [part for span in off for part in without(span, asked)]
    review = _without(content["review"], "off_record")
    return {"review": review | {"off_record": [span.encode() for span in left]} if left else review}


def _meeting(asked: Sequence[Span], content: Content) -> list[tuple[Span, Span]]:
    return [(one, own) for one in asked for own in spans_of(content) if one.overlap_ms(own)]


def union(spans: Sequence[Span]) -> list[Span]:
    """Return what any of the spans covers, in order and apart."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start_ms <= found[-1].end_ms:
            found[-1] = Span(found[-1].start_ms, max(found[-1].end_ms, span.end_ms))
        else:
            found.append(span)
    return found


def _theme(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    themes = after.get("themes", [])
    for place, item in enumerate(themes):
        if content["text"][item["offset"] : item["offset"] + len(item["quote"])] != item["quote"]:
            raise fault(f"$.after.themes[{place}].quote", "the characters of the text from offset on")
    return {"themes": themes}


def _note(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    review = _without(content["review"], "note")
    return {"review": review | {"note": after["note"]} if after.get("note") else review}


def _state(content: Content, after: dict[str, Any], _: Tagger) -> Content:
    if "state" not in after:
        raise fault("$.after.state", "a state")
    return {"review": {**content["review"], "state": after["state"]}}


def _without(review: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in review.items() if key != name}


_OPERATIONS: Final[Mapping[str, Callable[[Content, dict[str, Any], Tagger], Content]]] = {
    "text": _text,
    "speaker": _speaker,
    "person": _person,
    "on_behalf_of": _entities("on_behalf_of"),
    "aligned_with": _entities("aligned_with"),
    "kind": _kind,
    "language": _language,
    "off_record": _off_record,
    "theme": _theme,
    "note": _note,
    "state": _state,
}
