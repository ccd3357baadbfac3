"""The desk of dead letters: show what can never succeed, and take it out to be tried again."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from floorlog.adapters.store import Store
from floorlog.adapters.store.rows import DeadLetter
from floorlog.clock import rfc3339
from floorlog.errors import UnknownDeadLetter


def encode(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter's JSON form, as `schemas/dead-letter.v1.schema.json` describes it."""
    has_span = letter.start_ms is not None and letter.end_ms is not None
    return {
        "schema": "dead-letter/1",
        "id": letter.id,
        "stage": letter.stage,
        "reason": letter.reason,
        "json_path": letter.json_path,
        "message": letter.message,
        "payload": _payload(letter.payload),
        "meeting_id": letter.meeting_id,
        "channel": letter.channel,
        "span": {"start_ms": letter.start_ms, "end_ms": letter.end_ms} if has_span else None,
        "attempts": letter.attempts,
        "first_at": rfc3339(letter.first_at),
        "last_at": rfc3339(letter.last_at),
        "state": letter.state,
    }


def retry(store: Store, letter_id: str) -> bytes:
    """Mark a dead letter as replayed, and return its payload for the caller to publish again.

    A segment that succeeds then is a late one. What fails again is the same dead letter, open again. Marked and not
    published, because the process died between, it can be retried once more.

    Raises:
        UnknownDeadLetter: there is no such one.
        StoreUnavailable: the store does not answer.
    """
    letter = store.dead_letter(letter_id)
    if letter is None:
        raise UnknownDeadLetter(letter_id)
    store.mark_dead_letter(letter_id, "replayed")
    return letter.payload


def _payload(payload: bytes) -> dict[str, Any]:
    account = {"size_bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}
    try:
        return {"text": payload.decode("utf-8"), **account}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(payload).decode("ascii"), **account}
