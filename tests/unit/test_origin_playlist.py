"""What a live origin lists when: read back with the m3u8 library, without a server and without a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import m3u8
import pytest

from workers import origin_text
from workers.origin_playlist import MEDIA_RATE_HZ, Faults, LivePlaylist, MediaSegment, Outage, SegmentFault, Stall
from workers.origin_text import PLAYLIST, Offer, master

START = datetime(2021, 2, 24, 15, tzinfo=UTC)


def segments(
    count: int, length_s: float = 6.0, *, hole_after: int | None = None, hole_s: float = 0.0
) -> list[MediaSegment]:
    """Return segments of one length, with a discontinuity and a hole behind one of them."""
    made = []
    for index in range(count):
        broken = hole_after is not None and index > hole_after
        start_s = index * length_s + (hole_s if broken else 0)
        made.append(
            MediaSegment(
                f"seg-{index}-s100-a.ts", round(start_s * MEDIA_RATE_HZ), round(length_s * MEDIA_RATE_HZ), int(broken)
            )
        )
    return made


def read(playlist: LivePlaylist, published_s: float) -> m3u8.M3U8:
    return m3u8.loads(origin_text.live(playlist, published_s))


def test_the_first_segment_is_there_from_the_start() -> None:
    """A client that comes with the stream must find a playlist, not an empty one."""
    read_back = read(LivePlaylist(segments(10), START), 0.0)
    assert [segment.uri for segment in read_back.segments] == ["seg-0-s100-a.ts"]
    assert read_back.media_sequence == 0
    assert read_back.target_duration == 6
    assert not read_back.is_endlist
    assert read_back.segments[0].program_date_time == START


def test_a_segment_is_listed_when_it_is_whole() -> None:
    """A live origin cannot list what was not said yet."""
    playlist = LivePlaylist(segments(10), START)
    assert len(read(playlist, 5.999).segments) == 1
    assert len(read(playlist, 6.0).segments) == 2
    assert [playlist.listed_at_s(index) for index in range(3)] == [0.0, 6.0, 12.0]


def test_the_window_slides_and_its_sequence_and_time_go_on() -> None:
    """Clients follow by MEDIA-SEQUENCE and anchor on the time of the first listed segment."""
    playlist = LivePlaylist(segments(100), START, window_s=120, first_sequence=1000)
    read_back = read(playlist, 300.0)
    assert len(read_back.segments) == 20
    assert read_back.media_sequence == 1031
    assert read_back.segments[0].uri == "seg-31-s100-a.ts"
    assert read_back.segments[0].program_date_time == START + timedelta(seconds=31 * 6)
    assert [segment.program_date_time for segment in read_back.segments[1:]] == [None] * 19
    assert read_back.segments[-1].current_program_date_time == START + timedelta(seconds=50 * 6)


def test_what_left_the_window_is_served_for_one_window_more() -> None:
    """A client that is a little late still gets its segment; one that is too late gets 404 and must record a gap."""
    playlist = LivePlaylist(segments(100), START, window_s=60)
    assert playlist.window(300.0) == range(41, 51)
    assert [playlist.serves(index, 300.0) for index in (30, 31, 50, 51)] == [False, True, True, False]
    assert not playlist.serves(-1, 300.0)


def test_an_origin_that_keeps_all_lists_and_serves_everything() -> None:
    """Crash tests need an origin that still has what was missed."""
    playlist = LivePlaylist(segments(100), START, window_s=60, keep_all=True)
    read_back = read(playlist, 594.0)
    assert len(read_back.segments) == 100
    assert read_back.media_sequence == 0
    assert read_back.playlist_type == "event"
    assert playlist.serves(0, 594.0)


def test_the_end_is_listed_with_the_last_segment_and_stays() -> None:
    """Capture ends on ENDLIST; what it had not fetched by then must stay."""
    playlist = LivePlaylist(segments(100), START, window_s=60)
    assert not read(playlist, 593.9).is_endlist
    assert not playlist.ended(593.9)
    for published_s in (594.0, 1e9):
        assert read(playlist, published_s).is_endlist
        assert playlist.ended(published_s)
        assert playlist.window(published_s) == range(90, 100)
        assert playlist.serves(85, published_s)


def test_a_discontinuity_has_its_tag_and_its_time() -> None:
    """After a hole the time must be told again: it cannot be counted from the durations."""
    read_back = read(LivePlaylist(segments(20, hole_after=9, hole_s=7.3), START, window_s=60), 100.0)
    marked = [segment for segment in read_back.segments if segment.discontinuity]
    assert [segment.uri for segment in marked] == ["seg-10-s100-a.ts"]
    assert marked[0].program_date_time == START + timedelta(seconds=67.3)
    assert read_back.discontinuity_sequence == 0


def test_a_discontinuity_that_left_the_window_is_counted() -> None:
    """DISCONTINUITY-SEQUENCE is how a client knows that the clock behind the timestamps is another one."""
    playlist = LivePlaylist(segments(30, hole_after=9, hole_s=7.3), START, window_s=30)
    assert playlist.window(60 + 7.3 + 29.9 - 6).start == 10
    read_back = read(playlist, 60 + 7.3 + 29.9 - 6)
    assert read_back.discontinuity_sequence == 1
    assert not any(segment.discontinuity for segment in read_back.segments)
    assert read_back.segments[0].program_date_time == START + timedelta(seconds=67.3)


def test_nothing_is_listed_in_a_hole() -> None:
    """The stream stands still while the sender is gone."""
    playlist = LivePlaylist(segments(20, hole_after=9, hole_s=60.0), START)
    assert playlist.listed_at_s(10) - playlist.listed_at_s(9) == pytest.approx(66.0)
    assert playlist.window(59.0).stop == playlist.window(119.9).stop == 10


def test_times_are_cut_off_to_the_millisecond() -> None:
    """As Kaltura's packager writes them; anchors carry that error of up to 1 ms."""
    odd = [MediaSegment("a.ts", 0, 1024, 0), MediaSegment("b.ts", 1024, 1024, 1)]
    assert "2021-02-24T15:00:00.021+00:00" in origin_text.live(LivePlaylist(odd, START), 1.0)


