"""Turn a filter of published records into SQL that stops early, however many records there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa

from floorlog import visibility
from floorlog.adapters.store import shown_rows
from floorlog.adapters.store.published_rows import Filter, ShownRow
from floorlog.adapters.store.shown_tables import shown_facets, shown_records

COLUMNS = [
    shown_records.c[name]
    for name in (
        "number",
        "record_id",
        "meeting_id",
        "revision",
        "state",
        "needs",
        "started_at",
        "start_ms",
        "end_ms",
        "document",
        "starts",
    )
]

PUBLIC: sa.ColumnElement[int] = sa.literal_column("0")
"""Spelled out, or the databases would not see that a partial index holds all that is asked for."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One condition: a record has one of the values in one of the names."""

    names: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return each name with each value."""
        return list(product(self.names, self.values))


def facets(wanted: Filter) -> list[Facet]:
    """Return the conditions of a filter, what as a rule leaves fewest records first."""
    found = [
        Facet(("meeting",), (wanted.meeting_id,) if wanted.meeting_id is not None else ()),
        Facet(wanted.roles, wanted.entities),
        Facet(("on_behalf_of",), wanted.on_behalf_of),
        Facet(("theme",), wanted.themes),
        Facet(("group",), wanted.groups),
        Facet(("state",), wanted.states),
        Facet(("kind",), wanted.kinds),
        Facet(("language",), wanted.languages),
        Facet(("interpretation",), () if wanted.interpretation is None else (shown_rows.flag(wanted.interpretation),)),
        Facet(("channel",), (wanted.channel,) if wanted.channel is not None else ()),
    ]
    return [each for each in found if each.values]


def numbers(wanted: Filter, *, before: int | None, limit: int | None, ascending: bool = False) -> sa.Select[tuple[int]]:
    """Return the query for the numbers of the records that a reader sees, the latest first.

    Args:
        wanted: The filter.
        before: Only what lies behind this one in the list.
        limit: How many at most.
        ascending: The earliest first.
    """
    asked = facets(wanted)
    first, others = asked[:1], asked[1:]
    driven = []
    for name, value in first[0].pairs if first else [("", "")]:
        rows = shown_facets.alias() if first else shown_records
        conditions = [rows.c.name == name, rows.c.value == value] if first else []
        conditions += [seen_by(wanted.scopes, rows.c.needs), *between(wanted, rows.c.number, before, ascending)]
        conditions += [has(each, rows.c.number) for each in others]
        order = rows.c.number if ascending else rows.c.number.desc()
        driven.append(sa.select(rows.c.number).where(*conditions).order_by(order).limit(limit))
    if len(driven) == 1:
        return driven[0]
    # Each value is walked along its own index, as far as needed; a sort of all of them would grow with the store.
    together = sa.union(*(sa.select(each.subquery().c.number) for each in driven)).subquery()
    number = together.c.number
    return sa.select(number).order_by(number if ascending else number.desc()).limit(limit)


def has(facet: Facet, number: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a record meets a facet."""
    rows = shown_facets.alias()
    name = rows.c.name == facet.names[0] if len(facet.names) == 1 else rows.c.name.in_(facet.names)
    value = rows.c.value == facet.values[0] if len(facet.values) == 1 else rows.c.value.in_(facet.values)
    return sa.exists().where(name, value, rows.c.number == number)


def seen_by(scopes: tuple[str, ...], needs: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a reader sees a record."""
    levels = visibility.levels(scopes)
    return needs == PUBLIC if levels == (visibility.EVERYBODY,) else needs.in_(levels)


def between(
    wanted: Filter, number: sa.ColumnElement[int], before: int | None, ascending: bool = False
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions on when a record began, and on its place in the list."""
    if before is not None:
        place = max(-(1 << 63), min(before, (1 << 63) - 1))
        yield number > place if ascending else number < place
    if wanted.from_ms is not None:
        yield number >= shown_rows.number_from(wanted.from_ms)
    if wanted.to_ms is not None:
        yield number < shown_rows.number_from(wanted.to_ms)


def shown_row(row: Any) -> ShownRow:
    """Return the record of a database row that has `COLUMNS`."""
    return ShownRow(
        number=row.number,
        record_id=row.record_id,
        meeting_id=row.meeting_id,
        revision=row.revision,
        state=row.state,
        public=row.needs == visibility.EVERYBODY,
        started_at=row.started_at,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        document=row.document,
        starts=row.starts,
    )
