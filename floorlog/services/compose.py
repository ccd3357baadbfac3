"""Gather the words, gaps and UTC anchors of an intervention, and compose its record."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, cast

from floorlog.adapters.store import MeetingReader
from floorlog.adapters.store.rows import TimelineRow
from floorlog.announcements import Gap, GapCause
from floorlog.clock import Span, after, origin, without
from floorlog.interventions import Intervention
from floorlog.removal import erased
from floorlog.services.hear import Machine

Anchor = tuple[int, datetime]
"""A moment on the meeting clock, in ms, and in UTC."""

FROM_RECORDING = "from-recording"
"""Flag of a record that has words from a recording: they were not captured while they were said."""


def was_heard(row: TimelineRow) -> bool:
    """Return whether the floor has heard an announcement."""
    return row.heard


def content_of(
    machine: Machine,
    reader: MeetingReader,
    intervention: Intervention,
    counts: Callable[[TimelineRow], bool] = was_heard,
    made_up: Sequence[Gap] = (),
) -> dict[str, Any]:
    """Return the content of an intervention's record.

    Args:
        machine: What composes.
        reader: The meeting, open in a transaction.
        intervention: What the record is about.
        counts: Which of the stored announcements count.
        made_up: Gaps that count and are not stored yet.
    """
    meeting_id, channel = intervention.meeting_id, intervention.channel
    rows = {
        row.id: row
        for span in intervention.spans
        for row in reader.around(channel, span.start_ms, span.end_ms)
        if counts(row)
    }
    segments = [row for row in rows.values() if row.kind == "segment"]
    gaps = _missing(meeting_id, rows.values())
    gaps += [
        gap
        for gap in made_up
        if gap.channel == channel and any(span.overlap_ms(gap.span) for span in intervention.spans)
    ]
    anchors = [(row.start_ms, row.utc_start) for row in segments if row.utc_start is not None]
    opening_ms = intervention.spans[0].start_ms
    if not anchors or anchors[0][0] > opening_ms:
        before = reader.anchor(channel, opening_ms)
        anchors = [before, *anchors] if before else anchors or [(0, origin(reader.meeting.document))]
    interpreted = {
        row.id: None
        for item in intervention.interpretations
        for span in item.spans
        for row in reader.around(item.channel, span.start_ms, span.end_ms)
        if row.kind == "segment" and counts(row)
    }
    transcripts = reader.silent_transcripts([*(row.id for row in segments), *interpreted])
    gaps.sort(key=lambda gap: gap.span)
    content = machine.compose(reader.meeting.document, intervention, transcripts, gaps, utc_clock(anchors))
    found = [Span(row.start_ms, row.end_ms) for row in segments if row.made_by == "recording"]
    if any(span.contains(word["start_ms"]) for span in found for word in content["words"]):
        flags = sorted({*content["quality"]["flags"], FROM_RECORDING})
        content = {**content, "quality": {**content["quality"], "flags": flags}}
    removed = reader.removed_stretches()
    return erased(content, removed) if removed else content


def _missing(meeting_id: str, rows: Collection[TimelineRow]) -> list[Gap]:
    """Return the announced gaps, less the audio that was found for them."""
    found = [Span(row.start_ms, row.end_ms) for row in rows if row.kind == "segment"]
    return [
        Gap(meeting_id, row.channel, row.sequence, span, cast(GapCause, row.cause))
        for row in rows
        if row.kind == "gap"
        for span in without(Span(row.start_ms, row.end_ms), found)
    ]


def utc_clock(anchors: Sequence[Anchor]) -> Callable[[int], datetime]:
    """Return the function from the meeting clock, in ms, to UTC; each anchor holds until the next one.

    Args:
        anchors: At least one, in order.
    """
    starts = [start_ms for start_ms, _ in anchors]

    def utc(at_ms: int) -> datetime:
        start_ms, moment = anchors[max(0, bisect_right(starts, at_ms) - 1)]
        return after(moment, at_ms - start_ms)

    return utc
