"""A client of the published records: needs httpx, and nothing else of Floorlog.

from floorlog.client import Client

with Client("http://127.0.0.1:8000") as log:
    for record in log.interventions(entity="FRA"):
        print(record["spans"][0]["start_utc"], record["text"])
"""

from __future__ import annotations

from floorlog.client.documents import (
    Attribution,
    Entity,
    Event,
    EventData,
    Evidence,
    Highlight,
    Hit,
    Interpretation,
    Part,
    Record,
    RecordSpan,
    Span,
    Speaker,
    State,
    Theme,
    Word,
)
from floorlog.client.following import Changes
from floorlog.client.problems import (
    BadRequest,
    ClientError,
    Gone,
    NotAllowed,
    NotFound,
    Problem,
    TooMany,
    Unreachable,
    WebhookRefused,
)
from floorlog.client.reading import Client, Filters
from floorlog.client.webhooks import verify_webhook

__all__ = [
    "Attribution",
    "BadRequest",
    "Changes",
    "Client",
    "ClientError",
    "Entity",
    "Event",
    "EventData",
    "Evidence",
    "Filters",
    "Gone",
    "Highlight",
    "Hit",
    "Interpretation",
    "NotAllowed",
    "NotFound",
    "Part",
    "Problem",
    "Record",
    "RecordSpan",
    "Span",
    "Speaker",
    "State",
    "Theme",
    "TooMany",
    "Unreachable",
    "WebhookRefused",
    "Word",
    "verify_webhook",
]
