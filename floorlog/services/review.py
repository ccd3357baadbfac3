"""Let a person correct, approve, publish and undo: each call is one step of the meeting's journal, in one transaction.

Which role may do what is the caller's to check; what a record's state allows is checked here. A step is bound to the
revision that the person saw, and counts once however often it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from floorlog.adapters.store import MeetingWriter, Store
from floorlog.adapters.store import desk as stored
from floorlog.adapters.store.rows import RecordRow
from floorlog.corrections import fault
from floorlog.errors import StaleRevision, UnknownRecord
from floorlog.held_records import Carried, new_id
from floorlog.review_states import STEPS
from floorlog.services.asking import asked_of, new_step
from floorlog.services.going_back import redo, undo
from floorlog.services.reapply import conflicts, take_machine_content
from floorlog.services.replacing import replace_all
from floorlog.services.revisions import Revision, history, reviewed
from floorlog.services.steps import Author, Changed, StoreDesk, commit, write

__all__ = [
    "Author",
    "Changed",
    "Revision",
    "approve",
    "change_state",
    "conflicts",
    "correct",
    "history",
    "publish",
    "record",
    "redo",
    "replace_all",
    "take_machine",
    "undo",
]


def correct(
    store: Store,
    record_id: str,
    seen_revision: int,
    corrections: Sequence[Mapping[str, Any]],
    person: Author,
    now: datetime | None = None,
    meeting_id: str | None = None,
) -> Changed:
    """Carry out corrections of a record as one step: all of them or none.

    Args:
        store: Where the record is.
        record_id: The record; of an `insert`, any text: the new record is named by where it begins.
        seen_revision: The revision that the person saw; 0 for `insert`.
        corrections: Each with `id`, `operation`, `after`, `reason`, `before` for `merge`, maybe `resolves`.
        person: Who corrects.
        now: When; None: the database's clock.
        meeting_id: The meeting, which only `insert` needs.

    Raises:
        StaleRevision: another revision stands; it carries the record as it stands.
        InvalidDocument: a correction is not as its schema has it, or does not fit.
        TransitionRefused: the record's state does not allow it, or asks for a reason.
        UnknownRecord: there is no such record.
        UnknownMeeting: there is no such meeting.
        StoreUnavailable: the store does not answer.
    """
    if not corrections:
        raise fault("$", "at least one correction")
    with store.locked(meeting_id or meeting_of(store, record_id)) as tx:
        again = _answered(tx, corrections)
        if again is not None:
            return again
        desk = StoreDesk(tx)
        if corrections[0].get("operation") == "insert":
            record_id, seen_revision = _place(desk, corrections[0]), 0
        else:
            _check_seen(tx, record_id, seen_revision)
        asked = [asked_of(item, record_id) for item in corrections]
        return commit(tx, desk, asked, person, now, {record_id: seen_revision})


def change_state(
    store: Store, record_id: str, seen_revision: int, to: str, person: Author, reason: str | None = None
) -> Changed:
    """Bring a record into another state of review.

    Raises:
        StaleRevision: another revision stands.
        TransitionRefused: the state cannot follow, or a reason is missing.
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    step = {"id": new_step("state"), "operation": "state", "after": {"state": to}, "reason": reason}
    return correct(store, record_id, seen_revision, [step], person)


def approve(store: Store, meeting_id: str, record_ids: Sequence[str] | None, person: Author) -> Changed:
    """Approve records of a meeting as one step; None: all that can be. What is approved already stays.

    Raises:
        TransitionRefused: one that was named cannot be approved in its state.
        UnknownRecord: one that was named does not stand in the meeting.
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    return _bring(store, meeting_id, record_ids, person, "approved")


def publish(store: Store, meeting_id: str, record_ids: Sequence[str] | None, person: Author) -> Changed:
    """Publish approved records of a meeting as one step; None: all that are approved. What is published already stays.

    Raises:
        TransitionRefused: one that was named is not approved.
        UnknownRecord: one that was named does not stand in the meeting.
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    return _bring(store, meeting_id, record_ids, person, "published")


