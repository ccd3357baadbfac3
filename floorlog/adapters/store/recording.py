"""Records and their revisions, written under the meeting's lock: revisions are appended, never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import shown, tables
from floorlog.adapters.store.committing import FloorWriter
from floorlog.adapters.store.meetings import is_new
from floorlog.adapters.store.rows import RecordRow, RevisionRow
from floorlog.clock import parse_rfc3339
from floorlog.identity import canonical_json


def content_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a record's content in its one spelling."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def read_revision(connection: Connection, record_id: str, revision: int) -> RevisionRow | None:
    """Return one revision of a record, if there is one."""
    rows = tables.record_revisions
    row = connection.execute(
        sa.select(rows).where(rows.c.record_id == record_id, rows.c.revision == revision)
    ).one_or_none()
    return None if row is None else revision_row(row)


def revision_row(row: Any) -> RevisionRow:
    """Return the revision of a database row that selects the whole table."""
    content = json.loads(row.content)
    return RevisionRow(row.record_id, row.revision, content, row.made_by, row.author, row.reason, row.created_at)


class MeetingWriter(FloorWriter):
    """One meeting under its lock: all that may be written of it."""

    def revision(self, record_id: str, revision: int) -> RevisionRow | None:
        """Return one revision of a record."""
        return read_revision(self.connection, record_id, revision)

    def add_record(
        self,
        content: dict[str, Any],
        made_by: Literal["machine", "person"],
        *,
        state: str,
        author: str | None = None,
        reason: str | None = None,
    ) -> int:
        """Store a new record with revision 1, and return 1. A person's record is touched; emitting is the caller's.

        Args:
            content: A record document without revision and ordinal; its `id` names the record.
            made_by: Who made it.
            state: The state of its review.
            author: The person, if one made it.
            reason: Why it was made.
        """
        start_ms, end_ms = _extent(content)
        of_machine = made_by == "machine"
        self.connection.execute(
            sa.insert(tables.records).values(
                id=content["id"],
                meeting_id=self.meeting.id,
                channel=content["channel"],
                intervention_id=content["id"] if of_machine else None,
                start_ms=start_ms,
                end_ms=end_ms,
                state=state,
                touched=not of_machine,
                latest_revision=1,
                current_revision=1,
                machine_revision=1 if of_machine else None,
                machine_hash=content_hash(content) if of_machine else None,
                changed_at=self.now,
            )
        )
        self._append(content, 1, made_by, author, reason)
        self._keep_shown(content["id"])
        return 1

    def append_machine_revision(
        self, record: RecordRow, content: dict[str, Any], reason: str | None, hold: bool
    ) -> int:
        """Append what the machine knows now, and return the revision's number.

        Args:
            record: The record as it is in the store.
            content: Its new content.
            reason: Why it is new.
            hold: Whether it waits beside what a person has worked on instead of being shown.
        """
        revision = record.latest_revision + 1
        self._append(content, revision, "machine", None, reason)
        values: dict[str, Any] = {
            "latest_revision": revision,
            "machine_revision": revision,
            "machine_hash": content_hash(content),
        }
        self.update_record(record.id, **values | ({} if hold else self._pointers(content, revision)))
        return revision

    def append_person_revision(
        self, record: RecordRow, content: dict[str, Any], author: str, reason: str | None, state: str
    ) -> int:
        """Append a person's work, show it, and return the revision's number; emitting is the caller's.

        Args:
            record: The record as it is in the store.
            content: Its new content.
            author: The person.
            reason: Why it is new, in the person's words.
            state: The state of its review from now on.
        """
        revision = record.latest_revision + 1
        self._append(content, revision, "person", author, reason)
        pointers = self._pointers(content, revision)
        self.update_record(record.id, latest_revision=revision, state=state, touched=True, **pointers)
        return revision

    def append_reapplied_revision(self, record: RecordRow, content: dict[str, Any], reason: str) -> int:
        """Append and show a person's work re-applied onto what the machine knows now, and return the revision's number.

        Args:
            record: The record as it is in the store.
            content: Its new content.
            reason: Why it is new.
        """
        revision = record.latest_revision + 1
        self._append(content, revision, "machine", None, reason)
        self.update_record(record.id, latest_revision=revision, **self._pointers(content, revision))
        return revision

    def update_record(self, record_id: str, **values: Any) -> None:
        """Change columns of a record's pointers. A caller that works for a person sets `touched`."""
        self.connection.execute(
            sa.update(tables.records).where(tables.records.c.id == record_id).values(changed_at=self.now, **values)
        )
        if "state" in values or "current_revision" in values:
            self._keep_shown(record_id)

    def retire(self, record_id: str, successors: Sequence[str]) -> None:
        """Let successors stand for a record from now on; emitting is the caller's."""
        self.update_record(
            record_id, state="retired", intervention_id=None, successors=canonical_json(list(successors))
        )

    def put_provisional(self, intervention_id: str, channel: str, start_ms: int, document: str, opens: bool) -> None:
        """Store an open intervention as it is now, in the place of what was stored of it, unless it opens now."""
        rows = tables.provisional_records
        grown = {"channel": channel, "start_ms": start_ms, "document": document, "changed_at": self.now}
        if opens:
            key = {"meeting_id": self.meeting.id, "id": intervention_id, "opened_at": self.now}
            self.connection.execute(sa.insert(rows).values(key | grown))
        else:
            this = (rows.c.meeting_id == self.meeting.id, rows.c.id == intervention_id)
            self.connection.execute(sa.update(rows).where(*this).values(grown))

    def drop_provisional(self, intervention_id: str) -> None:
        """Forget an intervention that is no longer open."""
        rows = tables.provisional_records
        self.connection.execute(
            sa.delete(rows).where(rows.c.meeting_id == self.meeting.id, rows.c.id == intervention_id)
        )

    def add_correction(self, document: dict[str, Any]) -> bool:
        """Store a correction; return whether it is new. A repeated one changes nothing.

        Args:
            document: A validated `correction` document.
        """
        values = {
            "id": document["id"],
            "meeting_id": self.meeting.id,
            "record_id": document["record_id"],
            "base_revision": document["base_revision"],
            "operation": document["operation"],
            "document": canonical_json(document),
            "at": parse_rfc3339(document["at"]),
        }
        return is_new(self.connection, tables.corrections, values)

    def corrections(self, record_id: str) -> list[dict[str, Any]]:
        """Return the corrections of a record, in the order in which they were stored."""
        rows = tables.corrections
        found = self.connection.scalars(
            sa.select(rows.c.document).where(rows.c.record_id == record_id).order_by(rows.c.number)
        )
        return [json.loads(text) for text in found]

    def correction(self, correction_id: str) -> dict[str, Any] | None:
        """Return a correction of the meeting by its id."""
        rows = tables.corrections
        found = self.connection.scalar(
            sa.select(rows.c.document).where(rows.c.id == correction_id, rows.c.meeting_id == self.meeting.id)
        )
        return None if found is None else json.loads(found)

    def journal(self, *, backwards: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the corrections of the meeting in the order in which they were stored, or the last one first."""
        rows = tables.corrections
        order = rows.c.number.desc() if backwards else rows.c.number
        query = sa.select(rows.c.document).where(rows.c.meeting_id == self.meeting.id).order_by(order)
        with self.connection.execute(query, execution_options={"yield_per": 20}) as found:
            for row in found:
                yield json.loads(row.document)

    def standing(self, channel: str | None = None, *, touched: bool = False) -> list[RevisionRow]:
        """Return what stands of each record that is not retired, by (start, id).

        Args:
            channel: Only this channel's.
            touched: Only of records that a person touched.
        """
        rows, revisions = tables.records, tables.record_revisions
        shown = sa.and_(revisions.c.record_id == rows.c.id, revisions.c.revision == rows.c.current_revision)
        query = (
            sa.select(revisions)
            .select_from(rows.join(revisions, shown))
            .where(rows.c.meeting_id == self.meeting.id, rows.c.state != "retired")
            .order_by(rows.c.start_ms, rows.c.id)
        )
        query = query if channel is None else query.where(rows.c.channel == channel)
        query = query.where(rows.c.touched) if touched else query
        return [revision_row(row) for row in self.connection.execute(query)]

    def _keep_shown(self, record_id: str) -> None:
        shown.keep(self.connection, self.meeting.document, record_id, self.now)

    def _append(
        self, content: dict[str, Any], revision: int, made_by: str, author: str | None, reason: str | None
    ) -> None:
        self.connection.execute(
            sa.insert(tables.record_revisions).values(
                record_id=content["id"],
                revision=revision,
                content=canonical_json(content),
                content_hash=content_hash(content),
                start_ms=_extent(content)[0],
                made_by=made_by,
                author=author,
                reason=reason,
                created_at=self.now,
            )
        )

    def _pointers(self, content: dict[str, Any], revision: int) -> dict[str, Any]:
        start_ms, end_ms = _extent(content)
        return {"current_revision": revision, "start_ms": start_ms, "end_ms": end_ms}


def _extent(content: dict[str, Any]) -> tuple[int, int]:
    return content["spans"][0]["start_ms"], content["spans"][-1]["end_ms"]
