"""How one sequence becomes another: the fewest edits where the sequences are small, anchors where they are long."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

SMALL = 20_000_000
"""Pairs of words up to which an alignment is computed at once: some hundredths of a second."""


def opcodes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return how one sequence becomes another: (equal | replace | delete | insert, from, to, from, to), in order.

    The fewest edits where the sequences are small; in long ones, what occurs once in both is aligned first.
    """
    found: list[tuple[str, int, int, int, int]] = []
    for a_from, a_to, b_from, b_to in _pieces(before, after):
        if (a_to - a_from) * (b_to - b_from) > SMALL:
            found.append(("replace", a_from, a_to, b_from, b_to))
            continue
        for code in Levenshtein.opcodes(before[a_from:a_to], after[b_from:b_to]):
            found.append(
                (
                    code.tag,
                    code.src_start + a_from,
                    code.src_end + a_from,
                    code.dest_start + b_from,
                    code.dest_end + b_from,
                )
            )
    return _joined(found)


def _joined(found: list[tuple[str, int, int, int, int]]) -> list[tuple[str, int, int, int, int]]:
    """Join edits that touch, so that each lies between words that stay."""
    joined: list[tuple[str, int, int, int, int]] = []
    for tag, a_from, a_to, b_from, b_to in found:
        if joined and (joined[-1][0] == "equal") == (tag == "equal"):
            _, first_a, _, first_b, _ = joined.pop()
            a_from, b_from = first_a, first_b
        if tag != "equal":
            tag = "insert" if a_from == a_to else "delete" if b_from == b_to else "replace"
        joined.append((tag, a_from, a_to, b_from, b_to))
    return joined


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield stretches that may be aligned apart from each other; anchors are patience-sorted unique parts."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    a_end, b_end = len(before) - tail, len(after) - tail
    for at in _slices(head):
        yield at.start, at.stop, at.start, at.stop
    if (a_end - head) * (b_end - head) <= SMALL:
        yield head, a_end, head, b_end
    else:
        a_at, b_at = head, head
        for a_next, b_next in [*_anchors(before, after, head, a_end, b_end), (a_end, b_end)]:
            yield a_at, a_next, b_at, b_next
            a_at, b_at = a_next, b_next
    for at in _slices(tail):
        yield a_end + at.start, a_end + at.stop, b_end + at.start, b_end + at.stop


def _slices(length: int, size: int = 1000) -> Iterator[range]:
    return (range(at, min(at + size, length)) for at in range(0, length, size))


def _anchors(
    before: Sequence[str], after: Sequence[str], head: int, a_end: int, b_end: int, width: int = 4
) -> list[tuple[int, int]]:
    """Return places of what occurs once in both, growing in both: the longest growing subsequence."""

    def once(parts: Sequence[str], end: int) -> dict[tuple[str, ...], int]:
        runs = [tuple(parts[at : at + width]) for at in range(head, end - width + 1)]
        counts = Counter(runs)
        return {run: head + at for at, run in enumerate(runs) if counts[run] == 1}

    theirs = once(after, b_end)
    pairs = [(at, theirs[run]) for run, at in once(before, a_end).items() if run in theirs]
    ends: list[int] = []
    last: list[int] = []
    previous: list[int | None] = []
    for number, (_, b_at) in enumerate(pairs):
        place = bisect_left(ends, b_at)
        previous.append(last[place - 1] if place else None)
        ends[place : place + 1] = [b_at]
        last[place : place + 1] = [number]
    found: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        found.append(pairs[at])
        at = previous[at]
    return found[::-1]
