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

KINDS: tuple[EntryKind, ...] = ("words", "speech_without_words", "no_speech", "gap", "unheard")


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


_Claim = tuple[Span, int, EntryKind, str | None]
"""A span, how much it counts there (the lowest wins), what it holds, and why."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of a channel's clock from 0 to `until_ms`: entries in order that touch and never overlap."""

    until_ms: int
    entries: tuple[Entry, ...]

    def total_ms(self, kind: EntryKind) -> int:
        """Return how long all entries of a kind last together, in ms."""
        return sum(entry.span.length_ms for entry in self.entries if entry.kind == kind)

    def totals(self) -> dict[str, int]:
        """Return, by kind, how many ms it holds; every kind is there, and they sum to `until_ms`."""
        totals: dict[str, int] = dict.fromkeys(KINDS, 0)
        for entry in self.entries:
            totals[entry.kind] += entry.span.length_ms
        return totals

    def within(self, spans: Iterable[Span]) -> dict[str, int]:
        """Return, by kind, how many ms of the spans each kind holds; every kind is there."""
        totals: dict[str, int] = dict.fromkeys(KINDS, 0)
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
    claims: list[_Claim] = [(gap.span, 0, "gap", gap.cause) for gap in gaps]
    for transcript in transcripts:
        claims.extend(_claims(transcript))
    return Ledger(until_ms, _joined(_breathing(_joined(_swept(claims, 0, until_ms)))))


def heard_in(transcript: Transcript) -> tuple[Entry, ...]:
    """Account for the span of one segment, as it is stored for `tile`.

    At its edges a breath is not told from a hole yet: that depends on what lies beside it.
    """
    entries = _joined(_swept(list(_claims(transcript)), transcript.span.start_ms, transcript.span.end_ms))
    return _joined((*entries[:1], *tuple(_breathing(entries))[1:-1], *entries[1:][-1:]))


def tile(heard: Iterable[Entry], gaps: Iterable[Entry], from_ms: int, until_ms: int) -> tuple[Entry, ...]:
    """Account for a stretch of a channel's clock from the accounts of its segments; the rest is unheard.

    Over segments and gaps that do not overlap it says what `account` says. Where they do, the segment counts: the gap
    was made up when nothing had come.

    Args:
        heard: What `heard_in` gave, in order and apart.
        gaps: What is missing, in any order.
        from_ms: Where the account begins.
        until_ms: Where it ends.
    """
    return _joined(_breathing(_joined(_tiled(heard, sorted(gaps, key=lambda gap: gap.span), from_ms, until_ms))))


def _tiled(heard: Iterable[Entry], gaps: Sequence[Entry], at_ms: int, until_ms: int) -> Iterator[Entry]:
    """Yield what was heard, and between it gaps and what is unheard."""
    upcoming = 0
    for entry in (*heard, None):
        start_ms = min(entry.span.start_ms, until_ms) if entry else until_ms
        while at_ms < start_ms:
            while upcoming < len(gaps) and gaps[upcoming].span.end_ms <= at_ms:
                upcoming += 1
            gap = gaps[upcoming] if upcoming < len(gaps) and gaps[upcoming].span.start_ms < start_ms else None
            end_ms = start_ms
            if gap is None:
                yield Entry(Span(at_ms, end_ms), "unheard")
            elif gap.span.start_ms > at_ms:
                end_ms = gap.span.start_ms
                yield Entry(Span(at_ms, end_ms), "unheard")
            else:
                end_ms = min(gap.span.end_ms, start_ms)
                yield Entry(Span(at_ms, end_ms), gap.kind, gap.cause)
            at_ms = end_ms
        if entry and (end_ms := min(entry.span.end_ms, until_ms)) > at_ms:
            yield Entry(Span(at_ms, end_ms), entry.kind, entry.cause)
            at_ms = end_ms


def _claims(transcript: Transcript) -> Iterator[_Claim]:
    yield transcript.span, 4, "no_speech", None
    yield from ((span, 3, "speech_without_words", None) for span in transcript.speech)
    yield from ((dropped.span, 2, "speech_without_words", dropped.reason) for dropped in transcript.dropped)
    yield from ((word.span, 1, "words", None) for word in transcript.words)


def _swept(claims: list[_Claim], from_ms: int, until_ms: int) -> Iterator[Entry]:
    """Yield, for each stretch between two edges of claims, the claim that counts there."""
    claims.sort(key=lambda claim: (claim[0].start_ms, claim[1]))
    edges = sorted({from_ms, until_ms, *(edge for span, *_ in claims for edge in (span.start_ms, span.end_ms))})
    active: list[_Claim] = []
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
        yield Entry(Span(start_ms, end_ms), kind, cause)


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
