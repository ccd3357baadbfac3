"""Where audio lies on the meeting clock: steps, holes, wraps, and the first millisecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from floorlog.adapters.media import WRAP_S, Run
from floorlog.clock import Span
from floorlog.listing import Media
from workers.capture import places, placing
from workers.capture.places import Closed, Hole, Opened, Placed, Placing, Sound

UTC_0 = datetime(2021, 2, 24, 15, tzinfo=UTC)
ARRIVED = datetime(2021, 2, 24, 15, 0, 30, tzinfo=UTC)
RATE = 48_000


def listed(*, broken: bool = False, utc: datetime | None = None, stated: bool = True, duration_ms: int = 4000) -> Media:
    return Media(0, 0, "http://origin/a.ts", None, duration_ms, broken, utc, stated and utc is not None)


def run(at_s: float | Fraction, length_s: float = 4.0, rate_hz: int = RATE) -> Run:
    return Run(Fraction(at_s), rate_hz, np.full(round(length_s * rate_hz), 0.1, np.float32), wraps=True)


class Clock:
    """Places one thing after the other and remembers what came of it."""

    def __init__(self, zero: datetime | None = None) -> None:
        self.state, self.placed, self.zero = Placing(), list[Placed](), zero

    def hear(self, media: Media, *runs: Run) -> Clock:
        self.state = places.decode(places.encode(self.state))  # as after a restart
        self.state, placed = placing.place(self.state, media, runs, ARRIVED, zero=self.zero)
        self.placed += placed
        return self

    def lose(self, media: Media) -> Clock:
        self.state, placed = placing.lose(self.state, media, "media-missing")
        self.placed += placed
        return self

    def finish(self) -> Clock:
        self.state, placed = placing.finish(self.state)
        self.placed += placed
        return self

    @property
    def holes(self) -> list[tuple[int, int, str]]:
        return [(each.span.start_ms, each.span.end_ms, each.cause) for each in self.placed if isinstance(each, Hole)]

    @property
    def starts(self) -> list[int]:
        return [each.start_ms for each in self.placed if isinstance(each, Opened)]

    def samples(self) -> int:
        return sum(len(each.samples) for each in self.placed if isinstance(each, Sound))


def test_what_follows_in_time_is_one_continuity() -> None:
    """One continuity needs one decoder, one grid of voice activity, and no cut."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(), run(14)).hear(listed(), run(18.009)).finish()
    assert clock.starts == [0]
    assert clock.holes == []
    assert clock.samples() == 12 * 16_000
    assert clock.placed[-1] == Closed("end")


def test_a_step_forward_that_nobody_announced_is_a_hole_of_that_length() -> None:
    """Within one clock of the source, its timestamps say what is missing (hls.js #3110)."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(), run(14 + Fraction(25, 1000))).finish()
    assert clock.holes == [(4000, 4025, "discontinuity")]
    assert clock.starts == [0, 4025]


def test_a_step_backward_begins_a_continuity_right_behind() -> None:
    """Placed audio is never overwritten."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(), run(12)).finish()
    assert (clock.holes, clock.starts) == ([], [0, 4000])


def test_a_step_of_hours_is_a_new_clock_and_no_hole() -> None:
    """An encoder that was restarted without saying so did not lose an afternoon."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(), run(9000)).finish()
    assert (clock.holes, clock.starts) == ([], [0, 4000])


def test_a_stated_program_date_time_places_a_step() -> None:
    """Where the playlist says when it is, that counts."""
    later = UTC_0 + timedelta(seconds=9)
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(utc=later), run(500)).finish()
    assert clock.holes == [(4000, 9000, "discontinuity")]


@pytest.mark.parametrize("ahead_s", [-2.0, 0.0, 0.008, 3600.0 * 48])
def test_a_program_date_time_that_gives_no_hole_or_a_mad_one_places_right_behind(ahead_s: float) -> None:
    """Wall clocks of origins are set, and set back (androidx/media #3337)."""
    utc = UTC_0 + timedelta(seconds=4 + ahead_s)
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(broken=True, utc=utc), run(0)).finish()
    assert (clock.holes, clock.starts) == ([], [0, 4000])


