"""Events as they leave: CloudEvents 1.0 of what the outbox holds, as `schemas/event.v1.schema.json` describes them."""

from __future__ import annotations

import json
from typing import Any

from floorlog.adapters.store.rows import OutboxRow
from floorlog.clock import rfc3339

CONTENT_TYPE = "application/cloudevents+json"
"""Of one event in structured mode (CloudEvents 1.0, JSON format, section 3)."""

TELLING = frozenset(("record", "before", "after", "reason"))
"""What of an event may tell something of what was said."""

REMOVED = "removed on request"
"""All that is said of why a record was suppressed."""


def encode(event: OutboxRow) -> dict[str, Any]:
    """Return an event's JSON form: the same for everybody, so that a receiver may drop an id that it has seen.

    Of a record that is withdrawn or suppressed now, an earlier event says only that it happened.
    """
    topic = event.type.partition(".")[0]
    data = event.data
    if event.withheld:
        data = {name: value for name, value in data.items() if name not in TELLING}
        if event.type == "record.withdrawn":
            data["reason"] = REMOVED if event.withheld == "suppressed" else event.data.get("reason")
    return {
        "specversion": "1.0",
        "id": f"evt-{event.position}",
        "source": f"/meetings/{event.meeting_id}",
        "type": event.type,
        "subject": event.subject,
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "dataschema": f"urn:floorlog:schema:event:1#{topic}",
        "data": data,
        "sequence": str(event.position),
    }


def body(event: OutboxRow) -> bytes:
    """Return the bytes of an event as topics and webhooks carry it."""
    return json.dumps(encode(event), ensure_ascii=False, separators=(",", ":")).encode()
