"""What readers see, kept with each change, always equals what is computed from the revisions; on both databases."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog.adapters.store import Store, open_store, shown, tables
from floorlog.adapters.store.published_rows import Filter
from floorlog.adapters.store.shown_rows import Shown
from floorlog.adapters.store.shown_tables import derived, shown_facets, shown_records, shown_texts, suppressions
from floorlog.errors import PermanentError
from floorlog.identity import canonical_json
from floorlog.services import policies, review, view
from floorlog.services.people import Actor
from floorlog.visibility import SCOPES, states
from tests import postgres
from tests.corrected import FRANCE, KENYA, a_record, a_speaker
from tests.reviewed import ANN, BOB, THREE, a, hear_better, hear_three
from tests.small_floor import DATABASES, SMALL_MACHINE, a_meeting, a_store

CLERK = Actor(None, "the clerk")
STATES = ("in_review", "approved", "published", "withdrawn", "machine")
KEYS = ((), ("unpublished",), ("closed",), SCOPES)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A meeting of three interventions that nobody has touched."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        hear_three(opened)
        yield opened


def kept(store: Store) -> dict[str, list[Any]]:
    """All that is kept of what readers see."""
    with store.read() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in (shown_records, shown_facets, shown_texts)
        }
        meetings = tables.meetings.c
        columns = (meetings.id, meetings.audience, meetings.title, meetings.started_at)
        return found | {"meetings": [tuple(row) for row in connection.execute(sa.select(*columns))]}


def change(store: Store, chance: random.Random, number: int) -> None:
    """Do one of all the things that may change what readers see; some are refused."""
    row = chance.choice(store.record_rows("small"))
    corrections = (
        ("text", {"text": " ".join(chance.choices(("open-a", "peace", "état", "rights"), k=chance.randrange(5)))}),
        ("speaker", {"speaker": a_speaker(chance.choice((FRANCE, KENYA)))}),
        ("kind", {"kind": chance.choice(("briefing", "chair"))}),
        ("on_behalf_of", {"on_behalf_of": [KENYA]}),
        ("off_record", {"off_record": True, "span": {"start_ms": row.start_ms, "end_ms": row.start_ms + 1500}}),
        ("span", {"spans": [{"start_ms": row.start_ms, "end_ms": row.end_ms - chance.randrange(3000)}]}),
        ("split", {"at_ms": row.start_ms + 2000}),
        ("state", {"state": chance.choice(STATES)}),
        ("state", {"state": chance.choice(STATES)}),
        ("state", {"state": chance.choice(STATES)}),
    )
    match chance.randrange(9):
        case 0:
            review.undo(store, "small", ANN)
        case 1:
            store.add_meeting(a_meeting() | {"audience": chance.choice(("closed", "live", "published"))})
        case 2:
            others = [other.id for other in store.record_rows("small") if other.id != row.id][:1]
            before = {"records": [row.id, *others]}
            merge = a("merge", {"records": [row.id]}, f"cor-{number}", "one", before=before)
            review.correct(store, row.id, row.current_revision, [merge], BOB)
        case 3:
            lines = [
                (start, *("open-x" if chance.random() < 0.3 else word for word in words)) for start, *words in THREE
            ]
            hear_better(store, *lines)
        case 4:
            policies.suppress(store, row.id, "asked for", CLERK, remove=chance.random() < 0.3)
        case 5:
            policies.lift(store, row.id, "a mistake", CLERK)
        case _:
            operation, after = chance.choice(corrections)
            item = a(operation, after, f"cor-{number}", "a reason")
            review.correct(store, row.id, row.current_revision, [item], ANN)


def live(store: Store, chance: random.Random, steps: int) -> int:
    """Let much happen, compare what is kept after each step, and return how much of it was not refused."""
    done = 0
    for number in range(steps):
        try:
            change(store, chance, number)
            done += 1
        except PermanentError:
            continue
        check(store)
    return done


def check(store: Store) -> None:
    """Compare what is kept with what is computed from the revisions."""
    before = kept(store)
    with store.write() as connection:
        shown.make_again(connection, "small")
    assert kept(store) == before
    audience = store.meeting("small").document["audience"]
    with store.read() as connection:
        query = sa.select(suppressions.c.record_id).where(suppressions.c.lifted_at.is_(None))
        hidden = set(connection.scalars(query))
        if store.on_sqlite:
            connection.exec_driver_sql("INSERT INTO shown_search(shown_search) VALUES ('integrity-check')")
    read = view.records(store, "small", SMALL_MACHINE)
    for scopes in KEYS:
        seen = [row for row in store.record_rows("small") if row.state in states(audience, scopes)]
        ids = {row.record_id for row in store.interventions(Filter(scopes=scopes))}
        assert ids == {row.id for row in seen} - hidden
        full = {item["id"]: item for item in store.shown_stream(Filter(scopes=scopes))}
        assert full == {
            item["id"]: {k: v for k, v in item.items() if k != "ordinal"} for item in read if item["id"] in ids
        }


@given(st.integers(min_value=0))
@settings(max_examples=12, deadline=None)
def test_what_is_kept_equals_what_is_computed_whatever_happens(seed: int) -> None:
    """What is written twice drifts apart, unless there is one way to write it."""
    with tempfile.TemporaryDirectory() as folder, a_store("sqlite", Path(folder)) as store:
        store.add_meeting(a_meeting())
        hear_three(store)
        live(store, random.Random(seed), 15)


def test_a_long_life_keeps_it_equal(store: Store) -> None:
    """The same on each database, with enough steps that each kind of change was made."""
    assert live(store, random.Random(6), 60) > 20


def test_a_store_of_an_earlier_version_is_filled(store: Store) -> None:
    """Whoever takes a new version must not look at an empty dashboard."""
    before = kept(store)
    with store.write() as connection:
        for table in (shown_records, shown_facets, shown_texts, derived):
            connection.execute(sa.delete(table))
        connection.execute(sa.update(tables.meetings).values(audience="closed", title="", started_at=0))
    assert store.interventions(Filter()) == []
    store.migrate()
    assert kept(store) == before


def test_a_record_that_begins_in_the_same_moment_has_its_own_place(store: Store) -> None:
    """Two meetings may begin at once, and a list must go on behind exactly one record."""
    with store.write() as connection:
        connection.execute(sa.delete(shown_texts))
        connection.execute(sa.delete(shown_facets))
        made = [
            item
            for row in connection.execute(sa.select(shown_records)).mappings().all()
            for item in [Shown({**row, "number": 7}, (("kind", "statement"),), "word")]
        ]
        connection.execute(sa.delete(shown_records))
        shown.insert(connection, made)
    assert [row.number for row in store.interventions(Filter(), ascending=True)] == [7, 8, 9]


@pytest.fixture(params=DATABASES)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store as the last version left it: one record published and heard again since, another one retired."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'earlier.db'}"
        if request.param == "postgres":
            url = stack.enter_context(postgres.database(migrated=False))
        store = open_store(url)
        stack.callback(store.close)
        with store.write() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(shown.__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "0006")
            _fill(connection)
        yield store


def _fill(connection: sa.Connection) -> None:
    now = datetime(2021, 2, 24, 18, tzinfo=UTC)
    first, second = a_record(["first", "words"], 0), a_record(["other"], 10_000)
    published = first | {"review": {"state": "published"}, "text": "First words"}

    def add(table: str, **values: Any) -> None:
        made = sa.table(table, *(sa.column(name) for name in values))
        connection.execute(sa.insert(made).values({name: sa.literal(value) for name, value in values.items()}))

    meeting = a_meeting() | {"audience": "published"}
    add("meetings", id="small", document=canonical_json(meeting), state="ended", added_at=now)
    for content, state, current, latest in ((first, "published", 2, 3), (second, "retired", 1, 1)):
        places = {
            "start_ms": content["spans"][0]["start_ms"],
            "end_ms": content["spans"][0]["end_ms"],
            "changed_at": now,
        }
        pointers = {"latest_revision": latest, "current_revision": current, "touched": state == "published"}
        add("records", id=content["id"], meeting_id="small", channel="floor", state=state, **places, **pointers)
    revisions = ((1, first, "machine"), (2, published, "person"), (3, first, "machine"), (1, second, "machine"))
    for revision, content, made_by in revisions:
        names = {"record_id": content["id"], "revision": revision, "start_ms": 0, "content_hash": ""}
        add("record_revisions", content=canonical_json(content), made_by=made_by, created_at=now, **names)
    add("record_texts", record_id=first["id"], text="First words")
    for content, kind in ((first, "record.created"), (first, "record.published"), (second, "record.retired")):
        add("outbox", meeting_id="small", type=kind, subject=content["id"], revision=1, data="{}", at=now)


def test_a_store_of_the_last_version_shows_what_it_held(earlier: Store) -> None:
    """A migration has one chance, at somebody else's place."""
    earlier.migrate()
    (row,) = earlier.interventions(Filter())
    assert (row.revision, row.meeting_id) == (2, "small")
    assert [hit.row.record_id for hit in earlier.search("FIRST", Filter())] == [row.record_id]
    notes = earlier.revisions_shown(row.record_id)
    assert isinstance(notes, list)
    assert [note.revision for note in notes] == [2]
    inside = earlier.revisions_shown(row.record_id, SCOPES)
    assert isinstance(inside, list)
    assert [note.revision for note in inside] == [1, 2], "the machine's later revision was shown to nobody"
    with earlier.read() as connection:
        public = connection.execute(
            sa.select(tables.outbox.c.type, tables.outbox.c.public).order_by(tables.outbox.c.id)
        )
        assert [tuple(row) for row in public] == [
            ("record.created", False),
            ("record.published", True),
            ("record.retired", False),
        ]
