"""What readers see of each record, kept beside its revisions: written with every change, or made again from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import fulltext
from floorlog.adapters.store import shown_tables, tables
from floorlog.clock import Span, origin, parse_rfc3339
from floorlog.entities import EntityTable
from floorlog.identity import canonical_json
from floorlog.publication import Stretches, as_shown, without_words
from floorlog.review_states import PUBLIC
from floorlog.visibility import needs

VERSION = 1
"""Raise it whenever these rows are made in another way, or the members of a group change: stores make them again."""

TIE_BITS = 20
"""Lowest bits of a number: they tell records apart that begin in the same millisecond."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of one record: columns of `shown_records`, its facets, and the tokens of its text."""

    values: dict[str, Any]
    facets: tuple[tuple[str, str], ...]
    text: str

    @property
    def number(self) -> int:
        """Return its place among all records: by when it began."""
        return int(self.values["number"])


def epoch_ms(moment: datetime) -> int:
    """Return a moment in ms since 1970."""
    return round(moment.timestamp() * 1000)


def number_from(started_at: int) -> int:
    """Return the lowest number of a record that begins at a moment, in ms since 1970."""
    return started_at << TIE_BITS


def token(name: str, value: str) -> str:
    """Return a facet as a token of the search, which no word of a text equals."""
    return "x" + hashlib.sha256(f"{name}\x1f{value}".encode()).hexdigest()[:15]


def flag(value: bool) -> str:
    """Return the value of a facet that is so or not."""
    return "yes" if value else "no"


def describe_meeting(document: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a meeting that lists need."""
    return {
        "audience": document["audience"],
        "title": document["title"],
        "started_at": epoch_ms(origin(document)),
    }


def compose(
    meeting: dict[str, Any],
    record_id: str,
    state: str,
    revision: int,
    content: dict[str, Any],
    hidden: Stretches | None = None,
) -> Shown | None:
    """Return the rows of a record; None where no reader may see it.

    Args:
        meeting: The meeting's document.
        record_id: The record.
        state: Of its review; or `retired`.
        revision: What is shown.
        content: Of that revision.
        hidden: Stretches whose words are not shown.
    """
    level = needs(meeting["audience"], state)
    if level is None:
        return None
    shown = as_shown(content, hidden)
    spans, speaker = shown["spans"], shown.get("speaker")
    started_at = _started_at(meeting, spans[0])
    entity = speaker["entity"]["code"] if speaker else None
    tie = int(hashlib.sha256(record_id.encode()).hexdigest()[:8], 16) % (1 << TIE_BITS)
    values = {
        "number": number_from(started_at) + tie,
        "record_id": record_id,
        "meeting_id": meeting["id"],
        "needs": level,
        "revision": revision,
        "state": state,
        "kind": shown.get("kind", "unassigned"),
        "channel": shown["channel"],
        "entity": entity,
        "role": speaker["role"] if speaker else None,
        "interpretation": bool(shown.get("interpretation", False)),
        "started_at": started_at,
        "start_ms": spans[0]["start_ms"],
        "end_ms": spans[-1]["end_ms"],
        "length_ms": sum(span["end_ms"] - span["start_ms"] for span in spans),
        "document": canonical_json({**without_words(shown), "revision": revision, "review": {"state": state}}),
        "starts": _starts(shown),
    }
    text = " ".join(fulltext.tokens(shown.get("text", "")))
    return Shown(values, tuple(_facets(values, shown)), text)


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
    if suppressed(connection, [record_id]):
        return
    hidden = hidden_stretches(connection, meeting["id"])
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
    found: dict[str, list[Span]] = {}
    for text in connection.scalars(query):
        for channel, spans in json.loads(text).items():
            found.setdefault(channel, []).extend(Span(*span) for span in spans)
    return found


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
        [{"number": item.number, "text": item.text, "facets": _tokens(item)} for item in placed],
    )


def _facets(values: dict[str, Any], shown: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what a record can be chosen by: names and values."""
    yield "meeting", values["meeting_id"]
    yield "kind", values["kind"]
    yield "channel", values["channel"]
    yield "state", values["state"]
    yield "interpretation", flag(values["interpretation"])
    if values["entity"]:
        yield "speaker", values["entity"]
        yield from (("group", code) for code in _groups(values["entity"]))
    for name in ("on_behalf_of", "aligned_with"):
        yield from ((name, code) for code in dict.fromkeys(entity["code"] for entity in shown.get(name, ())))
    yield from (("theme", theme) for theme in dict.fromkeys(item["theme"] for item in shown.get("themes", ())))
    languages = (shown.get("language_spoken"), shown.get("language_text"))
    yield from (("language", language) for language in dict.fromkeys(languages) if language)


def _tokens(item: Shown) -> str:
    return " ".join([token("needs", str(item.values["needs"])), *(token(*facet) for facet in item.facets)])


@cache
def _groups(code: str) -> tuple[str, ...]:
    table = EntityTable.load()
    itself = (code,) if code in table and table.get(code).kind == "group" else ()
    return (*itself, *table.groups_of(code))


def _started_at(meeting: dict[str, Any], span: dict[str, Any]) -> int:
    if "start_utc" in span:
        return epoch_ms(parse_rfc3339(span["start_utc"]))
    return epoch_ms(origin(meeting)) + int(span["start_ms"])


def _starts(shown: dict[str, Any]) -> str:
    """Return where each word of the text begins, each in ms behind the one before; nothing where words make no text."""
    starts = [word["start_ms"] for word in shown.get("words", ()) for _ in word["text"].split(" ")]
    if len(starts) != len(shown.get("text", "").split(" ")):
        return "[]"
    return canonical_json([at - before for before, at in zip([0, *starts], starts, strict=False)])
