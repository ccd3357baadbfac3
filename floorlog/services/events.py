"""Events as they leave: CloudEvents 1.0 of what the outbox holds, as `schemas/event.v1.schema.json` describes them."""

from __future__ import annotations

from typing import Any

from floorlog.adapters.store.rows import OutboxRow
from floorlog.clock import rfc3339


def encode(event: OutboxRow) -> dict[str, Any]:
    """Return an event's JSON form; the same row always gives the same one, so a receiver may drop an id it has seen."""
    topic = event.type.partition(".")[0]
    return {
        "specversion": "1.0",
        "id": f"evt-{event.position}",
        "source": f"/meetings/{event.meeting_id}",
        "type": event.type,
        "subject": event.subject,
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "dataschema": f"urn:floorlog:schema:event:1#{topic}",
        "data": event.data,
        "sequence": str(event.position),
    }
