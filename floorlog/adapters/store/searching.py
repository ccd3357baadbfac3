"""Full-text search over what readers see of each record: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from floorlog import fulltext
from floorlog.adapters.store import choosing, shown_rows
from floorlog.adapters.store.database import Database
from floorlog.adapters.store.published_rows import Cursor, Filter, Hit, ShownRow
from floorlog.adapters.store.shown_tables import shown_records, shown_search, shown_texts
from floorlog.visibility import levels

NEWEST, FARTHEST = 100, 6000
"""Records that PostgreSQL looks through one by one, 4 us each, before it asks its index, which must first gather every
match, 5 us each and 10 ms at least: `NEWEST` of them, and as many more as the page needs if hits go on as often, up to
`FARTHEST`. So a frequent word is found at once, and a rare one has few matches to gather."""

RANKED = 5000
"""Of so many of the latest matches the best are found: what half of all records say is in no order worth the time."""


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
            ranked: The best match first, out of the latest `RANKED`.
            ascending: The earliest first, unless ranked.
        """
        parsed = fulltext.parse(query)
        if not parsed:
            return []
        with self.read() as connection:
            find = _in_fts5 if self.on_sqlite else _in_tsvector
            page = _Page(before, limit, ranked, ascending)
            rows = _rows(connection, find(connection, parsed, wanted, page), wanted)
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
    text = json.loads(row.document)["text"]
    parts, offset = fulltext.excerpt(text, query)
    return Hit(row, tuple(parts), row.start_ms if offset is None else row.at_ms(text, offset))


def _facet_tokens(wanted: Filter) -> list[list[str]]:
    """Return tokens of which one of each list must occur: what the filter wants, and what the reader may see."""
    seen = [shown_rows.token("needs", str(level)) for level in levels(wanted.scopes)]
    return [seen, *([shown_rows.token(*pair) for pair in facet.pairs] for facet in choosing.facets(wanted))]


def _in_fts5(connection: Connection, query: fulltext.Query, wanted: Filter, page: _Page) -> list[int]:
    index: sa.ColumnElement[Any] = sa.literal_column("shown_search")
    phrases = " AND ".join('"' + " ".join(phrase) + '"' for phrase in query.phrases)
    tokens = " AND ".join(f"({' OR '.join(each)})" for each in _facet_tokens(wanted))
    rowid = shown_search.c.rowid
    found = sa.select(rowid.label("number")).where(
        index.op("MATCH")(f"(text : ({phrases})) AND (facets : ({tokens}))"),
        *choosing.between(wanted, rowid, None if page.ranked else page.before, page.ascending),
    )
    if page.ranked:
        newest = found.add_columns(sa.func.bm25(index, 1.0, 0.0).label("rank"))
        return _best(connection, newest.order_by(rowid.desc()).limit(RANKED), page)
    return list(connection.scalars(found.order_by(page.order(rowid)).limit(page.limit)))


def _in_tsvector(connection: Connection, query: fulltext.Query, wanted: Filter, page: _Page) -> list[int]:
    phrases = [" <-> ".join(f"'{token}'" for token in phrase) for phrase in query.phrases]
    words = " & ".join(f"({phrase})" for phrase in phrases)
    tokens = " & ".join(f"({' | '.join(each)})" for each in _facet_tokens(wanted))
    vector: sa.ColumnElement[Any] = sa.literal_column("shown_texts.search")
    number = shown_texts.c.number

    def matches(text: str) -> sa.ColumnElement[bool]:
        return vector.op("@@")(sa.cast(text, _TsQuery))

    all_of_them = sa.select(number.label("number")).where(
        matches(f"{words} & {tokens}"),
        *choosing.between(wanted, number, None if page.ranked else page.before, page.ascending),
    )
    if page.ranked:
        rank = -sa.func.ts_rank(vector, sa.cast(words, _TsQuery))
        # Numbers first: the index gives them alone, and a rank reads the whole text.
        latest = _gathered(all_of_them, page).limit(RANKED)
        ranked = sa.select(number.label("number"), rank.label("rank")).where(number.in_(latest))
        return _best(connection, ranked, page)

    def walked(rows: int) -> list[int]:
        newest = choosing.numbers(wanted, before=page.before, limit=rows, ascending=page.ascending).subquery()
        found = sa.select(newest.c.number).join(shown_texts, number == newest.c.number).where(matches(words))
        return list(connection.scalars(found.order_by(page.order(newest.c.number)).limit(page.limit)))

    found = walked(NEWEST)
    if 0 < len(found) < page.limit and (farther := 2 * NEWEST * page.limit // len(found)) <= FARTHEST:
        found = walked(farther)
    if len(found) < page.limit:
        found = list(connection.scalars(_gathered(all_of_them, page).limit(page.limit)))
    return found


def _gathered(matches: sa.Select[Any], page: _Page) -> sa.Select[tuple[int]]:
    # OFFSET 0 keeps the planner from walking all records in order, which it would take for the shorter way.
    gathered = matches.offset(sa.literal_column("0")).subquery()
    return sa.select(gathered.c.number).order_by(page.order(gathered.c.number))


def _best(connection: Connection, ranked: sa.Select[Any], page: _Page) -> list[int]:
    found = ranked.subquery()
    query = sa.select(found.c.number).order_by(found.c.rank, found.c.number.desc())
    return list(connection.scalars(query.limit(page.limit).offset(page.before or 0)))


class _TsQuery(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "tsquery"


def _rows(connection: Connection, numbers: list[int], wanted: Filter) -> list[ShownRow]:
    rows = shown_records
    seen = choosing.seen_by(wanted.scopes, rows.c.needs)
    found = connection.execute(sa.select(*choosing.COLUMNS).where(rows.c.number.in_(numbers), seen))
    by_number = {row.number: choosing.shown_row(row) for row in found}
    return [by_number[number] for number in numbers if number in by_number]
