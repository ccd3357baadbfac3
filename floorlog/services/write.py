"""Write what the machine said into records, provisional rows and the outbox, under the meeting's lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from floorlog.adapters.store import MeetingWriter
from floorlog.adapters.store.recording import content_hash
from floorlog.adapters.store.rows import Progress, RecordRow
from floorlog.announcements import Gap
from floorlog.clock import origin, rfc3339
from floorlog.interventions import Intervention
from floorlog.services.compose import Anchor, utc_clock
from floorlog.services.hear import decode_spans, encode_intervention
from floorlog.services.successors import Said, successors_of
from floorlog.services.timeline import Upcoming


def write_machine_content(
    tx: MeetingWriter,
    record: RecordRow | None,
    intervention_id: str,
    content: dict[str, Any],
    reason: str | None,
) -> bool:
    """Write what the machine knows now of an intervention; return whether that is new.

    Content that is the same makes no revision. Beside what a person touched or what was published, the new revision
    waits: nothing changes for a reader.

    Args:
        tx: The meeting under its lock.
        record: The record that stands for the intervention, if there is one.
        intervention_id: The intervention.
        content: Its content; `id` is that of the record.
        reason: Why it is new, where it is not the first.
    """
    if record is None:
        revision = tx.add_record(content, "machine", state="machine")
        _announce(tx, content["id"], revision, None)
        return True
    same = record.machine_hash == content_hash(content)
    back = record.retired and not record.touched
    if back:
        tx.update_record(record.id, state="machine", successors=None, intervention_id=intervention_id)
    elif record.intervention_id != intervention_id:
        tx.update_record(record.id, intervention_id=intervention_id)
    if same and not back:
        return False
    revision = record.latest_revision
    if not same:
        revision = tx.append_machine_revision(record, content, reason, hold=record.touched)
    if not record.touched:
        _announce(tx, record.id, revision, reason)
    return True


def _announce(tx: MeetingWriter, record_id: str, revision: int, reason: str | None) -> None:
    kind = "record.created" if revision == 1 else "record.revised"
    tx.emit(kind, record_id, {"record_id": record_id, "revision": revision, "reason": reason}, revision)


def write_open(tx: MeetingWriter, still_open: Sequence[Intervention], settled: Sequence[Intervention]) -> list[str]:
    """Replace the provisional rows; return the ids that appeared or disappeared without being settled.

    Args:
        tx: The meeting under its lock.
        still_open: All interventions that are open now.
        settled: Those that were settled in this transaction.
    """
    stored, now_open = tx.provisional(), {item.id for item in still_open}
    moved: list[str] = []
    for intervention in still_open:
        document, known = encode_intervention(intervention), stored.get(intervention.id)
        if known is None or known.document != document:
            start_ms = intervention.spans[0].start_ms
            tx.put_provisional(intervention.id, intervention.channel, start_ms, document, opens=known is None)
        if known is None and tx.record_of(intervention.id) is None:
            tx.emit("record.provisional", intervention.id, {"record_id": intervention.id, "revision": None})
            moved.append(intervention.id)
    said = [Said(item.id, item.channel, item.spans) for item in (*settled, *still_open)]
    for intervention_id, row in stored.items():
        if intervention_id in now_open:
            continue
        tx.drop_provisional(intervention_id)
        if tx.record_of(intervention_id) is None:
            gone = Said(row.id, row.channel, decode_spans(row.document))
            retire_event(tx, intervention_id, None, successors_of(gone, said))
            moved.append(intervention_id)
    return moved


def retire_event(tx: MeetingWriter, record_id: str, revision: int | None, successors: Iterable[str]) -> None:
    """Emit that others stand for a record from now on."""
    data = {"record_id": record_id, "revision": revision, "successors": list(successors)}
    tx.emit("record.retired", record_id, data, revision)


def write_gaps(tx: MeetingWriter, gaps: Sequence[Gap]) -> None:
    """Emit that audio is missing."""
    interpreted = {item["name"] for item in tx.meeting.document["channels"] if item["interpretation"]}
    for gap in gaps:
        label = {"interpretation": True} if gap.channel in interpreted else {}
        tx.emit("gap.opened", gap.id, {"channel": gap.channel, "span": gap.span.encode(), "cause": gap.cause, **label})


def write_meeting_state(tx: MeetingWriter, progress: Progress, events: Sequence[Upcoming]) -> None:
    """Note whether the meeting is live or has ended, with an event where that is new."""
    channels = tx.meeting.document["channels"]
    required = [channel["name"] for channel in channels if channel["required"]] or [channels[0]["name"]]
    ended = all(progress.cursors[name].ended for name in required)
    if tx.meeting.state != "live" and (tx.meeting.state == "scheduled" or not ended):
        _meeting_event(tx, "meeting.started", required[0], events[0].start_ms)
    if ended and tx.meeting.state != "ended":
        _meeting_event(tx, "meeting.ended", required[0], progress.heard.end_ms)
    tx.save_meeting_state("ended" if ended else "live")


def _meeting_event(tx: MeetingWriter, event_type: str, channel: str, at_ms: int) -> None:
    anchor: Anchor = tx.anchor(channel, at_ms) or (0, origin(tx.meeting.document))
    data = {"at": rfc3339(utc_clock([anchor])(at_ms)), "at_ms": at_ms, "title": tx.meeting.document["title"]}
    tx.emit(event_type, tx.meeting.id, data)
