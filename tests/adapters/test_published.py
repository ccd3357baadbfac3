"""What readers of published records ask for: lists, one record, its revisions, search and totals; on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import (
    Filter,
    MeetingFilter,
    Retired,
    ShownRevision,
    ShownRow,
    Withdrawn,
)
from floorlog.identity import record_id
from floorlog.services.review import correct
from floorlog.visibility import SCOPES
from tests.corrected import FRANCE, KENYA, a_record, a_span, a_speaker
from tests.reviewed import ANN, a, fix, hear_better, hear_three, to
from tests.small_floor import DATABASES, a_meeting, a_store, rec

G77 = {"scheme": "floorlog", "code": "G77", "name": "Group of 77 and China"}
THEME = {"theme": "water", "quote": "water", "offset": 0, "rule": "water", "version": "small/1"}
AT_ONCE = Filter(scopes=SCOPES)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Nothing yet."""
    with a_store(request.param, tmp_path) as opened:
        yield opened


def held(
    store: Store, meeting_id: str, *contents: dict[str, Any], audience: str = "published", state: str = "published"
) -> None:
    """Add a meeting with records as a person wrote them."""
    store.add_meeting(a_meeting(meeting_id) | {"audience": audience})
    with store.locked(meeting_id) as tx:
        for content in contents:
            mine = {"meeting_id": meeting_id, "id": record_id(meeting_id, "floor", content["spans"][0]["start_ms"])}
            tx.add_record(content | mine | {"review": {"state": state}}, "person", state=state)


