"""The order of the queue: probability of error times impact."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from floorlog import queue
from floorlog.queue import LENGTH_P, UNATTRIBUTED_P, UNREVIEWED_P, Need, Silence, Turn, needs

SURE = Turn("rec-a", "m", "floor", 0, 60_000, "statement", "machine", True, 0.99, 120, 0.95)


def a_silence(length_ms: int, reason: str = "speech-without-words", **changes: object) -> Silence:
    return replace(Silence("rev-a", "m", "floor", 0, length_ms, reason), **changes)  # type: ignore[arg-type]


def the_need(turn: Turn) -> Need:
    (found,) = needs([turn], [])
    return found


def slugs(turn: Turn) -> list[str]:
    return [reason.slug for reason in the_need(turn).reasons]


def test_what_is_sure_waits_at_the_end_and_does_not_disappear() -> None:
    """Nothing is published that nobody approved, so everything must come up once."""
    found = the_need(SURE)
    assert [reason.slug for reason in found.reasons] == ["unreviewed"]
    assert found.priority == pytest.approx(UNREVIEWED_P * 90)


def test_priority_is_the_probability_of_error_times_its_impact() -> None:
    """The documented formula is the one that runs."""
    found = the_need(replace(SURE, attributed=False, confidence=0.0))
    probability = 1 - (1 - UNATTRIBUTED_P) * (1 - UNREVIEWED_P)
    assert found.probability == pytest.approx(probability)
    assert found.impact == 30 + 60
    assert found.priority == pytest.approx(probability * 90, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"attributed": False, "confidence": 0.0}, "unattributed"),
        ({"confidence": 0.86}, "speaker-doubtful"),
        ({"words_confidence": 0.6}, "words-doubtful"),
        ({"kind": "unassigned"}, "unassigned"),
        ({"conflict": True}, "conflict"),
        ({"machine_waits": True}, "machine-newer"),
    ],
)
def test_each_reason_is_named_first_and_said_in_a_sentence(changes: dict[str, object], slug: str) -> None:
    """A reviewer must see why they are asked."""
    found = the_need(replace(SURE, **changes))  # type: ignore[arg-type]
    assert found.reasons[0].slug == slug
    assert found.reasons[0].text.endswith(".")
    assert found.priority > the_need(SURE).priority


def test_what_a_person_approved_comes_back_only_where_the_machine_contradicts_it() -> None:
    """Approved work is done; a conflict with a better model is the one thing that opens it again."""
    for state in ("approved", "published", "corrected"):
        doubtful = replace(SURE, state=state, confidence=0.2, words_confidence=0.1)
        assert needs([doubtful], []) == []
        assert slugs(replace(doubtful, conflict=True)) == ["conflict"]


def test_an_error_that_is_public_counts_twice() -> None:
    """Everybody reads it already."""
    found = replace(SURE, conflict=True, state="published")
    assert the_need(found).impact == 2 * the_need(replace(found, state="approved")).impact


def test_a_long_statement_comes_before_a_short_one_and_a_chair_line_last() -> None:
    """The same doubt matters more where more words hang on it."""
    long = replace(SURE, record_id="rec-long", attributed=False, end_ms=600_000)
    short = replace(SURE, record_id="rec-short", attributed=False, end_ms=10_000)
    chair = replace(short, record_id="rec-chair", kind="chair")
    assert [need.id for need in needs([chair, short, long], [])] == ["rec-long", "rec-short", "rec-chair"]


def test_a_length_is_unusual_only_beside_enough_others() -> None:
    """With three statements nobody knows what is usual."""
    usual = [replace(SURE, record_id=f"rec-{n}", end_ms=180_000 + 5000 * n) for n in range(9)]
    endless = replace(SURE, record_id="rec-endless", end_ms=3_600_000)
    cut = replace(SURE, record_id="rec-cut", end_ms=2000)
    found = {need.id: need for need in needs([*usual, endless, cut], [])}
    for record_id, text in (("rec-endless", "unusually long: 60 min 0 s"), ("rec-cut", "unusually short: 2 s")):
        reason = found[record_id].reasons[0]
        assert (reason.slug, reason.probability) == ("unusual-length", LENGTH_P)
        assert text in reason.text
    assert all(len(found[turn.record_id].reasons) == 1 for turn in usual)
    assert "unusual-length" not in {each.slug for need in needs([*usual[:3], endless], []) for each in need.reasons}


def test_silences_are_weighed_by_their_length_and_less_on_an_interpretation() -> None:
    """A minute that the log is silent about is worse than a cough."""
    floor = a_silence(60_000)
    other = a_silence(60_000, review_item_id="rev-b", interpretation=True)
    short = a_silence(4000, review_item_id="rev-c")
    found = needs([], [short, other, floor])
    assert [need.review_item_id for need in found] == ["rev-a", "rev-b", "rev-c"]
    assert found[0].reasons[0].text == "Somebody spoke for 1 min 0 s, and no words are known."
    assert found[0].record_id is None


def test_a_new_kind_of_silence_has_a_sentence_too() -> None:
    """A reason that this version does not know must not stop the queue."""
    (found,) = needs([], [a_silence(5000, "something-new")])
    assert (found.reasons[0].slug, found.reasons[0].text) == ("something-new", "Something is missing here.")


def test_the_order_of_what_comes_in_does_not_matter() -> None:
    """Two reviewers see one queue, and a page of it goes on where the last one ended."""
    chosen = random.Random(5)
    turns = [
        replace(
            SURE,
            record_id=f"rec-{n}",
            start_ms=1000 * n,
            end_ms=1000 * n + chosen.choice([4000, 60_000, 60_000]),
            confidence=chosen.choice([0.5, 0.99, 0.99]),
        )
        for n in range(60)
    ]
    silences = [a_silence(5000, review_item_id=f"rev-{n}", start_ms=0) for n in range(9)]
    expected = needs(turns, silences)
    for _ in range(5):
        chosen.shuffle(turns)
        chosen.shuffle(silences)
        assert needs(turns, silences) == expected
    assert [need.place for need in expected] == sorted(need.place for need in expected)


def test_the_guide_has_the_probabilities_that_are_used() -> None:
    """A reviewer who asks why this comes first must not be told something else."""
    guide = (Path(__file__).parents[2] / "docs" / "reviewers.md").read_text(encoding="utf-8")
    table = [line.split("|")[1:4] for line in guide.splitlines() if line.startswith("| `")]
    documented = {slug: value.strip() for slugs, _, value in table for slug in re.findall("`([a-z-]+)`", slugs)}
    used = {
        "unattributed": queue.UNATTRIBUTED_P,
        "conflict": queue.CONFLICT_P,
        "unassigned": queue.UNASSIGNED_P,
        "machine-newer": queue.NEWER_P,
        "unusual-length": queue.LENGTH_P,
        "unreviewed": queue.UNREVIEWED_P,
        **queue.OMITTED_P,
    }
    assert {slug: documented.get(slug) for slug in used} == {slug: str(value) for slug, value in used.items()}
