"""The store keeps what it is given, once, and says so when it cannot; one suite for both databases."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from floorlog import contract
from floorlog.adapters import store as adapters
from floorlog.adapters.store import Refusal, Store, open_store, tables
from floorlog.adapters.store.published_rows import Filter
from floorlog.errors import (
    ConflictingSegment,
    InvalidDocument,
    StoreUnavailable,
    UnknownDeadLetter,
    UnknownMeeting,
)
from floorlog.identity import canonical_json
from floorlog.services import dead_letters
from tests import postgres
from tests.small_floor import DATABASES, FINGERPRINT, a_meeting, a_store, arrive, end, gap, rec, said


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        yield opened


@pytest.fixture
def postgres_store(tmp_path: Path) -> Iterator[Store]:
    """A store on PostgreSQL with two meetings."""
    with a_store("postgres", tmp_path) as opened:
        opened.add_meeting(a_meeting())
        opened.add_meeting(a_meeting("other"))
        yield opened


def content(start_s: int, text: str = "hello") -> dict[str, Any]:
    """As much of a record's content as the store looks at."""
    spans = [{"start_ms": 1000 * start_s, "end_ms": 1000 * start_s + 900}]
    return {"id": rec(start_s), "meeting_id": "small", "channel": "floor", "spans": spans, "text": text}


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    """A column that only one of both has would fail in production first."""
    store.migrate()  # again changes nothing
    for module in pkgutil.iter_modules(adapters.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"{adapters.__name__}.{module.name}")

    def is_no_search_index(_item: object, name: str | None, *_: object) -> bool:
        return name is None or not (name == "search" or name.startswith(("shown_search", "ix_shown_texts_search")))

    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_no_search_index})
        assert compare_metadata(context, tables.metadata) == []


def test_many_processes_may_migrate_at_once(tmp_path: Path) -> None:
    """Every part of the system migrates when it starts, and several start together."""
    url = f"sqlite:///{tmp_path / 'deep' / 'new.db'}"
    stores = [open_store(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.migrate(), stores))
    assert stores[0].summaries() == []


@pytest.mark.postgres
def test_many_processes_may_migrate_postgres_at_once() -> None:
    """The same, where changing tables takes locks of its own."""
    with postgres.database(migrated=False) as url:
        stores = [open_store(url) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda each: each.migrate(), stores))
        assert stores[0].summaries() == []
        for each in stores:
            each.close()


def test_sqlite_keeps_what_was_committed_through_a_power_cut(tmp_path: Path) -> None:
    """WAL with synchronous=FULL syncs each commit; foreign keys are off unless asked for."""
    with a_store("sqlite", tmp_path) as opened, opened.read() as connection:
        read = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert read == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_writers_that_read_first_wait_for_each_other(store: Store) -> None:
    """SQLite fails at once where a transaction reads, another writes, and the first then writes: unless it began so."""
    barrier = threading.Barrier(4)

    def count(_: int) -> None:
        barrier.wait()
        for _ in range(10):
            with store.locked("small") as tx:
                title = str(int(tx.meeting.document["title"].split()[-1]) + 1)
                document = {**tx.meeting.document, "title": f"Meeting {title}"}
                tx.connection.execute(
                    sa.update(tables.meetings)
                    .values(document=canonical_json(document))
                    .where(tables.meetings.c.id == "small")
                )

    store.add_meeting({**a_meeting(), "title": "Meeting 0"})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert store.meeting("small").document["title"] == "Meeting 40"


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    """State, records and events commit together or not at all."""
    with pytest.raises(RuntimeError), store.locked("small") as tx:  # noqa: PT012 -- the block is what is tested
        tx.add_record(content(0), "machine", state="machine")
        tx.emit("record.created", rec(0), {"record_id": rec(0), "revision": 1}, 1)
        raise RuntimeError
    assert store.record_row(rec(0)) is None
    assert store.sequence() == 0


