"""What is read of one meeting's records within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import tables
from floorlog.adapters.store.hearing import CHUNK, TimelineReader
from floorlog.adapters.store.rows import ProvisionalRow, RecordRow
from floorlog.adapters.store.shown import hidden_stretches
from floorlog.publication import Stretches


def record_row(row: Any) -> RecordRow:
    """Return the record of a database row that selects the whole table."""
    values = row._mapping
    successors = tuple(json.loads(values["successors"] or "[]"))
    return RecordRow(
        **{name: values[name] for name in RecordRow.__dataclass_fields__ if name != "successors"}, successors=successors
    )


class MeetingReader(TimelineReader):
    """One meeting, read within one transaction: its timeline, its floor and its records."""

    def record(self, record_id: str) -> RecordRow | None:
        """Return a record of the meeting by its id."""
        return next(iter(self.records(sa.select(tables.records).where(tables.records.c.id == record_id))), None)

    def record_of(self, intervention_id: str) -> RecordRow | None:
        """Return the record that stands for an intervention."""
        query = sa.select(tables.records).where(tables.records.c.intervention_id == intervention_id)
        return next(iter(self.records(query)), None)

    def records_about(self, intervention_ids: Iterable[str]) -> list[RecordRow]:
        """Return the records that stand for one of the interventions, or bear its id."""
        rows, ids = tables.records, sorted(intervention_ids)
        found: dict[str, RecordRow] = {}
        for at in range(0, len(ids), CHUNK):
            chunk = ids[at : at + CHUNK]
            about = sa.select(rows).where(sa.or_(rows.c.id.in_(chunk), rows.c.intervention_id.in_(chunk)))
            found |= {record.id: record for record in self.records(about)}
        return list(found.values())

    def records(self, query: sa.Select[Any]) -> list[RecordRow]:
        """Return the meeting's records that a query over the whole table finds."""
        found = self.connection.execute(query.where(tables.records.c.meeting_id == self.meeting.id))
        return [record_row(row) for row in found]

    def last_machine_revision(self, record_id: str, until: int) -> int | None:
        """Return the number of the machine's last revision of a record up to a revision; None where there is none."""
        rows = tables.record_revisions
        of_machine = (rows.c.record_id == record_id, rows.c.made_by == "machine", rows.c.revision <= until)
        found: int | None = self.connection.scalar(sa.select(sa.func.max(rows.c.revision)).where(*of_machine))
        return found

    def removed_stretches(self) -> Stretches:
        """Return where words of the meeting were erased on request."""
        return hidden_stretches(self.connection, self.meeting.id, removed=True)

    def provisional(self) -> dict[str, ProvisionalRow]:
        """Return the open interventions that are stored, by id."""
        rows = tables.provisional_records
        found = self.connection.execute(sa.select(rows).where(rows.c.meeting_id == self.meeting.id))
        return {
            row.id: ProvisionalRow(row.id, row.channel, row.start_ms, row.document, row.opened_at, row.changed_at)
            for row in found
        }
