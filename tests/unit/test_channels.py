"""What the channels of one capture know of each other, and how the same audio on two of them is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workers.capture.channels import Channels
from workers.capture.twins import KEPT, Twins

START = datetime(2021, 2, 24, 15, tzinfo=UTC)


def test_the_clock_starts_with_the_earliest_audio_of_all_channels() -> None:
    """Which channel was loaded first must not decide about the meeting's clock."""
    channels = Channels(("floor", "en", "fr"), lambda utc: utc, 10.0)
    channels.begins("en", START - timedelta(seconds=3))
    channels.absent("fr")
    channels.begins("floor", START)
    assert channels.zero(START) == START - timedelta(seconds=3)


def test_a_clock_that_was_agreed_on_stays() -> None:
    """A capture that is started again keeps to the zero of the first one."""
    channels = Channels(("floor",), lambda utc: START, 10.0)
    channels.begins("floor", START + timedelta(hours=1))
    assert channels.zero(START + timedelta(hours=1)) == START


def test_a_channel_is_left_alone_once_the_others_have_ended() -> None:
    """One that is missing is closed where the others end, and not before."""
    channels = Channels(("floor", "en", "fr"), None, 10.0)
    channels.on("floor")
    channels.on("en")
    channels.absent("fr")
    assert not channels.alone("fr")
    channels.over("floor", 60_000)
    assert not channels.alone("fr")
    channels.over("en", 60_020)
    assert channels.alone("fr")
    assert channels.end_ms() == 60_020


def test_that_others_failed_is_no_end() -> None:
    """A full disk on one channel says nothing about the meeting."""
    channels = Channels(("floor", "en"), None, 10.0)
    channels.failed("floor")
    assert not channels.alone("en")


def test_only_where_no_channel_was_ever_offered_there_is_nothing_to_wait_for() -> None:
    """A wrong address is told from interpreters who are late."""
    channels = Channels(("floor", "en"), None, 10.0)
    channels.absent("en")
    assert not channels.none_offered()
    channels.absent("floor")
    assert channels.none_offered()
    channels.resumed("floor")
    assert not channels.none_offered()


def test_the_same_audio_at_the_same_time_on_two_channels_is_noticed() -> None:
    """A packager fills a hole with another language; a jingle at another time is none of that."""
    twins = Twins()
    assert twins.hear("floor", "a", START) is None
    assert twins.hear("en", "a", START + timedelta(milliseconds=40)) == "floor"
    assert twins.hear("floor", "a", START) is None
    assert twins.hear("en", "a", START + timedelta(minutes=5)) is None
    assert twins.hear("en", "b", START) is None


def test_what_is_remembered_for_that_is_bounded() -> None:
    """A meeting lasts for hours."""
    twins = Twins()
    for number in range(KEPT + 1):
        twins.hear("floor", str(number), START)
    assert twins.hear("en", "0", START) is None
    assert twins.hear("fr", str(KEPT), START) == "floor"
