"""Lay words out in a record: its text, its spans with their UTC, and themes where their words stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from floorlog.clock import Span, after, parse_rfc3339, rfc3339
from floorlog.corrections import HUMAN, Content
from floorlog.coverage_shares import scaled
from floorlog.retiming import Words


@dataclass(slots=True)
class Token:
    """A word, what stands before it in its text, and the themes that begin in it, each with its offset there."""

    word: dict[str, Any]
    glue: str = " "
    themes: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def tokens(content: Content) -> list[Token]:
    """Return a record's words with what stands between them."""
    text, found, end = content["text"], list[Token](), 0
    starts: list[int] = []
    for word in content["words"]:
        at = text.find(word["text"], end)
        if at < 0 or text[end:at].strip():
            return [Token(each) for each in content["words"]]  # the text is not that of the words: they count
        found.append(Token(word, text[end:at] if found else " "))
        starts.append(at)
        end = at + len(word["text"])
    for theme in content["themes"]:
        place = max((number for number, at in enumerate(starts) if at <= theme["offset"]), default=None)
        if place is not None:
            found[place].themes.append((theme["offset"] - starts[place], theme))
    return found


def put(
    content: Content,
    spans: Sequence[Span],
    said: Sequence[Token],
    clock: Sequence[Content] = (),
    coverage: Mapping[str, int] | None = None,
) -> Content:
    """Return a record's content with other spans and words.

    Args:
        content: The record's content.
        spans: Its spans from now on, in order.
        said: Its words from now on, in order.
        clock: Other records whose spans say what the time is in UTC.
        coverage: Where its time goes from now on; None: as before, in proportion to its length.
    """
    text, themes = "", list[dict[str, Any]]()
    for token in said:
        text += (token.glue or "") if text else ""
        themes += [{**theme, "offset": len(text) + offset} for offset, theme in token.themes]
        text += token.word["text"]
    words = [token.word for token in said]
    length = sum(span.length_ms for span in spans)
    known = [span for each in (content, *clock) for span in each["spans"]]
    return {
        **content,
        "spans": [with_utc(span, known) for span in spans],
        "words": words,
        "text": text,
        "themes": [item for item in themes if text.startswith(item["quote"], item["offset"])],
        "quality": {
            **content["quality"],
            "recogniser_confidence": _mean(words) if words else None,
            "coverage": dict(coverage or scaled(content["quality"]["coverage"], length)),
        },
    }


def _mean(words: Words) -> float | None:
    heard = [word["confidence"] for word in words if word["source"] != HUMAN]
    return round(sum(heard) / len(heard), 4) if heard else None


def with_utc(span: Span, known: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a span of a record, with its UTC by spans whose UTC is known."""

    def moment(at_ms: int) -> str:
        for item in known:
            if at_ms in (item["start_ms"], item["end_ms"]):
                return str(item["start_utc"] if at_ms == item["start_ms"] else item["end_utc"])
        near = min(known, key=lambda item: max(item["start_ms"] - at_ms, at_ms - item["end_ms"], 0))
        return rfc3339(after(parse_rfc3339(near["start_utc"]), at_ms - near["start_ms"]))

    return span.encode() | {"start_utc": moment(span.start_ms), "end_utc": moment(span.end_ms)}
