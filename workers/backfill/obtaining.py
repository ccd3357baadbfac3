"""Where a recording is, and how its audio comes here: a file, an http or https address of one, or UN Web TV."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

import floorlog
from floorlog.adapters import tracks
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, OriginUnavailable, RecordingNotReady, UnknownSource

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
MOST_BYTES = 64 * 2**30
"""A recording of a day with video; more is no recording of a meeting."""

MOST_REDIRECTS = 5

MOST_S = 6 * 3600
"""How long a download may take in all: a server that only drips is given up."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The audio of one channel in a recording: a file on this machine."""

    channel: str
    path: Path


def obtain(settings: Settings, what: str, wanted: tuple[str, ...] | None) -> tuple[Recorded, ...]:
    """Return a recording's channels, each as a file on this machine; what was fetched before is not fetched again.

    Args:
        settings: of this process.
        what: a media file, the http or https address of one, or a page, an asset id or an entry id of UN Web TV.
        wanted: names of channels; None: all that there are. A recording of one track is the one channel that is wanted.

    Raises:
        InvalidSetting: it is nothing of that, or lacks a channel that is wanted.
        RecordingNotReady: UN Web TV has no recording of it yet.
        OriginUnavailable: it cannot be fetched now.
        UnreadableAudio: it holds no audio.
    """
    folder = settings.data_dir / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(what)
    if path.is_file():
        return _split(path.resolve(), folder, wanted)
    from floorlog.adapters.webtv.names import understand

    try:
        named = understand(what)
    except UnknownSource as error:
        raise InvalidSetting(
            "recording", what, f"a media file, an address, or a page of UN Web TV ({error})"
        ) from error
    if named.entry_id is None:
        return _split(_download(settings, what.strip(), folder), folder, wanted)
    from workers.webtv_source import open_webtv

    with open_webtv(settings) as webtv:
        resolved = webtv.resolve(what)
    if not resolved.recording_urls:
        raise RecordingNotReady(resolved.canonical_entry_id or what)
    offered = dict(resolved.recording_urls)
    names = tuple(offered) if wanted is None else wanted
    _check(what, names, tuple(offered))
    return tuple(Recorded(name, _download(settings, offered[name], folder)) for name in names)


def wait_for(
    settings: Settings, what: str, channel: str, *, patience_s: float, poll_s: float, stop: threading.Event
) -> Recorded:
    """Return one channel of a recording, asking again while it is not ready; what does not answer now is asked again.

    Args:
        settings: of this process.
        what: as `obtain` takes it.
        channel: name of the channel.
        patience_s: how long it may take; 0: it must be there.
        poll_s: seconds between two questions.
        stop: gives up when it is set.

    Raises:
        RecordingNotReady, OriginUnavailable: that took too long, or was given up.
        InvalidSetting, UnreadableAudio: as `obtain` does.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return obtain(settings, what, (channel,))[0]
        except (RecordingNotReady, OriginUnavailable) as error:
            if time.monotonic() >= deadline or stop.wait(min(poll_s, max(0.0, deadline - time.monotonic()))):
                raise
            log.info("backfill.waits", what=what, why=str(error))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _split(path: Path, folder: Path, wanted: tuple[str, ...] | None) -> tuple[Recorded, ...]:
    """Return each track of a recording as a file of its own, by channel."""
    found = tracks.tracks(path)
    if len(found) == 1:
        if wanted is not None and len(wanted) > 1:
            raise InvalidSetting("--channels", ",".join(wanted), "one channel, as the recording has one track")
        return (Recorded(wanted[0] if wanted else "floor", path),)
    by_channel: dict[str, int] = {}
    for track in found:
        by_channel.setdefault(track.channel or "floor", track.number)
    names = tuple(by_channel) if wanted is None else wanted
    _check(str(path), names, tuple(by_channel))
    stem = digest_of(path)[:20]
    recorded = []
    for name in names:
        own = folder / f"{stem}.{name}.mka"
        if not own.is_file():
            aside = own.with_name(f".{own.name}.{uuid.uuid4().hex}")
            tracks.extract(path, by_channel[name], aside)
            aside.rename(own)
        recorded.append(Recorded(name, own))
    return tuple(recorded)


def _check(what: str, names: tuple[str, ...], offered: tuple[str, ...]) -> None:
    for name in names:
        if name not in offered:
            raise InvalidSetting("--channels", name, f"a channel that {what} has: {', '.join(offered)}")


def _download(settings: Settings, url: str, folder: Path) -> Path:
    """Fetch a file into the folder, whole or not at all; its address names it there."""
    suffix = Path(urlsplit(url).path).suffix[:8] or ".media"
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:20]}{suffix}"
    if path.is_file():
        return path
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        _fetch(settings, url, aside)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _fetch(settings: Settings, url: str, to: Path) -> None:
    policy, deadline = settings.address_policy(), time.monotonic() + MOST_S
    agent = {"User-Agent": f"floorlog/{floorlog.__version__} (+{settings.contact})"}
    before: str | None = None  # the operator named it, or the address that UN Web TV is known to have
    try:
        with httpx.Client(timeout=TIMEOUT, headers=agent) as client:
            for _ in range(MOST_REDIRECTS + 1):
                policy.check(url, before)
                with client.stream("GET", url) as response:
                    if response.is_redirect and response.next_request is not None:
                        before, url = url, str(response.next_request.url)
                        continue
                    if response.status_code != httpx.codes.OK:
                        raise OriginUnavailable(url, f"HTTP {response.status_code}")
                    _write(response, to, url, deadline)
                    return
            raise OriginUnavailable(url, f"more than {MOST_REDIRECTS} redirects")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OriginUnavailable(url, type(error).__name__) from error


def _write(response: httpx.Response, to: Path, url: str, deadline: float) -> None:
    taken = 0
    with to.open("wb") as file:
        for chunk in response.iter_bytes(1 << 20):
            taken += file.write(chunk)
            if taken > MOST_BYTES:
                raise OriginUnavailable(url, f"more than {MOST_BYTES} bytes")
            if time.monotonic() > deadline:
                raise OriginUnavailable(url, f"it took more than {MOST_S} s")
        file.flush()
        os.fsync(file.fileno())
