"""What is hidden or removed on request is so everywhere, whatever happens afterwards; one suite for both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from floorlog import contract
from floorlog.adapters.store import Store, tables
from floorlog.adapters.store.people import reading
from floorlog.adapters.store.published_rows import Filter, Retired, ShownRow, Suppressed
from floorlog.errors import SuppressionRefused, UnknownRecord
from floorlog.services import policies, review, view
from floorlog.services.people import Actor
from floorlog.visibility import SCOPES
from tests.reviewed import ANN, a, fix, hear_better, hear_three, to
from tests.small_floor import DATABASES, SMALL_MACHINE, a_meeting, a_store, events, rec

CLERK = Actor(None, "the clerk", "office")
ALL = Filter("small", scopes=SCOPES)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A live meeting of three interventions, of which the second is published."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        hear_three(opened)
        to(opened, rec(10), "approved", "published")
        yield opened


def listed(store: Store) -> list[str]:
    """The records that whoever has every key sees."""
    return [row.record_id for row in store.interventions(ALL, ascending=True)]


def everything(store: Store) -> str:
    """All that the tables of the store hold, but the audit trail, as one text."""
    found = []
    with store.read() as connection:
        for table in sa.inspect(connection).get_table_names():
            if table != "audit_trail":
                found += [str(tuple(row)) for row in connection.execute(sa.text(f'SELECT * FROM "{table}"'))]
    return "\n".join(found)


def test_what_is_hidden_is_hidden_from_everybody_and_everywhere(store: Store) -> None:
    """One way to it that was forgotten is enough to break the promise."""
    policies.suppress(store, rec(10), "asked for by letter", CLERK)
    assert listed(store) == [rec(0), rec(20)]
    assert store.search("f", ALL) == []
    assert [item["id"] for item in store.shown_stream(ALL)] == [rec(0), rec(20)]
    assert [item["id"] for item in view.records(store, "small", SMALL_MACHINE)] == [rec(0), rec(20)]
    for gone in (store.intervention(rec(10), SCOPES), store.revision_shown(rec(10), 1, SCOPES)):
        assert gone == Suppressed(rec(10), "small")
    assert store.revisions_shown(rec(10)) == Suppressed(rec(10), "small")
    assert sum(row.records for row in store.speaking_time(ALL)) == 2
    (told,) = [row for row in _fed(store) if row.type == "record.withdrawn"]
    assert (told.subject, json.loads(told.data)["reason"], told.public) == (rec(10), "removed on request", True)


def test_hiding_can_be_taken_back_and_stands_in_the_audit_trail(store: Store) -> None:
    """A mistake must be mended without a trace for readers, and with one for the house."""
    before = [(row.record_id, row.document) for row in store.interventions(ALL)]
    policies.suppress(store, rec(10), "asked for by letter", CLERK)
    with pytest.raises(SuppressionRefused, match="hidden already"):
        policies.suppress(store, rec(10), "again", CLERK)
    policies.lift(store, rec(10), "another one was meant", CLERK)
    with pytest.raises(SuppressionRefused, match="nothing hides it"):
        policies.lift(store, rec(10), "again", CLERK)
    assert [(row.record_id, row.document) for row in store.interventions(ALL)] == before
    kinds = [kind for kind, subject, _ in events(store) if subject == rec(10)]
    assert kinds[-2:] == ["record.withdrawn", "record.published"]
    with reading(store) as people:
        deeds = [(deed.action, deed.person_name, deed.detail) for deed in people.trail(10)]
    assert deeds == [
        ("record.unsuppressed", "the clerk", "another one was meant"),
        ("record.suppressed", "the clerk", "asked for by letter"),
    ]
    (item,) = policies.suppressions(store)
    assert (item.reason, item.lifted_by, item.removed) == ("asked for by letter", "the clerk", False)


def test_a_better_model_does_not_show_what_is_hidden(store: Store) -> None:
    """It may cut what was said at other places, under other ids."""
    policies.suppress(store, rec(10), "asked for by letter", CLERK)
    hear_better(store, (0, "open-a", "b", "c", "d"), (10, "open-e", "open-f", "g"), (20, "open-h", "i", "j"))
    text = " ".join(row.document for row in store.interventions(ALL))
    assert "open-h" in text
    assert "open-e" not in text
    assert "open-f" not in text


def test_removed_words_are_nowhere_in_the_store(store: Store) -> None:
    """Who asks for removal means every copy that the house holds."""
    fix(store, rec(10), a("text", {"text": "open-e zanzibar g"}, reason="misheard"))
    fix(store, rec(10), a("note", {"note": "zanzibar?"}))
    fix(store, rec(20), a("text", {"text": "open-h quokka j"}, "cor-other"))
    policies.suppress(store, rec(10), "asked for by letter", CLERK, remove=True)
    left = everything(store)
    for word in ("zanzibar", "open-e"):
        assert word not in left
    assert "quokka" in left
    for revision in store.revisions(rec(10)):
        contract.validate("record", revision.content)
        assert (revision.content["text"], revision.content["words"]) == ("", [])
    for document in store.record_corrections(rec(10)):
        contract.validate("correction", document)
    with pytest.raises(SuppressionRefused, match="words were removed"):
        policies.lift(store, rec(10), "changed their mind", CLERK)


def test_removed_words_do_not_come_back_with_a_later_run(store: Store) -> None:
    """A better model hears the same audio."""
    policies.suppress(store, rec(10), "asked for by letter", CLERK, remove=True)
    hear_better(
        store, (0, "open-a", "b", "c", "D"), (10, "open-zanzibar", "f", "open-quokka"), (20, "open-h", "i", "J")
    )
    left = everything(store)
    assert "zanzibar" not in left
    assert "quokka" not in left
    assert "J" in left
    assert rec(10) not in listed(store)


def test_what_was_hidden_first_may_be_removed_later(store: Store) -> None:
    """To hide at once and to think about the rest is what the house does."""
    policies.suppress(store, rec(10), "asked for by telephone", CLERK)
    policies.suppress(store, rec(10), "asked for by letter", CLERK, remove=True)
    assert "open-e" not in everything(store)
    assert [item.removed for item in policies.suppressions(store)] == [True, False]
    assert [kind for kind, subject, _ in events(store) if subject == rec(10)].count("record.withdrawn") == 1


def test_revisions_that_became_something_hidden_are_hidden_with_it(store: Store) -> None:
    """The words of a record that was merged into another are the same words."""
    fix(store, rec(20), a("merge", {"records": [rec(20)]}, before={"records": [rec(10), rec(20)]}, reason="one"))
    gone = store.intervention(rec(10)), store.intervention(rec(20))
    retired = next(key for key, each in zip((rec(10), rec(20)), gone, strict=True) if isinstance(each, Retired))
    stands = next(key for key, each in zip((rec(10), rec(20)), gone, strict=True) if isinstance(each, ShownRow))
    assert store.revisions_shown(retired)
    policies.suppress(store, stands, "asked for by letter", CLERK)
    assert store.revision_shown(retired, 1) == Suppressed(retired, "small")


def test_what_was_never_shown_is_not_told_of(tmp_path: Path) -> None:
    """In a meeting of which only what is published is shown, a hidden draft must not give away that it was there."""
    with a_store("sqlite", tmp_path) as store:
        store.add_meeting(a_meeting() | {"audience": "published"})
        hear_three(store)
        policies.suppress(store, rec(10), "asked for by letter", CLERK)
        assert store.intervention(rec(10)) is None
        assert store.intervention(rec(10), ("unpublished",)) == Suppressed(rec(10), "small")
        assert not any(row.public for row in _fed(store) if row.subject == rec(10))


def test_hiding_needs_a_reason_and_a_record(store: Store) -> None:
    """What cannot be explained later is not done."""
    with pytest.raises(SuppressionRefused, match="a reason is needed"):
        policies.suppress(store, rec(10), " ", CLERK)
    with pytest.raises(UnknownRecord):
        policies.suppress(store, rec(99), "asked for", CLERK)
    assert review.undo(store, "small", ANN) is not None


def _fed(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(sa.select(tables.outbox).order_by(tables.outbox.c.id)))
