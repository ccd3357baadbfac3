"""What readers see of each record, kept beside its revisions: written with every change, or made again from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog.adapters.store import shown_tables, tables
from floorlog.adapters.store.shown_rows import Shown, compose, describe_meeting, tokens
from floorlog.clock import Span
from floorlog.publication import Stretches
from floorlog.review_states import PUBLIC

VERSION = 1
"""Raise it whenever these rows are made in another way, or the members of a group change: stores make them again."""


def keep(connection: Connection, meeting: dict[str, Any], record_id: str, now: datetime) -> None:
    """Write what readers see of a record that changed, in the transaction that changes it.

    Args:
        connection: Holds the meeting's lock.
        meeting: The meeting's document.
        record_id: The record.
        now: When that is.
    """
    rows, revisions = tables.records, tables.record_revisions
    row = connection.execute(
        sa.select(rows.c.state, rows.c.current_revision, revisions.c.content)
        .join(revisions, sa.and_(revisions.c.record_id == rows.c.id, revisions.c.revision == rows.c.current_revision))
        .where(rows.c.id == record_id)
    ).one()
    if row.state != "retired":
        seen = {
            "shown_at": sa.func.coalesce(revisions.c.shown_at, sa.bindparam("seen", now, revisions.c.shown_at.type))
        }
        if row.state in PUBLIC:
            published = sa.bindparam("published", now, revisions.c.published_at.type)
            seen["published_at"] = sa.func.coalesce(revisions.c.published_at, published)
        this = (revisions.c.record_id == record_id, revisions.c.revision == row.current_revision)
        connection.execute(sa.update(revisions).where(*this).values(seen))
    drop(connection, record_id)
    suppressions = shown_tables.suppressions
    here = sa.select(suppressions.c.record_id, suppressions.c.stretches)
    active = connection.execute(
        here.where(suppressions.c.meeting_id == meeting["id"], suppressions.c.lifted_at.is_(None))
    )
    found = active.all()
    if any(item.record_id == record_id for item in found):
        return
    hidden = _stretches([item.stretches for item in found])
    made = compose(meeting, record_id, row.state, row.current_revision, json.loads(row.content), hidden)
    if made is not None:
        insert(connection, [made])


def drop(connection: Connection, record_id: str) -> None:
    """Let no reader see a record."""
    number = connection.scalar(
        sa.delete(shown_tables.shown_records)
        .where(shown_tables.shown_records.c.record_id == record_id)
        .returning(shown_tables.shown_records.c.number)
    )
    if number is not None:
        for table in (shown_tables.shown_facets, shown_tables.shown_texts):
            connection.execute(sa.delete(table).where(table.c.number == number))


def suppressed(connection: Connection, record_ids: Sequence[str]) -> set[str]:
    """Return which of some records are hidden on request."""
    rows = shown_tables.suppressions
    return set(
        connection.scalars(
            sa.select(rows.c.record_id).where(rows.c.record_id.in_(record_ids), rows.c.lifted_at.is_(None))
        )
    )


def hidden_stretches(connection: Connection, meeting_id: str, removed: bool | None = None) -> Stretches:
    """Return where words of a meeting are hidden on request; with `removed`, only where they were erased, or not.

    It holds for every record: what a better model says there stays hidden under whatever id.
    """
    rows = shown_tables.suppressions
    query = sa.select(rows.c.stretches).where(rows.c.meeting_id == meeting_id, rows.c.lifted_at.is_(None))
    query = query if removed is None else query.where(rows.c.removed == removed)
    return _stretches(connection.scalars(query).all())


def _stretches(texts: Sequence[str]) -> Stretches:
    found: dict[str, list[Span]] = {}
    for text in texts:
        for channel, spans in json.loads(text).items():
            found.setdefault(channel, []).extend(Span(*span) for span in spans)
    return found


def meeting_changed(connection: Connection, before: dict[str, Any], meeting: dict[str, Any]) -> None:
    """Write what readers see of a meeting whose document changed; of its records, only if that matters to them.

    Args:
        connection: Holds the meeting's lock.
        before: The document as it was.
        meeting: The document as it is stored now.
    """
    was, now = describe_meeting(before), describe_meeting(meeting)
    if any(was[name] != now[name] for name in ("audience", "started_at")):
        make_again(connection, meeting["id"])
    elif was != now:
        connection.execute(sa.update(tables.meetings).where(tables.meetings.c.id == meeting["id"]).values(now))


def make_again(connection: Connection, meeting_id: str) -> None:
    """Make a meeting's rows again from its document and its records' revisions."""
    meetings, rows, revisions = tables.meetings, tables.records, tables.record_revisions
    document = json.loads(
        connection.execute(sa.select(meetings.c.document).where(meetings.c.id == meeting_id)).scalar_one()
    )
    connection.execute(sa.update(meetings).where(meetings.c.id == meeting_id).values(describe_meeting(document)))
    shown = shown_tables.shown_records
    numbers = sa.select(shown.c.number).where(shown.c.meeting_id == meeting_id)
    for table in (shown_tables.shown_facets, shown_tables.shown_texts):
        connection.execute(sa.delete(table).where(table.c.number.in_(numbers)))
    connection.execute(sa.delete(shown).where(shown.c.meeting_id == meeting_id))
    hidden = shown_tables.suppressions
    found = connection.execute(
        sa.select(rows.c.id, rows.c.state, rows.c.current_revision, revisions.c.content)
        .join(revisions, sa.and_(revisions.c.record_id == rows.c.id, revisions.c.revision == rows.c.current_revision))
        .where(
            rows.c.meeting_id == meeting_id,
            rows.c.state != "retired",
            ~sa.exists().where(hidden.c.record_id == rows.c.id, hidden.c.lifted_at.is_(None)),
        )
    )
    without = hidden_stretches(connection, meeting_id)
    made = (
        compose(document, row.id, row.state, row.current_revision, json.loads(row.content), without)
        for row in found.all()
    )
    insert(connection, [each for each in made if each is not None])


def make_all_again(connection: Connection) -> bool:
    """Make every row again where another version of this code made them; return whether that was so."""
    rows = shown_tables.derived
    version = connection.scalar(sa.select(rows.c.version).where(rows.c.name == "shown"))
    if version == VERSION:
        return False
    for meeting_id in connection.scalars(sa.select(tables.meetings.c.id)).all():
        make_again(connection, meeting_id)
    connection.execute(sa.delete(rows).where(rows.c.name == "shown"))
    connection.execute(sa.insert(rows).values(name="shown", version=VERSION))
    return True


def insert(connection: Connection, made: Sequence[Shown]) -> None:
    """Add the rows of records that have none; where a number is taken, the next one that is free is theirs."""
    if not made:
        return
    rows = shown_tables.shown_records
    placed: list[Shown] = []
    taken: set[int] = set()
    for item in made:
        number = item.number
        while number in taken or connection.scalar(sa.select(rows.c.number).where(rows.c.number == number)) is not None:
            number += 1
        taken.add(number)
        placed.append(item if number == item.number else replace(item, values=item.values | {"number": number}))
    connection.execute(sa.insert(rows), [item.values for item in placed])
    connection.execute(
        sa.insert(shown_tables.shown_facets),
        [
            {"name": name, "value": value, "number": item.number, "needs": item.values["needs"]}
            for item in placed
            for name, value in item.facets
        ],
    )
    connection.execute(
        sa.insert(shown_tables.shown_texts),
        [{"number": item.number, "text": item.text, "facets": tokens(item)} for item in placed],
    )
