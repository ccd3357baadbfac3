"""The rows of what readers see of one record, made of a revision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from floorlog import fulltext
from floorlog.clock import origin, parse_rfc3339
from floorlog.entities import EntityTable
from floorlog.identity import canonical_json
from floorlog.publication import Stretches, as_shown, without_words
from floorlog.visibility import needs

TIE_BITS = 20
"""Lowest bits of a number: they tell records apart that begin in the same millisecond."""


REACH_MS = 1 << (63 - TIE_BITS)
"""How far from 1970 numbers reach, so that they stay 64 bits: until the year 2248."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of one record: columns of `shown_records`, its facets, and the tokens of its text."""

    values: dict[str, Any]
    facets: tuple[tuple[str, str], ...]
    text: str

    @property
    def number(self) -> int:
        """Return its place among all records: by when it began."""
        return int(self.values["number"])


def epoch_ms(moment: datetime) -> int:
    """Return a moment in ms since 1970."""
    return round(moment.timestamp() * 1000)


def number_from(started_at: int) -> int:
    """Return the lowest number of a record that begins at a moment, in ms since 1970, as far as numbers reach."""
    return max(-REACH_MS, min(started_at, REACH_MS - 1)) << TIE_BITS


def token(name: str, value: str) -> str:
    """Return a facet as a token of the search, which no word of a text equals."""
    return "x" + hashlib.sha256(f"{name}\x1f{value}".encode()).hexdigest()[:15]


def flag(value: bool) -> str:
    """Return the value of a facet that is so or not."""
    return "yes" if value else "no"


def describe_meeting(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a meeting that lists need."""
    return {
        "audience": document["audience"],
        "title": document["title"],
        "started_at": epoch_ms(origin(document)),
    }


def compose(
    meeting: dict[str, Any],
    record_id: str,
    state: str,
    revision: int,
    content: dict[str, Any],
    hidden: Stretches | None = None,
) -> Shown | None:
    """Return the rows of a record; None where no reader may see it.

    Args:
        meeting: The meeting's document.
        record_id: The record.
        state: Of its review; or `retired`.
        revision: What is shown.
        content: Of that revision.
        hidden: Stretches whose words are not shown.
    """
    level = needs(meeting["audience"], state)
    if level is None:
        return None
    shown = as_shown(content, hidden)
    spans, speaker = shown["spans"], shown.get("speaker")
    started_at = _started_at(meeting, spans[0])
    entity = speaker["entity"]["code"] if speaker else None
    tie = int(hashlib.sha256(record_id.encode()).hexdigest()[:8], 16) % (1 << TIE_BITS)
    values = {
        "number": number_from(started_at) + tie,
        "record_id": record_id,
        "meeting_id": meeting["id"],
        "needs": level,
        "revision": revision,
        "state": state,
        "kind": shown.get("kind", "unassigned"),
        "channel": shown["channel"],
        "entity": entity,
        "role": speaker["role"] if speaker else None,
        "interpretation": bool(shown.get("interpretation", False)),
        "started_at": started_at,
        "start_ms": spans[0]["start_ms"],
        "end_ms": spans[-1]["end_ms"],
        "length_ms": sum(span["end_ms"] - span["start_ms"] for span in spans),
        "document": canonical_json({**without_words(shown), "revision": revision, "review": {"state": state}}),
        "starts": _starts(shown),
    }
    text = " ".join(fulltext.tokens(shown.get("text", "")))
    return Shown(values, tuple(_facets(values, shown)), text)


def _facets(values: dict[str, Any], shown: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what a record can be chosen by: names and values."""
    yield "meeting", values["meeting_id"]
    yield "kind", values["kind"]
    yield "channel", values["channel"]
    yield "state", values["state"]
    yield "interpretation", flag(values["interpretation"])
    if values["entity"]:
        yield "speaker", values["entity"]
        yield from (("group", code) for code in _groups(values["entity"]))
    for name in ("on_behalf_of", "aligned_with"):
        yield from ((name, code) for code in dict.fromkeys(entity["code"] for entity in shown.get(name, ())))
    yield from (("theme", theme) for theme in dict.fromkeys(item["theme"] for item in shown.get("themes", ())))
    languages = (shown.get("language_spoken"), shown.get("language_text"))
    yield from (("language", language) for language in dict.fromkeys(languages) if language)


def tokens(item: Shown) -> str:
    """Return the facets of a record, and what a reader needs to see it, as tokens of the search."""
    return " ".join([token("needs", str(item.values["needs"])), *(token(*facet) for facet in item.facets)])


@cache
def _groups(code: str) -> tuple[str, ...]:
    table = EntityTable.load()
    itself = (code,) if code in table and table.get(code).kind == "group" else ()
    return (*itself, *table.groups_of(code))


def _started_at(meeting: dict[str, Any], span: dict[str, Any]) -> int:
    if "start_utc" in span:
        return epoch_ms(parse_rfc3339(span["start_utc"]))
    return epoch_ms(origin(meeting)) + int(span["start_ms"])


def _starts(shown: dict[str, Any]) -> str:
    """Return where each word of the text begins, each in ms behind the one before; nothing where words make no text."""
    starts = [word["start_ms"] for word in shown.get("words", ()) for _ in word["text"].split(" ")]
    if len(starts) != len(shown.get("text", "").split(" ")):
        return "[]"
    return canonical_json([at - before for before, at in zip([0, *starts], starts, strict=False)])
