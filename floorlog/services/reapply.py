"""Re-apply people's work onto what a better model says, where a machine revision waits beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from floorlog.adapters.store import MeetingReader, MeetingWriter, Store
from floorlog.adapters.store.recording import read_revision
from floorlog.adapters.store.rows import RecordRow
from floorlog.clock import Span
from floorlog.corrections import Content
from floorlog.errors import UnknownRecord
from floorlog.identity import digest
from floorlog.reapplying import Reapplied, reapply, together
from floorlog.review_states import SETTLED_BY_PERSON, corrected_state
from floorlog.themes import tag

REASON = "reapplied"
"""Reason of a revision that holds a person's work on what a better model says."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where a person and a better model changed the same thing differently. `kept`: stored and shown until resolved.

    `field` is that of the record, or `record` where the machine knows no such intervention any more: `machine` are the
    records that stand where it stood, and any correction of it says that it is to stay.

    One that is not kept is what would come of taking the machine's revision that waits.
    """

    id: str
    field: str
    base: Any
    yours: Any
    machine: Any
    span: Span | None
    kept: bool


def conflicts(store: Store, record_id: str) -> tuple[Conflict, ...]:
    """Return a record's conflicts: those that are kept, then those with a machine revision that waits for a person.

    Raises:
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    row = store.record_row(record_id)
    if row is None:
        raise UnknownRecord(record_id)
    with store.reading(row.meeting_id) as reader:
        revision = read_revision(reader.connection, record_id, row.current_revision)
        if revision is None:
            raise UnknownRecord(record_id)
        kept = revision.content.get("review", {}).get("conflicts", [])
        outcome = _outcome(reader, row, revision.content) if row.touched and not row.retired else None
    waiting = [item for item in (outcome[0].conflicts if outcome else ()) if item not in kept]
    found = tuple(
        Conflict(
            item["id"],
            item["field"],
            item["base"],
            item["yours"],
            item["machine"],
            Span.decode(item["span"]) if item["span"] else None,
            place < len(kept),
        )
        for place, item in enumerate([*kept, *waiting])
    )
    if row.successors and not row.retired:  # the machine knows it no more: others stand where it stood
        name = "con-" + digest(row.id, *row.successors)
        found += (Conflict(name, "record", [row.id], [row.id], list(row.successors), None, kept=True),)
    return found


def reapply_waiting(tx: MeetingWriter) -> list[str]:
    """Re-apply people's work wherever the machine knows more; return the ids of the records that changed.

    What a person approved, published or withdrew stays as it is: there the machine's revision waits.

    Args:
        tx: The meeting under its lock.
    """
    changed: list[str] = []
    for row in tx.standing(touched=True):
        record = tx.record(row.record_id)
        if record is None or record.state in SETTLED_BY_PERSON:
            continue
        outcome = _outcome(tx, record, row.content)
        if outcome is None:
            continue
        content = _kept(row.content, *outcome)
        revision = tx.append_reapplied_revision(record, content, REASON)
        data = {"record_id": record.id, "revision": revision, "reason": REASON}
        tx.emit("record.revised", record.id, data, revision)
        changed.append(record.id)
    return changed


def take_machine_content(tx: MeetingWriter, record: RecordRow, reason: str | None) -> Content | None:
    """Return a record's content with its corrections re-applied onto what waits; None where nothing waits.

    Raises:
        TransitionRefused: it was published, and no reason is given.
    """
    revision = tx.revision(record.id, record.current_revision)
    outcome = _outcome(tx, record, revision.content) if revision else None
    if revision is None or outcome is None:
        return None
    content = _kept(revision.content, *outcome)
    return {**content, "review": {**content["review"], "state": corrected_state(record.id, record.state, reason)}}


def _outcome(reader: MeetingReader, record: RecordRow, mine: Content) -> tuple[Reapplied, list[dict[str, Any]]] | None:
    """Return what re-applying gives, and what it is based on; None where the machine knows nothing new."""
    review = mine.get("review", {})
    known: list[dict[str, Any]] = review.get("based_on", [])
    if "based_on" not in review:
        base = reader.last_machine_revision(record.id, record.current_revision)
        known = [] if base is None else [{"record_id": record.id, "revision": base}]
    fresh = []
    for item in [*known, *([] if _names(known, record.id) else [{"record_id": record.id, "revision": 0}])]:
        source = reader.record(item["record_id"])
        latest = source.machine_revision if source else None
        if latest is not None:
            fresh.append({"record_id": item["record_id"], "revision": max(latest, item["revision"])})
    if not known or all(item in known for item in fresh):
        return None
    before, now = (together([each for item in items if (each := _content(reader, item))]) for items in (known, fresh))
    lexicons = reader.meeting.document["themes"]

    def tagger(text: str) -> list[dict[str, Any]]:
        return [item.encode() for item in tag(text, lexicons)]

    return reapply(before, mine, now, tagger), fresh


def _names(items: list[dict[str, Any]], record_id: str) -> bool:
    return any(item["record_id"] == record_id for item in items)


def _content(reader: MeetingReader, item: dict[str, Any]) -> Content | None:
    revision = read_revision(reader.connection, item["record_id"], item["revision"])
    return None if revision is None else revision.content


def _kept(mine: Content, outcome: Reapplied, fresh: list[dict[str, Any]]) -> Content:
    """Return the re-applied content with its open conflicts: the new ones, and the old ones about other things."""
    review = {**mine.get("review", {}), "based_on": fresh}
    new = list(outcome.conflicts)
    old = [item for item in review.pop("conflicts", []) if not any(_same(item, each) for each in new)]
    return {**outcome.content, "review": review | ({"conflicts": old + new} if old or new else {})}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["field"] != other["field"] or not (one["span"] and other["span"]):
        return bool(one["field"] == other["field"])
    return Span.decode(one["span"]).overlap_ms(Span.decode(other["span"])) > 0
