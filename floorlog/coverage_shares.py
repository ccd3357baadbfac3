"""Share out where the time of a record went, when the record is split or its boundaries move.

How long words were heard goes with the words, by their times; the rest with what is left of each part. Every part has
the sum of its length, and all of them together what the whole had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from floorlog.clock import Span

WORDS: Final = "words_ms"


def scaled(coverage: Mapping[str, int], length_ms: int) -> dict[str, int]:
    """Return the coverage of a record of another length, in proportion; of one without any, nothing was said."""
    total = sum(coverage.values())
    if not total:
        return {name: length_ms if name == "no_speech_ms" else 0 for name in coverage}
    scaled = {name: value * length_ms // total for name, value in coverage.items()}
    largest = max(scaled, key=lambda name: (coverage[name], name))
    scaled[largest] += length_ms - sum(scaled.values())
    return scaled


def shared(
    coverage: Mapping[str, int], words: Sequence[Mapping[str, Any]], parts: Sequence[Sequence[Span]]
) -> list[dict[str, int]]:
    """Return the coverage of each part of a record.

    Args:
        coverage: The whole record's, in ms.
        words: Its words.
        parts: The spans of each part; together they are those of the record. One may be empty.
    """
    room = [sum(span.length_ms for span in part) for part in parts]
    whole = scaled(coverage, sum(room))
    said = [sum(_inside(word, part) for word in words) for part in parts]
    found: list[dict[str, int]] = [{} for _ in parts]
    names = [WORDS, *(name for name in whole if name != WORDS)]
    for name in names:
        given = _given(whole[name], said if name == WORDS else room, room)
        room = [left - ms for left, ms in zip(room, given, strict=True)]
        for part, ms in zip(found, given, strict=True):
            part[name] = ms
    return [{name: part[name] for name in whole} for part in found]


def added(ones: Sequence[Mapping[str, int]], length_ms: int) -> dict[str, int]:
    """Return the sum of coverages for a record of a length; time that none of them accounts for is without speech."""
    total = {name: sum(each[name] for each in ones) for name in ones[0]}
    known_ms = sum(total.values())
    if known_ms > length_ms:  # an earlier revision that was restored may lie over its neighbours
        return scaled(total, length_ms)
    return total | {"no_speech_ms": total["no_speech_ms"] + length_ms - known_ms}


def _inside(word: Mapping[str, Any], part: Sequence[Span]) -> int:
    own = Span(word["start_ms"], word["end_ms"])
    return sum(own.overlap_ms(span) for span in part)


def _given(total: int, weights: Sequence[int], room: Sequence[int]) -> list[int]:
    """Share a total by weights, to none more than it has room for; what is left goes where there is room."""
    whole = sum(weights)
    given = [min(left, total * weight // whole) if whole else 0 for weight, left in zip(weights, room, strict=True)]
    for place in sorted(range(len(room)), key=lambda at: -weights[at]):
        given[place] += min(room[place] - given[place], total - sum(given))
    return given
