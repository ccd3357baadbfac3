"""Scoring: what counts as right, as wrong, and as an honest silence."""

from __future__ import annotations

from typing import Any

import pytest

from floorlog import records
from floorlog.clock import Span, after
from floorlog.scoring import latency, logged, truth
from floorlog.scoring.judging import agreements, judge
from floorlog.scoring.meeting import Scored, score
from floorlog.scoring.pooling import pooled
from floorlog.scoring.stretches import Held, boundaries, logged_stretches, match, merged
from tests.sitting import BEGAN, a_meeting
from tests.spoken import Line, log_of, the_end, transcripts_of

LINES = [
    Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya."),
    Line("kenya", "Thank you, Madam President. We have come a long way, and the road goes on before us."),
    Line("chair", "Next speaker, please."),
    Line("nobody", "There is much to say about this, and there is little time to say it in this hall."),
]


def truth_of(second: str, named: bool) -> dict[str, Any]:
    """What was said in LINES; who spoke last is up to the test."""
    log = log_of(LINES)
    entities = ["CHAIR", "KEN", "CHAIR", second]
    turns = [
        {"start": item.spans[0].start_ms / 1000, "end": item.spans[-1].end_ms / 1000, "entity": entity}
        for item, entity in zip(log, entities, strict=True)
    ]
    return {
        "turns": turns,
        "interventions": [
            {
                "entity": turn["entity"],
                "parts": [[turn["start"], turn["end"]]],
                "kind": "statement",
                "on_behalf_of": None,
                "named_by_chair": turn["entity"] == "KEN" or named,
            }
            for turn in turns
            if turn["entity"] != "CHAIR"
        ],
    }


def scored(true: truth.Truth, lines: list[Line], name: str = "a meeting", voices: bool = True) -> Scored:
    """The score of what is logged of some lines."""
    heard = transcripts_of(lines, voices=voices)
    told = latency.listen({"id": "spoken", "channels": [{"name": "floor"}]}, [*heard, the_end(heard)])
    return score(name, name, true, logged.of_interventions(told.settled), told.shown)


def test_a_log_that_agrees_scores_one() -> None:
    """The scale must reach its end."""
    found = pooled([scored(truth.of_audio(truth_of("PER", named=False)), LINES)])
    assert [found[key] for key in ("boundary_f1", "start_f1", "end_f1", "attribution_right", "kind_right")] == [1] * 5
    assert found["time_weighted_accuracy"] == pytest.approx(1.0, abs=0.001)
    assert (found["n_right"], found["n_wrong"], found["n_abstained"]) == (2, 0, 0)


def test_an_unnamed_speaker_that_has_a_name_is_an_abstention_and_no_error() -> None:
    """Silence and a wrong name are told apart, because only one of them misleads."""
    found = pooled([scored(truth.of_audio(truth_of("PER", named=True)), LINES)])
    assert (found["n_right"], found["n_wrong"], found["n_abstained"]) == (1, 0, 1)


def test_a_name_where_nobody_was_named_is_wrong() -> None:
    """A guess that happens to be right was still a guess."""
    said = truth_of("PER", named=False)
    said["interventions"][0]["named_by_chair"] = False
    found = pooled([scored(truth.of_audio(said), LINES)])
    assert (found["n_right"], found["n_wrong"], found["n_abstained"]) == (1, 1, 0)


def test_boundaries_match_one_to_one() -> None:
    """Two found boundaries beside one true boundary are one hit and one error."""
    assert match([(1000, 1500)], [(900, 1000), (2000, 2100)]) == {0: 0}
    assert match([(1000, 1500), (2000, 2500)], [(1800, 1900)]) == {1: 0}
    assert match([(1000, 1500)], [(3501, 3600)]) == {}


def test_the_tolerance_is_five_words_of_a_text() -> None:
    """Texts and sound are held to the same scale."""
    assert match([(4000, 4000)], [(6000, 6000)]) == {0: 0}
    assert match([(4000, 4000)], [(6400, 6400)]) == {}


