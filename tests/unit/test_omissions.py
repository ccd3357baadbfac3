"""What raises a review item: silence of the log that is long enough to matter."""

from __future__ import annotations

from floorlog.clock import Span
from floorlog.coverage import Entry, EntryKind
from floorlog.omissions import GAP_MS, SPEECH_MS, omissions, tail


def entries_of(*lengths: tuple[EntryKind, int, str | None]) -> list[Entry]:
    """Entries of these lengths, in order."""
    at_ms, made = 0, []
    for kind, length_ms, cause in lengths:
        made.append(Entry(Span(at_ms, at_ms + length_ms), kind, cause))
        at_ms += length_ms
    return made


def test_what_is_too_short_to_matter_raises_nothing() -> None:
    """A queue of coughs would hide the sentence that is missing."""
    short = entries_of(("words", 9000, None), ("speech_without_words", SPEECH_MS - 1, None), ("words", 9, None))
    assert omissions("floor", [*short]) == ()
    assert omissions("floor", entries_of(("gap", GAP_MS - 1, "media-missing"))) == ()


def test_a_stretch_counts_as_a_whole_whatever_its_causes() -> None:
    """Three reasons in a row for missing words are one hole to a listener."""
    (found,) = omissions(
        "floor",
        entries_of(
            ("words", 1000, None),
            ("speech_without_words", 1500, None),
            ("speech_without_words", 2000, "low-score"),
            ("words", 500, None),
        ),
    )
    assert (found.reason, found.span, found.cause, found.severity) == (
        "speech-without-words",
        Span(1000, 4500),
        "low-score",
        "low",
    )


def test_a_gap_that_grows_stays_the_same_item() -> None:
    """Somebody may be looking at it while the stream is still away."""
    (first,) = omissions("floor", entries_of(("words", 1000, None), ("gap", 6000, "media-missing")))
    (later,) = omissions("floor", entries_of(("words", 1000, None), ("gap", 66_000, "media-missing")))
    assert first.id("small") == later.id("small")
    assert (first.severity, later.severity) == ("low", "high")
    assert first.id("small") != first.id("other")


def test_a_channel_that_ended_before_the_others_is_missed() -> None:
    """Its log ends without a gap, as if nobody had spoken any more."""
    assert tail("en", False, 99_000, 100_000) is None
    early, never = tail("en", False, 60_000, 100_000), tail("fr", False, 0, 100_000)
    assert early is not None
    assert (early.reason, early.span) == ("channel-ended-early", Span(60_000, 100_000))
    assert never is not None
    assert never.reason == "channel-missing"
