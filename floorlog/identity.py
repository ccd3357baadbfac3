"""Ids: each is computed from what it names, so that doing a step again gives the same id."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

MEETING_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,63}")
CHANNEL = re.compile(r"[a-z]{2,8}")


def digest(*parts: str | int, length: int = 20) -> str:
    """Return a short name for the parts, in order: lower-case base32 of their SHA-256."""
    joined = "\x1f".join(str(part) for part in parts).encode()
    return base64.b32encode(hashlib.sha256(joined).digest()).decode().lower().rstrip("=")[:length]


def canonical_json(document: Any) -> str:
    """Return the one spelling of a JSON value that hashes and comparisons use: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError: it holds a NaN or an infinity.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def segment_id(meeting_id: str, channel: str, start_ms: int) -> str:
    """Return the id of the segment that starts at `start_ms` on the meeting clock."""
    return f"{meeting_id}.{channel}.{start_ms:010d}"


def gap_id(meeting_id: str, channel: str, start_ms: int) -> str:
    """Return the id of the gap that starts at `start_ms` on the meeting clock."""
    return f"{meeting_id}.{channel}.{start_ms:010d}.gap"


def end_id(meeting_id: str, channel: str, at_ms: int) -> str:
    """Return the id of the end of a stream at `at_ms` on the meeting clock."""
    return f"{meeting_id}.{channel}.{at_ms:010d}.end"


def record_id(meeting_id: str, channel: str, opening_ms: int) -> str:
    """Return the id of the record whose opening utterance starts at `opening_ms` on the meeting clock."""
    return "rec-" + digest(meeting_id, channel, opening_ms)
