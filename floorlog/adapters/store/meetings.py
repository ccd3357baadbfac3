"""Meetings, and the lock on each that every writer of its records takes."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from floorlog.adapters.store import shown, shown_rows, tables
from floorlog.adapters.store.database import Database, database_now
from floorlog.adapters.store.rows import MeetingRow
from floorlog.errors import UnknownMeeting
from floorlog.identity import canonical_json


def insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT, which both databases spell alike."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def is_new(connection: Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless it is there already, and return whether it was inserted."""
    statement = insert(connection, table).values(values).on_conflict_do_nothing()
    # Not rowcount: PostgreSQL's driver does not give one for every form of INSERT.
    return connection.execute(statement.returning(sa.literal(1))).first() is not None


def lock_meeting(connection: Connection, meeting_id: str) -> MeetingRow:
    """Take the meeting's lock until the transaction ends, and return the meeting.

    SQLite has one lock, which every writer holds from its beginning.

    Raises:
        UnknownMeeting: it was never added.
    """
    return _meeting(connection, meeting_id, sa.select(tables.meetings).with_for_update())


def read_meeting(connection: Connection, meeting_id: str) -> MeetingRow:
    """Return the meeting.

    Raises:
        UnknownMeeting: it was never added.
    """
    return _meeting(connection, meeting_id, sa.select(tables.meetings))


def _meeting(connection: Connection, meeting_id: str, query: sa.Select[Any]) -> MeetingRow:
    row = connection.execute(query.where(tables.meetings.c.id == meeting_id)).one_or_none()
    if row is None:
        raise UnknownMeeting(meeting_id)
    return meeting_row(row)


def meeting_row(row: Any) -> MeetingRow:
    """Return the meeting of a database row that selects the whole table."""
    return MeetingRow(row.id, json.loads(row.document), row.fingerprint, row.state, row.added_at, row.last_heard_at)


class Meetings(Database):
    """The part of the store that knows which meetings there are."""

    def add_meeting(self, document: dict[str, Any]) -> bool:
        """Add a meeting, or replace the document of one; return whether it is new.

        Channels may be added later, never removed. A recogniser that the document names becomes the active one.

        Args:
            document: A validated `meeting` document.
        """
        rows, text = tables.meetings, canonical_json(document)
        with self.write() as connection:
            values = {
                "id": document["id"],
                "document": text,
                "fingerprint": document["recogniser"],
                "state": "scheduled",
                "added_at": database_now(connection),
                **shown_rows.describe_meeting(document),
            }
            added = is_new(connection, rows, values)
            if not added:
                meeting = lock_meeting(connection, document["id"])
                connection.execute(
                    sa.update(rows)
                    .where(rows.c.id == meeting.id)
                    .values(document=text, fingerprint=document["recogniser"] or meeting.fingerprint)
                )
                shown.meeting_changed(connection, meeting.document, document)
            for position, channel in enumerate(document["channels"]):
                place_in_meeting = {
                    "position": position,
                    "language": channel["language"],
                    "interpretation": channel["interpretation"],
                    "required": channel["required"],
                }
                connection.execute(
                    insert(connection, tables.channels)
                    .values(meeting_id=document["id"], name=channel["name"], **place_in_meeting)
                    .on_conflict_do_update(index_elements=["meeting_id", "name"], set_=place_in_meeting)
                )
            return added

    def meeting(self, meeting_id: str) -> MeetingRow:
        """Return a meeting.

        Raises:
            UnknownMeeting: it was never added.
        """
        with self.read() as connection:
            return read_meeting(connection, meeting_id)

    def activate(self, meeting_id: str, fingerprint: str) -> None:
        """Name the recogniser whose transcripts count; the next advance derives the meeting again from its start.

        Raises:
            UnknownMeeting: it was never added.
        """
        with self.write() as connection:
            meeting = lock_meeting(connection, meeting_id)
            document = canonical_json(meeting.document | {"recogniser": fingerprint})
            connection.execute(
                sa.update(tables.meetings)
                .where(tables.meetings.c.id == meeting_id)
                .values(fingerprint=fingerprint, document=document)
            )