def starts(rows: list[ShownRow]) -> list[tuple[str, int]]:
    """Where rows are, in s."""
    return [(row.meeting_id, row.start_ms // 1000) for row in rows]


def test_lists_are_newest_first_and_go_on_behind_a_cursor(store: Store) -> None:
    """A reader that pages must see each record once, whatever is added meanwhile at the top."""
    held(store, "small", *(a_record(["word"], 10_000 * number) for number in range(5)))
    first = store.interventions(Filter(), limit=2)
    assert starts(first) == [("small", 40), ("small", 30)]
    held(store, "later", a_record(["word"], 90_000))
    rest = store.interventions(Filter(), before=first[-1].number, limit=10)
    assert starts(rest) == [("small", 20), ("small", 10), ("small", 0)]
    ascending = store.interventions(Filter("small"), limit=10, ascending=True)
    assert starts(ascending) == [("small", at) for at in (0, 10, 20, 30, 40)]
    assert starts(store.interventions(Filter(), before=ascending[3].number, ascending=True)) == [
        ("small", 40),
        ("later", 90),
    ]


def test_each_filter_leaves_what_it_says(store: Store) -> None:
    """A dashboard that shows somebody else's words under a delegation's name is worse than none."""
    held(
        store,
        "small",
        a_record(["water"], 0, a_speaker(FRANCE)) | {"themes": [THEME]},
        a_record(["b"], 10_000, a_speaker(KENYA)) | {"on_behalf_of": [G77], "kind": "right_of_reply"},
        a_record(["c"], 20_000) | {"language_spoken": "fr", "aligned_with": [G77]},
    )
    held(store, "other", a_record(["d"], 30_000, a_speaker(FRANCE)) | {"interpretation": True}, state="corrected")

    def found(**wanted: Any) -> list[int]:
        return [at for _, at in starts(store.interventions(Filter(**wanted), ascending=True))]

    assert found(entities=("FRA",)) == [0, 30]
    assert found(entities=("FRA", "KEN")) == [0, 10, 30]
    assert found(entities=("FRA",), meeting_id="other") == [30]
    assert found(entities=("G77",), roles=("on_behalf_of", "aligned_with")) == [10, 20]
    assert found(on_behalf_of=("G77",)) == [10]
    assert found(groups=("AFRICAN_GROUP",)) == [10]
    assert found(groups=("WEOG",), themes=("water",)) == [0]
    assert found(kinds=("right_of_reply",)) == [10]
    assert found(languages=("fr",)) == [20]
    assert found(states=("corrected",)) == [30]
    assert found(interpretation=True) == [30]
    assert found(interpretation=False, entities=("FRA",)) == [0]
    assert found(channel="fr") == []
    began = store.interventions(Filter(), ascending=True)[1].started_at
    assert found(from_ms=began) == [10, 20, 30]
    assert found(to_ms=began) == [0]
    assert found(from_ms=32_472_144_000_000) == [], "the year 2999 is further than numbers reach"
    assert found(to_ms=32_472_144_000_000) == [0, 10, 20, 30]
    assert len(store.interventions(Filter(), before=1 << 70)) == 4


@pytest.mark.parametrize(
    ("scopes", "seen"),
    [
        ((), ["live", "live", "published"]),
        (("unpublished",), ["live", "live", "published", "published"]),
        (("closed",), ["closed", "live", "live", "published"]),
        (SCOPES, ["closed", "closed", "live", "live", "published", "published"]),
    ],
)
def test_a_key_opens_what_its_scopes_say(store: Store, scopes: tuple[str, ...], seen: list[str]) -> None:
    """Lists, search, totals and single records have one rule."""
    for audience in ("live", "published", "closed"):
        held(store, audience, a_record(["word"], 0), audience=audience)
        with store.locked(audience) as tx:
            machine = a_record(["word"], 10_000) | {"meeting_id": audience, "id": record_id(audience, "floor", 10_000)}
            tx.add_record(machine, "machine", state="machine")
    wanted = Filter(scopes=scopes)
    assert sorted(row.meeting_id for row in store.interventions(wanted)) == seen
    assert sorted(hit.row.meeting_id for hit in store.search("word", wanted)) == seen
    assert sorted(item["meeting_id"] for item in store.shown_stream(wanted)) == seen
    assert sum(row.records for row in store.speaking_time(wanted)) == len(seen)
    assert sum(row.records for row in store.meetings_shown(MeetingFilter(scopes=scopes))) == len(seen)
    for audience in ("live", "published", "closed"):
        for at in (0, 10_000):
            key = record_id(audience, "floor", at)
            got = isinstance(store.intervention(key, scopes), ShownRow)
            assert got == isinstance(store.revision_shown(key, 1, scopes), ShownRevision)
            assert got == (key in {row.record_id for row in store.interventions(wanted)})


def test_a_record_is_shown_without_what_is_for_reviewers(store: Store) -> None:
    """A note or a name that nobody confirmed must not leave the house with it."""
    speaker = a_speaker(FRANCE, "Ms. A") | {"name_as_said": "Ms. A"}
    held(store, "small", a_record(["one", "two", "three"], 0, speaker))
    key = record_id("small", "floor", 0)
    fix(
        store,
        key,
        a("note", {"note": "check"}),
        a("off_record", {"off_record": True, "span": {"start_ms": 1000, "end_ms": 2000}}, reason="aside"),
    )
    row = store.intervention(key)
    assert isinstance(row, ShownRow)
    document = json.loads(row.document)
    assert (document["text"], document["review"], document["revision"]) == ("one three", {"state": "corrected"}, 2)
    assert (document["speaker"]["person"], document["speaker"]["name_as_said"]) == (None, None)
    assert "words" not in document
    whole = store.revision_shown(key, 2)
    assert isinstance(whole, ShownRevision)
    contract.validate("record", whole.document)
    assert [word["text"] for word in whole.document["words"]] == ["one", "three"]
    assert store.search("two", Filter()) == []
    before = store.revision_shown(key, 1)
    assert isinstance(before, ShownRevision)
    assert before.document["text"] == "one three", "what is off the record now is so in every revision"


def test_old_revisions_stay_for_those_who_saw_them(store: Store) -> None:
    """A citation must lead to the words that were cited, and a draft to nothing."""
    store.add_meeting(a_meeting() | {"audience": "published"})
    hear_three(store)
    fix(store, rec(10), a("text", {"text": "open-e draft g"}, "cor-1"))
    assert store.revisions_shown(rec(10)) is None
    to(store, rec(10), "approved", "published")
    fix(store, rec(10), a("text", {"text": "open-e final g"}, "cor-2", "misheard"))
    notes = store.revisions_shown(rec(10))
    assert isinstance(notes, list)
    assert [(note.revision, note.reason) for note in notes] == [(4, None), (5, "misheard")]
    assert store.revision_shown(rec(10), 2) is None
    old = store.revision_shown(rec(10), 4)
    assert isinstance(old, ShownRevision)
    assert (old.document["text"], old.document["review"]) == ("open-e draft g", {"state": "published"})
    inside = store.revisions_shown(rec(10), ("unpublished",))
    assert isinstance(inside, list)
    assert [note.revision for note in inside] == [1, 2, 3, 4, 5]


def test_a_revision_that_waits_was_shown_to_nobody(store: Store) -> None:
    """What a better model says of a published record is a proposal."""
    store.add_meeting(a_meeting())
    hear_three(store)
    to(store, rec(10), "approved", "published")
    hear_better(store, (0, "open-a", "b", "c", "d"), (10, "open-e", "f", "better"), (20, "open-h", "i", "j"))
    notes = store.revisions_shown(rec(10), SCOPES)
    assert isinstance(notes, list)
    assert [note.revision for note in notes] == [1, 2, 3]
    assert store.revision_shown(rec(10), 4, SCOPES) is None


def test_what_was_withdrawn_answers_with_the_reason_until_it_is_back(store: Store) -> None:
    """Whoever cites it must learn why it is gone; whoever never saw it, nothing."""
    store.add_meeting(a_meeting() | {"audience": "published"})
    hear_three(store)
    to(store, rec(10), "approved", "published")
    to(store, rec(10), "withdrawn", reason="the wrong meeting")
    gone = Withdrawn(rec(10), "small", "the wrong meeting")
    assert store.intervention(rec(10)) == gone
    assert store.revision_shown(rec(10), 3) == gone
    assert store.interventions(AT_ONCE, ascending=True)[0].record_id == rec(0)
    to(store, rec(10), "in_review", reason="another look")
    assert store.intervention(rec(10)) == gone
    assert isinstance(store.intervention(rec(10), ("unpublished",)), ShownRow)
    to(store, rec(10), "approved", "published")
    assert isinstance(store.intervention(rec(10)), ShownRow)
    assert store.intervention(rec(0)) is None


def test_a_retired_record_leads_to_those_that_stand_for_it(store: Store) -> None:
    """An id never vanishes, and its revisions stay."""
    store.add_meeting(a_meeting())
    hear_three(store)
    merge = a("merge", {"records": [rec(0)]}, before={"records": [rec(0), rec(10)]}, reason="one statement")
    correct(store, rec(0), 1, [merge], ANN)
    assert store.intervention(rec(10)) == Retired(rec(10), "small", (rec(0),))
    old = store.revision_shown(rec(10), 1)
    assert isinstance(old, ShownRevision)
    assert old.document["text"] == "open-e f g"


def test_a_hit_leads_to_the_moment_of_the_first_word(store: Store) -> None:
    """A click on it must play what was found."""
    held(store, "small", a_record(["We", "thank", "the", "État", "for", "peace"], 5000))
    (hit,) = store.search("etat", Filter())
    assert hit.at_ms == 8000
    assert [(part.text, part.hit) for part in hit.excerpt] == [
        ("We thank the ", False),
        ("État", True),
        (" for peace", False),
    ]


def test_searches_go_newest_first_or_best_first(store: Store) -> None:
    """The latest is what a dashboard shows; the best is what somebody who looks for a passage wants."""
    often = [["peace"] * 5, ["peace", "and", "much", "else", "that", "is", "long"], ["nothing"], ["peace", "first"]]
    held(store, "small", *(a_record(words, 10_000 * number) for number, words in enumerate(often)))

    def found(**how: Any) -> list[int]:
        return [hit.row.start_ms // 10_000 for hit in store.search("peace", Filter(), **how)]

    assert found() == [3, 1, 0]
    assert found(ascending=True) == [0, 1, 3]
    assert found(limit=1) == [3]
    (first,) = store.search("peace", Filter(), limit=1)
    assert found(before=first.row.number) == [1, 0]
    assert found(ranked=True)[0] == 0
    assert found(ranked=True, before=1, limit=5) == found(ranked=True)[1:]


@pytest.mark.parametrize(
    "query", ['"', "'", "a*", "NEAR(a b)", "text:peace", "peace)", "-peace", "\x00", "𝔭eace", "a" * 5000]
)
def test_no_query_is_an_error(store: Store, query: str) -> None:
    """What is typed into a search box is no language that a reader has learnt."""
    held(store, "small", a_record(["peace"], 0))
    for ranked in (False, True):
        assert len(store.search(query, Filter(), ranked=ranked)) <= 1


def test_totals_count_what_the_filter_leaves(store: Store) -> None:
    """Speaking time by delegation is what is quoted first."""
    held(
        store,
        "small",
        a_record(["a", "b"], 0, a_speaker(FRANCE)) | {"themes": [THEME, THEME | {"offset": 3}]},
        a_record(["c"], 10_000, a_speaker(FRANCE)),
        a_record(["d"], 20_000, a_speaker(KENYA)) | {"spans": [a_span(20_000, 21_000), a_span(30_000, 32_000)]},
    )
    held(store, "other", a_record(["e"], 40_000) | {"themes": [THEME]})
    times = [(row.entity, row.records, row.length_ms) for row in store.speaking_time(Filter("small"))]
    assert sorted(times) == [("FRA", 2, 3000), ("KEN", 1, 3000)]
    assert sum(row.length_ms for row in store.speaking_time(Filter())) == 7000
    themes = [(row.theme, row.entity, row.records, row.length_ms) for row in store.themes_by_entity(Filter("small"))]
    assert themes == [("water", "FRA", 1, 2000)]
    assert len(store.themes_by_entity(Filter())) == 2


def test_meetings_are_listed_by_when_they_began(store: Store) -> None:
    """The latest meeting is what a reader came for."""
    for day, audience in ((1, "published"), (3, "closed"), (2, "live")):
        name = f"day-{day}"
        store.add_meeting(a_meeting(name) | {"date": f"2021-02-0{day}", "audience": audience})
    names = [item.id for item in store.meetings_shown(MeetingFilter())]
    assert names == ["day-2", "day-1"]
    assert [item.id for item in store.meetings_shown(MeetingFilter(scopes=SCOPES), ascending=True)] == [
        "day-1",
        "day-2",
        "day-3",
    ]
    first = store.meetings_shown(MeetingFilter(), limit=1)[0]
    assert [item.id for item in store.meetings_shown(MeetingFilter(), before=first.cursor)] == ["day-1"]
    assert store.meetings_shown(MeetingFilter(states=("live",))) == []
    assert [item.id for item in store.meetings_shown(MeetingFilter(from_ms=first.started_at))] == ["day-2"]
    assert [item.id for item in store.meetings_shown(MeetingFilter(to_ms=first.started_at))] == ["day-1"]
    assert store.meeting_shown("day-3") is None
    shown = store.meeting_shown("day-3", SCOPES)
    assert shown is not None
    assert "roster" not in shown.document