def test_a_meeting_may_be_added_again(store: Store) -> None:
    """Adding is how its document is changed; what was said stays."""
    arrive(store, said(0, 10, "hello"))
    assert store.add_meeting({**a_meeting(channels=("floor", "fr")), "title": "Renamed"}) is False
    meeting = store.meeting("small")
    assert (meeting.document["title"], meeting.fingerprint) == ("Renamed", FINGERPRINT)
    store.register(gap(0, 5, channel="fr"))


def test_what_nobody_added_is_unknown(store: Store) -> None:
    """Announcements of a meeting or a channel that does not exist can never succeed."""
    with pytest.raises(UnknownMeeting):
        store.register(gap(0, 5, meeting_id="nowhere"))
    with pytest.raises(InvalidDocument, match=r"\$\.channel"):
        store.register(gap(0, 5, channel="fr"))
    with pytest.raises(UnknownMeeting):
        store.meeting("nowhere")
    with pytest.raises(UnknownMeeting):
        list(store.canonical_export("nowhere"))


def test_an_announcement_counts_once(store: Store) -> None:
    """Delivery is at least once."""
    segment = said(0, 10, "hello").segment
    assert [store.register(segment), store.register(segment)] == [True, False]
    assert store.announced(segment.id)
    assert not store.announced("small.floor.0000099999")
    assert [item["id"] for item in store.announcements("small")] == [segment.id]
    with pytest.raises(ConflictingSegment):
        store.register(replace(segment, sequence=7))


def test_the_first_transcript_wins(store: Store) -> None:
    """Two workers may transcribe one segment; what was heard must not change behind the floor's back."""
    item = said(0, 10, "first")
    store.register(item.segment)
    assert not store.transcript_exists(item.segment.id, FINGERPRINT)
    assert store.put_transcript(item.transcript()) is True
    assert store.put_transcript(replace(item, texts=("second",)).transcript()) is False
    assert store.put_transcript(replace(item, texts=("other",)).transcript("fp-other")) is True
    assert store.transcript_exists(item.segment.id, FINGERPRINT)
    assert store.meeting("small").fingerprint == FINGERPRINT
    kept = list(store.transcript_documents("small", "floor"))
    assert [document["pieces"][0]["words"][0]["text"] for document in kept] == ["first"]


def test_a_transcript_of_no_segment_is_refused(store: Store) -> None:
    """Words without a place on the clock cannot be heard."""
    with pytest.raises(ConflictingSegment, match="never announced"):
        store.put_transcript(said(0, 10, "hello").transcript())
    store.register(said(0, 10).segment)
    with pytest.raises(ConflictingSegment, match="another span"):
        store.put_transcript(said(0, 10, "hello").transcript() | {"span": {"start_ms": 0, "end_ms": 9000}})


def test_attempts_are_counted_by_key(store: Store) -> None:
    """A retryable fault must end one day, on every runner, whatever counts deliveries."""
    first = store.count_attempt("key", "object-missing")
    second = store.count_attempt("key", "store-unavailable")
    assert (first.count, second.count, second.last_error) == (1, 2, "store-unavailable")
    assert (second.first_at, second.age_s >= 0) == (first.first_at, True)
    store.forget_attempts("key")
    assert store.count_attempt("key", "object-missing").count == 1


def test_a_dead_letter_keeps_its_contract(store: Store) -> None:
    """The desk shows what the schema promises, for text and for bytes that are none."""
    store.put_dead_letter(Refusal("decode", "invalid-document", "no JSON", b"\xff\xfe", json_path="$"))
    attempt = store.count_attempt("some", "object-missing")
    segment = said(0, 10).segment
    store.put_dead_letter(Refusal("transcribe", "object-missing", "gone", b"{}", attempt=attempt, segment=segment))
    letters = [dead_letters.encode(letter) for letter in store.dead_letters()]
    for letter in letters:
        contract.validate("dead-letter", letter)
    assert {letter["reason"]: letter["span"] for letter in letters} == {
        "invalid-document": None,
        "object-missing": {"start_ms": 0, "end_ms": 10_000},
    }


