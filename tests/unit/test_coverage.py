"""The coverage ledger: every millisecond is accounted for, once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from floorlog.announcements import Gap
from floorlog.clock import Span
from floorlog.coverage import BREATH_MS, Entry, account, heard_in, tile
from floorlog.words import Dropped
from tests.spoken import Line, transcripts_of


def test_each_kind_of_stretch_is_told_apart() -> None:
    """Silent omission is the worst failure: speech without words must show."""
    transcripts = transcripts_of([Line("a", "four words are here"), Line("a", "", lasts_ms=900)])
    gap = Gap("spoken", "floor", 2, Span(3500, 4000), "media-missing")
    ledger = account(transcripts, [gap], 5000)
    assert [(entry.kind, entry.span.start_ms, entry.span.end_ms) for entry in ledger.entries] == [
        ("no_speech", 0, 500),
        ("words", 500, 2100),
        ("no_speech", 2100, 2600),
        ("speech_without_words", 2600, 3500),
        ("gap", 3500, 4000),
        ("unheard", 4000, 5000),
    ]
    assert ledger.entries[4].cause == "media-missing"
    assert ledger.within([Span(2000, 3000)])["speech_without_words"] == 400


def test_breaths_between_words_are_no_holes() -> None:
    """A list of a thousand breaths would hide the one sentence that is missing."""
    spoken = transcripts_of([Line("a", "one two three four")])[0]
    first, *_, last = spoken.words
    piece = replace(spoken.pieces[0], words=(first, last))
    breath = last.span.start_ms - first.span.end_ms
    assert breath < BREATH_MS
    kinds = [entry.kind for entry in account([replace(spoken, pieces=(piece,))], [], spoken.span.end_ms).entries]
    assert "speech_without_words" not in kinds


def test_words_that_were_dropped_are_never_a_breath() -> None:
    """What the recogniser heard and did not believe may be the one word that the chair said."""
    spoken = transcripts_of([Line("a", "one two three four")])[0]
    first, second, *_, last = spoken.words
    piece = replace(spoken.pieces[0], words=(first, last))
    dropped = Dropped(second.span, "low-score", "two", -1.4)
    ledger = account([replace(spoken, pieces=(piece,), dropped=(dropped,))], [], spoken.span.end_ms)
    assert Entry(second.span, "speech_without_words", "low-score") in ledger.entries


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 6)), max_size=8),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 900)), max_size=4),
    st.integers(1, 9000),
)
def test_the_ledger_tiles_the_clock(lines: list[tuple[int, int]], gaps: list[tuple[int, int]], until_ms: int) -> None:
    """The totals must sum to the length of the meeting in whole milliseconds, whatever is claimed."""
    transcripts = transcripts_of([Line("a", "word " * count, pause) for pause, count in lines])
    missing = [Gap("spoken", "floor", 0, Span(start, start + length), "media-missing") for start, length in gaps]
    ledger = account(transcripts, missing, until_ms)
    assert ledger.entries[0].span.start_ms == 0
    assert ledger.entries[-1].span.end_ms == until_ms
    assert all(one.span.end_ms == other.span.start_ms for one, other in pairwise(ledger.entries))
    assert sum(entry.span.length_ms for entry in ledger.entries) == until_ms


@given(
    st.lists(
        st.tuples(st.integers(0, 1200), st.integers(0, 6), st.booleans(), st.sampled_from([0, 400, 2500])), max_size=8
    ),
    st.integers(0, 3000),
)
def test_the_stored_accounts_of_segments_say_what_the_words_say(
    lines: list[tuple[int, int, bool, int]], more_ms: int
) -> None:
    """The ledger of a long meeting is read from some spans a segment: it must not differ by a millisecond."""
    transcripts, gaps = [], []
    for transcript, (_, count, missing, cut_ms) in zip(
        transcripts_of([Line("a", "word " * count, pause) for pause, count, _, _ in lines]), lines, strict=True
    ):
        if missing:
            gaps.append(Gap("spoken", "floor", 0, transcript.span, "media-missing"))
            continue
        kept = tuple(word for word in (transcript.words if count else ()) if word.span.start_ms % 1000 >= cut_ms % 1000)
        pieces = (replace(transcript.pieces[0], words=kept),) if transcript.pieces and kept else ()
        transcripts.append(replace(transcript, pieces=pieces))
    until_ms = max([item.span.end_ms for item in transcripts] + [gap.span.end_ms for gap in gaps], default=0) + more_ms
    if not until_ms:
        return
    stored = [entry for transcript in transcripts for entry in heard_in(transcript)]
    entries = tile(stored, [Entry(gap.span, "gap", gap.cause) for gap in gaps], 0, until_ms)
    assert entries == account(transcripts, gaps, until_ms).entries
    assert sum(entry.span.length_ms for entry in entries) == until_ms


def test_audio_that_came_late_counts_before_the_gap_in_its_place() -> None:
    """A gap that was made up while the audio was on its way must not hide it."""
    (spoken,) = transcripts_of([Line("a", "four words are here")])
    gap = Entry(Span(0, 9000), "gap", "segment-missing")
    entries = tile(heard_in(spoken), [gap], 0, 9000)
    assert [(entry.kind, entry.span.end_ms) for entry in entries] == [
        ("no_speech", 500),
        ("words", 2100),
        ("gap", 9000),
    ]
