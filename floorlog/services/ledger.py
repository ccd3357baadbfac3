"""The coverage ledger of a meeting, from stored spans, and the review items that its omissions raise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.adapters.store import MeetingReader, MeetingWriter, Store
from floorlog.adapters.store.ledger import (
    Accounted,
    ReviewItem,
    about,
    accounted,
    put_accounts,
    review_items,
    settle_items,
    touching,
    without_account,
)
from floorlog.adapters.store.rows import Progress
from floorlog.clock import Span, rfc3339
from floorlog.coverage import Entry, Ledger, heard_in, tile
from floorlog.omissions import omissions, tail
from floorlog.services.timeline import Upcoming

AROUND_MS = 60_000
"""What changed is looked at with so much around it, and with twice as much while an edge lies in a hole."""

HOLES = ("gap", "speech_without_words")
TAILS = ("channel-ended-early", "channel-missing")


@dataclass(frozen=True, slots=True)
class ChannelLedger:
    """The account of one channel over the whole clock of its meeting.

    `own_end_ms`: where its announcements end; `segments`: how many of them have a transcript.
    """

    channel: dict[str, Any]
    own_end_ms: int
    segments: int
    ledger: Ledger


def of_meeting(store: Store, meeting_id: str) -> tuple[ChannelLedger, ...]:
    """Return the account of every channel, in the document's order; each sums to the meeting's clock exactly.

    The clock ends where the last audio or gap of any channel does. What a channel lacks behind its own end is `unheard`
    while it may still come, and a gap once its stream or the meeting has ended.

    Raises:
        UnknownMeeting: it was never added.
    """
    with store.reading(meeting_id) as reader:
        channels = reader.meeting.document["channels"]
        found = [accounted(reader, channel["name"], 0, None) for channel in channels]
        ends = [_end_ms(rows) for rows in found]
        clock_ms = max(ends, default=0)
        return tuple(
            ChannelLedger(
                channel,
                end_ms,
                sum(row.kind == "segment" and row.transcribed for row in rows),
                _ledger(reader, rows, end_ms, clock_ms),
            )
            for channel, rows, end_ms in zip(channels, found, ends, strict=True)
        )


def items(store: Store, meeting_id: str) -> list[ReviewItem]:
    """Return a meeting's review items, open and closed, those of the greatest impact first.

    Raises:
        UnknownMeeting: it was never added.
    """
    with store.reading(meeting_id) as reader:
        return review_items(reader)


def encode_item(item: ReviewItem) -> dict[str, Any]:
    """Return an item as the pages and the command line give it out."""
    return {
        "id": item.id,
        "meeting_id": item.meeting_id,
        "channel": item.channel,
        "span": item.span.encode(),
        "reason": item.reason,
        "cause": item.cause,
        "severity": item.severity,
        "impact": item.impact,
        "state": item.state,
        "opened_at": rfc3339(item.opened_at),
        "closed_at": None if item.closed_at is None else rfc3339(item.closed_at),
        "closed_by": item.closed_by,
        "closed_reason": item.closed_reason,
    }


def encode_channel(item: ChannelLedger) -> dict[str, Any]:
    """Return the account of a channel as the pages and the command line give it out; `totals_ms` sum to `until_ms`."""
    return {
        "channel": item.channel["name"],
        "language": item.channel["language"],
        "interpretation": item.channel["interpretation"],
        "required": item.channel["required"],
        "until_ms": item.ledger.until_ms,
        "own_end_ms": item.own_end_ms,
        "totals_ms": item.ledger.totals(),
        "entries": [{**entry.span.encode(), "kind": entry.kind, "cause": entry.cause} for entry in item.ledger.entries],
    }


def write_ledger(tx: MeetingWriter, progress: Progress, events: Sequence[Upcoming]) -> None:
    """Account for what was heard, and open and close the review items that follow from it.

    What follows depends on what is stored and heard only, so that another run over the same input gives the same items.

    Args:
        tx: The meeting under its lock; what was heard is marked as heard.
        progress: How far the meeting was heard.
        events: What was heard in this transaction, in order.
    """
    heard = [event.row.id for event in events if event.row is not None and event.row.kind == "segment"]
    missing = tx.silent_transcripts(without_account(tx, heard))
    put_accounts(tx, {transcript.segment_id: heard_in(transcript) for transcript in missing})
    touched: dict[str, Span] = {}
    for event in events:
        if event.key.end_ms > event.start_ms:
            before = touched.get(event.key.channel)
            first_ms = min(event.start_ms, before.start_ms) if before else event.start_ms
            last_ms = max(event.key.end_ms, before.end_ms) if before else event.key.end_ms
            touched[event.key.channel] = Span(first_ms, last_ms)
    for channel, span in touched.items():
        _settle(tx, channel, span, progress.cursors[channel].next_ms)
    _settle_tails(tx, progress)


def _settle(tx: MeetingWriter, channel: str, changed: Span, end_ms: int) -> None:
    around_ms = AROUND_MS
    while True:
        window = Span(max(0, changed.start_ms - around_ms), changed.end_ms + around_ms)
        known = [item for item in review_items(tx, touching(channel, window)) if item.reason not in TAILS]
        window = _hull(window, (item.span for item in known))
        rows = [row for row in accounted(tx, channel, window.start_ms, window.end_ms) if row.heard]
        first_ms, last_ms = window.start_ms, min(window.end_ms, end_ms)
        if first_ms >= last_ms:
            return
        entries = _tiled(tx, rows, first_ms, last_ms)
        whole_left = first_ms == 0 or entries[0].kind not in HOLES
        whole_right = last_ms == end_ms or entries[-1].kind not in HOLES
        if whole_left and whole_right:
            settle_items(tx, known, omissions(channel, entries))
            return
        around_ms *= 2


def _settle_tails(tx: MeetingWriter, progress: Progress) -> None:
    channels, cursors = tx.meeting.document["channels"], progress.cursors
    if len(channels) == 1:
        return
    clock_ms = max(cursor.next_ms for cursor in cursors.values())
    over = all(cursors[channel["name"]].ended for channel in channels if channel["required"])
    for channel in channels:
        name = channel["name"]
        found = None
        if over or cursors[name].ended:
            found = tail(name, channel["required"], cursors[name].next_ms, clock_ms)
        settle_items(tx, review_items(tx, about(name, TAILS)), [found] if found else [])


def _hull(span: Span, spans: Iterable[Span]) -> Span:
    for other in spans:
        span = Span(min(span.start_ms, other.start_ms), max(span.end_ms, other.end_ms))
    return span


def _end_ms(rows: Iterable[Accounted]) -> int:
    return max((row.span.end_ms for row in rows if row.span), default=0)


def _ledger(reader: MeetingReader, rows: Sequence[Accounted], own_end_ms: int, clock_ms: int) -> Ledger:
    entries = _tiled(reader, rows, 0, own_end_ms) if own_end_ms else ()
    if own_end_ms < clock_ms:
        ended = any(row.kind == "end" for row in rows) or reader.meeting.state == "ended"
        cause = "channel-ended-early" if own_end_ms else "channel-missing"
        rest = Span(own_end_ms, clock_ms)
        entries = (*entries, Entry(rest, "gap", cause) if ended else Entry(rest, "unheard"))
    return Ledger(clock_ms, entries)


def _tiled(reader: MeetingReader, rows: Sequence[Accounted], from_ms: int, until_ms: int) -> tuple[Entry, ...]:
    """Return the account of some announcements; one that was heard before accounts were stored is read whole."""
    unknown = [row.id for row in rows if row.kind == "segment" and row.transcribed and row.entries is None]
    computed = {item.segment_id: heard_in(item) for item in reader.silent_transcripts(unknown)}
    heard: list[Entry] = []
    gaps: list[Entry] = []
    for row in rows:
        if row.span is None:
            continue
        if row.kind == "gap":
            gaps.append(Entry(row.span, "gap", row.cause))
        else:
            heard.extend(row.entries or computed.get(row.id) or (Entry(row.span, "unheard"),))
    return tile((entry for entry in heard if entry.span.end_ms > from_ms), gaps, from_ms, until_ms)
