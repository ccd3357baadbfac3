"""Truth and log of a meeting as two timelines, cut into rows, with the stretches on which they disagree."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from floorlog.cli.evaluate.evaluated import Evaluated
from floorlog.clock import Span
from floorlog.interventions import CHAIR
from floorlog.scoring.judging import until_the_next
from floorlog.scoring.stretches import TOLERANCE_MS, Held, logged_stretches, true_stretches

ROWS = (60_000, 120_000, 300_000, 600_000, 1_200_000)
"""Lengths of a row, in ms; the shortest that gives at most MOST_ROWS rows is taken."""

MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch in a row: where it lies in percent, whose it is, and what it is when heard."""

    left: float
    width: float
    label: str
    hue: int | None
    title: str
    start_ms: int
    end_ms: int
    style: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the timelines: the truth above, the log below, and marks where they disagree."""

    start_ms: int
    truth: list[Block]
    log: list[Block]
    marks: list[Block]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stretch over which truth and log name different holders for longer than the tolerance."""

    span: Span
    true: str
    logged: str | None


def disagreements(meeting: Evaluated) -> list[Disagreement]:
    """Return where truth and log disagree for longer than the tolerance of boundaries."""
    found: list[Disagreement] = []
    for item in meeting.scored.agreements:
        if item.right:
            continue
        last = found[-1] if found else None
        near = last is not None and item.span.start_ms - last.span.end_ms < TOLERANCE_MS
        if last is not None and near and (last.true, last.logged) == (item.true, item.logged):
            found[-1] = Disagreement(Span(last.span.start_ms, item.span.end_ms), item.true, item.logged)
        else:
            found.append(Disagreement(item.span, item.true, item.logged))
    return [item for item in found if item.span.length_ms > TOLERANCE_MS]


def rows(meeting: Evaluated) -> list[Row]:
    """Return a meeting's timelines."""
    true, log = true_stretches(meeting.truth), until_the_next(logged_stretches(meeting.log))
    end_ms = max(item.span.end_ms for item in (*true, *log))
    row_ms = next((length for length in ROWS if end_ms <= length * MOST_ROWS), -(-end_ms // MOST_ROWS))
    marks = [_mark(item) for item in disagreements(meeting)]
    for item in meeting.scored.missed:
        marks.append((_around(item.interval), f"missed: {item.before.entity} → {item.after.entity}", "missed"))
    for item in meeting.scored.extra:
        marks.append((_around(item.interval), f"not so: {_name(item.before)} → {_name(item.after)}", "extra"))
    unnamed = {item.parts[0].start_ms for item in meeting.truth.interventions if not item.named}
    said = [(item.span, _name(item), "unnamed" if item.span.start_ms in unnamed else "") for item in true]
    return [
        Row(
            start_ms,
            list(_blocks(start_ms, row_ms, said)),
            list(_blocks(start_ms, row_ms, ((item.span, _name(item), "") for item in log))),
            list(_blocks(start_ms, row_ms, marks)),
        )
        for start_ms in range(0, end_ms, row_ms)
    ]


def clock(at_ms: int) -> str:
    """Return a moment as people read it: 1:02:03, or 2:03."""
    minutes, seconds = divmod(at_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _name(held: Held) -> str:
    return held.entity or "nobody named"


def _mark(item: Disagreement) -> tuple[Span, str, str]:
    return item.span, f"truth: {item.true}, log: {item.logged or 'nobody named'}", "differs"


def _around(interval: tuple[int, int]) -> Span:
    start_ms, end_ms = interval
    return Span(max(0, start_ms - 500), end_ms + 500)


def _blocks(start_ms: int, row_ms: int, items: Iterable[tuple[Span, str, str]]) -> Iterator[Block]:
    row = Span(start_ms, start_ms + row_ms)
    for span, label, style in items:
        if span.overlap_ms(row):
            left, right = max(span.start_ms, row.start_ms), min(span.end_ms, row.end_ms)
            yield Block(
                left=round(100 * (left - start_ms) / row_ms, 3),
                width=round(100 * (right - left) / row_ms, 3),
                label=label,
                hue=None if label in (CHAIR, "nobody named") else zlib.crc32(label.encode()) % 360,
                title=f"{label} · {clock(span.start_ms)}–{clock(span.end_ms)}",
                start_ms=span.start_ms,
                end_ms=span.end_ms,
                style=style or {CHAIR: "chair", "nobody named": "nobody"}.get(label, "named"),
            )
