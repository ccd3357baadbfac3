"""Full-text search over what is shown of each record: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from floorlog.adapters.store import tables
from floorlog.adapters.store.database import Database

CONFIGURATION = "simple"
"""PostgreSQL's text configuration without stemming: a meeting is held in six languages."""

EXCERPT_WORDS = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A record in which all words of a query occur, and where."""

    record_id: str
    meeting_id: str
    excerpt: str


class Searching(Database):
    """The part of the store that searches."""

    def search(self, query: str, meeting_id: str | None = None, limit: int = 50) -> list[Found]:
        """Return the records in whose text all words of a query occur, the best match first.

        What the reader may see is the caller's business: the state of the review is not looked at, retired records are
        left out.

        Args:
            query: Words; everything else in it counts as a space.
            meeting_id: Only this meeting's.
            limit: How many at most.
        """
        words = re.findall(r"\w+", query)
        if not words:
            return []
        texts, records = tables.record_texts, tables.records
        source: sa.FromClause = texts
        if self.on_sqlite:
            name: sa.ColumnElement[str] = sa.literal_column("record_search")
            matches = name.op("MATCH")(" ".join(f'"{word}"' for word in words))
            excerpt = sa.func.snippet(name, 0, "", "", "…", EXCERPT_WORDS)
            rank: sa.ColumnElement[float] = sa.func.bm25(name)
            source = texts.join(tables.record_search, tables.record_search.c.rowid == texts.c.number)
        else:
            configuration: sa.ColumnElement[str] = sa.literal_column(f"'{CONFIGURATION}'::regconfig")
            wanted = sa.func.plainto_tsquery(configuration, " ".join(words))
            vector = sa.func.to_tsvector(configuration, texts.c.text)
            matches = vector.op("@@")(wanted)
            options = f'StartSel="", StopSel="", MaxWords={EXCERPT_WORDS}, MinWords=8, MaxFragments=1'
            excerpt = sa.func.ts_headline(configuration, texts.c.text, wanted, options)
            rank = -sa.func.ts_rank(vector, wanted)
        found = (
            sa.select(records.c.id, records.c.meeting_id, excerpt)
            .select_from(source.join(records, records.c.id == texts.c.record_id))
            .where(matches, records.c.state != "retired")
            .order_by(rank, records.c.meeting_id, records.c.start_ms, records.c.id)
            .limit(limit)
        )
        if meeting_id is not None:
            found = found.where(records.c.meeting_id == meeting_id)
        with self.read() as connection:
            return [Found(*row) for row in connection.execute(found)]
