"""Which announcement is next, and what happens where there is none."""

from __future__ import annotations

from floorlog.adapters.store.rows import NOTHING_HEARD, AnnouncementKind, Cursor, Key, TimelineRow
from floorlog.services.timeline import Channel, Plan, gap_of, plan


def row(channel: str, start_ms: int, end_ms: int, kind: AnnouncementKind = "segment") -> TimelineRow:
    """An announcement that can be heard."""
    name = f"{channel}.{start_ms}.{kind}"
    return TimelineRow(name, channel, kind, start_ms, end_ms, start_ms // 10, None, "capture", None, False, True)


def channel(
    name: str,
    *rows: TimelineRow,
    at_ms: int = 0,
    ended: bool = False,
    required: bool = True,
    announced_ms: int = 0,
    more: bool = False,
    passed_ms: int = 0,
) -> Channel:
    """A channel as it is stored."""
    return Channel(name, required, Cursor(at_ms, ended), rows, announced_ms, more, passed_ms)


def waits(_channel: str, _at_ms: int) -> bool:
    """Patience without end."""
    return False


def gives_up(_channel: str, _at_ms: int) -> bool:
    """No patience at all."""
    return True


def order(planned: Plan) -> list[tuple[str, int, int, bool]]:
    """Channel, start, end of the planned events, and whether somebody announced them."""
    return [(event.key.channel, event.start_ms, event.key.end_ms, event.row is not None) for event in planned.events]


def test_channels_merge_by_end_then_by_name() -> None:
    """Equal ends are common, because channels are cut alike; their order must not depend on arrival."""
    planned = plan(
        [
            channel("floor", row("floor", 0, 10), row("floor", 10, 20)),
            channel("en", row("en", 0, 10), row("en", 10, 20)),
        ],
        NOTHING_HEARD,
        waits,
    )
    assert order(planned) == [
        ("en", 0, 10, True),
        ("floor", 0, 10, True),
        ("en", 10, 20, True),
        ("floor", 10, 20, True),
    ]


def test_nothing_is_heard_beyond_the_slowest_required_channel() -> None:
    """What comes of it later would have to be put before what was heard."""
    planned = plan(
        [channel("floor", row("floor", 0, 10), row("floor", 10, 20)), channel("en", row("en", 0, 12))],
        NOTHING_HEARD,
        waits,
    )
    assert [key for key, *_ in order(planned)] == ["floor", "en"]
    assert planned.holes == {"en": 12}


def test_a_channel_that_is_not_required_holds_nothing_up() -> None:
    """The floor goes on when an interpretation fails."""
    planned = plan([channel("floor", row("floor", 0, 10)), channel("fr", required=False)], NOTHING_HEARD, waits)
    assert order(planned) == [("floor", 0, 10, True)]


def test_a_channel_whose_stream_has_ended_holds_nothing_up() -> None:
    """After its end nothing is expected of it, unless something was announced behind it."""
    floor = channel("floor", row("floor", 0, 10), row("floor", 10, 20))
    ended = (row("en", 0, 8), row("en", 8, 8, "end"))
    assert len(plan([floor, channel("en", *ended, announced_ms=8)], NOTHING_HEARD, waits).events) == 4
    resumed = plan([floor, channel("en", *ended, announced_ms=18)], NOTHING_HEARD, waits)
    assert [key for key, *_ in order(resumed)] == ["en", "en"]


def test_a_hole_is_waited_for_and_then_filled_up_to_what_is_there() -> None:
    """The gap ends where the next announcement that can be heard begins."""
    floor = channel("floor", row("floor", 0, 10), row("floor", 30, 40))
    assert plan([floor], NOTHING_HEARD, waits).holes == {"floor": 10}
    assert order(plan([floor], NOTHING_HEARD, gives_up)) == [
        ("floor", 0, 10, True),
        ("floor", 10, 30, False),
        ("floor", 30, 40, True),
    ]


def test_what_was_passed_before_is_not_waited_for_again() -> None:
    """A derivation again must come at least as far as the first one did."""
    floor = channel("floor", row("floor", 10, 20), passed_ms=30)
    assert order(plan([floor], NOTHING_HEARD, waits)) == [
        ("floor", 0, 10, False),
        ("floor", 10, 20, True),
        ("floor", 20, 30, False),
    ]


def test_what_lies_behind_the_last_event_is_told_apart() -> None:
    """It is late: it cannot be heard now, only in its place."""
    planned = plan(
        [channel("floor", at_ms=20), channel("fr", row("fr", 0, 10), required=False)], Key(20, "floor", 0), waits
    )
    assert planned.events == ()
    assert [event.key.channel for event in planned.behind] == ["fr"]


def test_what_was_not_read_yet_is_not_overtaken() -> None:
    """A channel with a long backlog is read in parts; the end behind its last row may lie at the same moment."""
    planned = plan(
        [channel("floor", row("floor", 0, 10), more=True), channel("fr", row("fr", 0, 10), required=False)],
        NOTHING_HEARD,
        waits,
    )
    assert order(planned) == [("floor", 0, 10, True)]
    assert planned.more


def test_a_backlog_behind_a_hole_holds_no_other_channel_up() -> None:
    """Only its own channel waits at a hole that is not required."""
    planned = plan(
        [channel("floor", row("floor", 0, 10)), channel("fr", row("fr", 5, 9), more=True, required=False)],
        NOTHING_HEARD,
        waits,
    )
    assert order(planned) == [("floor", 0, 10, True)]


def test_a_made_up_gap_says_that_a_segment_is_missing() -> None:
    """Its number is the one that was lost, as far as the next announcement tells."""
    planned = plan([channel("floor", row("floor", 10, 20))], NOTHING_HEARD, gives_up)
    gap = gap_of("small", planned.events[0])
    assert (gap.id, gap.sequence, gap.cause) == ("small.floor.0000000000.gap", 0, "segment-missing")
