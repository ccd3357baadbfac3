"""Advance each meeting's floor."""

from __future__ import annotations

from floorlog.adapters.store import Store
from floorlog.announcements import End, Gap
from floorlog.clock import Span
from pipelines.advance import AdvanceMeeting
from pipelines.elements import Plan
from tests.beam.steps import run_plain


def test_a_tick_advances_whatever_has_something_to_hear(plan: Plan, store: Store) -> None:
    """Deadlines pass without messages; a tick is how time gets into the graph."""
    meeting_id = "synthetic-briefing"
    store.register(Gap(meeting_id, "floor", 0, Span(0, 5000), "media-missing"))
    store.register(End(meeting_id, "floor", 1, 5000, 0))
    assert run_plain(AdvanceMeeting(plan), [""]) == []
    assert store.summary(meeting_id).meeting.state == "ended"
    assert store.lag(meeting_id)[0].heard_ms == 5000


def test_repeats_change_nothing(plan: Plan, store: Store) -> None:
    """Sixteen segments of a batch name their meeting sixteen times."""
    meeting_id = "synthetic-briefing"
    store.register(Gap(meeting_id, "floor", 0, Span(0, 5000), "media-missing"))
    run_plain(AdvanceMeeting(plan), [meeting_id] * 16)
    store.sequence()
    events = [event.type for event in store.feed(0, 100)]
    assert events.count("gap.opened") == 1
