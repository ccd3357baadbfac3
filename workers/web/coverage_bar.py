"""The coverage bar: a channel's ledger, drawn so that no gap is too short to be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from floorlog.clock import Span
from floorlog.coverage import KINDS, EntryKind, Ledger
from floorlog.services.ledger import ChannelLedger
from workers.web import wording

COLUMNS = 600
"""Resolution of the bar; each column shows what fills most of it, or a hole if there is any in it."""

HOLE_WEIGHT = 1_000_000
"""So much does a hole count for in its column: one that lasts a millisecond is seen in a meeting of hours."""

LONGEST_LIST = 20

HOLES = frozenset({"gap", "speech_without_words"})


@dataclass(frozen=True, slots=True)
class Block:
    """A run of columns of one kind."""

    kind: EntryKind
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the clock one kind holds, for the legend."""

    kind: EntryKind
    label: str
    means: str
    length: str
    percent: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch that a listener should know of: a gap, or speech without words."""

    kind: EntryKind
    start_ms: int
    end_ms: int
    clock: str
    length: str
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """The coverage of one channel as the page shows it; `more_holes` were left off the list."""

    until_ms: int
    until: str
    blocks: tuple[Block, ...]
    shares: tuple[Share, ...]
    holes: tuple[Hole, ...]
    more_holes: int

    @property
    def by_kind(self) -> dict[str, Share]:
        """Return the shares by kind; one that holds nothing is not there."""
        return {share.kind: share for share in self.shares}


@dataclass(frozen=True, slots=True)
class ChannelAccount:
    """The coverage of a channel, and how the channel is called."""

    name: str
    label: str
    account: Account


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """Something that a person should look at, worded."""

    channel: str
    label: str
    severity: str
    start_ms: int
    end_ms: int
    clock: str
    length: str
    why: str


def accounts(ledgers: Iterable[ChannelLedger]) -> tuple[ChannelAccount, ...]:
    """Return what the page shows of the channels' ledgers, one that holds nothing yet left out."""
    return tuple(
        ChannelAccount(
            item.channel["name"], wording.channel(item.channel["name"], item.channel["language"]), account(item.ledger)
        )
        for item in ledgers
        if item.ledger.until_ms
    )


def to_look_at(items: Iterable[dict[str, Any]]) -> tuple[ToLookAt, ...]:
    """Return the review items that are open, worded, in their order."""
    return tuple(
        ToLookAt(
            channel=item["channel"],
            label=wording.channel(item["channel"], None),
            severity=item["severity"],
            start_ms=item["span"]["start_ms"],
            end_ms=item["span"]["end_ms"],
            clock=wording.clock(item["span"]["start_ms"]),
            length=wording.length(item["span"]["end_ms"] - item["span"]["start_ms"]),
            why=wording.omission(item["reason"], item["cause"]),
        )
        for item in items
        if item["state"] == "open"
    )


def account(ledger: Ledger) -> Account:
    """Return what the page shows of a ledger."""
    totals = {kind: ledger.total_ms(kind) for kind in KINDS}
    holes = [
        Hole(
            entry.kind,
            entry.span.start_ms,
            entry.span.end_ms,
            wording.clock(entry.span.start_ms),
            wording.length(entry.span.length_ms),
            wording.cause(entry.cause) if entry.kind == "gap" else "speech without words",
        )
        for entry in ledger.entries
        if entry.kind in HOLES
    ]
    return Account(
        until_ms=ledger.until_ms,
        until=wording.clock(ledger.until_ms),
        blocks=_blocks(ledger),
        shares=tuple(
            Share(
                kind,
                *wording.COVERAGE[kind],
                wording.length(total_ms),
                wording.percent(total_ms / max(1, ledger.until_ms)),
            )
            for kind, total_ms in totals.items()
            if total_ms
        ),
        holes=tuple(sorted(holes, key=lambda hole: hole.kind != "gap")[:LONGEST_LIST]),
        more_holes=max(0, len(holes) - LONGEST_LIST),
    )


def _blocks(ledger: Ledger) -> tuple[Block, ...]:
    columns: list[Counter[EntryKind]] = [Counter() for _ in range(COLUMNS)]
    for entry in ledger.entries:
        first = entry.span.start_ms * COLUMNS // ledger.until_ms
        last = (entry.span.end_ms * COLUMNS - 1) // ledger.until_ms
        for column in range(first, last + 1):
            edges = (column * ledger.until_ms // COLUMNS, (column + 1) * ledger.until_ms // COLUMNS + 1)
            columns[column][entry.kind] += entry.span.overlap_ms(Span(*edges)) * (
                HOLE_WEIGHT if entry.kind in HOLES else 1
            )
    blocks, x = [], 0
    for kind, run in groupby(_most(held) for held in columns):
        width = len(list(run))
        if kind is not None:
            blocks.append(Block(kind, x, width))
        x += width
    return tuple(blocks)


def _most(held: Counter[EntryKind]) -> EntryKind | None:
    return held.most_common(1)[0][0] if held else None
