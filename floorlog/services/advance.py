"""Advance a meeting: let its floor hear all that is stored and contiguous, and commit what comes of it at once.

Each transaction takes the meeting's lock first, then reads. State, records, provisional rows and outbox commit
together, so it does not matter which process runs this, how often, or where it is killed.
"""

from __future__ import annotations

from dataclasses import dataclass

from floorlog.adapters.store import MeetingWriter, Store
from floorlog.adapters.store.rows import FloorRow, Progress, Waiting
from floorlog.services import derive
from floorlog.services.compose import content_of
from floorlog.services.hear import MACHINE, Hearing, Machine
from floorlog.services.ledger import write_ledger
from floorlog.services.reapply import reapply_waiting
from floorlog.services.upcoming import Patience, late_since, look, progress_of
from floorlog.services.write import write_gaps, write_machine_content, write_meeting_state, write_open

BATCH_EVENTS = 200
"""Events heard in one transaction at most: about half an hour of a meeting, a second or two of holding its lock."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did: records that changed, whether there is more, whether something came too late."""

    changed: tuple[str, ...] = ()
    more: bool = False
    late: bool = False


def advance(store: Store, meeting_id: str, machine: Machine = MACHINE, batch: int = BATCH_EVENTS) -> tuple[str, ...]:
    """Let a meeting's floor hear all that can be heard; return the ids of the records that changed, once committed.

    Args:
        store: Where the meeting is.
        meeting_id: The meeting.
        machine: The floor's rules.
        batch: Events in one transaction at most.

    Raises:
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer; what was committed before stays.
    """
    changed: dict[str, None] = {}
    more = True
    while more:
        with store.locked(meeting_id) as tx:
            step = _step(tx, machine, batch)
        changed |= dict.fromkeys(step.changed)
        if step.late:
            changed |= dict.fromkeys(derive.derive_again(store, meeting_id, machine, batch))
        more = step.more or step.late
    return tuple(changed)


def tick(store: Store, machine: Machine = MACHINE) -> tuple[str, ...]:
    """Advance every meeting that has something stored that its floor has not heard; deadlines are looked at.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    return tuple(
        record_id for meeting_id in store.meetings_to_advance() for record_id in advance(store, meeting_id, machine)
    )


def _step(tx: MeetingWriter, machine: Machine, batch: int) -> Step:
    floor = tx.floor()
    if floor is not None and late_since(tx, floor, machine.version) is not None:
        return Step(late=True)
    progress = progress_of(tx, floor.progress if floor else None)
    patience = Patience(tx, floor)
    planned = look(tx, progress, {}, patience, batch)
    if planned.behind:
        return Step(late=True)
    events = planned.events[:batch]
    waiting = {name: patience.waiting(name, at_ms) for name, at_ms in planned.holes.items()}
    if not events:
        _wait(tx, floor, machine, progress, waiting)
        return Step()
    hearing = Hearing(machine, tx, floor.state if floor else None, progress)
    hearing.hear(events)
    cursors = hearing.progress.cursors
    waiting = (floor.waiting if floor else {}) | waiting
    waiting = {name: item for name, item in waiting.items() if item.at_ms == cursors[name].next_ms}
    changed = _commit(tx, hearing)
    version = floor.version + 1 if floor else 1
    state = hearing.encoded_state()
    tx.save_floor(FloorRow(version, machine.version, tx.meeting.fingerprint, state, hearing.progress, waiting))
    return Step(changed, more=planned.more or len(planned.events) > len(events))


def _wait(
    tx: MeetingWriter, floor: FloorRow | None, machine: Machine, progress: Progress, waiting: dict[str, Waiting]
) -> None:
    if floor is None and waiting:
        state = Hearing(machine, tx, None, progress).encoded_state()
        tx.save_floor(FloorRow(0, machine.version, tx.meeting.fingerprint, state, progress, waiting))
    elif floor is not None and waiting != floor.waiting:
        tx.save_waiting(waiting)


def _commit(tx: MeetingWriter, hearing: Hearing) -> tuple[str, ...]:
    tx.drop_gaps(hearing.replaced_ids())
    tx.mark_heard(hearing.heard_ids())
    tx.add_gaps(hearing.made_up)
    write_meeting_state(tx, hearing.progress, hearing.events)
    write_gaps(tx, [gap for _, gap in hearing.gaps_heard()])
    write_ledger(tx, hearing.progress, hearing.events)
    tx.add_settlements([settlement for settlement, _ in hearing.settlements])
    tx.add_checkpoints(hearing.checkpoints)
    changed: dict[str, None] = {}
    waits = False
    for settlement, intervention in hearing.settlements:
        record = tx.record_of(intervention.id) or tx.record(intervention.id)
        content = content_of(hearing.machine, tx, intervention)
        if record is not None:
            content["id"] = record.id
        if write_machine_content(tx, record, intervention.id, content, settlement.reason):
            changed[content["id"]] = None
            waits = waits or (record is not None and record.touched)
    settled = [intervention for _, intervention in hearing.settlements]
    if waits:
        changed |= dict.fromkeys(reapply_waiting(tx))
    changed |= dict.fromkeys(write_open(tx, hearing.open or (), settled))
    return tuple(changed)