def test_a_stall_freezes_the_playlist_and_then_catches_up() -> None:
    """A frozen playlist is not an end; what was missed comes at once, as far as the window reaches."""
    playlist = LivePlaylist(segments(100), START, faults=Faults(stalls=(Stall(at_s=31.0, length_s=40.0),)))
    assert origin_text.live(playlist, 31.0) == origin_text.live(playlist, 70.9)
    assert playlist.window(70.9).stop == 6
    assert playlist.window(71.0).stop == 12
    assert playlist.listed_at_s(6) == playlist.listed_at_s(11) == 71.0
    assert playlist.listed_at_s(12) == 72.0


def test_an_outage_answers_with_its_status() -> None:
    """Clients must keep their state through a failing edge."""
    playlist = LivePlaylist(segments(10), START, faults=Faults(outages=(Outage(10.0, 5.0), Outage(20.0, 1.0, 410))))
    assert [playlist.status(at_s) for at_s in (9.9, 10.0, 14.9, 15.0, 20.5)] == [200, 503, 503, 200, 410]


def test_a_gap_is_listed_and_not_served() -> None:
    """EXT-X-GAP says that there is nothing to fetch."""
    playlist = LivePlaylist(segments(10), START, faults=Faults(gaps=frozenset({3})))
    assert [segment.gap_tag is not None for segment in read(playlist, 30.0).segments] == [
        index == 3 for index in range(6)
    ]
    assert not playlist.serves(3, 30.0)


def test_the_target_is_never_below_a_segment() -> None:
    """RFC 8216: each duration, rounded, is at most TARGETDURATION."""
    assert read(LivePlaylist(segments(3, 6.6), START), 60.0).target_duration == 7


def test_the_master_names_the_rendition() -> None:
    """The floor is chosen by language or name, never by order."""
    read_back = m3u8.loads(master([Offer("Floor", "ia", PLAYLIST)]))
    (rendition,) = read_back.media
    assert (rendition.type, rendition.name, rendition.language, rendition.uri) == ("AUDIO", "Floor", "ia", PLAYLIST)
    assert read_back.playlists[0].stream_info.audio == rendition.group_id


def test_an_origin_without_media_or_without_a_time_zone_is_refused() -> None:
    """Both would show up as a playlist that no client can read."""
    with pytest.raises(ValueError, match="at least one segment"):
        LivePlaylist([], START)
    with pytest.raises(ValueError, match="aware"):
        LivePlaylist(segments(1), datetime(2021, 2, 24, 15))  # noqa: DTZ001 - a naive time is the point


def test_a_segment_fault_is_told_by_its_place() -> None:
    """Faults are values: a test reads what goes wrong where."""
    faults = Faults(segments={4: SegmentFault("missing", times=2)})
    assert faults.segments[4] == SegmentFault("missing", 2)
