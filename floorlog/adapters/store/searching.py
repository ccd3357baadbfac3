"""Full-text search over what readers see of each record: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import fulltext
from floorlog.adapters.store import choosing, shown
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.published_rows import Cursor, Filter, Hit, ShownRow
from floorlog.adapters.store.shown_tables import shown_records, shown_search, shown_texts
from floorlog.visibility import levels

NEWEST = 400
"""Records that PostgreSQL looks through one by one before it asks its index, which must first gather every match: a
word of one record in twenty is then found at once, and another one has few enough matches to gather."""


class Searching(Database):
    """The part of the store that searches."""

    def search(
        self,
        query: str,
        wanted: Filter,
        *,
        before: Cursor | None = None,
        limit: int = 20,
        ranked: bool = False,
        ascending: bool = False,
    ) -> list[Hit]:
        """Return the records in whose shown text all words of a query occur, the latest first.

        Args:
            query: As `fulltext.parse` takes it; without a word in it, nothing is found.
            wanted: Which records, and by whom.
            before: Go on behind this record; when ranked, leave out so many of the best.
            limit: How many at most.
            ranked: The best match first.
            ascending: The earliest first, unless ranked.
        """
        parsed = fulltext.parse(query)
        if not parsed:
            return []
        with self.read() as connection:
            find = _in_fts5 if self.on_sqlite else _in_tsvector
            page = _Page(before, limit, ranked, ascending)
            rows = [choosing.shown_row(row) for row in find(connection, parsed, wanted, page)]
        return [_hit(row, parsed) for row in rows]


@dataclass(frozen=True, slots=True)
class _Page:
    before: Cursor | None
    limit: int
    ranked: bool
    ascending: bool

    def order(self, number: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        return number if self.ascending else number.desc()


def _hit(row: ShownRow, query: fulltext.Query) -> Hit:
    parts, offset = fulltext.excerpt(json.loads(row.document)["text"], query)
    return Hit(row, tuple(parts), row.start_ms if offset is None else row.at_ms(offset))


def _facet_tokens(wanted: Filter) -> list[list[str]]:
    """Return tokens of which one of each list must occur: what the filter wants, and what the reader may see."""
    seen = [shown.token("needs", str(level)) for level in levels(wanted.scopes)]
    return [seen, *([shown.token(*pair) for pair in facet.pairs] for facet in choosing.facets(wanted))]


def _in_fts5(connection: Connection, query: fulltext.Query, wanted: Filter, page: _Page) -> list[sa.Row[Any]]:
    index: sa.ColumnElement[Any] = sa.literal_column("shown_search")
    phrases = " AND ".join('"' + " ".join(phrase) + '"' for phrase in query.phrases)
    tokens = " AND ".join(f"({' OR '.join(each)})" for each in _facet_tokens(wanted))
    rowid = shown_search.c.rowid
    found = (
        sa.select(*choosing.COLUMNS)
        .select_from(shown_search.join(shown_records, shown_records.c.number == rowid))
        .where(
            index.op("MATCH")(f"(text : ({phrases})) AND (facets : ({tokens}))"),
            *choosing.between(wanted, rowid, None if page.ranked else page.before, page.ascending),
            choosing.seen_by(wanted.scopes, shown_records.c.needs),
        )
        .limit(page.limit)
    )
    if page.ranked:
        found = found.order_by(sa.func.bm25(index, 1.0, 0.0), rowid.desc()).offset(page.before)
    else:
        found = found.order_by(page.order(rowid))
    return list(connection.execute(found))


def _in_tsvector(connection: Connection, query: fulltext.Query, wanted: Filter, page: _Page) -> list[sa.Row[Any]]:
    phrases = [" <-> ".join(f"'{token}'" for token in phrase) for phrase in query.phrases]
    words = " & ".join(f"({phrase})" for phrase in phrases)
    tokens = " & ".join(f"({' | '.join(each)})" for each in _facet_tokens(wanted))
    vector: sa.ColumnElement[Any] = sa.literal_column("shown_texts.search")
    number = shown_texts.c.number

    def matches(text: str) -> sa.ColumnElement[bool]:
        return vector.op("@@")(sa.cast(text, _TsQuery))

    if page.ranked:
        rank = sa.func.ts_rank(vector, sa.cast(words, _TsQuery))
        within = (matches(f"{words} & {tokens}"), *choosing.between(wanted, number, None))
        best = (
            sa.select(number).where(*within).order_by(rank.desc(), number.desc()).limit(page.limit).offset(page.before)
        )
        return _rows(connection, list(connection.scalars(best)))
    newest = choosing.numbers(wanted, before=page.before, limit=NEWEST, ascending=page.ascending).subquery()
    walked = (
        sa.select(newest.c.number)
        .join(shown_texts, number == newest.c.number)
        .where(matches(words))
        .order_by(page.order(newest.c.number))
        .limit(page.limit)
    )
    found = list(connection.scalars(walked))
    if len(found) < page.limit:
        # OFFSET 0 keeps the planner from walking all records in order, which it would take for the shorter way.
        all_of_them = (
            sa.select(number)
            .where(matches(f"{words} & {tokens}"), *choosing.between(wanted, number, page.before, page.ascending))
            .offset(sa.literal_column("0"))
            .subquery()
        )
        gathered = sa.select(all_of_them.c.number).order_by(page.order(all_of_them.c.number)).limit(page.limit)
        found = list(connection.scalars(gathered))
    return _rows(connection, found)


class _TsQuery(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "tsquery"


def _rows(connection: Connection, numbers: list[int]) -> list[sa.Row[Any]]:
    found = connection.execute(sa.select(*choosing.COLUMNS).where(shown_records.c.number.in_(numbers)))
    by_number = {row.number: row for row in found}
    return [by_number[number] for number in numbers]