def test_consecutive_turns_of_one_holder_are_one() -> None:
    """The chair that closes one item and opens the next has not given up the floor."""
    ends_ms = [5, 9, 12, 15]
    held = [
        Held(Span(start, end), holder, entity)
        for start, end, holder, entity in zip(
            [0, *ends_ms], ends_ms, "abcd", ["CHAIR", "CHAIR", None, None], strict=False
        )
    ]
    assert [item.interval for item in boundaries(merged(held))] == [(9, 9), (12, 12)]


def test_an_interrupted_statement_is_judged_by_all_its_parts() -> None:
    """What was said before the interruption and after it is one statement."""
    log = logged.of_interventions(log_of(LINES))
    kenya, nobody = (item.spans[0] for item in log if item.entity != "CHAIR")
    longer = truth.Spoken("KEN", (kenya, Span(nobody.start_ms, nobody.start_ms + 400)))
    assert judge(longer, log).verdict == "right"
    swapped = truth.Spoken("KEN", (Span(kenya.start_ms, kenya.start_ms + 400), nobody))
    assert judge(swapped, log).verdict == "abstained"


def test_each_moment_of_the_truth_is_compared_once() -> None:
    """A share of time is one only if its parts add up to the whole."""
    true = truth.of_audio(truth_of("PER", named=True))
    found = agreements(true, logged.of_interventions(log_of(LINES)))
    assert sum(item.span.length_ms for item in found) == sum(turn.span.length_ms for turn in true.turns)
    assert {(item.true, item.right) for item in found} >= {("KEN", True), ("PER", False)}


def test_persons_are_left_out_of_the_score_of_a_text() -> None:
    """Who speaks for no delegation has no entity to be right about."""
    starts = [sum(len(line.text.split()) for line in LINES[:index]) for index in range(len(LINES) + 1)]
    variant = {
        "n_words": starts[-1],
        "turns": [
            {"start_word": start, "entity": entity, "on_behalf_of": None, "role": None}
            for start, entity in zip(starts, ["CHAIR", "KEN", "CHAIR", "PERSON:Doe"], strict=False)
        ],
    }
    true = truth.of_text(variant)
    found = scored(true, [Line("", line.text, 0) for line in LINES], voices=False)
    assert [item.truth.entity for item in found.judged] == ["KEN"]
    assert pooled([found])["n_boundaries"] == 3
    assert {item.true for item in found.agreements} == {"CHAIR", "KEN"}


def test_a_settled_record_and_the_machine_tell_the_same_log() -> None:
    """What is scored from the store must be what the floor decided."""
    heard, interventions = transcripts_of(LINES), log_of(LINES)
    documents = [
        records.compose(a_meeting("spoken"), item, heard, [], lambda at_ms: after(BEGAN, at_ms))
        for item in interventions
    ]
    stored, told = logged.of_records(documents), logged.of_interventions(interventions)
    assert [(item.id, item.entity, item.kind, item.spans) for item in stored] == [
        (item.id, item.entity, item.kind, item.spans) for item in told
    ]
    assert logged_stretches(stored) == logged_stretches(told)
    assert sum(len(item.words) for item in stored) == sum(len(line.text.split()) for line in LINES)


def test_latency_is_counted_in_audio_that_had_to_be_heard() -> None:
    """A reader of a live log waits for audio, whatever the machine's speed."""
    found = pooled([scored(truth.of_audio(truth_of("PER", named=True)), LINES)])
    kenya, until_ms = log_of(LINES)[1].spans[0], transcripts_of(LINES)[-1].span.end_ms
    assert found["latency_settled_s"] == pytest.approx((until_ms - kenya.end_ms) / 1000, abs=0.01)
    assert 0 <= found["latency_provisional_s"] <= kenya.length_ms / 1000 + 1
