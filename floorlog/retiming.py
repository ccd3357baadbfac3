"""Give the words of an edited text their times: untouched words keep theirs, others lie between their neighbours."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any, Final

from floorlog.clock import Span
from floorlog.edits import opcodes
from floorlog.errors import InvalidDocument

Words = list[dict[str, Any]]
"""Words as a record holds them, in order of their starts."""

MARKS: Final = (
    "[inaudible]",
    "[microphone off]",
    "[cross-talk]",
    "[no interpretation]",
    "[applause]",
    "[gavel]",
)
"""Marks that a reviewer may insert. Each is one word, whatever spaces it has."""

LONGEST_WORD = 500
"""Characters of a word: what the contract of a record allows."""

MOST_WORDS = 100_000
"""Words of one intervention: twelve hours of fast speech, half as much again as the longest statement ever made at the
United Nations (V. K. Krishna Menon, 23 and 24 January 1957, almost eight hours)."""

# Scripts that put no space between words: Han with its extensions, kana, Thai, Lao, Myanmar, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_STOPS = "\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_ATOM = re.compile(
    "|".join(re.escape(mark) + r"[^\w\s\[]*" for mark in MARKS) + f"|[{_UNSPACED}{_STOPS}]|[^\\s{_UNSPACED}{_STOPS}]+"
)
_STOP = re.compile(f"[{_STOPS}]")


def atoms(text: str) -> list[tuple[str, int]]:
    """Return the smallest parts of a text that edits are compared by, each with its offset.

    A part is what stands between spaces; of scripts without spaces between words it is a character; a mark is one part.
    """
    return [(found.group(), found.start()) for found in _ATOM.finditer(text)]


def retime(words: Words, text: str, spans: Sequence[Span]) -> Words:
    """Return the words of an edited text, in order.

    A word that still stands there is the same as before, with its time, confidence and source. Any other is a
    person's: where as many words stand in the place of others, each takes the time of its own; else they share the
    time of those that they replace, or the gap between their neighbours.

    Args:
        words: The words before the edit.
        text: The text after it.
        spans: Where words may start: the record's spans, in order.

    Raises:
        InvalidDocument: a word is longer than a record can hold, or there are more than `MOST_WORDS`.
    """
    head, begins = _untouched_head(words, text)
    tail, ends = _untouched_tail(words, text, head, begins)
    changed = _retimed(words, head, tail, text[begins:ends], spans)
    if head + len(changed) + len(words) - tail > MOST_WORDS:
        raise InvalidDocument("correction/1", "$.after.text", f"at most {MOST_WORDS} words")
    return [*words[:head], *changed, *words[tail:]]


def _untouched_head(words: Words, text: str) -> tuple[int, int]:
    """Return how many words the text still begins with, and where it goes on: most edits leave most of a text alone.

    A bracket may belong to a mark, which is one word with spaces: there everything is compared.
    """
    at = 0
    for number, word in enumerate(words):
        spelled, start = word["text"], at
        while start < len(text) and text[start].isspace():
            start += 1
        end = start + len(spelled)
        whole = end == len(text) or text[end : end + 1].isspace()
        if "[" in spelled or not whole or not text.startswith(spelled, start):
            return number, at
        at = end
    return len(words), at


def _untouched_tail(words: Words, text: str, head: int, begins: int) -> tuple[int, int]:
    """Return from which word on the text ends as before, and where that begins; `begins`: where the head ends."""
    at = len(text)
    for number in range(len(words) - 1, head - 1, -1):
        spelled, end = words[number]["text"], at
        while end > begins and text[end - 1].isspace():
            end -= 1
        start = end - len(spelled)
        whole = (start > begins and text[start - 1].isspace()) or start == begins == 0
        if "]" in spelled or start < begins or not whole or not text.startswith(spelled, start):
            return number + 1, at
        at = start
    return head, at


def _retimed(words: Words, first: int, until: int, text: str, spans: Sequence[Span]) -> Words:
    """Return the words of a text that stands in the place of the words from `first` up to `until`."""
    old = [(atom, number) for number in range(first, until) for atom, _ in atoms(words[number]["text"])]
    new = atoms(text)
    codes = opcodes([atom for atom, _ in old], [atom for atom, _ in new])
    kept = _kept(words, old, new, text, codes)
    found: Words = []
    at, after_old = 0, first
    while at < len(new):
        if at in kept:
            number, length = kept[at]
            found.append(words[number])
            at, after_old = at + length, number + 1
            continue
        end = at
        while end < len(new) and end not in kept:
            end += 1
        until_old = kept[end][0] if end < len(new) else until
        found += _between(_spelled(new[at:end], text), words, after_old, until_old, spans)
        at, after_old = end, until_old
    return found


def _kept(
    words: Words,
    old: Sequence[tuple[str, int]],
    new: Sequence[tuple[str, int]],
    text: str,
    codes: Sequence[tuple[str, int, int, int, int]],
) -> dict[int, tuple[int, int]]:
    """Return the words that still stand: by the place of their first part, their number and count of parts."""
    place = {
        a_from + step: b_from + step
        for tag, a_from, a_to, b_from, _ in codes
        if tag == "equal"
        for step in range(a_to - a_from)
    }
    kept: dict[int, tuple[int, int]] = {}
    for number, group in itertools.groupby(enumerate(old), key=lambda item: item[1][1]):
        parts = [at for at, _ in group]
        first = place.get(parts[0])
        if first is None or any(place.get(at) != first + step for step, at in enumerate(parts)):
            continue
        start, spelled = new[first][1], words[number]["text"]
        if text[start : start + len(spelled)] == spelled:
            kept[first] = (number, len(parts))
    return kept


def _spelled(parts: Sequence[tuple[str, int]], text: str) -> list[str]:
    """Return words of parts: a stop of a script without spaces goes with what stands before it."""
    found: list[str] = []
    end = -1
    for part, start in parts:
        if len(part) > LONGEST_WORD:
            raise InvalidDocument("correction/1", "$.after.text", f"words of at most {LONGEST_WORD} characters")
        touches = found and start == end and len(found[-1]) < LONGEST_WORD
        if touches and _STOP.match(part):
            found[-1] += part
        else:
            found.append(part)
        end = start + len(part)
    return found


def _between(texts: Sequence[str], words: Words, first: int, until: int, spans: Sequence[Span]) -> Words:
    """Return new words in the place of the old ones from `first` up to `until`."""
    replaced = words[first:until]
    if len(replaced) == len(texts):
        times = [(word["start_ms"], word["end_ms"]) for word in replaced]
    else:
        before = words[first - 1] if first else None
        behind = words[until] if until < len(words) else None
        low = replaced[0]["start_ms"] if replaced else before["end_ms"] if before else spans[0].start_ms
        high = replaced[-1]["end_ms"] if replaced else behind["start_ms"] if behind else spans[-1].end_ms
        high = min(high, behind["start_ms"]) if behind else high
        floor_ms = before["start_ms"] if before else spans[0].start_ms
        times = _spread(len(texts), max(low, floor_ms), high, floor_ms, spans)
    return [
        {"text": text, "start_ms": start_ms, "end_ms": end_ms, "confidence": 1.0, "source": "human"}
        for text, (start_ms, end_ms) in zip(texts, times, strict=True)
    ]


def _spread(count: int, low_ms: int, high_ms: int, floor_ms: int, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return that many times in order within [low, high) and the spans; where there is no room, all at `floor_ms`."""
    room = [Span(max(low_ms, s.start_ms), min(high_ms, s.end_ms)) for s in spans if _meets(s, low_ms, high_ms)]
    length = sum(span.length_ms for span in room)
    if not length:
        at_ms = next((s.start_ms for s in spans if s.end_ms > floor_ms and not s.contains(floor_ms)), floor_ms)
        at_ms = floor_ms if any(s.contains(floor_ms) for s in spans) else at_ms
        return [(at_ms, at_ms + 1)] * count
    marks = [_at(room, length * place // count) for place in range(count)] + [room[-1].end_ms]
    return [(start_ms, max(start_ms + 1, end_ms)) for start_ms, end_ms in itertools.pairwise(marks)]


def _meets(span: Span, low_ms: int, high_ms: int) -> bool:
    return max(low_ms, span.start_ms) < min(high_ms, span.end_ms)


def _at(room: Sequence[Span], offset_ms: int) -> int:
    for span in room:
        if offset_ms < span.length_ms:
            return span.start_ms + offset_ms
        offset_ms -= span.length_ms
    return room[-1].end_ms - 1
