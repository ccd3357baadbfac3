"""Audio objects: whole or not at all, and only below the place that was set."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import fsspec
import pytest

from floorlog.adapters import objects
from floorlog.errors import InvalidObjectName, InvalidSetting, ObjectNotReady, ObjectNotStored


@pytest.fixture(params=["folder", "file-url", "memory"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the base URI of each kind of place."""
    if request.param == "memory":
        fsspec.filesystem("memory").store.clear()
        return "memory://bucket/objects"
    folder = tmp_path / "objects"
    return str(folder) if request.param == "folder" else folder.as_uri()


def test_what_is_put_can_be_got(base: str) -> None:
    """The pipeline reads exactly the bytes that capture wrote, wherever they lie."""
    uri = objects.join(base, "ga-2021-02-24", "floor", "0000000000.flac")
    objects.put(uri, b"fLaC\0\xff")
    assert objects.get(uri) == b"fLaC\0\xff"
    assert objects.exists(uri)
    assert objects.size(uri) == 6


def test_putting_again_replaces_and_leaves_nothing_aside(base: str) -> None:
    """A segment that is captured twice after a crash must end as one object."""
    uri = objects.join(base, "m", "floor", "0000000000.flac")
    objects.put(uri, b"first")
    objects.put(uri, b"second")
    filesystem, path = fsspec.core.url_to_fs(objects.join(base, "m", "floor"))
    assert objects.get(uri) == b"second"
    assert [Path(name).name for name in filesystem.ls(path, detail=False)] == ["0000000000.flac"]


def test_an_object_that_is_not_there_is_not_ready(base: str) -> None:
    """An announcement may overtake its object: that is to be tried again, not a dead letter."""
    uri = objects.join(base, "m", "floor", "0000000000.flac")
    assert not objects.exists(uri)
    with pytest.raises(ObjectNotReady):
        objects.get(uri)
    with pytest.raises(ObjectNotReady):
        objects.size(uri)


def test_nothing_lies_below_an_object(tmp_path: Path) -> None:
    """A file where a folder was expected is a plain no, not a fault."""
    (tmp_path / "a.flac").write_bytes(b"audio")
    assert not objects.exists(str(tmp_path / "a.flac" / "b.flac"))


def test_a_folder_is_no_object(tmp_path: Path) -> None:
    """A URI that names a folder must not look like stored audio."""
    assert not objects.exists(str(tmp_path))
    with pytest.raises(ObjectNotReady):
        objects.get(str(tmp_path))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\\b", "a\0b", "zip::a"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    """Meeting ids and channels come from outside; none may leave the objects' folder."""
    with pytest.raises(InvalidObjectName):
        objects.join("/data/objects", "m", name)


@pytest.mark.parametrize(
    "uri",
    [
        "/data/objects/../../etc/passwd",
        "file:///data/../etc/passwd",
        "/data/a\0.flac",
        "zip://a::/data/b",
        "http://127.0.0.1/a",
        "unheard-of://a",
        "",
        "/",
    ],
)
def test_a_uri_that_leads_elsewhere_is_refused(uri: str) -> None:
    """An announcement with such a URI becomes a dead letter; it must not read other files or hosts."""
    for use in (objects.get, objects.exists, objects.size):
        with pytest.raises(InvalidObjectName):
            use(uri)
    with pytest.raises(InvalidObjectName):
        objects.put(uri, b"")


def test_joining_keeps_the_base() -> None:
    """Where a base ends in a slash, no empty name comes between."""
    assert objects.join("gs://bucket/audio/", "m", "a.flac") == "gs://bucket/audio/m/a.flac"
    assert objects.join("memory://", "a.flac") == "memory://a.flac"
    assert objects.join("/", "a.flac") == "/a.flac"


def test_a_bucket_without_its_package_names_the_remedy() -> None:
    """An operator who sets a bucket without the package for it must read what is missing; s3fs is in no extra."""
    with pytest.raises(InvalidSetting, match="s3fs"):
        objects.exists("s3://bucket/a.flac")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Capture must be able to tell a full or foreign disk from a bug."""
    (tmp_path / "taken").write_bytes(b"a file, not a folder")
    with pytest.raises(ObjectNotStored, match="taken"):
        objects.put(str(tmp_path / "taken" / "a.flac"), b"audio")


_WRITER = """
import sys
from floorlog.adapters import objects
print("ready", flush=True)
for round in range(1_000_000):
    objects.put(sys.argv[1], bytes([round % 256]) * 1_000_000)
"""


def test_a_killed_writer_leaves_a_whole_object(tmp_path: Path) -> None:
    """Whenever capture is killed, the object is one whole version, never a part."""
    uri = str(tmp_path / "a.flac")
    for life in range(5):
        process = subprocess.Popen([sys.executable, "-c", _WRITER, uri], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(0.013 * life)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if objects.exists(uri):
            data = objects.get(uri)
            assert len(data) == 1_000_000
            assert len(set(data)) == 1
