"""What came cut short is told from what is whole, in every form in which HLS carries audio."""

from __future__ import annotations

import pytest

from floorlog.adapters import demuxing
from floorlog.adapters.wholeness import missing
from workers.origin_clicks import ClickTrack
from workers.origin_forms import fragment, initialization, packed, transport_stream

PACKETS = ClickTrack("floor").payloads(0, 200)
FORMS = {
    "MPEG-TS": transport_stream(PACKETS, 90_000),
    "fragmented MP4": fragment(PACKETS, 90_000, edit_list=False),
    "fragmented MP4 with an edit list": fragment(PACKETS, 90_000, edit_list=True),
    "two fragments": fragment(PACKETS[:100], 0, edit_list=False) + fragment(PACKETS[100:], 192_000, edit_list=False),
    "a segment with its initialization": initialization(False) + fragment(PACKETS, 0, edit_list=False),
    "packed audio": packed(PACKETS, 90_000),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_segment_lacks_nothing(form: str) -> None:
    """A segment that is taken for cut short is asked for again and again: all behind it would wait."""
    assert missing(FORMS[form]) is None


@pytest.mark.parametrize("form", FORMS)
def test_a_segment_that_was_cut_short_is_known(form: str) -> None:
    """Half a segment that is served as a whole one must be asked for again: the rest of it is there."""
    data = FORMS[form]
    ends = {len(packed(PACKETS[:count], 90_000)) for count in range(200)} if form == "packed audio" else set()
    for cut in {len(data) * part // 100 for part in range(20, 100)} - ends:
        assert demuxing.looks_like_media(data[:cut])
        assert missing(data[:cut]), f"cut at {cut} of {len(data)}"


def test_a_transport_stream_that_was_cut_between_its_packets_is_known() -> None:
    """Caches cut at round numbers: whole packets of the container may end within one of audio."""
    data = transport_stream([bytes(600)] * 50, 90_000)  # four of the container's packets for each of audio
    found = [missing(data[: 188 * count]) for count in range(20, len(data) // 188)]
    assert sum(each is not None for each in found) > 0.6 * len(found)


def test_what_is_behind_the_last_part_is_let_be() -> None:
    """Packagers append tags and padding: nobody would be served by asking for that again."""
    assert missing(FORMS["fragmented MP4"] + b"\0\0\0\x10free" + bytes(8)) is None
    assert missing(FORMS["packed audio"] + b"TAG" + bytes(125)) is None


@pytest.mark.parametrize("form", FORMS)
def test_damage_is_never_a_crash(form: str) -> None:
    """Bytes of an origin may be anything: the answer is yes or no."""
    data = FORMS[form]
    for at in range(0, min(len(data), 3000), 7):
        for bent in (data[:at] + b"\xff\xfe" + data[at + 2 :], data[:at]):
            told = missing(bent)
            assert told is None or told