def test_the_clock_wraps_without_a_step() -> None:
    """33 bits of 90 kHz last 26.5 hours; FFmpeg tells times before the wrap as negative, or not."""
    for at_s in (WRAP_S - 5, Fraction(-5)):
        clock = (
            Clock().hear(listed(utc=UTC_0), run(at_s)).hear(listed(), run((at_s + 4) % WRAP_S)).hear(listed(), run(3))
        )
        assert (clock.finish().starts, clock.holes) == ([0], [])


def test_lost_media_is_a_hole_as_long_as_the_timestamps_say() -> None:
    """Listed durations are rounded; timestamps are not."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).lose(listed(duration_ms=4000)).hear(listed(), run(18.011)).finish()
    assert clock.holes == [(4000, 8011, "media-missing")]


def test_lost_media_before_a_new_clock_is_as_long_as_it_was_listed() -> None:
    """Nothing else tells."""
    clock = (
        Clock()
        .hear(listed(utc=UTC_0), run(10))
        .lose(listed(duration_ms=4004))
        .hear(listed(broken=True), run(0))
        .finish()
    )
    assert clock.holes == [(4000, 8004, "media-missing")]


def test_a_discontinuity_that_was_lost_itself_still_counts() -> None:
    """The tag stands before a media segment that never came; the clock is a new one all the same."""
    later = UTC_0 + timedelta(seconds=20)
    clock = (
        Clock()
        .hear(listed(utc=UTC_0), run(10))
        .lose(listed(broken=True))
        .hear(listed(utc=later, stated=False), run(18))
    )
    assert clock.finish().holes == [(4000, 20_000, "media-missing")]


def test_audio_between_two_milliseconds_keeps_its_place_to_the_sample() -> None:
    """After a hole, words stay where they were; the millisecond is filled from its start with silence."""
    clock = (
        Clock().hear(listed(utc=UTC_0), run(10)).lose(listed()).hear(listed(), run(18 + Fraction(7, 16_000))).finish()
    )
    assert clock.holes == [(4000, 8000, "media-missing")]
    lead = [each for each in clock.placed if isinstance(each, Sound)][3]
    assert len(lead.samples) == 7
    assert not lead.samples.any()


def test_many_holes_do_not_add_up_to_a_drift() -> None:
    """Each place is measured on the source's clock, not from the last rounded one."""
    clock, third = Clock().hear(listed(utc=UTC_0), run(0)), Fraction(1, 48_000)
    for number in range(1, 200):
        clock.lose(listed()).hear(listed(), run(number * 8 + number * third))
    assert clock.starts[-1] == (199 * 8 + 199 * third) * 1000 // 1


def test_without_a_program_date_time_the_wall_clock_is_that_of_arrival() -> None:
    """Approximate, and said to be so."""
    clock = Clock().hear(listed(), run(10))
    opened = next(each for each in clock.placed if isinstance(each, Opened))
    assert (opened.utc, opened.utc_source) == (ARRIVED - timedelta(seconds=4), "arrival")


