"""Derive a meeting again from what is stored, after something came too late or the rules have changed.

The work is done outside the lock, from the last checkpoint that nothing changes, and committed only if the floor is
still the one it began with. A first run over the same input gives the same records, less the ids that records keep
because a person touched them or because they were published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.adapters.store import MeetingReader, MeetingWriter, Store
from floorlog.adapters.store.rows import Cursor, FloorRow, Progress, RecordRow, TimelineRow, Waiting
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.interventions import Intervention
from floorlog.services.compose import content_of
from floorlog.services.hear import Hearing, Machine, decode_intervention, decode_spans
from floorlog.services.ledger import write_ledger
from floorlog.services.reapply import reapply_waiting
from floorlog.services.successors import Held, Said, match
from floorlog.services.upcoming import Patience, late_since, look, progress_of
from floorlog.services.write import (
    retire_event,
    write_gaps,
    write_machine_content,
    write_meeting_state,
    write_open,
)

HOPEFUL_TRIES = 3
"""Derivations outside the lock that may come too late themselves; the next one holds it, so that there is an end."""

REASON = "derived-again"
"""Reason of a revision that no event gave, but something that came late."""


@dataclass(frozen=True, slots=True)
class Final:
    """What the machine says last of an intervention, and the content composed of it."""

    intervention: Intervention
    reason: str | None
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A meeting heard again from `start` on: `finals` by intervention; `spans` of what was said before, by the same."""

    version: int
    start: Progress
    hearing: Hearing
    finals: Mapping[str, Final]
    spans: Mapping[str, tuple[Span, ...]]


