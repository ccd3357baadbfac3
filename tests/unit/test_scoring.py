"""Scoring: what counts as right, as wrong, and as an honest silence."""

from __future__ import annotations

from typing import Any

from floorlog.scoring import Held, boundaries, matches, merged, score_audio, score_text
from tests.spoken import Line, log_of

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


def test_a_log_that_agrees_scores_one() -> None:
    """The scale must reach its end."""
    score = score_audio(truth_of("PER", named=False), log_of(LINES))
    assert (score.boundary_f1, score.count("right"), score.count("wrong"), score.count("abstained")) == (1.0, 2, 0, 0)
    assert score.kind == (2, 2)


def test_an_unnamed_speaker_that_has_a_name_is_an_abstention_and_no_error() -> None:
    """Silence and a wrong name are told apart, because only one of them misleads."""
    score = score_audio(truth_of("PER", named=True), log_of(LINES))
    assert (score.count("right"), score.count("wrong"), score.count("abstained")) == (1, 0, 1)


def test_boundaries_match_one_to_one() -> None:
    """Two found boundaries beside one true boundary are one hit and one error."""
    assert matches([(1000, 1500)], [(900, 1000), (2000, 2100)], 2000) == 1
    assert matches([(1000, 1500), (2000, 2500)], [(1800, 1900)], 2000) == 1
    assert matches([(1000, 1500)], [(3501, 3600)], 2000) == 0


def test_consecutive_turns_of_one_holder_are_one() -> None:
    """The chair that closes one item and opens the next has not given up the floor."""
    held = [Held(0, 5, "a", "CHAIR"), Held(5, 9, "b", "CHAIR"), Held(9, 12, "c", None), Held(12, 15, "d", None)]
    assert boundaries(merged(held)) == [(9, 9), (12, 12)]


def test_persons_are_left_out_of_the_score_of_a_text() -> None:
    """Who speaks for no delegation has no entity to be right about."""
    words = [line.text.split() for line in LINES]
    starts = [sum(len(part) for part in words[:index]) for index in range(len(words) + 1)]
    variant = {
        "n_words": starts[-1],
        "turns": [
            {"start_word": start, "entity": entity, "on_behalf_of": None}
            for start, entity in zip(starts, ["CHAIR", "KEN", "CHAIR", "PERSON:Doe"], strict=False)
        ],
    }
    text = [Line("", line.text, 0) for line in LINES]
    score = score_text(variant, log_of(text, voices=False))
    assert [item.truth.entity for item in score.judged] == ["KEN"]
    assert score.boundaries_true == 3
