"""Records that are stored many at once, for measurements, against the store's own way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from floorlog import contract
from floorlog.adapters.store import Store, bulk, shown_tables, tables
from floorlog.cli.bench.many_records import ManyRecords, live_meeting, live_record
from floorlog.review_states import PUBLIC
from tests.small_floor import DATABASES, a_store

TABLES = (
    tables.records,
    tables.record_revisions,
    shown_tables.shown_records,
    shown_tables.shown_facets,
    shown_tables.shown_texts,
)
"""Where a record leaves rows."""


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with a_store(request.param, tmp_path) as opened:
        yield opened


def rows(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    """A table's rows in order, without the moments at which they were written: which of those are set stays."""
    moments = {"changed_at", "created_at", "shown_at", "published_at"}
    with store.read() as connection:
        found = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings().all()
    return [{name: value is not None if name in moments else value for name, value in row.items()} for row in found]


def test_the_rows_are_those_that_the_store_writes_one_by_one(store: Store) -> None:
    """What is measured on rows that no meeting would leave says nothing about meetings."""
    kept: dict[str, list[dict[str, Any]]] = {}
    held = list(ManyRecords(2, 120).held())
    for document, written in held:
        store.add_meeting(document)
        bulk.add_records(store, document["id"], written, "bench")
    for table in TABLES:
        kept[table.name] = rows(store, table)
    with store.write() as connection:
        for table in reversed(TABLES):
            connection.execute(sa.delete(table))
    for document, written in held:
        with store.locked(document["id"]) as tx:
            for item in written:
                tx.add_record(json.loads(item.content), "person", state=item.state, author="bench")
                if item.state in PUBLIC:
                    tx.update_record(item.id, published_revision=1)
    for table in TABLES:
        assert kept[table.name] == rows(store, table), table.name
    assert {row["state"] for row in kept["records"]} >= {"published", "corrected"}


def test_the_records_keep_the_contract() -> None:
    """They are what a dashboard would be given."""
    for document, written in ManyRecords(2, 20).held():
        contract.validate("meeting", document)
        for item in written:
            content = json.loads(item.content)
            contract.validate("record", content)
            assert all(content["text"][tag["offset"] :].startswith(tag["quote"]) for tag in content["themes"])
    contract.validate("meeting", live_meeting())
    contract.validate("record", live_record(3))


def test_texts_are_as_long_as_statements_are() -> None:
    """A search over short texts would look faster than it is."""
    records = [item for _, written in ManyRecords(1, 1500).held() for item in written]
    lengths = sorted(item.content.count('"text":"') - 1 for item in records)
    assert 120 <= lengths[len(lengths) // 2] <= 180
    assert lengths[-1] > 1500
