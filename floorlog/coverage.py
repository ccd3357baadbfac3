"""The coverage ledger: an account of every millisecond of a channel's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from floorlog.announcements import Gap
from floorlog.clock import Span
from floorlog.words import Transcript

EntryKind = Literal["words", "speech_without_words", "no_speech", "gap", "unheard"]
"""What a stretch of the clock holds. `unheard`: neither a transcript nor a gap has accounted for it yet."""


BREATH_MS = 1000
"""Speech without words between two words that is shorter belongs to them: the recogniser ends a word before its sound
fades and begins the next one late. On the bundled sample nothing that was said fell into such a stretch (measured)."""

FRINGE_MS = 700
"""The same beside one word, where an utterance ends: the sound fades for 300 to 650 ms behind the last word's end, the
200 ms included by which voice activity is padded (measured on the sample). A turn of one word is no fringe: where its
words are missing, its piece was dropped, and says so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stretch of the clock that holds one kind of thing.

    `cause` is why audio is missing, for a gap, and why its words were dropped, for speech whose words were.
    """

    span: Span
    kind: EntryKind
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of a channel's clock from 0 to `until_ms`: entries in order that touch and never overlap."""

    until_ms: int
    entries: tuple[Entry, ...]

    def total_ms(self, kind: EntryKind) -> int:
        """Return how long all entries of a kind last together, in ms."""
        return sum(entry.span.length_ms for entry in self.entries if entry.kind == kind)

    def within(self, spans: Iterable[Span]) -> dict[str, int]:
        """Return, by kind, how many ms of the spans each kind holds; every kind is there."""
        totals: dict[str, int] = dict.fromkeys(("words", "speech_without_words", "no_speech", "gap", "unheard"), 0)
        for span in spans:
            for entry in self.entries:
                totals[entry.kind] += entry.span.overlap_ms(span)
        return totals


def account(transcripts: Sequence[Transcript], gaps: Sequence[Gap], until_ms: int) -> Ledger:
    """Account for one channel's clock from 0 to a moment.

    Where several things are claimed for a moment the first of these counts: a gap, words, words that were dropped,
    speech without words. A breath between words, and the fringe of one, count as words.

    Args:
        transcripts: What was heard on the channel, in any order.
        gaps: What is missing on the channel, in any order.
        until_ms: Where the account ends; what lies behind it is left out.
    """
    claims: list[tuple[Span, int, EntryKind, str | None]] = [(gap.span, 0, "gap", gap.cause) for gap in gaps]
    for transcript in transcripts:
        claims.append((transcript.span, 4, "no_speech", None))
        claims.extend((span, 3, "speech_without_words", None) for span in transcript.speech)
        claims.extend((dropped.span, 2, "speech_without_words", dropped.reason) for dropped in transcript.dropped)
        claims.extend((word.span, 1, "words", None) for word in transcript.words)
    claims.sort(key=lambda claim: (claim[0].start_ms, claim[1]))
    edges = sorted({0, until_ms, *(edge for span, *_ in claims for edge in (span.start_ms, span.end_ms))})
    entries: list[Entry] = []
    active: list[tuple[Span, int, EntryKind, str | None]] = []
    upcoming = 0
    for start_ms, end_ms in pairwise(edges):
        if end_ms > until_ms:
            break
        active = [claim for claim in active if claim[0].end_ms > start_ms]
        while upcoming < len(claims) and claims[upcoming][0].start_ms <= start_ms:
            active.append(claims[upcoming])
            upcoming += 1
        kind: EntryKind = "unheard"
        cause: str | None = None
        if active:
            _, _, kind, cause = min(active, key=lambda claim: (claim[1], claim[0].start_ms))
        entries.append(Entry(Span(start_ms, end_ms), kind, cause))
    return Ledger(until_ms, _joined(_breathing(_joined(entries))))


def _breathing(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Yield the entries, with what belongs to the words beside it counted as words."""
    for index, entry in enumerate(entries):
        beside = entries[max(0, index - 1) : index] + entries[index + 1 : index + 2]
        spoken = sum(other.kind == "words" for other in beside)
        limit_ms = (0, FRINGE_MS, BREATH_MS)[spoken]
        if entry.kind == "speech_without_words" and entry.cause is None and entry.span.length_ms < limit_ms:
            yield Entry(entry.span, "words")
        else:
            yield entry


def _joined(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries with neighbours of one kind and cause as one."""
    joined: list[Entry] = []
    for entry in entries:
        if joined and (joined[-1].kind, joined[-1].cause) == (entry.kind, entry.cause):
            joined[-1] = Entry(Span(joined[-1].span.start_ms, entry.span.end_ms), entry.kind, entry.cause)
        else:
            joined.append(entry)
    return tuple(joined)
