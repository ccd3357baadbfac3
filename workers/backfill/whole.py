"""A past meeting from its recording alone: what it is called, and its audio announced into a file."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from floorlog.adapters.store import Store
from floorlog.config import Settings
from floorlog.errors import InvalidSetting, UnknownMeeting
from floorlog.services import meetings
from workers import capture
from workers.backfill.obtaining import Recorded, digest_of

BODY = "Not stated"


class Written:
    """A publisher that appends announcements to a file, one a line; what a crash cut short is taken off first."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        if path.exists():
            data = path.read_bytes()
            with path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        """Append a message; it is on the disk when this returns."""
        with self._path.open("ab") as file:
            file.write(data + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return ""


def meeting_of(
    store: Store,
    what: str,
    channels: Sequence[str],
    *,
    described: dict[str, Any] | None,
    meeting_id: str | None,
    title: str | None,
    day: str | None,
    today: date,
) -> dict[str, Any]:
    """Return the document of the meeting that a recording is of; one that was not added before is made, not stored.

    Args:
        store: where meetings are.
        what: the recording, as it was named.
        channels: those of the recording, the first one required.
        described: the meeting as its file describes it, if there is one; it is all that counts.
        meeting_id: its id; made from the recording's name and date otherwise.
        title: its title; the recording's name otherwise.
        day: its date, ISO 8601; the one in the recording's name otherwise, else today's.
        today: for a recording that names no date.

    Raises:
        InvalidDocument: what was given makes no meeting.
        InvalidSetting: the meeting lacks a channel of the recording.
    """
    document = described
    name = Path(what.rstrip("/")).stem
    if document is None and meeting_id is not None:
        try:
            document = store.meeting(meeting_id).document
        except UnknownMeeting:
            document = None
    if document is None:
        found = re.search(r"\d{4}-\d{2}-\d{2}", name)
        on = day or (found.group() if found else today.isoformat())
        made_id = meeting_id or _slug(name if found or day is None else f"{name}-{on}")
        content = {
            "id": made_id,
            "title": title or name,
            "body": BODY,
            "date": on,
            "channels": [
                {"name": each, "language": None if each == "floor" else each, "required": number == 0}
                for number, each in enumerate(channels)
            ],
        }
        document = meetings.from_toml(content)
    known = [channel["name"] for channel in document["channels"]]
    for each in channels:
        if each not in known:
            raise InvalidSetting("--channels", each, f"a channel of the meeting: {', '.join(known)}")
    return document


def claim(settings: Settings, store: Store, document: dict[str, Any], recorded: Sequence[Recorded], may: bool) -> Path:
    """Add the meeting and return the folder of its ingestion; the same recordings go on where they stopped.

    Args:
        settings: of this process.
        store: where meetings are.
        document: the meeting.
        recorded: its recordings.
        may: whether an operator named the meeting, so that one that is there is meant.

    Raises:
        InvalidSetting: there is such a meeting already, and nobody said that the recording is of it; or it was logged
            from another recording.
    """
    folder = settings.data_dir / "ingest" / str(document["id"])
    mark = folder / "recordings.json"
    now = {each.channel: digest_of(each.path) for each in recorded}
    if mark.exists():
        was: dict[str, str] = json.loads(mark.read_text())
        if any(was.get(channel, digest) != digest for channel, digest in now.items()):
            raise InvalidSetting("--id", document["id"], "another id; that meeting was logged from another recording")
        now = was | now
    else:
        try:
            store.meeting(document["id"])
            if not may:
                raise InvalidSetting("--id", document["id"], "another id; there is a meeting of that one")
        except UnknownMeeting:
            pass
        if store_has_audio(store, document["id"]):
            raise InvalidSetting("--id", document["id"], "another id; that meeting was captured: use backfill")
    store.add_meeting(document)
    folder.mkdir(parents=True, exist_ok=True)
    aside = mark.with_name(".recordings.json")
    aside.write_text(json.dumps(now, sort_keys=True))
    aside.rename(mark)
    return folder


def store_has_audio(store: Store, meeting_id: str) -> bool:
    """Return whether anything was announced of a meeting."""
    try:
        store.meeting(meeting_id)
    except UnknownMeeting:
        return False
    return bool(store.announcements(meeting_id))


def announce(
    settings: Settings,
    document: dict[str, Any],
    recorded: Sequence[Recorded],
    folder: Path,
    progress: Callable[[int], None],
) -> Path:
    """Cut the recordings, store their audio, and return the file with all announcements; goes on after a crash.

    Raises:
        UnreadableAudio: a recording holds no audio that can be decoded.
    """
    path = folder / "announcements.jsonl"
    written = Written(path)
    base = settings.objects_url
    for each in recorded:
        capture.read_file(
            each.path,
            document,
            each.channel,
            objects_base=base if "://" in base else f"file://{Path(base).resolve()}",
            broker=written,
            topic=settings.replay_topic,
            journal_path=folder / f"{each.channel}.db",
            progress=progress,
        )
    return path


def _slug(name: str) -> str:
    """Return an id made of a name: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].rstrip("-")
    return slug if len(slug) >= 2 else f"recording-{slug}".rstrip("-")
