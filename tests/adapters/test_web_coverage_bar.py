"""The coverage bar: nothing that is missing is too short to be seen."""

from __future__ import annotations

from floorlog.clock import Span
from floorlog.coverage import Entry, EntryKind, Ledger
from workers.web.coverage_bar import account


def a_ledger(*entries: tuple[EntryKind, int]) -> Ledger:
    """A ledger of kinds and lengths, in order."""
    at_ms, made = 0, []
    for kind, length_ms in entries:
        made.append(Entry(Span(at_ms, at_ms + length_ms), kind, "media-missing" if kind == "gap" else None))
        at_ms += length_ms
    return Ledger(at_ms, tuple(made))


def test_a_gap_of_a_millisecond_is_seen_in_a_meeting_of_hours() -> None:
    """A bar that rounds gaps away shows a whole meeting where there is none."""
    shown = account(a_ledger(("words", 3_600_000), ("gap", 1), ("words", 3_600_000)))
    assert [block.kind for block in shown.blocks] == ["words", "gap", "words"]
    assert [(hole.clock, hole.why) for hole in shown.holes] == [("1:00:00", "the stream never served this audio")]
    assert shown.shares[-1].percent == "<1%"
