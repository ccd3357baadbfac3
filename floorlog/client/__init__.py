"""A client of the published records: needs httpx, and nothing else of Floorlog.

from floorlog.client import Client

with Client("http://127.0.0.1:8000") as log:
    for record in log.interventions(entity="FRA"):
        print(record["spans"][0]["start_utc"], record["text"])
"""

from __future__ import annotations

from floorlog.client.answers import (
    ChannelCoverage,
    Coverage,
    Delegation,
    Floor,
    Live,
    Meeting,
    RevisionNote,
    SpeakingTime,
    Stretch,
    ThemeOfEntity,
    ThemeTotal,
)
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
    "ChannelCoverage",
    "Client",
    "ClientError",
    "Coverage",
    "Delegation",
    "Entity",
    "Event",
    "EventData",
    "Evidence",
    "Filters",
    "Floor",
    "Gone",
    "Highlight",
    "Hit",
    "Interpretation",
    "Live",
    "Meeting",
    "NotAllowed",
    "NotFound",
    "Part",
    "Problem",
    "Record",
    "RecordSpan",
    "RevisionNote",
    "Span",
    "Speaker",
    "SpeakingTime",
    "State",
    "Stretch",
    "Theme",
    "ThemeOfEntity",
    "ThemeTotal",
    "TooMany",
    "Unreachable",
    "WebhookRefused",
    "Word",
    "verify_webhook",
]
