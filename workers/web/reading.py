"""What the pages read: one small interface in front of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from floorlog.announcements import Gap, Segment
from floorlog.services.ledger import ChannelLedger
from floorlog.visibility import SCOPES, states


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting's document, and how far it is."""

    meeting: dict[str, Any]
    state: Literal["scheduled", "live", "ended"]

    @property
    def id(self) -> str:
        """Return the meeting's id."""
        return str(self.meeting["id"])

    @property
    def audience(self) -> str:
        """Return who may read it: closed, live or published."""
        return str(self.meeting["audience"])

    @property
    def channel(self) -> str:
        """Return the channel whose log is shown first: the first that the meeting waits for."""
        channels = self.meeting["channels"]
        return str(next((item for item in channels if item["required"]), channels[0])["name"])

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of its channels, in the document's order."""
        return tuple(str(item["name"]) for item in self.meeting["channels"])

    def log_of(self, channel: str) -> str:
        """Return the channel whose log is read on a channel's page: an interpretation's words stand in the floor's."""
        delivered = [item["name"] for item in self.meeting["channels"] if not item["interpretation"]]
        return channel if channel in delivered or not delivered else str(delivered[0])


class Reader(Protocol):
    """What the pages need from a store; every method may be called from any thread."""

    def versions(self, meeting_ids: Collection[str]) -> dict[str, str]:
        """Return, by meeting, a name of what is known of it: another one whenever records or audio may have changed."""

    def sittings(self) -> Sequence[Sitting]:
        """Return all meetings, the latest first."""

    def sitting(self, meeting_id: str) -> Sitting | None:
        """Return one meeting, or None where it was never added."""

    def records(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        """Return the current content of every record of a meeting that stands, provisional ones included."""

    def announcements(self, meeting_id: str, channel: str) -> Sequence[Segment | Gap]:
        """Return the segments and gaps of a channel, in order of the clock."""

    def coverage(self, meeting_id: str) -> Sequence[ChannelLedger]:
        """Return the account of every channel over the whole clock, in the document's order."""

    def review_items(self, meeting_id: str) -> Sequence[dict[str, Any]]:
        """Return what should be looked at, as JSON, open and closed, the greatest impact first."""


def shown(sitting: Sitting, records: Sequence[dict[str, Any]], *, inside: bool = False) -> list[dict[str, Any]]:
    """Return the records that a reader may see on the pages, in order of the clock.

    A meeting that is closed shows those inside all that stands; for any other it makes no difference who reads it.

    Args:
        sitting: The meeting.
        records: Of the meeting.
        inside: Whether the reader is signed in and may read closed meetings.
    """
    seen = states(sitting.audience, SCOPES if inside and sitting.audience == "closed" else ())
    visible = [record for record in records if record["review"]["state"] in seen]
    return sorted(visible, key=lambda record: (record["spans"][0]["start_ms"], record["id"]))
