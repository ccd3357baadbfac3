"""Events for the tests of what leaves: put into the outbox as advance and review do, with little in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.adapters.store import Store
from floorlog.identity import record_id
from tests.small_floor import a_meeting


def subject(number: int) -> str:
    """The id of a record, by a number."""
    return record_id("small", "floor", number)


def emit(store: Store, *records: int, event_type: str = "record.created", meeting_id: str = "small") -> None:
    """Commit an event about each of some records, in one transaction, and number them."""
    with store.locked(meeting_id) as tx:
        for number in records:
            data = {"record_id": subject(number), "revision": 1, "reason": None}
            tx.emit(event_type, subject(number), data, 1)
    store.sequence()


def add_meetings(store: Store, **audiences: str) -> None:
    """Add meetings, by their audience."""
    for meeting_id, audience in audiences.items():
        store.add_meeting({**a_meeting(meeting_id), "audience": audience})


def firsts(ids: Sequence[Any]) -> list[Any]:
    """What a receiver keeps that drops ids it has seen."""
    return list(dict.fromkeys(ids))
