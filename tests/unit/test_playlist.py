"""Following a live playlist: every decision, with the times passed in."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest

from floorlog.listing import Listing, Media
from floorlog.playlist import (
    GRACE_S,
    HOLD_S,
    LEAST_ATTEMPTS,
    STALE,
    begin,
    hear_listing,
    hear_media,
    hear_no_listing,
    hear_no_media,
    next_actions,
)
from floorlog.polling import Polling
from floorlog.slots import IN_FLIGHT, Following, Position, Settled, Start

START = datetime(2021, 2, 24, 15, tzinfo=UTC)


def media(sequence: int, epoch: int = 0, name: str = "", utc: datetime | None = None) -> Media:
    uri = f"http://origin/live/{name or f'seg-{sequence}.ts'}"
    return Media(epoch, sequence, uri, None, 4000, False, utc or START + timedelta(seconds=4 * sequence), False)


def window(first: int, last: int, *, ended: bool = False) -> Listing:
    return Listing(4000, tuple(media(sequence) for sequence in range(first, last + 1)), ended)


def following(start: Start = "oldest", position: Position | None = None, held: tuple[Media, ...] = ()) -> Following:
    return begin(start, position or Position(), held, 0.0, 1.0)


def fetch_all(state: Following, now_s: float, lose: frozenset[int] = frozenset()) -> tuple[Following, list[Settled]]:
    """Let every fetch succeed at once, but those to lose; return what was handed on."""
    handed: list[Settled] = []
    while True:
        state, wanted, settled = next_actions(state, now_s)
        handed += settled
        if not wanted and not settled:
            return state, handed
        for each in wanted:
            if each.sequence in lose:
                state = hear_no_media(state, each, "media-missing", now_s)
            else:
                state = hear_media(state, each)


def sequences(handed: list[Settled]) -> list[int]:
    return [each.media.sequence for each in handed]


def test_the_first_time_following_begins_where_it_was_asked_to() -> None:
    """A meeting that is joined late is either caught up with or not."""
    oldest = hear_listing(following("oldest"), window(7, 12), 0, 0)
    newest = hear_listing(following("newest"), window(7, 12), 0, 0)
    assert sequences(fetch_all(oldest, 0)[1]) == [7, 8, 9, 10, 11, 12]
    assert sequences(fetch_all(newest, 0)[1]) == [12]


def test_a_few_are_fetched_at_once_and_handed_on_in_order() -> None:
    """Catching up must be quick and kind to the origin, and audio has an order."""
    state, wanted, _ = next_actions(hear_listing(following(), window(0, 9), 0, 0), 0)
    assert [each.sequence for each in wanted] == list(range(IN_FLIGHT))
    for each in reversed(wanted[1:]):
        state = hear_media(state, each)
    state, more, settled = next_actions(state, 0)
    assert settled == ()
    assert len(more) == IN_FLIGHT - 1
    _, _, settled = next_actions(hear_media(state, wanted[0]), 0)
    assert sequences(list(settled)) == [0, 1, 2, 3]


def test_only_what_is_new_is_fetched() -> None:
    """A window slides; a sample must not be captured twice."""
    state, first = fetch_all(hear_listing(following(), window(0, 5), 0, 0), 0)
    state, second = fetch_all(hear_listing(state, window(2, 7), 4, 4), 4)
    assert sequences(first + second) == list(range(8))


def test_what_left_the_window_before_it_was_listed_to_us_is_lost_and_said_to_be() -> None:
    """Falling behind is a gap with its cause, never silence."""
    state, _ = fetch_all(hear_listing(following(), window(0, 5), 0, 0), 0)
    _, handed = fetch_all(hear_listing(state, window(8, 9), 20, 20), 20)
    assert [(each.media.sequence, each.lost) for each in handed] == [
        (6, "fell-behind"),
        (7, "fell-behind"),
        (8, None),
        (9, None),
    ]


def test_a_media_segment_that_is_late_is_asked_for_again_at_growing_intervals() -> None:
    """Lists run ahead of caches: a fresh 404 is mostly too early (nginx-vod-module #1297)."""
    state = hear_listing(following(), window(0, 0), 0, 0)
    tried, now_s = [], 0.0
    for _ in range(5):
        state, (wanted,), _ = next_actions(state, now_s)
        tried.append(now_s)
        state = hear_no_media(state, wanted, "media-missing", now_s)
        now_s = state.retry_s()
    assert tried == [0.0, 0.5, 1.5, 3.5, 7.5]
    _, (wanted,), _ = next_actions(state, now_s)
    assert sequences(fetch_all(hear_media(state, wanted), now_s)[1]) == [0]


def test_a_media_segment_that_left_the_window_is_tried_a_while_longer_then_lost() -> None:
    """Origins keep what they no longer list; but the meeting cannot wait for ever."""
    state = hear_listing(following(), window(0, 3), 0, 0)
    state, handed = fetch_all(state, 0, lose=frozenset({1}))
    assert sequences(handed) == [0]
    state = hear_listing(state, window(2, 5), 8, 8)
    state, handed = fetch_all(state, 8 + GRACE_S - 1, lose=frozenset({1}))
    assert handed == []
    state, handed = fetch_all(state, 8 + GRACE_S + 4, lose=frozenset({1}))
    assert [(each.media.sequence, each.lost) for each in handed] == [
        (1, "media-missing"),
        *((n, None) for n in (2, 3, 4, 5)),
    ]


def test_a_media_segment_that_stays_listed_but_is_never_served_does_not_hold_the_meeting_for_hours() -> None:
    """With a window of two hours, waiting until it leaves would be waiting for two hours."""
    state = hear_listing(following(), window(0, 3), 0, 0)
    for now_s in (0.0, 60.0):
        state, _ = fetch_all(state, now_s, lose=frozenset({0}))
    _, handed = fetch_all(state, HOLD_S + 1, lose=frozenset({0}))
    assert [each.lost for each in handed] == ["media-missing", None, None, None]


def test_what_is_listed_as_a_gap_is_not_asked_for() -> None:
    """EXT-X-GAP: RFC 8216bis forbids to load it."""
    listing = Listing(4000, (media(0), replace(media(1), absent=True), media(2)), False)
    _, handed = fetch_all(hear_listing(following(), listing, 0, 0), 0)
    assert [each.lost for each in handed] == [None, "media-missing", None]


def test_an_older_copy_of_the_list_is_passed_over() -> None:
    """A cache behind the others must not look like a restart, or audio would be captured twice."""
    state, _ = fetch_all(hear_listing(following(), window(0, 5), 0, 0), 0)
    for stale in (window(0, 4), window(1, 3)):
        state = hear_listing(state, stale, 4, 4)
        state, handed = fetch_all(state, 4)
        assert handed == []
        assert state.epoch == 0
    assert sequences(fetch_all(hear_listing(state, window(1, 6), 6, 6), 6)[1]) == [6]


@pytest.mark.parametrize("same_names", [True, False])
def test_an_origin_that_starts_anew_is_followed_as_a_new_stream(same_names: bool) -> None:
    """Numbers and timestamps begin again; what follows is a discontinuity (hls.js #3913, ExoPlayer #2872)."""
    state, _ = fetch_all(hear_listing(following(), window(90, 95), 0, 0), 0)
    if same_names:
        state, _ = fetch_all(hear_listing(following(), window(0, 5), 0, 0), 0)
    later = START + timedelta(hours=1)
    names = [f"seg-{n}.ts" if same_names else f"new-{n}.ts" for n in range(3)]
    listed = tuple(media(n, name=names[n], utc=later + timedelta(seconds=4 * n)) for n in range(3))
    state, handed = fetch_all(hear_listing(state, Listing(4000, listed, False), 4, 4), 4)
    assert sequences(handed) == [0, 1, 2]
    assert [each.media.epoch for each in handed] == [1, 1, 1]
    assert [each.media.discontinuity for each in handed] == [True, False, False]


def test_a_new_token_or_host_is_the_same_stream() -> None:
    """Tokens in addresses are renewed every day, and lists name another host after a failover."""
    state, _ = fetch_all(hear_listing(following(), window(0, 5), 0, 0), 0)
    moved = tuple(replace(media(n), uri=f"https://other/t/new/seg-{n}.ts?exp=2") for n in range(3, 8))
    state, handed = fetch_all(hear_listing(state, Listing(4000, moved, False), 4, 4), 4)
    assert sequences(handed) == [6, 7]
    assert state.epoch == 0


def test_the_end_of_the_list_is_the_end_once_everything_was_handed_on() -> None:
    """The last words of a meeting are in its last media segment."""
    state = hear_listing(following(), window(0, 2, ended=True), 0, 0)
    assert not state.finished
    assert fetch_all(state, 0)[0].finished


def test_after_a_restart_following_goes_on_behind_what_was_used() -> None:
    """Nothing twice, nothing left out; what was fetched before is not fetched again."""
    position = Position().past(media(3)).past(media(4))
    assert Position.decode(position.encode()) == position
    state = hear_listing(following(position=position, held=(media(6),)), window(2, 8), 0, 0)
    wanted: list[int] = []
    handed: list[Settled] = []
    for _ in range(5):
        state, fetch, settled = next_actions(state, 0)
        wanted += [each.sequence for each in fetch]
        handed += settled
        for each in fetch:
            state = hear_media(state, each)
    assert wanted == [5, 7, 8]
    assert sequences(handed) == [5, 6, 7, 8]


def test_after_a_long_absence_what_was_fetched_before_is_used_and_the_rest_is_lost() -> None:
    """What a crash leaves behind in the journal is audio that the origin no longer has."""
    position = Position().past(media(4))
    state = hear_listing(following(position=position, held=(media(5), media(7))), window(20, 21), 0, 0)
    _, handed = fetch_all(state, 0)
    assert [each.media.sequence for each in handed if each.lost is None] == [5, 7, 20, 21]
    assert {each.lost for each in handed if each.media.sequence in (6, *range(8, 20))} == {"fell-behind"}


def test_after_a_restart_of_both_sides_the_old_stream_comes_first() -> None:
    """The origin may have started anew while the capture was down, once or before it was killed."""
    position = Position().past(media(50))
    new = tuple(media(n, name=f"new-{n}.ts", utc=START + timedelta(hours=2, seconds=4 * n)) for n in range(3))
    state = hear_listing(following(position=position, held=(media(51),)), Listing(4000, new, False), 0, 0)
    assert [(each.media.epoch, each.media.sequence) for each in fetch_all(state, 0)[1]] == [
        (0, 51),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    held = (media(51), replace(new[0], epoch=1))
    state = hear_listing(following(position=position, held=held), Listing(4000, new, False), 0, 0)
    assert [(each.media.epoch, each.media.sequence) for each in fetch_all(state, 0)[1]] == [
        (0, 51),
        (1, 0),
        (1, 1),
        (1, 2),
    ]


def test_a_list_that_cannot_be_had_is_asked_for_at_growing_intervals() -> None:
    """A 404 or 410 of a live list is mostly temporary (inputstream.adaptive #260)."""
    state, waits = following(), []
    now_s = 0.0
    for _ in range(7):
        state = hear_no_listing(state, now_s)
        waits.append(state.polling.next_s - now_s)
        now_s = state.polling.next_s
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]


def listing_delays(period_s: float, target_s: float, jitter_s: float, seed: int) -> list[float]:
    """Follow an origin for 400 media segments; return how long each was listed before it was seen, but the first 10."""
    rng = random.Random(seed)
    published = [n * period_s + abs(rng.gauss(0, jitter_s)) for n in range(440)]
    polling = Polling.begin(20 * period_s + rng.random() * period_s, 1.0)
    seen, delays, last = -1, list[float](), (-1e9, False)
    while polling.next_s < published[420]:
        now_s = polling.next_s
        assert now_s - last[0] >= (target_s if last[1] else target_s / 2) - 1e-6  # RFC 8216 §6.3.4
        newest = sum(moment <= now_s for moment in published) - 1
        if newest > seen:
            delays += [] if seen < 0 else [now_s - published[n] for n in range(seen + 1, newest + 1)]
            fresh_s = [period_s] * (1 if seen < 0 else newest - seen)
            polling = polling.changed(now_s, target_s, fresh_s)
        else:
            polling = polling.unchanged(now_s, target_s)
        last = (now_s, newest > seen)
        seen = newest
    assert polling.pace == 1.0
    return delays[10:]


@pytest.mark.parametrize(
    ("period_s", "target_s", "jitter_s"), [(4, 4, 0.0), (4, 4, 0.05), (6, 6, 0.05), (5.99, 6, 0.05)]
)
def test_polling_finds_out_when_the_origin_publishes(period_s: float, target_s: float, jitter_s: float) -> None:
    """Waiting as RFC 8216 asks, a client sees new media half a period late on average; this one a fifth or less."""
    delays = [delay for seed in range(8) for delay in listing_delays(period_s, target_s, jitter_s, seed)]
    assert mean(delays) < period_s / 5


def test_an_origin_that_plays_faster_is_polled_faster() -> None:
    """A rehearsal at four times the pace has a window that passes four times as fast."""
    polling = Polling.begin(0.0, 1.0).changed(0.0, 4.0, [4.0])
    for _ in range(6):
        now_s = polling.next_s
        polling = polling.changed(now_s, 4.0, [4.0] * max(1, round(now_s - polling.changed_s)))  # 4 s of media a second
    assert 3.0 < polling.pace <= 4.01
    assert polling.next_s - now_s < 2.0


def test_a_burst_after_a_stall_does_not_look_like_a_faster_origin() -> None:
    """Polling a live origin more often than it allows is rude, and gets a client blocked."""
    polling = Polling.begin(0.0, 1.0).changed(0.0, 4.0, [4.0])
    now_s = 0.0
    while now_s < 40:
        now_s = polling.next_s
        polling = polling.unchanged(now_s, 4.0)
    assert polling.changed(now_s, 4.0, [4.0] * round(now_s / 4)).pace == 1.0


def test_a_media_segment_that_can_never_be_had_is_lost_at_once() -> None:
    """A refused address, or a file of a gigabyte, gets no better by asking again."""
    state, (wanted,), _ = next_actions(hear_listing(following(), window(0, 0), 0, 0), 0)
    state = hear_no_media(state, wanted, "media-unreadable", 0, for_good=True)
    assert [each.lost for each in next_actions(state, 0)[2]] == ["media-unreadable"]


def test_however_quickly_time_passes_a_media_segment_is_tried_a_few_times() -> None:
    """At a high pace, or on a machine that stood still, one attempt may last longer than all patience."""
    state = hear_listing(following(), window(0, 0), 0, 0)
    for attempt in range(LEAST_ATTEMPTS):
        state, (wanted,), settled = next_actions(state, 1000.0 * attempt)
        assert not settled
        state = hear_no_media(state, wanted, "media-missing", 1000.0 * attempt)
    assert sequences(list(next_actions(state, 1e6)[2])) == [0]


def test_addresses_that_were_renewed_are_asked_from_then_on() -> None:
    """A media segment that is waited for must not be asked for with a token that has run out."""
    state = hear_listing(following(), window(0, 1), 0, 0)
    state, wanted, _ = next_actions(state, 0)
    for each in wanted:
        state = hear_no_media(state, each, "media-missing", 0)
    fresh = tuple(replace(media(n), uri=f"http://origin/t/new/seg-{n}.ts", key_uri="http://origin/k") for n in (0, 1))
    state = hear_listing(state, Listing(4000, fresh, False), 2, 2)
    _, wanted, _ = next_actions(state, 10)
    assert [(each.uri, each.key_uri) for each in wanted] == [
        (f"http://origin/t/new/seg-{n}.ts", "http://origin/k") for n in (0, 1)
    ]


def test_what_is_listed_again_under_other_numbers_is_not_taken_twice() -> None:
    """A packager that was restarted counts anew and still lists what it has."""
    state, _ = fetch_all(hear_listing(following(), window(100, 105), 0, 0), 0)
    again = tuple(replace(media(n), sequence=n - 100) for n in range(102, 108))
    state, handed = fetch_all(hear_listing(state, Listing(4000, again, False), 8, 8), 8)
    assert [(each.media.epoch, each.media.sequence) for each in handed] == [(1, 6), (1, 7)]
    assert not any(each.media.discontinuity for each in handed)


def test_an_older_list_that_stays_is_the_list_there_is() -> None:
    """An origin that begins anew without program date-times looks like a cache that is behind; caches catch up."""
    undated = [replace(media(n), utc=None) for n in range(20)]
    state, _ = fetch_all(hear_listing(following(), Listing(4000, tuple(undated[10:20]), False), 0, 0), 0)
    older = Listing(4000, tuple(undated[5:15]), False)
    state = hear_listing(state, older, 4, 4)
    state = hear_listing(state, older, 4 + STALE * 4 - 1, 4 + STALE * 4 - 1)
    assert state.epoch == 0
    state = hear_listing(state, older, 4 + STALE * 4, 4 + STALE * 4)
    assert state.epoch == 1


def test_another_stream_is_another_epoch_whatever_its_names_are() -> None:
    """Every packager calls its media segments seg-1, seg-2, seg-3."""
    state, _ = fetch_all(hear_listing(following(), window(0, 3), 0, 0), 0)
    later = tuple(replace(media(n), utc=START + timedelta(hours=1, seconds=4 * n)) for n in range(2, 6))
    state, handed = fetch_all(hear_listing(state, Listing(4000, later, False), 8, 8, other=True), 8)
    assert [(each.media.epoch, each.media.sequence) for each in handed] == [(1, n) for n in range(2, 6)]
    assert handed[0].media.discontinuity


def test_what_was_missed_while_a_rendition_was_withdrawn_has_that_cause() -> None:
    """Who fell behind and who had nothing to fetch are not the same fault."""
    state, _ = fetch_all(hear_listing(following(), window(0, 3), 0, 0), 0)
    _, handed = fetch_all(hear_listing(state, window(6, 7), 40, 40, missed="channel-missing"), 40)
    assert [each.lost for each in handed] == ["channel-missing", "channel-missing", None, None]
