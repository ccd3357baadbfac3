"""The store: all that Floorlog knows, in SQLite or PostgreSQL. SQL lives here and nowhere else.

`open_store(url)` gives a `Store`. Short questions and single writes are its methods; what must happen in one
transaction goes through `Store.locked`, which every writer of records takes, reviewers included.
"""

from __future__ import annotations

from floorlog.adapters.store.arrivals import Arrivals
from floorlog.adapters.store.dead_letters import DeadLetters, Kept, Refusal, dead_letter_id
from floorlog.adapters.store.meetings import Meetings
from floorlog.adapters.store.outbox import Outbox
from floorlog.adapters.store.people import Account, Deed, People
from floorlog.adapters.store.published import Published
from floorlog.adapters.store.published_meetings import PublishedMeetings
from floorlog.adapters.store.published_totals import PublishedTotals
from floorlog.adapters.store.reading import Reading
from floorlog.adapters.store.recording import MeetingWriter
from floorlog.adapters.store.records import MeetingReader
from floorlog.adapters.store.searching import Searching
from floorlog.adapters.store.status import Backlog, Lag, MeetingSummary, Status
from floorlog.adapters.store.suppressing import Suppressions

__all__ = [
    "Account",
    "Backlog",
    "Deed",
    "Kept",
    "Lag",
    "MeetingReader",
    "MeetingSummary",
    "MeetingWriter",
    "People",
    "Refusal",
    "Store",
    "dead_letter_id",
    "open_store",
]


class Store(
    Meetings,
    Arrivals,
    DeadLetters,
    Outbox,
    Reading,
    Published,
    PublishedMeetings,
    PublishedTotals,
    Searching,
    Suppressions,
    Status,
):
    """One database. Threads may share it; a process that forks opens its own."""


def open_store(url: str) -> Store:
    """Return the store behind an SQLAlchemy URL: `sqlite:///path` or `postgresql://…`. `migrate()` makes its tables."""
    return Store(url)
