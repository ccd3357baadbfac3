"""Which words of a record a file shows: those that were delivered, or an interpreter's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.exports.plain import plain


@dataclass(frozen=True, slots=True)
class Said:
    """Words in one language, with what is known of them. `spans` and `words` are those of the record document."""

    channel: str
    language: str | None
    interpretation: bool
    text: str
    words: Sequence[dict[str, Any]]
    spans: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Token:
    """A word as people read it, and whether a space stands before it."""

    text: str
    spaced: bool
    start_ms: int
    end_ms: int


def said(record: dict[str, Any], language: str | None = None) -> Said | None:
    """Return what was said in a language; None where nothing is there in it.

    Args:
        record: The record document; without `words` it still has its text.
        language: BCP 47, by its first part; None for the words as they were delivered, whatever their language.
    """
    if language is None or _same(language, record["language_text"]):
        return Said(
            record["channel"],
            record["language_text"],
            record["interpretation"],
            record["text"],
            record.get("words", ()),
            record["spans"],
        )
    for item in record.get("interpretations", ()):
        if _same(language, item["language"]):
            words = item.get("words", ())
            return Said(item["channel"], item["language"], True, item["text"], words, item["spans"])
    return None


def tokens(words: Said) -> Iterator[Token]:
    """Yield the words as people read them, spaced as the text is; a word of which nothing can be read is left out.

    A text without words is cut at its spaces, and its time shared out by length.
    """
    at, first = 0, True
    for word in words.words or _shared_out(words):
        text = plain(word["text"])
        found = words.text.find(word["text"], at)
        between = words.text[at:found] if found >= 0 else " "
        if found >= 0 and not between.strip():
            at = found + len(word["text"])
        else:
            between = " "
        if text:
            yield Token(text, bool(between) and not first, word["start_ms"], max(word["start_ms"], word["end_ms"]))
            first = False


def _same(language: str, other: str | None) -> bool:
    return other is not None and language.split("-")[0].lower() == other.split("-")[0].lower()


def _shared_out(words: Said) -> Iterator[dict[str, Any]]:
    parts = words.text.split()
    letters = sum(map(len, parts))
    start_ms, end_ms = words.spans[0]["start_ms"], words.spans[-1]["end_ms"]
    done = 0
    for part in parts:
        begins = start_ms + (end_ms - start_ms) * done // letters
        done += len(part)
        yield {"text": part, "start_ms": begins, "end_ms": start_ms + (end_ms - start_ms) * done // letters}
