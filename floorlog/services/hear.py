"""Let the floor's machine hear events in order, and remember all that comes of it until it is committed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from floorlog import interventions, records
from floorlog.adapters.store import MeetingReader
from floorlog.adapters.store.rows import Checkpoint, Cursor, Progress, Settlement
from floorlog.announcements import End, Gap
from floorlog.clock import Span
from floorlog.identity import canonical_json, gap_id
from floorlog.interventions import Heard, Intervention
from floorlog.services.timeline import Upcoming, gap_of

CHECKPOINT_EVENTS = 60
"""Events between two states to derive again from: some ten minutes of segments of 10 s."""

DECODED_AT_ONCE = 20
"""Transcripts with their voice windows in memory at once."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that has the floor's rules, and what composes its interventions into records.

    A raised `version` derives every meeting again when it is next advanced.
    """

    version: int
    begin: Callable[[dict[str, Any]], Any]
    hear: Callable[[Any, interventions.Event], Heard]
    encode_state: Callable[[Any], dict[str, Any]]
    decode_state: Callable[[dict[str, Any]], Any]
    compose: Callable[..., dict[str, Any]]


MACHINE = Machine(
    interventions.VERSION,
    interventions.begin,
    interventions.hear,
    interventions.encode_state,
    interventions.decode_state,
    records.compose,
)


def encode_intervention(intervention: Intervention) -> str:
    """Return an intervention's JSON in its one spelling."""
    return canonical_json(interventions.encode_intervention(intervention))


def decode_intervention(text: str) -> Intervention:
    """Return the intervention behind `encode_intervention`."""
    return interventions.decode_intervention(json.loads(text))


def decode_spans(text: str) -> tuple[Span, ...]:
    """Return the spans of an intervention's JSON, whatever version wrote it."""
    return tuple(Span.decode(span) for span in json.loads(text)["spans"])


class Hearing:
    """The machine at work on one meeting: its state, how far it is, and what it said since the start of this hearing.

    Args:
        machine: The rules.
        reader: The meeting, open in a transaction.
        state: The machine's state in JSON; None before the first event.
        progress: How far that state is.
    """

    def __init__(self, machine: Machine, reader: MeetingReader, state: str | None, progress: Progress) -> None:
        meeting = reader.meeting.document
        self.machine, self.reader = machine, reader
        self.state: Any = machine.begin(meeting) if state is None else machine.decode_state(json.loads(state))
        self.progress = progress
        self.events: list[Upcoming] = []
        self.settlements: list[tuple[Settlement, Intervention]] = []
        self.open: tuple[Intervention, ...] | None = None
        self.checkpoints: list[Checkpoint] = []
        self.made_up: list[Gap] = []

    def hear(self, events: Sequence[Upcoming]) -> None:
        """Hear events that follow each other and what was heard before."""
        meeting_id, upcoming = self.reader.meeting.id, iter(events)
        while batch := list(islice(upcoming, DECODED_AT_ONCE)):
            wanted = [event.row.id for event in batch if event.row is not None and event.row.kind == "segment"]
            transcripts = self.reader.transcripts(wanted)
            for event in batch:
                match event.row:
                    case None:
                        gap = gap_of(meeting_id, event)
                        self.made_up.append(gap)
                        self._hear_one(event, gap)
                    case row if row.kind == "segment":
                        self._hear_one(event, transcripts[row.id])
                    case row if row.kind == "gap":
                        self._hear_one(event, gap_of(meeting_id, event))
                    case row:
                        self._hear_one(event, End(meeting_id, row.channel, row.sequence, row.start_ms, -1))

    def heard_ids(self) -> list[str]:
        """Return the ids of the stored announcements that were heard, and of gaps that others account for."""
        announced = (event.row.id for event in self.events if event.row is not None)
        return [*announced, *(each for event in self.events for each in event.covers)]

    def replaced_ids(self) -> list[str]:
        """Return the ids that dead letters' gaps have where a segment was heard after all."""
        rows = [event.row for event in self.events if event.row is not None and event.row.kind == "segment"]
        return [gap_id(self.reader.meeting.id, row.channel, row.start_ms) for row in rows]

    def encoded_state(self) -> str:
        """Return the machine's state in JSON."""
        return canonical_json(self.machine.encode_state(self.state))

    def gaps_heard(self) -> Iterator[tuple[Upcoming, Gap]]:
        """Yield the gaps that were heard, in order, with their events."""
        for event in self.events:
            if event.is_gap:
                yield event, gap_of(self.reader.meeting.id, event)

    def _hear_one(self, event: Upcoming, content: interventions.Event) -> None:
        key, progress = event.key, self.progress
        if progress.events % CHECKPOINT_EVENTS == 0 and progress.events and key.end_ms > progress.heard.end_ms:
            self.checkpoints.append(Checkpoint(self.encoded_state(), progress))
        heard = self.machine.hear(self.state, content)
        self.state, self.open = heard.state, heard.open
        cursors = progress.cursors | {key.channel: Cursor(key.end_ms, key.rank == 1)}
        self.progress = Progress(cursors, key, progress.events + 1)
        self.events.append(event)
        for settled in heard.settled:
            document = encode_intervention(settled.intervention)
            settlement = Settlement(settled.intervention.id, key.end_ms, settled.reason, document)
            self.settlements.append((settlement, settled.intervention))
