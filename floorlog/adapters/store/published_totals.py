"""Totals over published records: who had the floor for how long, and who spoke about what."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store import choosing
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.published_rows import Filter, SpeakingTime, ThemeOf
from floorlog.adapters.store.shown_tables import shown_facets, shown_records


class PublishedTotals(Database):
    """The part of the store that counts what readers of published records see."""

    def speaking_time(self, wanted: Filter) -> list[SpeakingTime]:
        """Return how often and how long each entity had the floor, by role and kind, the longest first."""
        rows = shown_records
        length_ms = sa.func.sum(rows.c.length_ms)
        query = (
            sa.select(rows.c.entity, rows.c.role, rows.c.kind, sa.func.count(), length_ms)
            .where(_chosen(wanted))
            .group_by(rows.c.entity, rows.c.role, rows.c.kind)
            .order_by(length_ms.desc(), rows.c.entity, rows.c.role, rows.c.kind)
        )
        with self.read() as connection:
            return [
                SpeakingTime(entity, role, kind, records, int(total))
                for entity, role, kind, records, total in connection.execute(query)
            ]

    def themes_by_entity(self, wanted: Filter) -> list[ThemeOf]:
        """Return in how many records each entity touched each theme, by theme, the most first."""
        rows, themes = shown_records, shown_facets
        count, length_ms = sa.func.count(), sa.func.sum(rows.c.length_ms)
        query = (
            sa.select(themes.c.value, rows.c.entity, count, length_ms)
            .join(rows, rows.c.number == themes.c.number)
            .where(_is_theme(wanted), _chosen(wanted))
            .group_by(themes.c.value, rows.c.entity)
            .order_by(themes.c.value, count.desc(), rows.c.entity)
        )
        with self.read() as connection:
            return [
                ThemeOf(theme, entity, records, int(total))
                for theme, entity, records, total in connection.execute(query)
            ]


def _is_theme(wanted: Filter) -> sa.ColumnElement[bool]:
    name = shown_facets.c.name
    # Where few records are asked for, their facets are read, and not all themes of all records.
    return (name + "" if choosing.facets(wanted) else name) == "theme"


def _chosen(wanted: Filter) -> sa.ColumnElement[bool]:
    rows = shown_records
    if not choosing.facets(wanted):
        return sa.and_(choosing.seen_by(wanted.scopes, rows.c.needs), *choosing.between(wanted, rows.c.number, None))
    return rows.c.number.in_(choosing.numbers(wanted, before=None, limit=None).order_by(None))
