"""What capture announces: a segment is stored, a stretch is missing, the stream has ended; and the tick of a clock.

The JSON form of each is `schemas/segment.v1.schema.json`. `decode` expects a document that was validated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from floorlog.clock import Span, parse_rfc3339, rfc3339
from floorlog.identity import end_id, gap_id, segment_id

SCHEMA = "segment/1"

Cut = Literal["pause", "forced", "discontinuity", "end"]
UtcSource = Literal["program-date-time", "arrival", "given", "recording"]
Origin = Literal["recording"]
"""Where audio comes from that was not captured while it was on air."""

GapCause = Literal[
    "media-missing",  # the origin never served it (404 until it left the window)
    "media-unreadable",  # it was served but cannot be decoded
    "fell-behind",  # it left the window before it was fetched
    "discontinuity",  # the origin's clock jumped
    "channel-missing",  # the origin did not offer this channel then
    "key-missing",  # it is encrypted, and its key could not be had
    "segment-missing",  # announced by its successor, never arrived in time
    "dead-letter",  # arrived, and can never be transcribed
]


@dataclass(frozen=True, slots=True)
class AudioObject:
    """Where a segment's audio lies, and how to know that it is whole."""

    uri: str
    sha256: str
    size_bytes: int
    codec: Literal["flac"] = "flac"
    sample_rate_hz: int = 16_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A chunk of one channel's audio between two cuts, stored as an object."""

    meeting_id: str
    channel: str
    sequence: int
    span: Span
    utc_start: datetime
    utc_source: UtcSource
    continuity: int
    audio: AudioObject
    cut: Cut
    speech_ratio: float
    origin: Origin | None = None

    @property
    def id(self) -> str:
        """Return its id, computed from where it starts."""
        return segment_id(self.meeting_id, self.channel, self.span.start_ms)


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of one channel without audio, with its cause."""

    meeting_id: str
    channel: str
    sequence: int
    span: Span
    cause: GapCause

    @property
    def id(self) -> str:
        """Return its id, computed from where it starts."""
        return gap_id(self.meeting_id, self.channel, self.span.start_ms)


@dataclass(frozen=True, slots=True)
class End:
    """One channel's stream has ended; `last_sequence` is the last announcement before it (-1: there was none)."""

    meeting_id: str
    channel: str
    sequence: int
    at_ms: int
    last_sequence: int
    origin: Origin | None = None

    @property
    def id(self) -> str:
        """Return its id, computed from where it starts."""
        return end_id(self.meeting_id, self.channel, self.at_ms)


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: deadlines are looked at."""


Announcement = Segment | Gap | End | Tick


def encode(announcement: Announcement) -> dict[str, Any]:
    """Return the JSON form, as `schemas/segment.v1.schema.json` describes it."""
    match announcement:
        case Tick():
            return {"schema": SCHEMA, "kind": "tick"}
        case Segment():
            return {
                "schema": SCHEMA,
                "kind": "segment",
                "id": announcement.id,
                "meeting_id": announcement.meeting_id,
                "channel": announcement.channel,
                "sequence": announcement.sequence,
                "span": announcement.span.encode(),
                "utc_start": rfc3339(announcement.utc_start),
                "utc_source": announcement.utc_source,
                "continuity": announcement.continuity,
                "audio": {
                    "uri": announcement.audio.uri,
                    "sha256": announcement.audio.sha256,
                    "size_bytes": announcement.audio.size_bytes,
                    "codec": announcement.audio.codec,
                    "sample_rate_hz": announcement.audio.sample_rate_hz,
                },
                "cut": announcement.cut,
                "speech_ratio": announcement.speech_ratio,
                **_from(announcement.origin),
            }
        case Gap():
            return {
                "schema": SCHEMA,
                "kind": "gap",
                "id": announcement.id,
                "meeting_id": announcement.meeting_id,
                "channel": announcement.channel,
                "sequence": announcement.sequence,
                "span": announcement.span.encode(),
                "cause": announcement.cause,
            }
        case End():
            return {
                "schema": SCHEMA,
                "kind": "end",
                "id": announcement.id,
                "meeting_id": announcement.meeting_id,
                "channel": announcement.channel,
                "sequence": announcement.sequence,
                "at_ms": announcement.at_ms,
                "last_sequence": announcement.last_sequence,
                **_from(announcement.origin),
            }


def _from(origin: Origin | None) -> dict[str, str]:
    return {} if origin is None else {"origin": origin}


def decode(document: dict[str, Any]) -> Announcement:
    """Return the announcement of a validated JSON form.

    Raises:
        InvalidSpan: the span is empty or runs backwards.
    """
    match document["kind"]:
        case "tick":
            return Tick()
        case "segment":
            audio = document["audio"]
            return Segment(
                meeting_id=document["meeting_id"],
                channel=document["channel"],
                sequence=document["sequence"],
                span=Span.decode(document["span"]),
                utc_start=parse_rfc3339(document["utc_start"]),
                utc_source=document["utc_source"],
                continuity=document["continuity"],
                audio=AudioObject(
                    audio["uri"], audio["sha256"], audio["size_bytes"], audio["codec"], audio["sample_rate_hz"]
                ),
                cut=document["cut"],
                speech_ratio=document["speech_ratio"],
                origin=document.get("origin"),
            )
        case "gap":
            return Gap(
                meeting_id=document["meeting_id"],
                channel=document["channel"],
                sequence=document["sequence"],
                span=Span.decode(document["span"]),
                cause=document["cause"],
            )
        case "end":
            return End(
                meeting_id=document["meeting_id"],
                channel=document["channel"],
                sequence=document["sequence"],
                at_ms=document["at_ms"],
                last_sequence=document["last_sequence"],
                origin=document.get("origin"),
            )
        case kind:
            raise ValueError(f"unknown kind of announcement: {kind!r}")