def test_a_dead_letter_is_retried_once(store: Store) -> None:
    """What was replayed leaves the desk, and comes back if it fails again."""
    kept = store.put_dead_letter(Refusal("decode", "invalid-document", "no JSON", b"payload"))
    assert kept.meeting_id is None
    assert dead_letters.retry(store, kept.id) == b"payload"
    assert store.dead_letters() == []
    assert [letter.state for letter in store.dead_letters(state=None)] == ["replayed"]
    again = store.put_dead_letter(Refusal("decode", "invalid-document", "no JSON", b"payload"))
    assert again.id == kept.id
    assert [(letter.state, letter.attempts) for letter in store.dead_letters()] == [("open", 2)]
    with pytest.raises(UnknownDeadLetter):
        dead_letters.retry(store, "dead-nothing")


def test_a_dead_letter_of_an_unknown_meeting_opens_no_gap(store: Store) -> None:
    """There is no clock to put it on."""
    stranger = said(0, 10, meeting_id="nowhere").segment
    kept = store.put_dead_letter(Refusal("decode", "unknown-meeting", "who?", b"payload", segment=stranger))
    assert kept.meeting_id is None
    assert store.backlog().open_dead_letters == 1


def test_revisions_are_appended(store: Store) -> None:
    """What was shown once can be read again; a person's revision is shown, a later one of the machine waits."""
    with store.locked("small") as tx:
        tx.add_record(content(0), "machine", state="machine")
    with store.locked("small") as tx:
        record = tx.record(rec(0))
        assert record is not None
        assert tx.append_person_revision(record, content(0, "Hello."), "ann", "full stop", "in_review") == 2
    with store.locked("small") as tx:
        record = tx.record(rec(0))
        assert record is not None
        assert tx.append_machine_revision(record, content(0, "hallo"), "derived-again", hold=record.touched) == 3
    record = store.record_row(rec(0))
    assert record is not None
    assert (record.latest_revision, record.current_revision, record.machine_revision) == (3, 2, 3)
    assert (record.touched, record.machine_waits) == (True, True)
    assert [(item.revision, item.made_by, item.author) for item in store.revisions(rec(0))] == [
        (1, "machine", None),
        (2, "person", "ann"),
        (3, "machine", None),
    ]
    first = store.revision(rec(0), 1)
    assert first is not None
    assert first.content["text"] == "hello"


def test_search_finds_what_is_shown(store: Store) -> None:
    """A reader looks for words; what was corrected or retired must not be found by what it said before."""
    with store.locked("small") as tx:
        tx.add_record(
            content(0, "We welcome the initiative of Côte d'Ivoire, and human rights."), "machine", state="machine"
        )
        tx.add_record(content(5, "Los derechos humanos; human rights, human rights!"), "machine", state="machine")
        tx.add_record(content(9, "The rights of the human being"), "machine", state="machine")

    def found(query: str, meeting_id: str = "small") -> list[str]:
        return [hit.row.record_id for hit in store.search(query, Filter(meeting_id))]

    assert found("human RIGHTS") == [rec(9), rec(5), rec(0)]
    assert found('"human RIGHTS"') == [rec(5), rec(0)]
    assert found("COTE") == [rec(0)]
    assert found("initiative", "other") == []
    assert found('" OR *') == []
    with store.locked("small") as tx:
        record = tx.record(rec(0))
        assert record is not None
        tx.append_person_revision(record, content(0, "We welcome it."), "ann", None, "in_review")
        tx.retire(rec(9), [rec(5)])
    assert found("rights") == [rec(5)]
    assert found("welcome") == [rec(0)]


def test_a_correction_counts_once(store: Store) -> None:
    """A page that sends a save again must not make two of it."""
    document = {
        "schema": "correction/1",
        "id": "cor-1",
        "meeting_id": "small",
        "record_id": rec(0),
        "base_revision": 1,
        "operation": "note",
        "before": None,
        "after": {"note": "check"},
        "author": "ann",
        "reason": None,
        "at": "2021-02-24T15:00:00.000Z",
    }
    with store.locked("small") as tx:
        tx.add_record(content(0), "machine", state="machine")
        assert [tx.add_correction(document), tx.add_correction(document)] == [True, False]
        assert tx.corrections(rec(0)) == [document]
    assert store.record_corrections(rec(0)) == [document]


