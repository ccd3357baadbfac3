"""What a document's contract demands beyond JSON Schema: order, containment, ids that are computed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from floorlog.clock import parse_rfc3339
from floorlog.identity import end_id, gap_id, segment_id

MAX_SEGMENT_MS = 600_000
"""Longest audio that one segment may hold: far above any cutter's `max_ms`, and what a decoder takes in memory."""

Path = tuple[str | int, ...]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a document breaks its contract, and what was expected there."""

    path: Path
    expected: str


def json_path(path: Path) -> str:
    """Return the JSONPath (RFC 9535) of a place in a document, for example `$.pieces[0].span`."""
    plain = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
    steps = (
        f"[{step}]" if isinstance(step, int) else f".{step}" if plain.fullmatch(step) else f"[{step!r}]"
        for step in path
    )
    return "$" + "".join(steps)[:480]


def _forward(spans: Iterable[tuple[Path, Document]]) -> Iterator[Fault]:
    for path, span in spans:
        if span["end_ms"] <= span["start_ms"]:
            yield Fault((*path, "end_ms"), f"after start_ms ({span['start_ms']}), found {span['end_ms']}")


def _apart(spans: Sequence[tuple[Path, Document]]) -> Iterator[Fault]:
    for (_, before), (path, span) in itertools.pairwise(spans):
        if span["start_ms"] < before["end_ms"]:
            yield Fault((*path, "start_ms"), f"at least {before['end_ms']}, where the one before ends")


def _inside(spans: Iterable[tuple[Path, Document]], outer: Document) -> Iterator[Fault]:
    for path, span in spans:
        if span["start_ms"] < outer["start_ms"]:
            yield Fault((*path, "start_ms"), f"at least {outer['start_ms']}, where the segment starts")
        if span["end_ms"] > outer["end_ms"]:
            yield Fault((*path, "end_ms"), f"at most {outer['end_ms']}, where the segment ends")


def _in_order(spans: Sequence[tuple[Path, Document]]) -> Iterator[Fault]:
    for (_, before), (path, span) in itertools.pairwise(spans):
        if span["start_ms"] < before["start_ms"]:
            yield Fault((*path, "start_ms"), f"at least {before['start_ms']}, where the one before starts")


def _not_before(document: Document, first: str, last: str, path: Path = ()) -> Iterator[Fault]:
    if document[first] is None or document[last] is None:
        return
    if parse_rfc3339(document[last]) < parse_rfc3339(document[first]):
        yield Fault((*path, last), f"not before {first}")


def _computed(document: Document, expected: str, field: str = "id") -> Iterator[Fault]:
    if document[field] != expected:
        yield Fault((field,), f"{expected}, found {document[field][:80]}")


def _meeting(document: Document) -> Iterator[Fault]:
    yield from _not_before(document, "scheduled_start", "scheduled_end")
    yield from _not_before(document, "actual_start", "actual_end")
    names = [channel["name"] for channel in document["channels"]]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(("channels", index, "name"), f"each channel once; {name} is repeated")
    if not any(channel["required"] for channel in document["channels"]):
        yield Fault(("channels",), "at least one channel that is required")
    cutting = document["cutting"]
    for low, high in (("min_ms", "aim_ms"), ("aim_ms", "max_ms")):
        if cutting[high] < cutting[low]:
            yield Fault(("cutting", high), f"at least {low} ({cutting[low]}), found {cutting[high]}")


def _segment(document: Document) -> Iterator[Fault]:
    if document["kind"] == "tick":
        return
    meeting, channel = document["meeting_id"], document["channel"]
    if document["kind"] == "end":
        if document["last_sequence"] >= document["sequence"]:
            yield Fault(("last_sequence",), f"below sequence ({document['sequence']})")
        yield from _computed(document, end_id(meeting, channel, document["at_ms"]))
        return
    span = document["span"]
    yield from _forward([(("span",), span)])
    if document["kind"] == "segment" and span["end_ms"] - span["start_ms"] > MAX_SEGMENT_MS:
        yield Fault(("span", "end_ms"), f"at most {MAX_SEGMENT_MS} ms after start_ms")
    make = segment_id if document["kind"] == "segment" else gap_id
    yield from _computed(document, make(meeting, channel, span["start_ms"]))


def _transcript(document: Document) -> Iterator[Fault]:
    outer = document["span"]
    yield from _forward([(("span",), outer)])
    start_ms = outer["start_ms"]
    yield from _computed(document, segment_id(document["meeting_id"], document["channel"], start_ms), "segment_id")
    pieces = [(("pieces", i, "span"), piece["span"]) for i, piece in enumerate(document["pieces"])]
    speech = [(("speech", i), span) for i, span in enumerate(document["speech"])]
    windows = [(("voice_windows", i, "span"), each["span"]) for i, each in enumerate(document["voice_windows"])]
    dropped = [(("dropped", i, "span"), each["span"]) for i, each in enumerate(document["dropped"])]
    words = [
        (("pieces", i, "words", j, "span"), word["span"])
        for i, piece in enumerate(document["pieces"])
        for j, word in enumerate(piece["words"])
    ]
    for spans in (pieces, words, speech, windows, dropped):
        yield from _forward(spans)
        yield from _inside(spans, outer)
    yield from _apart(pieces)
    yield from _apart(speech)
    yield from _in_order(words)


def _words_of_record(words: list[Document], path: Path) -> Iterator[Fault]:
    placed = [((*path, index), word) for index, word in enumerate(words)]
    yield from _forward(placed)
    yield from _in_order(placed)


def _words_in_spans(
    words: list[Document], spans: Sequence[tuple[Path, Document]], path: Path, what: str
) -> Iterator[Fault]:
    yield from _words_of_record(words, path)
    at = 0  # words and spans are in order by now
    for index, word in enumerate(words):
        while at < len(spans) and spans[at][1]["end_ms"] <= word["start_ms"]:
            at += 1
        if at == len(spans) or word["start_ms"] < spans[at][1]["start_ms"]:
            yield Fault((*path, index, "start_ms"), f"inside one of {what}")


def _record(document: Document) -> Iterator[Fault]:
    spans = [(("spans", index), span) for index, span in enumerate(document["spans"])]
    yield from _forward(spans)
    yield from _apart(spans)
    for path, span in spans:
        yield from _not_before(span, "start_utc", "end_utc", path)
    yield from _words_in_spans(document["words"], spans, ("words",), "the record's spans")
    for place, item in enumerate(document.get("interpretations", ())):
        at: Path = ("interpretations", place)
        own = [((*at, "spans", index), span) for index, span in enumerate(item["spans"])]
        yield from _forward(own)
        yield from _apart(own)
        yield from _words_in_spans(item["words"], own, (*at, "words"), "the interpretation's spans")
    named, status = document["speaker"] is not None, document["attribution"]["status"]
    if named != (status == "attributed"):
        yield Fault(("attribution", "status"), "attributed" if named else "unattributed, because no speaker is named")
    for index, reason in enumerate(document["attribution"]["evidence"]):
        yield from _forward([(("attribution", "evidence", index, "span"), reason["span"])])


def _correction(document: Document) -> Iterator[Fault]:
    for side in ("before", "after"):
        part = document[side] or {}
        spans = [((side, "spans", index), span) for index, span in enumerate(part.get("spans", ()))]
        yield from _forward(spans)
        yield from _apart(spans)
        if part.get("span"):
            yield from _forward([((side, "span"), part["span"])])
        yield from _words_of_record(part.get("words", []), (side, "words"))


def _dead_letter(document: Document) -> Iterator[Fault]:
    yield from _not_before(document, "first_at", "last_at")
    if document["span"] is not None:
        yield from _forward([(("span",), document["span"])])


def _event(document: Document) -> Iterator[Fault]:
    data = document["data"]
    if "span" in data:
        yield from _forward([(("data", "span"), data["span"])])
    if data.get("record") is not None:
        if data["record"]["id"] != data["record_id"]:
            yield Fault(("data", "record_id"), "the id of the record")
        for fault in _record(data["record"]):
            yield Fault(("data", "record", *fault.path), fault.expected)


RULES: Final[dict[str, Callable[[Document], Iterator[Fault]]]] = {
    "meeting": _meeting,
    "segment": _segment,
    "transcript": _transcript,
    "record": _record,
    "correction": _correction,
    "dead-letter": _dead_letter,
    "event": _event,
}
"""Of each document, the rules that its schema cannot say. They expect a document that keeps its schema."""
