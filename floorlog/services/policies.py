"""Hide a record on request, erase its words, or show it again: each with a line in the audit trail."""

from __future__ import annotations

from datetime import datetime

from floorlog.adapters.store import MeetingWriter, Store, suppressing
from floorlog.adapters.store.people import Deed
from floorlog.adapters.store.suppressing import Suppression
from floorlog.errors import SuppressionRefused
from floorlog.publication import as_shown
from floorlog.removal import stretches_of
from floorlog.review_states import PUBLIC
from floorlog.services.people import Actor
from floorlog.services.review import meeting_of

TOLD = "removed on request"
"""What readers are told; the reason itself is for the house."""

SHOWN_AGAIN = "shown again"


def suppress(
    store: Store, record_id: str, reason: str, by: Actor, *, remove: bool = False, now: datetime | None = None
) -> None:
    """Hide a record from every reader, everywhere; with `remove`, also erase its words for good.

    A record that is hidden already may still be removed.

    Args:
        store: Where the record is.
        record_id: The record.
        reason: Why, for the audit trail.
        by: Who decided it.
        remove: Erase what was said, in everything that is stored, and keep a later run of the machine from bringing it
            back.
        now: When; None: the database's clock.

    Raises:
        SuppressionRefused: it is hidden already, or no reason is given.
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    if not reason.strip():
        raise SuppressionRefused(record_id, "a reason is needed")
    with store.locked(meeting_of(store, record_id)) as tx:
        at, before = now or tx.now, suppressing.active(tx, record_id)
        if before is not None and (before.removed or not remove):
            raise SuppressionRefused(record_id, "its words were removed" if before.removed else "it is hidden already")
        if before is not None:
            suppressing.lift(tx, record_id, _deed("record.unsuppressed", record_id, "to remove its words", by, at))
        stretches = stretches_of(suppressing.contents(tx, record_id))
        deed = _deed("record.removed" if remove else "record.suppressed", record_id, reason, by, at)
        suppressing.hide(tx, record_id, reason, deed, stretches, removed=remove)
        if remove:
            suppressing.erase(tx, record_id, stretches)
        if before is None:
            _tell_hidden(tx, record_id)


def lift(store: Store, record_id: str, reason: str, by: Actor, now: datetime | None = None) -> None:
    """Show a record again that was hidden.

    Args:
        store: Where the record is.
        record_id: The record.
        reason: Why, for the audit trail.
        by: Who decided it.
        now: When; None: the database's clock.

    Raises:
        SuppressionRefused: it is not hidden, or its words are gone.
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    with store.locked(meeting_of(store, record_id)) as tx:
        hidden = suppressing.active(tx, record_id)
        if hidden is None or hidden.removed:
            raise SuppressionRefused(record_id, "its words were removed" if hidden else "nothing hides it")
        suppressing.lift(tx, record_id, _deed("record.unsuppressed", record_id, reason, by, now or tx.now))
        _tell_shown(tx, record_id)


def suppressions(store: Store) -> list[Suppression]:
    """Return every suppression, those that were lifted among them, the latest first.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    return store.suppressions()


def _deed(action: str, record_id: str, reason: str, by: Actor, at: datetime) -> Deed:
    return Deed(at, by.id, by.name, action, record_id, reason, by.address)


def _tell_hidden(tx: MeetingWriter, record_id: str) -> None:
    row = tx.record(record_id)
    if row is not None:
        data = {"record_id": record_id, "revision": row.current_revision, "reason": TOLD}
        was_public = suppressing.was_published(tx, record_id)
        tx.emit("record.withdrawn", record_id, data, row.current_revision, was_public=was_public)


def _tell_shown(tx: MeetingWriter, record_id: str) -> None:
    row = tx.record(record_id)
    revision = tx.revision(record_id, row.current_revision) if row else None
    if row is None or revision is None or row.state in ("retired", "withdrawn"):
        return
    data = {"record_id": record_id, "revision": row.current_revision, "reason": SHOWN_AGAIN}
    if row.state in PUBLIC:
        shown = {**as_shown(revision.content), "revision": row.current_revision, "review": {"state": row.state}}
        tx.emit("record.published", record_id, data | {"record": shown}, row.current_revision)
    else:
        tx.emit("record.revised", record_id, data, row.current_revision)
