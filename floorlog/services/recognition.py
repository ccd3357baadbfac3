"""From an announced segment to its transcript: load the audio, check it, write down the words."""

from __future__ import annotations

from typing import Any

from floorlog import words
from floorlog.adapters import objects
from floorlog.adapters.store import Store
from floorlog.announcements import Segment, decode
from floorlog.services import recognisers
from floorlog.services.recognisers import RecogniserSettings
from floorlog.services.transcribe import transcribe


def hear(store: Store, document: dict[str, Any], settings: RecogniserSettings) -> dict[str, Any] | None:
    """Return the transcript of an announced segment, or None where there is nothing (more) to transcribe.

    Args:
        store: asked whether the segment was transcribed with these settings before.
        document: a validated announcement.
        settings: how to transcribe.

    Raises:
        ObjectNotReady: the audio object cannot be read (yet).
        CorruptAudio: its bytes are not those that were announced.
        UnreadableAudio: it cannot be decoded, or has not the announced length.
        UnknownMeeting: its meeting was never added.
        StoreUnavailable: the store does not answer.
    """
    announcement = decode(document)
    if not isinstance(announcement, Segment):
        return None
    if store.transcript_exists(announcement.id, recognisers.fingerprint(settings)):
        return None
    audio = objects.get(announcement.audio.uri)
    language = _language(store, announcement)
    return words.encode(transcribe(announcement, audio, recognisers.recogniser(settings), language))


def _language(store: Store, segment: Segment) -> str | None:
    """Return the one language of a segment's channel, or None where it is heard."""
    for channel in store.meeting(segment.meeting_id).document["channels"]:
        if channel["name"] == segment.channel:
            language: str | None = channel["language"]
            return language
    return None
