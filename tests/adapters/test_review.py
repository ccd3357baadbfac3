"""Reviewers correct, approve and publish what is in the store, several at once; one suite for both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from floorlog import contract
from floorlog.adapters.store import Store, open_store
from floorlog.errors import InvalidDocument, StaleRevision, TransitionRefused, UndoBlocked, UnknownRecord
from floorlog.identity import canonical_json
from floorlog.services import events as outgoing
from floorlog.services import review, view
from floorlog.undoing import replay
from tests.corrected import FRANCE, KENYA, a_desk, a_speaker
from tests.reviewed import ANN, BOB, THREE, a, fix, hear_better, hear_three, to
from tests.small_floor import DATABASES, SMALL_MACHINE, a_meeting, a_store, events, rec, texts


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A meeting of three interventions that nobody has touched."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        opened.add_meeting(a_meeting("other"))
        hear_three(opened)
        yield opened


def bytes_of(store: Store) -> dict[str, str]:
    """What stands of the meeting, byte for byte."""
    return {row.id: canonical_json(shown.content) for row, shown in store.current_revisions("small")}


def data_of(store: Store, event_type: str) -> list[dict[str, Any]]:
    """What the events of a type say; each keeps its contract."""
    store.sequence()
    rows = [row for row in store.feed(0, 10_000) if row.type == event_type]
    for row in rows:
        contract.validate("event", outgoing.encode(row))
    return [row.data for row in rows]


def test_a_correction_is_a_revision_with_its_author(store: Store) -> None:
    """Who changed what must be known for ever, and the machine's words must stay beside it."""
    made = fix(store, rec(0), a("text", {"text": "open-a B c d"}, reason="capital"))
    document = made.records[0]
    contract.validate("record", document)
    assert (document["text"], document["revision"], document["review"]["state"]) == ("open-a B c d", 2, "in_review")
    assert [word["source"] for word in document["words"]] == ["recognised", "human", "recognised", "recognised"]
    first, second = review.history(store, rec(0))
    assert (first.made_by, first.author) == ("machine", None)
    assert (second.made_by, second.author, second.reason) == ("person", "ann", "capital")
    assert [(piece.kind, piece.before, piece.after) for piece in second.text if piece.kind != "equal"] == [
        ("replace", "b ", "B ")
    ]
    assert review.record(store, rec(0)) == document
    assert ("record.revised", rec(0), 2) in events(store)
    assert store.record_corrections(rec(0))[0]["before"] == {"text": "open-a b c d"}


def test_a_correction_that_is_sent_again_changes_nothing(store: Store) -> None:
    """A page that lost the answer sends again, with the revision that it saw then."""
    once = review.correct(store, rec(0), 1, [a("kind", {"kind": "briefing"}, "cor-1")], ANN)
    fix(store, rec(0), a("note", {"note": "listen"}, "cor-2"))
    again = review.correct(store, rec(0), 1, [a("kind", {"kind": "briefing"}, "cor-1")], ANN)
    assert again.records == once.records
    assert len(store.revisions(rec(0))) == 3
    with pytest.raises(InvalidDocument, match="no other correction"):
        fix(store, rec(0), a("note", {"note": "x"}, "cor-1"))


def test_a_stale_save_is_refused_with_what_stands(store: Store) -> None:
    """Two people at once: the second must see the first one's work, and overwrite nothing."""
    fix(store, rec(0), a("text", {"text": "open-a B c d"}))
    with pytest.raises(StaleRevision) as refused:
        review.correct(store, rec(0), 1, [a("text", {"text": "open-a b c D"}, "cor-2")], BOB)
    assert refused.value.current == review.record(store, rec(0))
    assert texts(store)[rec(0)] == "open-a B c d"


def test_all_corrections_of_a_step_or_none(store: Store) -> None:
    """Half a step is a record that nobody meant."""
    before = bytes_of(store)
    with pytest.raises(InvalidDocument):
        fix(store, rec(0), a("text", {"text": "x"}), a("theme", {"themes": [a_theme("y")]}))
    assert bytes_of(store) == before
    made = fix(store, rec(0), a("text", {"text": "x y"}), a("kind", {"kind": "chair"}, "cor-2"))
    assert [(item["text"], item["kind"], item["revision"]) for item in made.records] == [("x y", "chair", 2)]


