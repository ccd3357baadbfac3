"""Share out what interpreters made of a record, when the record is split or its boundaries move.

Interpreters are some seconds behind the speaker: where the speaker's words are cut, theirs are cut that much later.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from floorlog.clock import Span
from floorlog.corrections import Content, union

Interpretation = dict[str, Any]
"""What one channel made of a record, as the record holds it."""

LONGEST_LAG_MS = 30_000
"""How far an interpreter may be behind the speaker where a record is cut; what is farther is taken for no lag."""


def cut(content: Content, cuts: Sequence[int]) -> list[list[Interpretation]]:
    """Return what each part of a record keeps of its interpretations.

    Args:
        content: The record.
        cuts: Where the parts after the first one begin on the speaker's channel, in order, in ms.
    """
    lag_ms = _lag_ms(content)
    edges = [0, *(at_ms + lag_ms for at_ms in cuts), None]
    return [
        [part for item in content.get("interpretations", ()) if (part := _between(item, low_ms or 0, high_ms))]
        for low_ms, high_ms in itertools.pairwise(edges)
    ]


def given(content: Content, items: Sequence[Interpretation]) -> Content:
    """Return a record with these interpretations, those of one channel joined; none at all where there are none."""
    by_channel: dict[str, list[Interpretation]] = {}
    for item in items:
        by_channel.setdefault(item["channel"], []).append(item)
    rest = {key: value for key, value in content.items() if key != "interpretations"}
    return {**rest, "interpretations": [_joined(each) for each in by_channel.values()]} if by_channel else rest


def _lag_ms(content: Content) -> int:
    starts = [item["spans"][0]["start_ms"] for item in content.get("interpretations", ())]
    lag_ms = min(starts, default=0) - int(content["spans"][0]["start_ms"])
    return lag_ms if 0 < lag_ms <= LONGEST_LAG_MS else 0


def _between(item: Interpretation, low_ms: int, high_ms: int | None) -> Interpretation | None:
    spans = []
    for span in map(Span.decode, item["spans"]):
        start_ms = max(low_ms, span.start_ms)
        end_ms = span.end_ms if high_ms is None else min(high_ms, span.end_ms)
        spans += [Span(start_ms, end_ms)] if start_ms < end_ms else []
    if not spans:
        return None
    words = [
        word for word in item["words"] if low_ms <= word["start_ms"] and (high_ms is None or word["start_ms"] < high_ms)
    ]
    return _with(item, spans, words)


def _joined(items: Sequence[Interpretation]) -> Interpretation:
    if len(items) == 1:
        return items[0]
    words = sorted((word for item in items for word in item["words"]), key=lambda word: word["start_ms"])
    return _with(items[0], union([Span.decode(span) for item in items for span in item["spans"]]), words)


def _with(item: Interpretation, spans: Sequence[Span], words: list[dict[str, Any]]) -> Interpretation:
    text = item["text"] if words == item["words"] else " ".join(word["text"] for word in words)
    return {**item, "spans": [span.encode() for span in spans], "words": words, "text": text}
