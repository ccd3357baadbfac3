"""The coverage ledger as it is stored, and the review items that omissions raise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from floorlog.adapters.store import ledger_tables, tables
from floorlog.adapters.store.hearing import CHUNK, TimelineReader
from floorlog.adapters.store.meetings import insert
from floorlog.adapters.store.recording import MeetingWriter
from floorlog.clock import Span
from floorlog.coverage import KINDS, Entry
from floorlog.identity import canonical_json
from floorlog.omissions import Omission

FILLED = "filled"
"""Why the machine closes an item: what was missing is there."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """An announcement, and what the ledger takes from it: None where its transcript is not there or not accounted for.

    `transcribed`: whether the meeting's recogniser has heard it.
    """

    id: str
    kind: str
    span: Span | None
    cause: str | None
    heard: bool
    transcribed: bool
    entries: tuple[Entry, ...] | None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """Something that a person should look at: where, why, how much it matters, and what became of it."""

    id: str
    meeting_id: str
    channel: str
    span: Span
    reason: str
    cause: str | None
    severity: str
    impact: int
    state: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    closed_reason: str | None


def encode_entries(entries: Iterable[Entry]) -> str:
    """Return the account of a segment in JSON."""
    return canonical_json(
        [[item.span.start_ms, item.span.end_ms, KINDS.index(item.kind), item.cause] for item in entries]
    )


def decode_entries(text: str) -> tuple[Entry, ...]:
    """Return the account behind `encode_entries`."""
    return tuple(Entry(Span(start, end), KINDS[kind], cause) for start, end, kind, cause in json.loads(text))


def accounted(reader: TimelineReader, channel: str, start_ms: int, end_ms: int | None) -> list[Accounted]:
    """Return a channel's announcements from a moment on, in order, with their accounts; no word is read.

    Args:
        reader: The meeting, open in a transaction.
        channel: The channel.
        start_ms: A moment that the first of them holds, if there is one.
        end_ms: What starts at this moment or later is left out; None: nothing is.
    """
    rows, texts, accounts = tables.segments, tables.transcripts, ledger_tables.segment_accounts
    fingerprint = reader.meeting.fingerprint
    # Audio of a recording may lie inside a gap that began long before: gaps are looked up apart, by an index of theirs.
    first = (
        sa.select(sa.func.max(rows.c.start_ms))
        .where(
            rows.c.meeting_id == reader.meeting.id,
            rows.c.channel == channel,
            rows.c.kind != "end",
            rows.c.start_ms <= start_ms,
        )
        .scalar_subquery()
    )
    from_here = rows.c.start_ms >= sa.func.coalesce(first, 0)
    query = (
        sa.select(
            rows.c.id,
            rows.c.kind,
            rows.c.start_ms,
            rows.c.end_ms,
            rows.c.cause,
            rows.c.heard,
            texts.c.segment_id.is_not(None).label("transcribed"),
            accounts.c.entries,
        )
        .select_from(
            rows.outerjoin(
                texts, sa.and_(texts.c.segment_id == rows.c.id, texts.c.fingerprint == fingerprint)
            ).outerjoin(accounts, sa.and_(accounts.c.segment_id == rows.c.id, accounts.c.fingerprint == fingerprint))
        )
        .where(rows.c.meeting_id == reader.meeting.id, rows.c.channel == channel)
        .where(sa.or_(from_here, sa.and_(rows.c.kind == "gap", rows.c.end_ms > start_ms)))
        .order_by(rows.c.start_ms, rows.c.end_ms, rows.c.kind.desc())
    )
    if end_ms is not None:
        query = query.where(rows.c.start_ms < end_ms)
    return [
        Accounted(
            row.id,
            row.kind,
            Span(row.start_ms, row.end_ms) if row.end_ms > row.start_ms else None,
            row.cause,
            row.heard,
            row.transcribed,
            None if row.entries is None else decode_entries(row.entries),
        )
        for row in reader.connection.execute(query)
    ]


def put_accounts(tx: MeetingWriter, accounts: dict[str, tuple[Entry, ...]]) -> None:
    """Store the accounts of segments by the meeting's recogniser; what is there already stays."""
    rows = [
        {"segment_id": key, "fingerprint": tx.meeting.fingerprint, "entries": encode_entries(entries)}
        for key, entries in accounts.items()
    ]
    if rows:
        table = ledger_tables.segment_accounts
        tx.connection.execute(insert(tx.connection, table).on_conflict_do_nothing(), rows)


