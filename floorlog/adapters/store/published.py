"""What readers of published records ask for: lists, one record, its revisions, and all of them in order."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import visibility
from floorlog.adapters.store import choosing, shown, tables
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.published_rows import (
    Cursor,
    Filter,
    Gone,
    Retired,
    RevisionNote,
    ShownRevision,
    ShownRow,
    Suppressed,
    Withdrawn,
)
from floorlog.adapters.store.shown_tables import shown_records
from floorlog.publication import Stretches, as_shown, off_record

CHUNK = 50
"""Documents with their words that are held at once while many are read: some MB."""


class Published(Database):
    """The part of the store that readers of published records see."""

    def interventions(
        self, wanted: Filter, *, before: Cursor | None = None, limit: int = 50, ascending: bool = False
    ) -> list[ShownRow]:
        """Return the records that a reader sees and asks for, the latest first.

        Args:
            wanted: Which records, and by whom.
            before: Go on behind this one.
            limit: How many at most.
            ascending: The earliest first; `before` then goes on with later ones.
        """
        number = shown_records.c.number
        chosen = choosing.numbers(wanted, before=before, limit=limit, ascending=ascending).subquery()
        query = (
            sa.select(*choosing.COLUMNS)
            .join(chosen, chosen.c.number == number)
            .order_by(number if ascending else number.desc())
        )
        with self.read() as connection:
            return [choosing.shown_row(row) for row in connection.execute(query)]

    def intervention(self, record_id: str, scopes: tuple[str, ...] = ()) -> ShownRow | Gone | None:
        """Return a record as a reader sees it, or what became of it if the reader could once see it; else None."""
        with self.read() as connection:
            return _intervention(connection, record_id, scopes)

    def revisions_shown(self, record_id: str, scopes: tuple[str, ...] = ()) -> list[RevisionNote] | Gone | None:
        """Return which revisions of a record such a reader was shown, the first one first; of a retired one, too."""
        rows = tables.record_revisions
        with self.read() as connection:
            gone, moment = _of_old(connection, record_id, scopes)
            if moment is None:
                return gone
            found = connection.execute(
                sa.select(rows.c.revision, rows.c.made_by, rows.c.reason, moment)
                .where(rows.c.record_id == record_id, moment.is_not(None))
                .order_by(rows.c.revision)
            )
            return [RevisionNote(*row) for row in found]

    def revision_shown(
        self, record_id: str, revision: int, scopes: tuple[str, ...] = ()
    ) -> ShownRevision | Gone | None:
        """Return a revision with its words, if such a reader was shown it; of a retired record, too.

        What is off the record now is so in every revision.
        """
        rows, records = tables.record_revisions, tables.records
        with self.read() as connection:
            gone, moment = _of_old(connection, record_id, scopes)
            if moment is None:
                return gone
            row = connection.execute(
                sa.select(rows.c.content, rows.c.made_by, rows.c.reason, moment.label("moment")).where(
                    rows.c.record_id == record_id, rows.c.revision == revision, moment.is_not(None)
                )
            ).one_or_none()
            if row is None:
                return None
            meeting_id, state, current, latest = connection.execute(
                sa.select(records.c.meeting_id, records.c.state, records.c.current_revision, rows.c.content)
                .join(rows, sa.and_(rows.c.record_id == records.c.id, rows.c.revision == records.c.current_revision))
                .where(records.c.id == record_id)
            ).one()
            hidden = shown.hidden_stretches(connection, meeting_id)
        content = json.loads(row.content)
        if revision != current:
            content = as_shown(content, off_record(json.loads(latest)))
            state = content.get("review", {}).get("state", "machine")
        return ShownRevision(revision, _full(content, revision, state, hidden), row.made_by, row.reason, row.moment)

    def shown_stream(self, wanted: Filter) -> Iterator[dict[str, Any]]:
        """Yield the documents, with their words, of all records that a reader sees and asks for.

        They come by (meeting, start, id), some in one transaction: a reader that is slow holds none open, and sees what
        changes meanwhile in what is still to come.
        """
        rows, revisions = shown_records, tables.record_revisions
        this = sa.and_(revisions.c.record_id == rows.c.record_id, revisions.c.revision == rows.c.revision)
        documents = sa.select(rows.c.revision, rows.c.state, revisions.c.content).join(revisions, this)
        documents = documents.where(choosing.seen_by(wanted.scopes, rows.c.needs)).order_by(*_place())
        for meeting_id in self._meetings_of(wanted):
            chosen = choosing.numbers(replace(wanted, meeting_id=meeting_id), before=None, limit=None).order_by(None)
            with self.read() as connection:
                query = sa.select(rows.c.record_id).where(rows.c.number.in_(chosen)).order_by(*_place())
                keys = connection.scalars(query).all()
            for at in range(0, len(keys), CHUNK):
                with self.read() as connection:
                    found = connection.execute(documents.where(rows.c.record_id.in_(keys[at : at + CHUNK]))).all()
                    hidden = shown.hidden_stretches(connection, meeting_id)
                for row in found:
                    yield _full(json.loads(row.content), row.revision, row.state, hidden)

    def _meetings_of(self, wanted: Filter) -> Sequence[str]:
        if wanted.meeting_id is not None:
            return [wanted.meeting_id]
        chosen = choosing.numbers(wanted, before=None, limit=None).order_by(None)
        rows = shown_records
        query = sa.select(rows.c.meeting_id).distinct().where(rows.c.number.in_(chosen)).order_by(rows.c.meeting_id)
        with self.read() as connection:
            return connection.scalars(query).all()


def _place() -> list[sa.Column[Any]]:
    return [shown_records.c[name] for name in ("meeting_id", "start_ms", "record_id")]


def _full(content: dict[str, Any], revision: int, state: str, hidden: Stretches) -> dict[str, Any]:
    return {**as_shown(content, hidden), "revision": revision, "review": {"state": state}}


def _intervention(connection: Connection, record_id: str, scopes: tuple[str, ...]) -> ShownRow | Gone | None:
    seen = choosing.seen_by(scopes, shown_records.c.needs)
    row = connection.execute(
        sa.select(*choosing.COLUMNS).where(shown_records.c.record_id == record_id, seen)
    ).one_or_none()
    return _gone(connection, record_id, scopes) if row is None else choosing.shown_row(row)


def _gone(connection: Connection, record_id: str, scopes: tuple[str, ...]) -> Gone | None:
    """Return what became of a record that such a reader sees no more; None where they never saw it."""
    rows, meetings = tables.records, tables.meetings
    row = connection.execute(
        sa.select(rows.c.meeting_id, rows.c.state, rows.c.successors, meetings.c.audience)
        .join(meetings, meetings.c.id == rows.c.meeting_id)
        .where(rows.c.id == record_id)
    ).one_or_none()
    moment = None if row is None else _moment(row.audience, scopes)
    if row is None or moment is None or not _was_shown(connection, record_id, moment):
        return None
    if shown.suppressed(connection, [record_id]):
        return Suppressed(record_id, row.meeting_id)
    if row.state == "retired":
        successors = json.loads(row.successors or "[]")
        told = tuple(key for key in successors if _intervention(connection, key, scopes) is not None)
        return Retired(record_id, row.meeting_id, told)
    return Withdrawn(record_id, row.meeting_id, _why_withdrawn(connection, record_id))


def _moment(audience: str, scopes: Collection[str]) -> sa.ColumnElement[Any] | None:
    """Return the column that says when a revision was shown to such a reader; None where nothing of a meeting is."""
    states = visibility.states(audience, scopes)
    if not states:
        return None
    rows = tables.record_revisions
    return rows.c.shown_at if states == visibility.STANDING else rows.c.published_at


def _was_shown(connection: Connection, record_id: str, moment: sa.ColumnElement[Any]) -> bool:
    rows = tables.record_revisions
    query = sa.select(sa.literal(1)).where(rows.c.record_id == record_id, moment.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def _why_withdrawn(connection: Connection, record_id: str) -> str | None:
    """Return the reason that was given when a record was withdrawn; since then, people may have begun on it again."""
    rows = tables.corrections
    steps = connection.scalars(
        sa.select(rows.c.document)
        .where(rows.c.record_id == record_id, rows.c.operation == "state")
        .order_by(rows.c.number.desc())
    )
    found = (json.loads(document) for document in steps)
    return next((item["reason"] for item in found if (item["after"] or {}).get("state") == "withdrawn"), None)


def _of_old(
    connection: Connection, record_id: str, scopes: tuple[str, ...]
) -> tuple[Gone | None, sa.ColumnElement[Any] | None]:
    """Return what became of a record whose revisions are asked for, and which column says what may be shown of them.

    The revisions of one that is retired stay, unless what they became was withdrawn or hidden: the words are the same.
    """
    found = _intervention(connection, record_id, scopes)
    if found is None or isinstance(found, Withdrawn | Suppressed):
        return found, None
    if isinstance(found, Retired) and (gone := _became_gone(connection, record_id, found.meeting_id)):
        return gone, None
    audience = connection.scalar(sa.select(tables.meetings.c.audience).where(tables.meetings.c.id == found.meeting_id))
    gone_by = found if isinstance(found, Retired) else None
    return gone_by, _moment(str(audience), scopes)


def _became_gone(connection: Connection, record_id: str, meeting_id: str) -> Gone | None:
    """Return a suppression or withdrawal of any record that a retired one became."""
    rows = tables.records
    known, waiting = {record_id}, [record_id]
    while waiting:
        found = connection.execute(sa.select(rows.c.id, rows.c.state, rows.c.successors).where(rows.c.id.in_(waiting)))
        waiting = []
        for row in found.all():
            if shown.suppressed(connection, [row.id]):
                return Suppressed(record_id, meeting_id)
            if row.state == "withdrawn":
                return Withdrawn(record_id, meeting_id, _why_withdrawn(connection, row.id))
            if row.state == "retired":
                waiting += json.loads(row.successors or "[]")
        waiting = [key for key in waiting if key not in known]
        known.update(waiting)
    return None
