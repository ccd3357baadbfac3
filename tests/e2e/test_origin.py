"""The HLS origin, over HTTP: what it serves decodes to its source, at the pace and with the faults that were asked."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import httpx
import m3u8
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from floorlog.errors import InvalidSetting, UnreadableAudio
from workers.origin import serve_live
from workers.origin_media import SOURCE_LAG_S, Break
from workers.origin_playlist import MEDIA_RATE_HZ, Faults, Outage, SegmentFault
from workers.origin_server import Origin

START = datetime(2021, 2, 24, 15, tzinfo=UTC)
SOURCE_S = 40
LAG = round(SOURCE_LAG_S * MEDIA_RATE_HZ)
Samples = NDArray[np.float32]


def until(holds: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Return whether something comes to hold in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origin")


@pytest.fixture(scope="module")
def source(folder: Path) -> Samples:
    """Return 40 s of noise that nowhere repeats, in the band of speech, at 48 kHz."""
    noise = np.random.default_rng(20210224).standard_normal(SOURCE_S * MEDIA_RATE_HZ)
    spectrum = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(len(noise), 1 / MEDIA_RATE_HZ)
    spectrum[(frequencies < 100) | (frequencies > 4000)] = 0
    shaped = np.fft.irfft(spectrum)
    return np.asarray(0.3 * shaped / np.abs(shaped).max(), dtype=np.float32)


@pytest.fixture(scope="module")
def media(folder: Path, source: Samples) -> Path:
    path = folder / "meeting.flac"
    soundfile.write(path, source, MEDIA_RATE_HZ, subtype="PCM_16")
    return path


def playlist_of(origin: Origin) -> m3u8.M3U8:
    """Fetch the media playlist by way of the master, as a client does."""
    read = m3u8.loads(httpx.get(origin.url).raise_for_status().text, uri=origin.url)
    address = read.media[0].absolute_uri
    return m3u8.loads(httpx.get(address).raise_for_status().text, uri=address)


def packets_of(data: bytes) -> list[tuple[int, bytes]]:
    """Demux one segment: each packet's timestamp in 90 kHz ticks, and its payload."""
    with av.open(io.BytesIO(data), "r") as container:
        return [(packet.pts or 0, bytes(packet)) for packet in container.demux(audio=0) if packet.size]


