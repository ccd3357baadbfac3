"""The JSON form of what was heard and is pending: short, because it is written at each event."""

from __future__ import annotations

from typing import Any

from floorlog.clock import Span
from floorlog.room import Room
from floorlog.stretches import HeardWord, Pending, Stretch
from floorlog.voices import Voice


def encode_pending(pending: Pending) -> dict[str, Any]:
    """Return the JSON form of what is pending."""
    return {
        "words": [[word.text, word.start_ms, word.end_ms, word.stretch] for word in pending.words],
        "stretches": [
            {
                "number": item.number,
                "span": [item.span.start_ms, item.span.end_ms],
                "voice": item.voice.encode() if item.voice else None,
                "parted": item.parted,
                "language": item.language,
                "wordless": item.wordless,
            }
            for item in pending.stretches
        ],
        "next_number": pending.next_number,
        "last_end_ms": pending.last_end_ms,
        "room": pending.room.encode(),
    }


def decode_pending(document: dict[str, Any]) -> Pending:
    """Return what is pending from its JSON form."""
    return Pending(
        tuple(HeardWord(*item) for item in document["words"]),
        tuple(
            Stretch(
                item["number"],
                Span(*item["span"]),
                Voice.decode(item["voice"]) if item["voice"] else None,
                item["parted"],
                item["language"],
                item["wordless"],
            )
            for item in document["stretches"]
        ),
        document["next_number"],
        document["last_end_ms"],
        Room.decode(document["room"]),
    )
