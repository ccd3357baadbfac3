"""The gaps of a meeting, less the audio that a recording had for them."""

from __future__ import annotations

import json
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import announcements
from floorlog.adapters.store import tables
from floorlog.adapters.store.hearing import IS_GAP
from floorlog.announcements import Gap
from floorlog.clock import Span, without


def missing(connection: Connection, meeting_id: str, channel: str | None = None, *, heard: bool = False) -> list[Gap]:
    """Return what is missing, in order of channel and start, whoever announced it.

    Args:
        connection: a transaction.
        meeting_id: the meeting.
        channel: one channel; all by default.
        heard: whether only gaps count that the floor has heard, and only audio that it has.
    """
    rows = tables.segments
    query = sa.select(rows.c.channel, rows.c.start_ms, rows.c.end_ms, rows.c.document).where(
        rows.c.meeting_id == meeting_id
    )
    if channel is not None:
        query = query.where(rows.c.channel == channel)
    if heard:
        query = query.where(rows.c.heard)
    gaps = connection.execute(query.where(IS_GAP).order_by(rows.c.channel, rows.c.start_ms)).all()
    if not gaps:
        return []
    late = connection.execute(query.where(rows.c.kind == "segment", rows.c.made_by == "recording")).all()
    found: dict[str, list[Span]] = {}
    for row in late:
        found.setdefault(row.channel, []).append(Span(row.start_ms, row.end_ms))
    return [
        replace(gap, span=span)
        for row in gaps
        if isinstance(gap := announcements.decode(json.loads(row.document)), Gap)
        for span in without(gap.span, found.get(row.channel, ()))
    ]