def _bring(store: Store, meeting_id: str, record_ids: Sequence[str] | None, person: Author, state: str) -> Changed:
    with store.locked(meeting_id) as tx:
        desk = StoreDesk(tx)
        keys = [row.id for row in stored.standing(tx)] if record_ids is None else list(dict.fromkeys(record_ids))
        asked = []
        for key in keys:
            row = desk.row(key)
            if row is None:
                raise UnknownRecord(key)
            if row.state == state or (record_ids is None and state not in STEPS[row.state]):
                continue
            asked.append(asked_of({"id": new_step(state), "operation": "state", "after": {"state": state}}, key))
        return commit(tx, desk, asked, person, None, {}) if asked else Changed()


def take_machine(
    store: Store, record_id: str, seen_revision: int, person: Author, reason: str | None = None
) -> Changed:
    """Re-apply a record's corrections onto what the machine knows now, where that waits for a person.

    Raises:
        StaleRevision: another revision stands.
        TransitionRefused: it was published, and no reason is given.
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    with store.locked(meeting_of(store, record_id)) as tx:
        row = _check_seen(tx, record_id, seen_revision)
        made = take_machine_content(tx, row, reason)
        if made is None:
            return Changed()
        desk = StoreDesk(tx)
        step = {
            **asked_of({"id": new_step("take"), "operation": "restore", "reason": reason}, record_id),
            "before": {"revision": seen_revision},
            "after": {"revision": row.machine_revision, "reapplied": True},
        }
        return write(tx, desk, Carried({record_id: made}, {}, [step]), person, None)


def record(store: Store, record_id: str) -> dict[str, Any]:
    """Return a record's document as reviewers see it.

    Raises:
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    row = store.record_row(record_id)
    revision = None if row is None else store.revision(record_id, row.current_revision)
    if row is None or revision is None:
        raise UnknownRecord(record_id)
    return reviewed(row.state, revision)


def meeting_of(store: Store, record_id: str) -> str:
    """Return the meeting of a record.

    Raises:
        UnknownRecord: there is no such record.
    """
    row = store.record_row(record_id)
    if row is None:
        raise UnknownRecord(record_id)
    return row.meeting_id


def _check_seen(tx: MeetingWriter, record_id: str, seen_revision: int) -> RecordRow:
    row = tx.record(record_id)
    if row is None:
        raise UnknownRecord(record_id)
    if row.retired:
        raise StaleRevision(record_id, seen_revision, None)
    if row.current_revision != seen_revision:
        stands = tx.revision(record_id, row.current_revision)
        raise StaleRevision(record_id, seen_revision, reviewed(row.state, stands) if stands else None)
    return row


def _place(desk: StoreDesk, item: Mapping[str, Any]) -> str:
    after = item.get("after") or {}
    spans = after.get("spans") or [{}]
    if not isinstance(after.get("channel"), str) or not isinstance(spans[0].get("start_ms"), int):
        raise fault("$.after", "a channel and spans")
    return new_id(desk, after["channel"], spans[0]["start_ms"])


def _answered(tx: MeetingWriter, corrections: Sequence[Mapping[str, Any]]) -> Changed | None:
    """Return the answer of a step that was carried out already."""
    first = corrections[0].get("id")
    known = tx.correction(first) if isinstance(first, str) else None
    if known is None:
        return None
    if known["operation"] != corrections[0].get("operation"):
        raise fault("$.id", "an id that no other correction has")
    documents = []
    first_of_step = known if "gave" in known else tx.correction(known["step"]) or known
    gave: list[dict[str, Any]] = first_of_step["gave"]
    for item in gave:
        revision = tx.revision(item["record_id"], item["revision"]) if item["revision"] else None
        if revision is not None:
            documents.append(reviewed(revision.content["review"]["state"], revision))
    return Changed(tuple(documents), tuple(item["record_id"] for item in gave if item["revision"] is None))