def decode(payloads: list[bytes]) -> Samples:
    """Decode AAC packets with one decoder; shape (n,), 48 kHz."""
    decoder = av.CodecContext.create("aac", "r")
    frames = [frame for payload in payloads for frame in decoder.decode(av.Packet(payload))]
    frames += decoder.decode(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def lags_of(heard: Samples, source: Samples, first_s: int, last_s: int) -> set[int]:
    """Return by how many samples each second of the source comes later in what was heard."""
    found = set()
    for second in range(first_s, last_s):
        excerpt = source[second * MEDIA_RATE_HZ : (second + 1) * MEDIA_RATE_HZ]
        low = second * MEDIA_RATE_HZ
        around = heard[low : low + MEDIA_RATE_HZ + 8192]
        correlation = np.fft.irfft(np.fft.rfft(around, 1 << 17) * np.conj(np.fft.rfft(excerpt, 1 << 17)))
        found.add(int(np.argmax(correlation[:8192])))
    return found


def test_one_decoder_gives_the_source_back_with_a_constant_lag(media: Path, source: Samples, folder: Path) -> None:
    """Capture is measured against this origin: a sample lost or damaged here would look like a fault there."""
    with serve_live(media, start_at=START, cache=folder / "cache", pace=1000, keep_all=True) as origin:
        assert until(lambda: origin.ended)
        read = playlist_of(origin)
        packets = [
            packet for segment in read.segments for packet in packets_of(httpx.get(segment.absolute_uri).content)
        ]
    assert read.is_endlist
    assert [segment.program_date_time for segment in read.segments[:2]] == [START, None]
    assert {after[0] - before[0] for before, after in pairwise(packets)} == {1920}
    heard = decode([payload for _, payload in packets])
    assert lags_of(heard, source, 0, SOURCE_S) == {LAG}
    total_s = sum(segment.duration for segment in read.segments)
    assert total_s == pytest.approx(len(packets) * 1024 / MEDIA_RATE_HZ, abs=1e-4)
    difference = heard[LAG : LAG + len(source)] - source
    assert float(np.sqrt(np.mean(difference**2))) < 0.1 * float(np.sqrt(np.mean(source**2)))


def test_a_break_leaves_a_hole_and_the_lag_stays(media: Path, source: Samples, folder: Path) -> None:
    """Behind a discontinuity timestamps begin anew; only PROGRAM-DATE-TIME tells how long the hole is."""
    breaks = [Break(at_s=14.5, hole_s=7.3)]
    with serve_live(
        media, start_at=START, cache=folder / "cache", pace=1000, keep_all=True, breaks=breaks, first_pts_s=1.0
    ) as origin:
        assert until(lambda: origin.ended)
        read = playlist_of(origin)
        fetched = [packets_of(httpx.get(segment.absolute_uri).content) for segment in read.segments]
    (second,) = (index for index, segment in enumerate(read.segments) if segment.discontinuity)
    assert fetched[0][0][0] == fetched[second][0][0] == 90_000
    first_heard = decode([payload for packets in fetched[:second] for _, payload in packets])
    assert lags_of(first_heard, source, 0, 14) == {LAG}
    assert len(first_heard) == pytest.approx(14.5 * MEDIA_RATE_HZ, abs=1024)
    moment = read.segments[second].program_date_time
    assert moment is not None
    assert abs(moment - START - timedelta(seconds=21.8)) < timedelta(milliseconds=12)  # on a frame's bound
    offset = round((moment - START).total_seconds() * MEDIA_RATE_HZ)
    second_heard = decode([payload for packets in fetched[second:] for _, payload in packets])
    lags = lags_of(second_heard, source[offset:], 0, 17)
    assert len(lags) == 1
    assert abs(lags.pop() - LAG) < MEDIA_RATE_HZ / 1000  # the time is cut off to the millisecond


def test_timestamps_wrap_around_where_they_are_told_to(media: Path, folder: Path) -> None:
    """MPEG timestamps have 33 bits; a meeting that runs through the wrap must be rehearsed."""
    first_pts_s = 2**33 / 90_000 - 9.0
    with serve_live(
        media, start_at=START, cache=folder / "cache", pace=1000, keep_all=True, first_pts_s=first_pts_s
    ) as origin:
        assert until(lambda: origin.ended)
        read = playlist_of(origin)
        stamps = [pts for segment in read.segments for pts, _ in packets_of(httpx.get(segment.absolute_uri).content)]
    steps = {(after - before) % 2**33 for before, after in pairwise(stamps)}
    assert steps == {1920}


def test_the_window_slides_at_the_pace_that_was_asked(media: Path, folder: Path) -> None:
    """At pace 4 a two-hour meeting takes half an hour, and an old segment is gone as soon."""
    clock = {"now": 1_000.0}
    with serve_live(
        media, start_at=START, cache=folder / "cache", pace=4, window_s=12, now=lambda: clock["now"]
    ) as origin:
        first = playlist_of(origin)
        address = first.segments[0].absolute_uri
        assert [segment.uri for segment in first.segments] == ["seg-0-s100-a.ts"]
        clock["now"] += 30.1 / 4
        later = playlist_of(origin)
        assert later.media_sequence == 4
        assert len(later.segments) == 2
        assert httpx.get(address).status_code == 404
        assert httpx.get(later.segments[0].absolute_uri).status_code == 200
        listed = httpx.get(origin.url.replace("master.m3u8", "listed.json")).json()
    assert [one["sequence"] for one in listed] == list(range(6))
    assert listed[0]["listed_at"] == 1_000.0
    assert listed[5]["listed_at"] == pytest.approx(1_000.0 + (listed[5]["end_s"] - listed[0]["end_s"]) / 4)


def test_an_origin_that_starts_again_goes_on_where_it_would_be(media: Path, folder: Path, tmp_path: Path) -> None:
    """Killing the origin must look like an outage, not like a new stream."""
    clock = {"now": 1_000.0}
    options = {"start_at": START, "cache": folder / "cache", "state": tmp_path / "run" / "origin.json"}
    with serve_live(media, now=lambda: clock["now"], **options) as origin:  # type: ignore[arg-type]
        before = playlist_of(origin).dumps()
        clock["now"] += 20
        expected = playlist_of(origin).dumps()
    with serve_live(media, now=lambda: clock["now"], **options) as origin:  # type: ignore[arg-type]
        assert origin.started_at_unix == 1_000.0
        assert playlist_of(origin).dumps() == expected != before
    (tmp_path / "run" / "origin.json").write_text("{}")
    with pytest.raises(InvalidSetting, match="state"):
        serve_live(media, **options)  # type: ignore[arg-type]


def test_faults_are_served_as_they_were_asked(media: Path, folder: Path) -> None:
    """Each fault that a client must survive can be had on demand, and passes when it should."""
    faults = Faults(
        outages=(Outage(at_s=1000.0, length_s=10.0),),
        segments={
            0: SegmentFault("missing", times=2),
            1: SegmentFault("missing"),
            2: SegmentFault("html", times=1),
            3: SegmentFault("truncated"),
        },
    )
    clock = {"now": 0.0}
    with serve_live(
        media,
        start_at=START,
        cache=folder / "cache",
        keep_all=True,
        started_at_unix=0.0,
        faults=faults,
        now=lambda: clock["now"],
    ) as origin:
        clock["now"] = 500.0
        addresses = [segment.absolute_uri for segment in playlist_of(origin).segments]
        assert [httpx.get(addresses[0]).status_code for _ in range(3)] == [404, 404, 200]
        assert {httpx.get(addresses[1]).status_code for _ in range(5)} == {404}
        page, media_file = httpx.get(addresses[2]), httpx.get(addresses[2])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert media_file.content[0] == 0x47
        broken = httpx.get(addresses[3])
        assert broken.content[0] == 0x47
        assert len(broken.content) % 188 != 0
        clock["now"] = 1005.0
        assert httpx.get(origin.url).status_code == 503
        clock["now"] = 1010.0
        assert playlist_of(origin).is_endlist
        assert httpx.get(origin.url.replace("master.m3u8", "..%2Fsegments.json")).status_code == 404


def test_media_is_encoded_once(media: Path, folder: Path) -> None:
    """A two-hour meeting takes a minute to encode; the second run starts at once."""
    cache = folder / "once"
    for _ in range(2):
        serve_live(media, start_at=START, cache=cache).stop()
    (made,) = cache.iterdir()
    stamp = (made / "seg-0-s100-a.ts").stat().st_mtime_ns
    serve_live(media, start_at=START, cache=cache).stop()
    assert (made / "seg-0-s100-a.ts").stat().st_mtime_ns == stamp
    serve_live(media, start_at=START, cache=cache, segment_s=4.0).stop()
    assert len(list(cache.iterdir())) == 2


def test_what_holds_no_audio_is_named(folder: Path, tmp_path: Path) -> None:
    """A wrong path must say so, and leave nothing half made."""
    text = tmp_path / "programme.txt"
    text.write_text("not a recording")
    for path in (text, tmp_path / "missing.opus"):
        with pytest.raises(UnreadableAudio, match=path.name):
            serve_live(path, start_at=START, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists() or list((tmp_path / "cache").iterdir()) == []


def test_a_port_that_is_taken_is_named(media: Path, folder: Path) -> None:
    """Two rehearsals on one machine: the second must read which port is in the way."""
    with (
        serve_live(media, start_at=START, cache=folder / "cache") as origin,
        pytest.raises(InvalidSetting, match=str(origin.port)),
    ):
        serve_live(media, start_at=START, cache=folder / "cache", port=origin.port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(media: Path, folder: Path, number: signal.Signals) -> None:
    """Make and the rehearsal start it as a process, read its address from stdout, and end it in good order."""
    command = [sys.executable, "-m", "workers.origin", str(media), "--port", "0", "--pace", "1000"]
    command += ["--start-at", "2021-02-24T15:00:00Z", "--cache", str(folder / "cache"), "--keep-all"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    listed = json.loads(httpx.get(url.replace("master.m3u8", "listed.json")).text)
    assert listed[0]["sequence"] == 0
    process.send_signal(number)
    assert process.wait(20) == 0
    process.stdout.close()