def a_theme(quote: str) -> dict[str, Any]:
    """A passage that a person tags."""
    return {"theme": "civic-space", "quote": quote, "offset": 0, "rule": "human", "version": "1"}


@pytest.mark.parametrize(
    ("correction", "place"),
    [
        (a("text", {"text": 3}), "$.after.text"),
        (a("text", None), "$.after"),
        (a("text", {"text": "a\0b"}), "$.after.text"),
        (a("text", {"text": "x" * 501}), "$.after.text"),
        (a("unknown", {}), "$.operation"),
        (a("kind", {"kind": "speech"}), "$.after.kind"),
        (a("split", {"at_ms": 0}), "$.after.at_ms"),
        (a("split", {"at_ms": 99_000}), "$.after.at_ms"),
        (a("person", {"person": "Ms. A"}), "$.after.person"),
        (a("restore", {"revision": 9}), "$.after.revision"),
        (a("span", {"spans": [{"start_ms": 5, "end_ms": 5}]}), "$.after.spans[0].end_ms"),
        ({**a("kind", {"kind": "chair"}), "extra": 1}, "$.extra"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(store: Store, correction: dict[str, Any], place: str) -> None:
    """The page shows the fault where it is; nothing has changed."""
    before = bytes_of(store)
    with pytest.raises(InvalidDocument) as refused:
        fix(store, rec(0), correction)
    assert refused.value.path == place
    assert bytes_of(store) == before


def test_hostile_text_is_kept_as_it_is(store: Store) -> None:
    """What somebody wrote is data: it is neither run nor mended, and pages show it harmless."""
    hostile = "<script>x</script> \u202eevil\u202c \u0007 السيد  الرئيس\n[microphone off] 我们欢迎。"
    document = fix(store, rec(0), a("text", {"text": hostile})).records[0]
    assert document["text"] == hostile
    assert "[microphone off]" in [word["text"] for word in document["words"]]


def test_a_record_goes_from_machine_to_withdrawn(store: Store) -> None:
    """Readers hear of each step that is theirs, with the reason."""
    with pytest.raises(TransitionRefused):
        to(store, rec(0), "published")
    to(store, rec(0), "in_review", "approved", "published")
    assert store.record_row(rec(0)).published_revision == 4  # type: ignore[union-attr]
    assert data_of(store, "record.published")[0]["record"]["text"] == "open-a b c d"
    with pytest.raises(TransitionRefused, match="reason"):
        fix(store, rec(0), a("text", {"text": "open-a B c d"}))
    made = fix(store, rec(0), a("text", {"text": "open-a B c d"}, reason="misheard"))
    assert made.records[0]["review"]["state"] == "corrected"
    (told,) = data_of(store, "record.corrected")
    assert (told["before"], told["after"]) == ({"text": "open-a b c d"}, {"text": "open-a B c d"})
    assert (told["reason"], told["record"]["revision"]) == ("misheard", 5)
    with pytest.raises(TransitionRefused, match="reason"):
        to(store, rec(0), "withdrawn")
    to(store, rec(0), "withdrawn", reason="not said")
    (gone,) = data_of(store, "record.withdrawn")
    assert gone["reason"] == "not said"
    assert "record" not in gone


def test_what_was_approved_and_then_corrected_is_to_be_approved_again(store: Store) -> None:
    """An approval is of what was seen."""
    review.approve(store, "small", [rec(0)], BOB)
    fix(store, rec(0), a("kind", {"kind": "chair"}))
    with pytest.raises(TransitionRefused):
        to(store, rec(0), "published")
    assert {item["id"] for item in review.approve(store, "small", None, BOB).records} == {rec(0), rec(10), rec(20)}
    assert review.approve(store, "small", None, BOB) == review.Changed()
    with pytest.raises(UnknownRecord):
        review.publish(store, "small", [rec(0), rec(30)], BOB)
    assert len(review.publish(store, "small", None, BOB).records) == 3
    with pytest.raises(UnknownRecord):
        review.approve(store, "other", [rec(0)], BOB)


def test_notes_and_names_that_nobody_confirmed_are_not_shown(store: Store) -> None:
    """What reviewers write to each other, and whom they only suppose to speak, is not for readers."""
    fix(
        store,
        rec(0),
        a("speaker", {"speaker": a_speaker(FRANCE, "Ms. A")}),
        a("note", {"note": "sure?"}, "cor-2"),
        a("off_record", {"off_record": True, "span": {"start_ms": 1000, "end_ms": 2000}}, "cor-3"),
    )
    to(store, rec(0), "approved", "published")
    shown = data_of(store, "record.published")[0]["record"]
    assert shown["speaker"]["person"] is None
    assert (shown["text"], shown["review"]) == ("open-a c d", {"state": "published"})
    assert view.records(store, "small", SMALL_MACHINE)[0]["text"] == "open-a c d"
    fix(store, rec(0), a("note", {"note": "quite sure"}, "cor-4", reason="note"))
    assert data_of(store, "record.corrected") == []
    fix(store, rec(0), a("person", {"person": "Ms. A"}, "cor-5", reason="confirmed"))
    assert data_of(store, "record.corrected")[0]["record"]["speaker"]["person"] == "Ms. A"


def test_a_record_is_split_and_merged_again(store: Store) -> None:
    """Every word has one place, ids never vanish, and what was retired says what stands for it."""
    made = fix(store, rec(0), a("split", {"at_ms": 2000}))
    assert [(item["id"], item["text"]) for item in made.records] == [(rec(0), "open-a b"), (rec(2), "c d")]
    merged = fix(store, rec(2), a("merge", {"records": [rec(2)]}, before={"records": [rec(0), rec(2)]}))
    assert [(item["id"], item["text"]) for item in merged.records] == [(rec(2), "open-a b c d")]
    gone = store.record_row(rec(0))
    assert gone is not None
    assert (gone.state, gone.successors) == ("retired", (rec(2),))
    assert ("record.retired", rec(0), 2) in events(store)
    with pytest.raises(StaleRevision):
        review.correct(store, rec(0), 2, [a("kind", {"kind": "chair"}, "cor-9")], ANN)
    review.undo(store, "small", ANN)
    assert texts(store) == {rec(0): "open-a b", rec(2): "c d", rec(10): "open-e f g", rec(20): "open-h i j"}


def test_a_boundary_moves_words_to_the_neighbour(store: Store) -> None:
    """What one intervention loses, the next one says."""
    made = fix(store, rec(10), a("span", {"spans": [{"start_ms": 3000, "end_ms": 12_800}]}))
    assert {item["id"]: item["text"] for item in made.records} == {rec(0): "open-a b c", rec(10): "d open-e f g"}
    made = fix(store, rec(10), a("span", {"spans": [{"start_ms": 11_000, "end_ms": 12_800}]}, "cor-2"))
    assert {item["id"]: item["text"] for item in made.records} == {rec(0): "open-a b c d open-e", rec(10): "f g"}
    with pytest.raises(InvalidDocument, match="merge"):
        fix(store, rec(0), a("span", {"spans": [{"start_ms": 0, "end_ms": 20_000}]}, "cor-3"))


def test_what_the_machine_missed_is_inserted(store: Store) -> None:
    """An omission is the worst fault of a log; it must be possible to mend it."""
    after = {"channel": "floor", "kind": "statement", "spans": [{"start_ms": 5000, "end_ms": 7000}], "text": "we agree"}
    made = review.correct(store, "", 0, [a("insert", after)], ANN, meeting_id="small")
    assert [(item["id"], item["text"]) for item in made.records] == [(rec(5), "we agree")]
    contract.validate("record", made.records[0])
    with pytest.raises(InvalidDocument, match="no other record"):
        review.correct(store, "", 0, [a("insert", after, "cor-2")], ANN, meeting_id="small")
    undone = review.undo(store, "small", ANN)
    assert undone.retired == (rec(5),)
    assert review.redo(store, "small", ANN).records[0]["text"] == "we agree"


def test_each_person_undoes_their_own_steps(store: Store) -> None:
    """Undo that takes away a colleague's work would never be trusted."""
    fix(store, rec(0), a("text", {"text": "open-a B c d"}, "cor-1"))
    fix(store, rec(0), a("text", {"text": "open-a B c D"}, "cor-2"), person=BOB)
    fix(store, rec(10), a("kind", {"kind": "chair"}, "cor-3"), person=BOB)
    assert review.undo(store, "small", ANN).records[0]["text"] == "open-a b c D"
    assert review.undo(store, "small", ANN) == review.Changed()
    assert review.redo(store, "small", ANN).records[0]["text"] == "open-a B c D"
    fix(store, rec(0), a("text", {"text": "open-a Bob c D"}, "cor-4"), person=BOB)
    with pytest.raises(UndoBlocked):
        review.undo(store, "small", ANN)


def test_find_and_replace_is_one_step(store: Store) -> None:
    """A name misspelt forty times is mended at once, and put back at once."""
    before = bytes_of(store)
    made = review.replace_all(store, "small", "OPEN", "shut", ANN, match_case=False)
    assert [item["text"] for item in made.records] == ["shut-a b c d", "shut-e f g", "shut-h i j"]
    assert [word["source"] for word in made.records[1]["words"]] == ["human", "recognised", "recognised"]
    review.undo(store, "small", ANN)
    assert bytes_of(store) == before
    assert review.replace_all(store, "small", "pen", "x", ANN, whole_words=True) == review.Changed()
    only = review.replace_all(store, "small", "open", r"\1", ANN, record_ids=[rec(10)])
    assert [item["text"] for item in only.records] == [r"\1-e f g"]


def test_the_journal_in_the_store_replays_to_what_stands(store: Store) -> None:
    """The journal alone must be enough to know what people did."""
    machine = [shown.content for _, shown in store.current_revisions("small")]
    fix(store, rec(0), a("split", {"at_ms": 2000}, "cor-1"))
    fix(store, rec(2), a("text", {"text": "C d!"}, "cor-2"), person=BOB)
    review.replace_all(store, "small", "open", "shut", ANN)
    review.undo(store, "small", ANN)
    review.approve(store, "small", None, BOB)
    desk = a_desk(*machine)
    with store.locked("small") as tx:
        replay(desk, tx.journal())
    assert {item["id"]: canonical_json(item) for item in desk.standing()} == bytes_of(store)


def test_a_better_model_keeps_what_people_did(store: Store) -> None:
    """Reviewers would not begin if a re-run could take their work away."""
    fix(store, rec(0), a("text", {"text": "open-a B c d"}, "cor-1"))
    fix(store, rec(10), a("speaker", {"speaker": a_speaker(KENYA)}, "cor-2"))
    fix(store, rec(20), a("text", {"text": "open-h I j"}, "cor-3"))
    hear_better(store, (0, "open-a", "b", "c", "delta"), (10, "open-e", "f", "golf"), (20, "open-h", "india", "j"))
    assert texts(store) == {rec(0): "open-a B c delta", rec(10): "open-e f golf", rec(20): "open-h I j"}
    assert review.conflicts(store, rec(0)) == review.conflicts(store, rec(10)) == ()
    (clash,) = review.conflicts(store, rec(20))
    assert (clash.field, clash.base, clash.yours, clash.machine, clash.kept) == ("text", "i", "I", "india", True)
    assert review.record(store, rec(10))["speaker"]["entity"] == KENYA
    assert review.history(store, rec(20))[-1].reason == "reapplied"
    fix(store, rec(20), a("text", {"text": "open-h india j"}, "cor-4"))
    assert review.conflicts(store, rec(20)) == ()
    contract.validate("record", review.record(store, rec(20)))


def test_a_better_model_reaches_both_parts_of_a_split(store: Store) -> None:
    """The machine knows one intervention where a person knows two."""
    fix(store, rec(0), a("split", {"at_ms": 2000}, "cor-1"))
    fix(store, rec(2), a("text", {"text": "c D"}, "cor-2"))
    with_other = a("merge", {"records": [rec(10)]}, "cor-3", before={"records": [rec(10), rec(20)]})
    fix(store, rec(10), with_other)
    hear_better(store, (0, "open-a", "bravo", "charlie", "d"), (10, "open-e", "f", "g"), (20, "open-h", "i", "juliet"))
    assert texts(store) == {rec(0): "open-a bravo", rec(2): "c D", rec(10): "open-e f g open-h i juliet"}
    assert [item.machine for item in review.conflicts(store, rec(2))] == ["charlie d"]


def test_a_record_that_a_better_model_does_not_know_is_shown_as_a_conflict(store: Store) -> None:
    """A person worked on it, so a person decides whether it goes."""
    fix(store, rec(10), a("text", {"text": "open-E f g"}, "cor-1"))
    hear_better(store, THREE[0], (10, "e", "f", "g"), THREE[2])
    assert texts(store)[rec(10)] == "open-E f g"
    (clash,) = review.conflicts(store, rec(10))
    assert (clash.field, clash.yours, clash.machine) == ("record", [rec(10)], [rec(0)])
    assert fix(store, rec(10), a("restore", None, "cor-2")).retired == (rec(10),)
    assert store.record_row(rec(10)).successors == (rec(0),)  # type: ignore[union-attr]
    review.undo(store, "small", ANN)
    assert texts(store)[rec(10)] == "open-E f g"


def test_what_was_published_waits_for_a_person(store: Store) -> None:
    """A reader must not find other words than those that somebody approved."""
    fix(store, rec(0), a("text", {"text": "open-a B c d"}, "cor-1"))
    to(store, rec(0), "approved", "published")
    hear_better(store, (0, "open-a", "b", "c", "delta"), *THREE[1:])
    assert texts(store)[rec(0)] == "open-a B c d"
    row = store.record_row(rec(0))
    assert row is not None
    assert row.machine_waits
    with pytest.raises(TransitionRefused, match="reason"):
        review.take_machine(store, rec(0), row.current_revision, ANN)
    made = review.take_machine(store, rec(0), row.current_revision, ANN, "heard better")
    assert made.records[0]["text"] == "open-a B c delta"
    told = data_of(store, "record.corrected")[0]
    assert (told["before"]["text"], told["after"]["text"]) == ("open-a B c d", "open-a B c delta")
    review.undo(store, "small", ANN)
    assert texts(store)[rec(0)] == "open-a B c d"


def save(url: str, number: int) -> str:
    """Correct the same revision of the same record, from a process of its own."""
    store = open_store(url)
    try:
        review.correct(store, rec(0), 1, [a("text", {"text": f"open-a {number}"}, f"cor-{number}")], ANN)
    except StaleRevision:
        return "stale"
    finally:
        store.close()
    return "saved"


@pytest.mark.parametrize("many", [3])
def test_of_several_processes_that_save_at_once_one_wins(store: Store, many: int) -> None:
    """The lock is the database's: no process may overwrite what another has just written."""
    url = store.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(many, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(save, [url] * many, range(many)))
    assert sorted(answers) == ["saved"] + ["stale"] * (many - 1)
    assert len(store.revisions(rec(0))) == 2


def test_the_same_correction_from_two_tabs_counts_once(store: Store) -> None:
    """A retry may overtake the request that it repeats."""
    ready = threading.Barrier(2)

    def send(_: int) -> review.Changed:
        ready.wait(10)
        return review.correct(store, rec(0), 1, [a("kind", {"kind": "chair"})], ANN)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(send, range(2))
    assert one.records == other.records
    assert len(store.revisions(rec(0))) == 2
