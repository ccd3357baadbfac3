"""Reading playlists: what origins write, what they get wrong, and what cannot be followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from floorlog.adapters.hls import MOST_LISTED, Master, choose, parse
from floorlog.errors import InvalidPlaylist
from floorlog.listing import Listing, Media

URL = "https://origin.example/live/t/token/index-s100.m3u8?exp=1"
HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n"
PDT = "#EXT-X-PROGRAM-DATE-TIME:2021-02-24T15:00:00.123+00:00\n"
AT = datetime(2021, 2, 24, 15, 0, 0, 123_000, UTC)


def listing(body: str, head: str = HEAD) -> Listing:
    found = parse(URL, head + body)
    assert isinstance(found, Listing)
    return found


def test_media_segments_have_their_number_place_and_length() -> None:
    """Everything else rests on these."""
    found = listing('#EXT-X-MAP:URI="init-1.mp4"\n#EXTINF:4.0107,\nseg-7.m4s\n#EXTINF:3.99,\n/abs/seg-8.m4s\n')
    assert [(each.sequence, each.uri, each.duration_ms) for each in found.media] == [
        (7, "https://origin.example/live/t/token/seg-7.m4s", 4011),
        (8, "https://origin.example/abs/seg-8.m4s", 3990),
    ]
    assert {each.init_uri for each in found.media} == {"https://origin.example/live/t/token/init-1.mp4"}
    assert (found.target_ms, found.ended) == (4000, False)


def test_program_date_time_is_carried_on_by_durations_but_not_across_a_discontinuity() -> None:
    """Time across a discontinuity is unknown; the parser underneath would carry it on."""
    found = listing(
        f"{PDT}#EXTINF:4.0107,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nc.ts\n"
        f"#EXT-X-DISCONTINUITY\n{PDT}#EXTINF:4,\nd.ts\n"
    )
    assert [each.utc for each in found.media] == [AT, AT + timedelta(seconds=4.0107), None, AT]
    assert [each.utc_stated for each in found.media] == [True, False, False, True]
    assert [each.discontinuity for each in found.media] == [False, False, True, True]


def test_a_listed_gap_and_the_end_are_seen() -> None:
    """Neither may be asked for, or waited for."""
    found = listing("#EXTINF:4,\na.ts\n#EXT-X-GAP\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n")
    assert [each.absent for each in found.media] == [False, True]
    assert found.ended


def test_a_byte_range_without_an_offset_goes_on_where_the_last_one_ended() -> None:
    """A packager may keep a whole stream in one file (RFC 8216, 4.3.2.2)."""
    found = listing(
        '#EXT-X-MAP:URI="all.mp4",BYTERANGE="700@0"\n#EXT-X-BYTERANGE:100@700\n#EXTINF:4,\nall.mp4\n'
        "#EXT-X-BYTERANGE:50\n#EXTINF:4,\nall.mp4\n#EXTINF:4,\nb.mp4\n"
    )
    assert [each.byte_range for each in found.media] == [(700, 100), (800, 50), None]
    assert {each.init_range for each in found.media} == {(0, 700)}


def test_a_key_is_named_with_its_vector_and_without_one_the_number_is_the_vector() -> None:
    """RFC 8216, section 5.2; keys change in mid-stream, and end."""
    found = listing(
        '#EXT-X-KEY:METHOD=AES-128,URI="k1"\n#EXTINF:4,\na.ts\n'
        '#EXT-X-KEY:METHOD=AES-128,URI="k2",IV=0xFF\n#EXTINF:4,\nb.ts\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\nc.ts\n'
    )
    assert [
        (each.key_uri and each.key_uri.rpartition("/")[2], each.iv and int(each.iv, 16)) for each in found.media
    ] == [
        ("k1", 7),
        ("k2", 255),
        (None, None),
    ]


def test_media_segments_survive_their_journal() -> None:
    """A capture that was killed goes on with what it had listed."""
    found = listing(
        f'{PDT}#EXT-X-KEY:METHOD=AES-128,URI="k1"\n#EXT-X-MAP:URI="i.mp4",BYTERANGE="7@0"\n'
        "#EXT-X-BYTERANGE:100@7\n#EXTINF:4,\na.mp4\n"
    )
    for each in found.media:
        assert Media.decode(json.loads(json.dumps(each.encode()))) == each


def test_what_the_playlist_says_of_its_kind_is_kept() -> None:
    """An end that is listed counts at once where nothing may follow it."""
    body = "#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n"
    assert listing(body).kind == "live"
    assert listing("#EXT-X-PLAYLIST-TYPE:VOD\n" + body).kind == "vod"
    assert listing("#EXT-X-PLAYLIST-TYPE:EVENT\n" + body).kind == "event"


def test_parts_of_a_media_segment_that_is_not_whole_are_passed_over() -> None:
    """Low-latency lists end with parts; they will be listed again as a whole."""
    found = listing('#EXTINF:4,\na.ts\n#EXT-X-PART:DURATION=1,URI="part-8-1.m4s"\n')
    assert [each.sequence for each in found.media] == [7]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><body>Not found</body></html>",
        "#EXTM3U\n",
        "#EXTM3U\n#EXTINF:4,\na.ts\n",
        HEAD,
        HEAD + "#EXTINF:four,\na.ts\n",
        HEAD + "#EXT-X-PROGRAM-DATE-TIME:yesterday\n#EXTINF:4,\na.ts\n",
        HEAD + '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF:4,\na.ts\n',
        HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="com.apple"\n#EXTINF:4,\na.ts\n',
        HEAD + "#EXT-X-BYTERANGE:100\n#EXTINF:4,\na.ts\n",
        HEAD + "#EXT-X-BYTERANGE:-1@0\n#EXTINF:4,\na.ts\n",
        HEAD + "#EXTINF:inf,\na.ts\n",
        HEAD + "#EXTINF:1e300,\na.ts\n",
        HEAD + "#EXTINF:4,\na.ts\n" * (MOST_LISTED + 1),
        f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:{2**64}\n#EXTINF:4,\na.ts\n",
        HEAD + "#EXT-X-PROGRAM-DATE-TIME:9999-12-31T23:59:59Z\n#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n",
    ],
)
def test_what_cannot_be_followed_is_refused(text: str) -> None:
    """The parser underneath takes an error page for an empty playlist."""
    with pytest.raises(InvalidPlaylist):
        parse(URL, text)


def master(*renditions: tuple[str, str, str], variants: str = "") -> Master:
    lines = [
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="{name}",LANGUAGE="{tag}",URI="{uri}"'
        for name, tag, uri in renditions
    ]
    body = variants or '#EXT-X-STREAM-INF:BANDWIDTH=900,AUDIO="a"\nvideo.m3u8\n'
    found = parse(URL, "\n".join(["#EXTM3U", *lines, body]))
    assert isinstance(found, Master)
    return found


UN = master(
    ("Français", "fr", "fr.m3u8"),
    ("English", "eng", "en.m3u8"),
    ("Floor", "ia", "floor.m3u8"),
    ("中文", "zh-Hans", "zh.m3u8"),
)


@pytest.mark.parametrize(
    ("channel", "language", "uri"),
    [("floor", None, "floor.m3u8"), ("en", "en", "en.m3u8"), ("fr", "fr", "fr.m3u8"), ("zh", "zh", "zh.m3u8")],
)
def test_a_channel_is_chosen_by_its_language(channel: str, language: str | None, uri: str) -> None:
    """Never by order, and the default rendition is not the floor."""
    assert choose(UN, channel, language).endswith("/" + uri)


def test_a_channel_is_chosen_by_its_name_where_languages_say_nothing() -> None:
    """Some masters leave the language undefined."""
    found = master(("Original audio", "und", "a.m3u8"), ("Arabic", "und", "b.m3u8"))
    assert choose(found, "floor", None).endswith("/a.m3u8")
    assert choose(found, "ar", "ar").endswith("/b.m3u8")


def test_the_only_rendition_is_the_channel() -> None:
    """A stream with one audio track has the floor on it."""
    assert choose(master(("Audio", "en", "a.m3u8")), "floor", None).endswith("/a.m3u8")


def test_without_renditions_the_smallest_variant_has_the_same_audio() -> None:
    """Pictures are not looked at."""
    variants = "#EXT-X-STREAM-INF:BANDWIDTH=900\nbig.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=200\nsmall.m3u8\n"
    assert choose(master(variants=variants), "floor", None).endswith("/small.m3u8")


@pytest.mark.parametrize(("channel", "language"), [("ru", "ru"), ("es", "es")])
def test_a_channel_that_is_not_offered_is_refused_and_what_is_offered_is_named(channel: str, language: str) -> None:
    """The wrong language would be transcribed without anyone noticing."""
    with pytest.raises(InvalidPlaylist, match="Français"):
        choose(UN, channel, language)


def test_the_only_rendition_left_is_not_taken_for_a_channel_that_had_a_label() -> None:
    """A packager drops a silent rendition: the floor must not be captured as English."""
    left = master(("Floor", "ia", "floor.m3u8"))
    assert choose(left, "floor", None, labelled=True).endswith("/floor.m3u8")
    with pytest.raises(InvalidPlaylist):
        choose(left, "en", "en", labelled=True)


def test_variants_without_languages_are_the_floor_and_nothing_else() -> None:
    """Of several channels that are asked for, one at most is there."""
    found = master(variants="#EXT-X-STREAM-INF:BANDWIDTH=900\nbig.m3u8\n")
    assert choose(found, "floor", None, labelled=True).endswith("/big.m3u8")
    with pytest.raises(InvalidPlaylist):
        choose(found, "en", "en", labelled=True)