def without_account(tx: MeetingWriter, segment_ids: Sequence[str]) -> list[str]:
    """Return which of the segments have no account by the meeting's recogniser, in the order given."""
    rows, known = ledger_tables.segment_accounts, set[str]()
    for at in range(0, len(segment_ids), CHUNK):
        found = sa.select(rows.c.segment_id).where(
            rows.c.segment_id.in_(segment_ids[at : at + CHUNK]), rows.c.fingerprint == tx.meeting.fingerprint
        )
        known.update(tx.connection.scalars(found))
    return [item for item in segment_ids if item not in known]


def review_items(reader: TimelineReader, *conditions: sa.ColumnElement[bool]) -> list[ReviewItem]:
    """Return a meeting's review items, those of the greatest impact first, then by place."""
    rows = ledger_tables.review_items
    found = reader.connection.execute(
        sa.select(rows)
        .where(rows.c.meeting_id == reader.meeting.id, *conditions)
        .order_by(rows.c.impact.desc(), rows.c.start_ms, rows.c.channel, rows.c.id)
    )
    return [_item(row) for row in found]


def touching(channel: str, span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that an item is about a stretch of a channel that a span touches."""
    rows = ledger_tables.review_items
    return sa.and_(rows.c.channel == channel, rows.c.end_ms >= span.start_ms, rows.c.start_ms <= span.end_ms)


def about(channel: str, reasons: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that an item is about a channel for one of the reasons."""
    rows = ledger_tables.review_items
    return sa.and_(rows.c.channel == channel, rows.c.reason.in_(reasons))


def settle_items(tx: MeetingWriter, known: Sequence[ReviewItem], wanted: Sequence[Omission]) -> None:
    """Open what is wanted, and close what is known and not wanted any more; what a person closed stays closed.

    Args:
        tx: The meeting under its lock.
        known: The stored items that the wanted ones are all there is of.
        wanted: What is omitted there now.
    """
    rows, stored = ledger_tables.review_items, {item.id: item for item in known}
    now = {omission.id(tx.meeting.id): omission for omission in wanted}
    for key, omission in now.items():
        values: dict[str, Any] = {
            "end_ms": omission.span.end_ms,
            "cause": omission.cause,
            "severity": omission.severity,
            "impact": omission.span.length_ms,
        }
        item = stored.get(key)
        if item is None:
            values |= {
                "id": key,
                "meeting_id": tx.meeting.id,
                "channel": omission.channel,
                "start_ms": omission.span.start_ms,
                "reason": omission.reason,
                "state": "open",
                "opened_at": tx.now,
            }
            tx.connection.execute(sa.insert(rows).values(values))
            continue
        if item.closed_by == "machine":
            values |= {"state": "open", "closed_at": None, "closed_by": None, "closed_reason": None}
        if any(getattr(item, name, None) != value for name, value in values.items() if name != "end_ms") or (
            item.span.end_ms != omission.span.end_ms
        ):
            tx.connection.execute(sa.update(rows).where(rows.c.id == key).values(values))
    for key, item in stored.items():
        if key not in now and item.state == "open":
            closed = {"state": "closed", "closed_at": tx.now, "closed_by": "machine", "closed_reason": FILLED}
            tx.connection.execute(sa.update(rows).where(rows.c.id == key).values(closed))


def _item(row: Any) -> ReviewItem:
    values = dict(row._mapping)
    span = Span(values.pop("start_ms"), values.pop("end_ms"))
    return ReviewItem(span=span, **values)
