"""Where a recording is, and how its audio comes here: a file, an http or https address of one, or UN Web TV."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path

from floorlog.adapters import tracks
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, RecordingNotReady, UnknownSource
from workers.backfill.downloading import download


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
        AddressRefused: it leads to an address that may not be asked.
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
    """Return the file of an address, once it is known to hold audio."""
    return download(settings.address_policy(), settings.contact, url, folder, tracks.tracks)