def derive_again(
    store: Store, meeting_id: str, machine: Machine, batch: int, *, whole: bool = False
) -> tuple[str, ...]:
    """Derive a meeting again where that is due; return the ids of the records that changed.

    Args:
        store: Where the meeting is.
        meeting_id: The meeting.
        machine: The floor's rules.
        batch: Announcements of one channel that are looked at in one go.
        whole: Whether it is due from the first event on, whatever was heard.

    Raises:
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    for _ in range(HOPEFUL_TRIES):
        with store.reading(meeting_id) as reader:
            derivation = _derive(reader, machine, batch, whole)
        if derivation is None:
            return ()
        with store.locked(meeting_id) as tx:
            floor = tx.floor()
            if floor is not None and floor.version == derivation.version:
                return _commit(tx, floor, derivation)
    with store.locked(meeting_id) as tx:
        derivation, floor = _derive(tx, machine, batch, whole), tx.floor()
        return _commit(tx, floor, derivation) if derivation is not None and floor is not None else ()


def _derive(reader: MeetingReader, machine: Machine, batch: int, whole: bool) -> Derivation | None:
    floor = reader.floor()
    if floor is None:
        return None
    patience = Patience(reader, floor)
    kept_ms = -1 if whole else late_since(reader, floor, machine.version)
    if kept_ms is None:
        behind = look(reader, progress_of(reader, floor.progress), {}, patience, batch).behind
        kept_ms = min((min(event.start_ms, event.key.end_ms - 1) for event in behind), default=None)
    if kept_ms is None:
        return None
    checkpoint = reader.checkpoint(kept_ms)
    start = progress_of(reader, checkpoint.progress if checkpoint else None)
    hearing = Hearing(machine, reader, checkpoint.state if checkpoint else None, start)
    while events := look(reader, hearing.progress, floor.progress.cursors, patience, batch).events:
        hearing.hear(events)
    before = reader.settlements(start.heard.end_ms)
    spans = {settlement.intervention_id: decode_spans(settlement.document) for settlement in before}
    finals = _finals(reader, hearing, start, list(spans))
    return Derivation(floor.version, start, hearing, finals, spans)


def _finals(reader: MeetingReader, hearing: Hearing, start: Progress, before: Sequence[str]) -> dict[str, Final]:
    last = {intervention.id: (intervention, settlement.reason) for settlement, intervention in hearing.settlements}
    dropped = [intervention_id for intervention_id in before if intervention_id not in last]
    for intervention_id, kept in reader.last_settlements(dropped, start.heard.end_ms).items():
        last[intervention_id] = (decode_intervention(kept.document), kept.reason)

    replaced = set(hearing.replaced_ids())

    def counts(row: TimelineRow) -> bool:
        if row.made_by == "advance":
            return row.start_ms < start.cursors[row.channel].next_ms
        heard_ms = row.start_ms + 1 if row.kind == "gap" else row.end_ms  # of a gap, a piece may have been heard
        if row.id in replaced and row.made_by != "capture":
            return False
        return row.ready and heard_ms <= hearing.progress.cursors[row.channel].next_ms

    return {
        intervention_id: Final(
            intervention, reason, content_of(hearing.machine, reader, intervention, counts, hearing.made_up)
        )
        for intervention_id, (intervention, reason) in last.items()
    }


def _commit(tx: MeetingWriter, floor: FloorRow, derivation: Derivation) -> tuple[str, ...]:
    hearing, start = derivation.hearing, derivation.start
    known_gaps = tx.made_up_gaps(start.cursors)
    tx.forget_after(start)
    tx.drop_gaps(hearing.replaced_ids())
    tx.mark_heard(hearing.heard_ids())
    tx.add_gaps(hearing.made_up)
    if hearing.events:
        write_meeting_state(tx, hearing.progress, hearing.events)
    write_gaps(
        tx,
        [
            gap
            for event, gap in hearing.gaps_heard()
            if (gap.channel, gap.span.start_ms, gap.span.end_ms) not in known_gaps
            and (event.row is None or not event.row.heard)
        ],
    )
    write_ledger(tx, hearing.progress, hearing.events)
    tx.add_settlements([settlement for settlement, _ in hearing.settlements])
    tx.add_checkpoints(hearing.checkpoints)
    changed = _commit_records(tx, derivation)
    settled = [final.intervention for final in derivation.finals.values()]
    if hearing.open is not None:
        changed += write_open(tx, hearing.open, settled)
    waiting = _still_waiting(floor.waiting, hearing.progress.cursors)
    state, version = hearing.encoded_state(), floor.version + 1
    tx.save_floor(FloorRow(version, hearing.machine.version, tx.meeting.fingerprint, state, hearing.progress, waiting))
    return tuple(dict.fromkeys(changed))


def _still_waiting(waiting: Mapping[str, Waiting], cursors: Mapping[str, Cursor]) -> dict[str, Waiting]:
    return {name: item for name, item in waiting.items() if item.at_ms == cursors[name].next_ms}


def _commit_records(tx: MeetingWriter, derivation: Derivation) -> list[str]:
    finals, still_open = derivation.finals, derivation.hearing.open or ()
    said = [
        Said(final.intervention.id, final.intervention.channel, final.intervention.spans) for final in finals.values()
    ]
    said += [Said(item.id, item.channel, item.spans) for item in still_open if item.id not in finals]
    records = {record.id: record for record in tx.records_about({*derivation.spans, *(item.id for item in said)})}
    outcome = match([_held(record, derivation.spans) for record in records.values()], said)
    changed: list[str] = []
    for record_id, successors in outcome.adrift.items():
        tx.update_record(record_id, intervention_id=None, successors=canonical_json(list(successors)))
        changed.append(record_id)
    for record_id, successors in outcome.retired.items():
        tx.retire(record_id, successors)
        retire_event(tx, record_id, records[record_id].current_revision, successors)
        changed.append(record_id)
    for record_id, intervention_id in outcome.stands_for.items():
        if intervention_id not in finals and not records[record_id].retired:
            tx.update_record(record_id, intervention_id=intervention_id)
    for intervention_id, final in finals.items():
        record_id = outcome.record_of(intervention_id)
        content = {**final.content, "id": record_id}
        record = records.get(record_id)
        if write_machine_content(tx, record, intervention_id, content, final.reason or REASON):
            changed.append(record_id)
    return changed + reapply_waiting(tx)


def _held(record: RecordRow, spans: Mapping[str, tuple[Span, ...]]) -> Held:
    stood = spans.get(record.intervention_id or "", (Span(record.start_ms, record.end_ms),))
    return Held(record.id, record.intervention_id, record.channel, stood, record.touched, record.retired)