def test_a_new_rate_is_a_new_continuity() -> None:
    """A resampler works at one rate."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(), run(14, rate_hz=44_100)).finish()
    assert (clock.starts, clock.holes) == ([0, 4000], [])
    assert clock.samples() == 8 * 16_000


def test_a_channel_that_began_earlier_than_the_meeting_clock_is_cut_to_it() -> None:
    """The first channel that is captured starts the clock; another one may reach further back."""
    zero = UTC_0 + timedelta(milliseconds=5500)
    clock = (
        Clock(zero).hear(listed(utc=UTC_0), run(10)).hear(listed(utc=UTC_0 + timedelta(seconds=4)), run(14)).finish()
    )
    assert (clock.starts, clock.holes) == ([0], [])
    assert clock.samples() == 2500 * 16
    opened = next(each for each in clock.placed if isinstance(each, Opened))
    assert opened.utc == zero


def test_a_channel_that_began_later_has_a_gap_first() -> None:
    """Every channel accounts for the meeting clock from its zero."""
    clock = Clock(UTC_0 - timedelta(seconds=3)).hear(listed(utc=UTC_0), run(10)).finish()
    assert clock.holes == [(0, 3000, "fell-behind")]
    assert clock.starts == [3000]


def test_drift_of_the_wall_clock_is_measured_and_moves_nothing() -> None:
    """Audio that was placed is never moved (androidx/media #3337)."""
    clock = Clock().hear(listed(utc=UTC_0), run(10))
    late = listed(utc=UTC_0 + timedelta(milliseconds=4300))
    assert placing.drift_ms(clock.state, late) == 300
    assert clock.hear(late, run(14)).finish().holes == []


def test_what_comes_twice_is_placed_once_and_what_follows_stays_where_it_was() -> None:
    """Packets that overlap by some milliseconds, again and again, must not push the meeting's clock."""
    clock = Clock().hear(listed(utc=UTC_0), run(10))
    for number in range(1, 21):
        clock.hear(listed(), run(Fraction(10) + number * (4 - Fraction(15, 1000))))
    clock.finish()
    assert clock.holes == []
    assert clock.state.end_ms == pytest.approx(20 * (4000 - 15) + 4000, abs=1)


def test_many_declared_discontinuities_do_not_add_up_to_an_error() -> None:
    """Each is placed by the wall clock; what is too small for a hole is kept, not forgotten."""
    clock, length_ms = Clock(), 4009  # 9 ms between the end of one and the start of the next
    for number in range(40):
        utc = UTC_0 + timedelta(milliseconds=length_ms * number)
        clock.hear(listed(utc=utc, broken=number > 0), run(0))
    clock.finish()
    assert abs(clock.state.end_ms - (39 * length_ms + 4000)) <= 11
    assert {cause for _, _, cause in clock.holes} == {"discontinuity"}


def test_a_discontinuity_without_a_date_does_not_forget_the_dates_before_it() -> None:
    """The next one with a date tells how long both took."""
    clock = Clock().hear(listed(utc=UTC_0), run(10)).hear(listed(broken=True), run(0))
    clock.hear(listed(broken=True, utc=UTC_0 + timedelta(seconds=15)), run(0)).finish()
    assert clock.holes == [(8000, 15_000, "discontinuity")]


def test_a_channel_that_ended_before_the_others_is_missing_from_there() -> None:
    """Every second of every channel is accounted for."""
    clock = Clock().hear(listed(utc=UTC_0), run(10))
    clock.state, placed = placing.finish(clock.state, 9000)
    assert [each for each in placed if isinstance(each, Hole)] == [Hole(Span(4000, 9000), "channel-missing")]


def test_a_channel_that_never_came_is_missing_from_the_start_and_may_still_come() -> None:
    """An interpretation that was announced and never connected is a gap, and the meeting may resume with it."""
    clock = Clock(zero=UTC_0)
    clock.state, placed = placing.finish(clock.state, 9000)
    assert placed == (Hole(Span(0, 9000), "channel-missing"),)
    clock.hear(listed(utc=UTC_0 + timedelta(seconds=12)), run(10)).finish()
    assert clock.holes == [(9000, 12_000, "fell-behind")]
    assert clock.starts == [12_000]


def test_media_that_was_lost_before_the_first_audio_is_a_gap_with_its_cause() -> None:
    """The clock starts where the playlist begins, not where fetching first succeeds."""
    clock = Clock(zero=UTC_0).lose(listed(utc=UTC_0))
    clock.hear(listed(utc=UTC_0 + timedelta(seconds=4)), run(10)).finish()
    assert clock.holes == [(0, 4000, "media-missing")]
