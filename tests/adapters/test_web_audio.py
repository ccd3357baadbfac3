"""The audio over HTTP: one seekable file, whatever is missing behind it."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.sitting import MemoryReader, a_meeting, noise
from workers.web import create_app
from workers.web.ranges import answer

URL = "/meetings/small/audio/floor/5000.wav"
SIZE = 44 + 5000 * 32


@pytest.fixture
def reader() -> MemoryReader:
    """Two seconds of sound, a second without audio, two seconds of sound."""
    reader = MemoryReader()
    reader.add(a_meeting())
    reader.hear("small", noise(2000, seed=1))
    reader.miss("small", 1000)
    reader.hear("small", noise(2000, seed=2))
    return reader


@pytest.fixture
def client(reader: MemoryReader) -> Iterator[TestClient]:
    with TestClient(create_app(reader, fetch=reader.fetch)) as client:
        yield client


def test_the_file_holds_the_sound_and_silence_where_there_is_none(client: TestClient) -> None:
    """A player that reads it all hears the meeting on its clock, gap included."""
    reply = client.get(URL)
    assert (reply.status_code, reply.headers["content-type"], int(reply.headers["content-length"])) == (
        200,
        "audio/wav",
        SIZE,
    )
    with wave.open(io.BytesIO(reply.content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    expected = np.concatenate([noise(2000, seed=1), np.zeros(16_000, dtype=np.int16), noise(2000, seed=2)])
    assert np.array_equal(samples, expected)


def test_a_range_reads_only_the_objects_behind_it(reader: MemoryReader) -> None:
    """A click in a meeting of hours must cost one object, not hundreds."""
    fetched: list[str] = []

    def fetch(uri: str) -> bytes:
        fetched.append(uri)
        return reader.fetch(uri)

    with TestClient(create_app(reader, fetch=fetch)) as client:
        whole = client.get(URL).content
        fetched.clear()
        first = 44 + 4000 * 32
        assert client.get(URL, headers={"range": f"bytes={first}-{first + 99}"}).content == whole[first : first + 100]
    assert fetched == []  # still decoded from before
    with TestClient(create_app(reader, fetch=fetch)) as client:
        client.get(URL, headers={"range": f"bytes={first}-{first + 99}"})
    assert fetched == ["memory/small/floor/3000.flac"]


@pytest.mark.parametrize(
    ("asked", "status", "content_range"),
    [
        ("bytes=0-", 206, f"bytes 0-{SIZE - 1}/{SIZE}"),
        ("bytes=10-19", 206, f"bytes 10-19/{SIZE}"),
        ("bytes=-10", 206, f"bytes {SIZE - 10}-{SIZE - 1}/{SIZE}"),
        (f"bytes=100-{SIZE * 9}", 206, f"bytes 100-{SIZE - 1}/{SIZE}"),
        (f"bytes={SIZE}-", 416, f"bytes */{SIZE}"),
        ("bytes=-0", 416, f"bytes */{SIZE}"),
        ("bytes=9-5", 200, None),
        ("bytes=0-1,5-9", 200, None),
        ("chapters=1-2", 200, None),
        ("bytes=" + "9" * 5000 + "-", 200, None),
    ],
)
def test_ranges_are_answered_as_http_says(
    client: TestClient, asked: str, status: int, content_range: str | None
) -> None:
    """Browsers seek by ranges; one wrong answer and they play from the start or not at all."""
    reply = client.get(URL, headers={"range": asked})
    assert (reply.status_code, reply.headers.get("content-range")) == (status, content_range)


def test_a_range_of_another_file_gets_the_whole_new_one(client: TestClient) -> None:
    """Bytes of two files must never be joined (RFC 9110, section 13.1.5)."""
    tag = client.head(URL).headers["etag"]
    assert client.get(URL, headers={"range": "bytes=0-9", "if-range": tag}).status_code == 206
    assert client.get(URL, headers={"range": "bytes=0-9", "if-range": '"other"'}).status_code == 200
    assert client.get(URL, headers={"range": "bytes=0-9", "if-range": f"W/{tag}"}).status_code == 200
    assert client.get(URL, headers={"if-none-match": tag}).status_code == 304


def test_head_says_what_get_would_send(client: TestClient) -> None:
    """Players ask for the length before they ask for the sound."""
    reply = client.head(URL)
    assert (reply.status_code, reply.headers["content-length"], reply.headers["accept-ranges"], reply.content) == (
        200,
        str(SIZE),
        "bytes",
        b"",
    )


@pytest.mark.parametrize(
    "path",
    [
        "/meetings/small/audio/floor/5001.wav",  # not heard yet
        "/meetings/small/audio/floor/0.wav",
        "/meetings/small/audio/floor/-5.wav",
        "/meetings/small/audio/floor/x.wav",
        "/meetings/small/audio/en/5000.wav",
        "/meetings/small/audio/..%2F..%2Fetc/5000.wav",
        "/meetings/none/audio/floor/5000.wav",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    """An end that is not heard yet names no file: it would change."""
    assert client.get(path).status_code == 404


def test_the_file_of_an_earlier_end_stays_as_it_was(client: TestClient, reader: MemoryReader) -> None:
    """A browser that is in the middle of it goes on with the same bytes while the meeting grows."""
    before = client.get(URL)
    reader.hear("small", noise(3000, seed=3))
    after = client.get(URL)
    assert (before.headers["etag"], before.content) == (after.headers["etag"], after.content)
    assert client.get("/meetings/small/audio/floor/8000.wav").status_code == 200


@pytest.mark.parametrize("fault", ["missing", "corrupt", "no-flac"])
def test_an_object_that_cannot_be_played_is_silent_and_counted(reader: MemoryReader, fault: str) -> None:
    """One lost object must not end the playing of a meeting, nor pass unnoticed."""
    uri = "memory/small/floor/0.flac"
    if fault == "missing":
        del reader.objects[uri]
    elif fault == "corrupt":
        reader.objects[uri] = reader.objects[uri][:-1] + b"\0"
    else:
        segment = reader.announced[("small", "floor")][0]
        reader.objects[uri] = b"no audio"
        digest = "8f3ee7e5a6f7b2d8c5a1f9b5d3ac6c4a8b1f6f0e4a3f2e1d0c9b8a7968574635"
        object.__setattr__(segment.audio, "sha256", digest)  # type: ignore[union-attr]
    with TestClient(create_app(reader, fetch=reader.fetch)) as client:
        content = client.get(URL).content
        assert len(content) == SIZE
        assert not any(content[44 : 44 + 2000 * 32])
        assert any(content[44 + 3000 * 32 :])
        assert "floorlog_web_audio_faults_total{" in client.get("/metrics").text


@given(st.text(alphabet='bytes=-0123456789, W/"', max_size=30), st.integers(1, 500))
def test_no_range_header_breaks_the_answer(header: str, size: int) -> None:
    """Headers come from strangers."""
    reply = answer("GET", {"range": header}, size, '"t"')
    assert reply.status in (200, 206, 416)
    assert 0 <= reply.first_byte <= reply.first_byte + reply.length_bytes <= size
