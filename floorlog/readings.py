"""Two readings of a short piece: alone, and with its neighbour; the one that the recogniser trusts more counts.

A piece that holds one voice keeps a short line of the chair, which is dropped in a chunk with two statements. Alone, it
lacks what comes before and after it, and is misheard more often: "Thank you no way, you have a slow move" was "Thank
you, Norway, you have the floor" together with the answer. So short pieces of which the recogniser is not sure are read
twice, and both readings are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from floorlog.clock import Span
from floorlog.words import Piece, Word

SHORT_MS = 4000
"""Pieces below it are read twice: a line of the chair that gives the floor takes 1 to 4 s."""

DOUBTFUL = -0.6
"""Average log probability below which a reading is doubted. Above it, 30 of 31 short pieces of the development meetings
had the same words in both readings."""

APART_MS = 1500
"""A neighbour further away is read on its own: the recogniser loses its place in longer silence."""

LONGEST_MS = 28_000
"""Two pieces that are longer together are not read as one; the recogniser takes 30 s."""

SURE = -0.6
"""Average log probability from which a reading with a neighbour is believed for a piece that gave no words alone."""

LEAST_KEPT = 0.5
"""A reading that has fewer of a piece's words than this share has dropped a line."""


def doubted(pieces: Sequence[Piece], index: int) -> Iterator[int]:
    """Yield the neighbours that a piece is to be read with, the one before it first; none if it is not doubted.

    Args:
        pieces: those of a segment; one without words was dropped, because the recogniser did not trust its reading.
        index: of the piece.
    """
    piece = pieces[index]
    if piece.words and (piece.span.length_ms >= SHORT_MS or piece.average_log_probability > DOUBTFUL):
        return
    for other in (index - 1, index + 1):
        if not 0 <= other < len(pieces) or not pieces[other].words:
            continue
        if piece.words and pieces[other].language != piece.language:
            continue
        first, second = pieces[min(index, other)], pieces[max(index, other)]
        apart_ms = second.span.start_ms - first.span.end_ms
        if apart_ms <= APART_MS and second.span.end_ms - first.span.start_ms <= LONGEST_MS:
            yield other


def compared(first: Piece, second: Piece, together: Piece) -> tuple[Piece, Piece] | None:
    """Return two neighbours as they were read together, or None where the readings of each alone are better.

    Args:
        first: the earlier piece, read alone; at most one of the two is without words.
        second: the later one, read alone.
        together: what was heard in both at once.
    """
    counts = (len(first.words), len(second.words))
    alone = (first.average_log_probability * counts[0] + second.average_log_probability * counts[1]) / sum(counts)
    if together.average_log_probability < (alone if all(counts) else SURE):
        return None
    at = _border(first.words, second.words, together.words)
    parts = (together.words[:at], together.words[at:])
    if any(len(part) < max(1, LEAST_KEPT * count) for part, count in zip(parts, counts, strict=True)):
        return None
    read = [
        replace(
            together,
            span=piece.span,
            language_probability=piece.language_probability if piece.words else together.language_probability,
            words=_inside(part, piece.span),
        )
        for piece, part in zip((first, second), parts, strict=True)
    ]
    return read[0], read[1]


def _border(first: Sequence[Word], second: Sequence[Word], together: Sequence[Word]) -> int:
    """Return how many of the words belong to the first piece: so that both parts differ least from what they were.

    The recogniser's times are not used: it stretches a word across the silence between two speakers.
    """
    before, after, words = ([_plain(word) for word in each] for each in (first, second, together))

    def differs(at: int) -> int:
        sides = ((words[:at], before), (words[at:], after))
        return sum(Levenshtein.distance(" ".join(now), " ".join(was)) for now, was in sides if was)

    return min(range(len(words) + 1), key=lambda at: (differs(at), at))


def _plain(word: Word) -> str:
    return "".join(letter for letter in word.text.casefold() if letter.isalnum())


def _inside(words: Sequence[Word], span: Span) -> tuple[Word, ...]:
    """Return words with their spans moved into a piece's, in order, apart and not empty."""
    placed: list[Word] = []
    free_ms = span.start_ms
    for index, word in enumerate(words):
        last_ms = span.end_ms - (len(words) - index)  # each word after this one needs 1 ms
        start_ms = min(max(word.span.start_ms, free_ms), last_ms)
        free_ms = min(max(word.span.end_ms, start_ms + 1), last_ms + 1)
        placed.append(replace(word, span=Span(start_ms, free_ms)))
    return tuple(placed)
