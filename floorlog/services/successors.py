"""Which record stands for which intervention after a meeting was derived again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from floorlog.clock import Span


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it is held: what it stood for, where, and whether a person touched it or it was published."""

    id: str
    intervention_id: str | None
    channel: str
    spans: tuple[Span, ...]
    touched: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class Said:
    """An intervention as the machine knows it now."""

    id: str
    channel: str
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Outcome:
    """What becomes of the records.

    `stands_for`: intervention by record, for records that stand for one. `retired`: successors by record, for those
    that nobody touched and that stand for nothing any more. `adrift`: the same for those that a person touched: they
    stay as they are until a person decides.
    """

    stands_for: dict[str, str] = field(default_factory=dict)
    retired: dict[str, tuple[str, ...]] = field(default_factory=dict)
    adrift: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def record_of(self, intervention_id: str) -> str:
        """Return the id of the record that stands for an intervention."""
        return next((key for key, value in self.stands_for.items() if value == intervention_id), intervention_id)


def match(held: Iterable[Held], said: Sequence[Said]) -> Outcome:
    """Decide which record stands for which intervention.

    A record stands for the intervention of its own id, as in a first run. A record that a person touched or that was
    published keeps its id: it goes on to stand for what it stood for, else for what it overlaps most of those that no
    other record stands for.

    Args:
        held: The records that the new derivation may change.
        said: The interventions that they may stand for.
    """
    records = sorted(held, key=lambda record: record.id)
    known = {item.id: item for item in said}
    outcome = Outcome()
    taken: set[str] = set()

    def stand(record: Held, intervention_id: str) -> None:
        outcome.stands_for[record.id] = intervention_id
        taken.add(intervention_id)

    for record in records:
        if record.id in known:
            stand(record, record.id)
    for record in records:  # one that a person merged into another keeps to what it stood for, too
        known_to = record.retired and record.touched and record.id not in outcome.stands_for
        if known_to and record.intervention_id in known and record.intervention_id not in taken:
            stand(record, record.intervention_id)
    lost = [record for record in records if record.id not in outcome.stands_for and not record.retired]
    touched = [record for record in lost if record.touched]
    for record in touched:
        if record.intervention_id in known and record.intervention_id not in taken:
            stand(record, record.intervention_id)
    pairs = sorted(
        (-overlap_ms(record, item), record.id, item.id, record)
        for record in touched
        for item in said
        if record.id not in outcome.stands_for and item.id not in taken and overlap_ms(record, item)
    )
    for _, record_id, intervention_id, record in pairs:
        if record_id not in outcome.stands_for and intervention_id not in taken:
            stand(record, intervention_id)
    for record in lost:
        if record.id not in outcome.stands_for:
            successors = tuple(outcome.record_of(item) for item in successors_of(record, said))
            (outcome.adrift if record.touched else outcome.retired)[record.id] = successors
    return outcome


def successors_of(record: Held | Said, said: Sequence[Said]) -> tuple[str, ...]:
    """Return what stands where a record stood: what overlaps it most, and what lies mostly inside it; most first."""
    overlaps = sorted(
        ((overlap_ms(record, item), item) for item in said if overlap_ms(record, item)),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    return tuple(
        item.id
        for place, (overlap, item) in enumerate(overlaps)
        if place == 0 or 2 * overlap >= sum(span.length_ms for span in item.spans)
    )


def overlap_ms(one: Held | Said, other: Held | Said) -> int:
    """Return for how long two last at once on the same channel, in ms."""
    if one.channel != other.channel:
        return 0
    return sum(mine.overlap_ms(theirs) for mine in one.spans for theirs in other.spans)
