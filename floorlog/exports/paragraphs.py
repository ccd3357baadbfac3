"""Cut what was said into paragraphs that can be read: at ends of sentences, and where it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from floorlog.cues import ends_sentence
from floorlog.exports.saying import Said, tokens

PARAGRAPH_WORDS, PAUSE_MS, LONGEST_WORDS = 45, 500, 110
"""A paragraph ends with a sentence: after so many words at a pause of this length, or after the longest at any pause.
Chosen by eye for a column of 68 characters; they only lay out the text."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences. `resumed_ms` is when they were said, where the intervention was interrupted before them."""

    text: str
    start_ms: int
    resumed_ms: int | None


def paragraphs(words: Said) -> Iterator[Paragraph]:
    """Yield the paragraphs of what was said."""
    again_ms = [span["start_ms"] for span in words.spans[1:]] if not words.interpretation else []
    parts: list[str] = []
    start_ms, ended_ms, resumed_ms = 0, 0, None
    for token in tokens(words):
        if parts:
            interrupted = bool(again_ms) and token.start_ms >= again_ms[0]
            over = ends_sentence(parts[-1])
            long = len(parts) >= PARAGRAPH_WORDS and token.start_ms - ended_ms >= PAUSE_MS
            if interrupted or (over and (long or len(parts) >= LONGEST_WORDS)):
                yield Paragraph("".join(parts), start_ms, resumed_ms)
                parts, resumed_ms = [], token.start_ms if interrupted else None
        while again_ms and token.start_ms >= again_ms[0]:
            again_ms.pop(0)
        if not parts:
            start_ms = token.start_ms
        parts.append(f" {token.text}" if token.spaced and parts else token.text)
        ended_ms = token.end_ms
    if parts:
        yield Paragraph("".join(parts), start_ms, resumed_ms)
