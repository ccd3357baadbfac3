"""Whether a stream is over: every decision, with the times passed in."""

from __future__ import annotations

from floorlog.ending import ASK_S, LINGER_S, RESOLVE_S, STALLED, Ending


def ending(linger_s: float = LINGER_S, pace: float = 1.0) -> Ending:
    return Ending(pace, linger_s, 0.0).listed(0.0, 0.0, 6000, fresh=True, ended=False, fixed=False)


def test_an_end_that_is_listed_counts_once_nobody_is_on_air() -> None:
    """Packagers list an end when an encoder loses its connection for a moment."""
    state = ending().listed(10.0, 10.0, 6000, fresh=False, ended=True, fixed=False)
    assert not state.over(11.0)
    assert state.wants_answer(11.0)
    assert state.asked(11.0).answered(False).over(12.0)
    assert not state.asked(11.0).answered(True).over(1e6)


def test_where_nobody_knows_a_listed_end_counts_after_a_while_without_change() -> None:
    """Waiting for ever would keep the meeting open."""
    state = ending().listed(10.0, 10.0, 6000, fresh=False, ended=True, fixed=False).asked(11.0).answered(None)
    assert not state.over(10.0 + LINGER_S - 1)
    assert state.over(10.0 + LINGER_S)


def test_an_end_that_is_taken_back_is_none() -> None:
    """The meeting resumes: what was listed as the end was an interruption."""
    state = ending().listed(10.0, 10.0, 6000, fresh=False, ended=True, fixed=False)
    state = state.listed(40.0, 40.0, 6000, fresh=True, ended=False, fixed=False)
    assert not state.over(1e6)


def test_an_answer_from_before_the_end_was_listed_says_nothing_about_it() -> None:
    """A stream that was off air for a moment, hours ago, is not over when its playlist next ends."""
    state = ending().asked(5.0).answered(False).listed(10.0, 10.0, 6000, fresh=True, ended=True, fixed=False)
    assert not state.over(11.0)


def test_with_nobody_to_ask_a_listed_end_counts_at_once() -> None:
    """A bare playlist is all there is to know; so is one that says that it will not change."""
    assert ending(linger_s=0).listed(10.0, 10.0, 6000, fresh=True, ended=True, fixed=False).over(10.0)
    fixed = ending().listed(10.0, 10.0, 6000, fresh=True, ended=True, fixed=True)
    assert fixed.over(10.0)
    assert not fixed.wants_answer(10.0)


def test_quiet_alone_is_never_an_end() -> None:
    """A meeting is suspended for lunch; capture waits, asks, and looks elsewhere."""
    state = ending()
    assert not state.stalled(STALLED * 6)
    later_s = STALLED * 6 + 1.0
    assert state.stalled(later_s)
    assert state.wants_answer(later_s)
    assert not state.wants_master(later_s)
    assert state.wants_master(RESOLVE_S)
    assert not state.over(1e6)
    assert not state.asked(later_s).answered(None).over(1e6)
    assert not state.asked(later_s).answered(True).over(1e6)


def test_a_stream_that_is_off_air_and_stays_quiet_is_over_without_a_listed_end() -> None:
    """Not every packager lists an end."""
    state = ending().asked(20.0).answered(False)
    assert not state.over(LINGER_S)  # nobody has looked since: what was published last may not have been seen
    state = state.listed(30.0, 30.1, 6000, fresh=False, ended=False, fixed=False)
    assert not state.over(LINGER_S - 1)
    assert state.over(LINGER_S)
    assert ending().asked(20.0).answered(False).lost(30.0, 6.0).over(LINGER_S)


def test_a_channel_that_is_quiet_ends_when_the_others_have() -> None:
    """One rendition that is frozen must not keep a meeting open."""
    assert not ending().over(LINGER_S - 1, alone=True)
    assert ending().over(LINGER_S, alone=True)


def test_questions_are_asked_no_oftener_than_the_player_does() -> None:
    """Kaltura's answers are cached anyway."""
    state = ending().asked(100.0).resolved(100.0)
    assert not state.wants_answer(100.0 + ASK_S - 1)
    assert state.wants_answer(100.0 + ASK_S)
    assert not state.wants_master(100.0 + RESOLVE_S - 1)
    assert state.wants_master(100.0 + RESOLVE_S)


def test_at_a_higher_pace_everything_is_quicker() -> None:
    """Rehearsals do not wait for minutes."""
    state = Ending(60.0, LINGER_S / 60, 0.0).listed(0.0, 0.0, 6000, fresh=True, ended=True, fixed=False)
    assert state.over(LINGER_S / 60)


def test_before_the_first_playlist_a_quiet_origin_is_asked_about_too() -> None:
    """A capture that is started again after the end finds nothing, and must learn that it is over."""
    state = Ending(1.0, LINGER_S, 0.0)
    assert not state.wants_answer(1000.0)
    assert state.lost(0.0, 6.0).wants_answer(1000.0)