@pytest.mark.postgres
def test_a_feed_misses_nothing_that_commits_late(postgres_store: Store) -> None:
    """An id that was taken first may commit last, behind the back of a reader that goes by ids."""
    store = postgres_store
    with store.locked("small") as early:
        early.emit("meeting.started", "small", {})
        with store.locked("other") as late:
            late.emit("meeting.started", "other", {})
        store.sequence()
        seen = store.feed(0, 10)
        assert [event.subject for event in seen] == ["other"]
    store.sequence()
    assert [event.subject for event in store.feed(seen[-1].position, 10)] == ["small"]


def test_a_reader_by_position_misses_no_event_of_concurrent_writers(store: Store) -> None:
    """Relays and pages remember one number; behind it there must be no hole that fills up later."""
    names = [f"meeting-{number}" for number in range(4)]
    for name in names:
        store.add_meeting(a_meeting(name))
    written = threading.Event()

    def write(name: str) -> None:
        for number in range(15):
            with store.locked(name) as tx:
                tx.emit("record.created", f"{name}.{number}", {"record_id": rec(number), "revision": 1}, 1)

    def number_them() -> None:
        while not written.is_set():
            store.sequence()

    seen: list[tuple[int, str]] = []

    def read() -> None:
        while len(seen) < 15 * len(names) and not (written.is_set() and not store.feed(_last(seen), 1)):
            seen.extend((event.position, event.subject) for event in store.feed(_last(seen), 7))

    with ThreadPoolExecutor(8) as pool:
        helpers = [pool.submit(number_them), pool.submit(number_them), pool.submit(read)]
        list(pool.map(write, names))
        store.sequence()
        written.set()
        for helper in helpers:
            helper.result()
    assert [position for position, _ in seen] == list(range(1, 61))
    assert {subject for _, subject in seen} == {f"{name}.{number}" for name in names for number in range(15)}
    for name in names:  # a meeting's own events keep their order
        assert [subject for _, subject in seen if subject.startswith(name)] == [f"{name}.{at}" for at in range(15)]


def _last(seen: list[tuple[int, str]]) -> int:
    return seen[-1][0] if seen else 0


def test_a_feed_may_be_of_one_meeting(store: Store) -> None:
    """A page shows one meeting and must not read the events of all."""
    store.add_meeting(a_meeting("other"))
    for name in ("small", "other", "small"):
        with store.locked(name) as tx:
            tx.emit("meeting.started", name, {})
    store.sequence()
    assert [event.position for event in store.feed(0, 10, "small")] == [1, 3]
    assert store.last_position() == 3


def test_how_far_each_channel_is(store: Store) -> None:
    """Operators see at a glance what is announced, transcribed and heard."""
    arrive(store, said(0, 10, "hello"))
    store.register(said(10, 20).segment)
    store.register(end(20))
    (lag,) = store.lag("small")
    assert (lag.announced_ms, lag.transcribed_ms, lag.heard_ms) == (20_000, 10_000, 0)
    backlog = store.backlog()
    assert (backlog.untranscribed, backlog.unheard) == (1, 2)
    assert store.meetings_to_advance() == ["small"]
    last = store.last_announcement("small")
    assert last is not None
    assert last.id == "small.floor.0000020000.end"
    assert [segment.span.start_ms for segment in store.audio("small", "floor", 9_999, 10_001)] == [0, 10_000]


def test_a_database_that_does_not_answer_is_a_retryable_fault(tmp_path: Path) -> None:
    """The caller must be able to tell a store that is down from a message that is wrong."""
    with pytest.raises(StoreUnavailable):
        open_store("postgresql://nobody@127.0.0.1:1/nothing").summaries()
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path / 'never-migrated.db'}").summaries()
