"""What a correction makes of a record's words, times, names and state."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from floorlog import contract, review_states
from floorlog.clock import Span
from floorlog.corrections import correct, spans_of
from floorlog.edits import opcodes
from floorlog.errors import InvalidDocument, TransitionRefused
from floorlog.publication import as_shown
from floorlog.reapplying import reapply
from floorlog.restructuring import merge, respan, split
from floorlog.retiming import MARKS, MOST_WORDS, retime
from tests.corrected import FRANCE, KENYA, a_correction, a_desk, a_record, a_speaker, no_themes

ROOT = Path(__file__).parents[2]


def corrected(content: dict[str, Any], operation: str, after: Any) -> dict[str, Any]:
    """What a correction of one record makes of it."""
    made = correct(content, operation, after, no_themes)
    contract.validate("record", made)
    return made


def times(words: list[dict[str, Any]]) -> list[tuple[str, int, int, str]]:
    """Words as (text, start, end, source)."""
    return [(word["text"], word["start_ms"], word["end_ms"], word["source"]) for word in words]


def retimed(texts: list[str], text: str) -> list[tuple[str, int, int, str]]:
    """The words of an edited text, of words a second apart."""
    content = a_record(texts)
    return times(retime(content["words"], text, spans_of(content)))


def test_untouched_words_keep_their_times() -> None:
    """A click on a word must play it, after every edit."""
    assert retimed(["a", "b", "c"], "a B c") == [
        ("a", 0, 800, "recognised"),
        ("B", 1000, 1800, "human"),
        ("c", 2000, 2800, "recognised"),
    ]


def test_words_put_in_lie_between_their_neighbours() -> None:
    """There the ear finds what was missed."""
    assert retimed(["a", "b"], "a x y b")[1:3] == [("x", 800, 900, "human"), ("y", 900, 1000, "human")]
    assert retimed(["a"], "x a y")[::2] == [("x", 0, 1, "human"), ("y", 800, 1000, "human")]


def test_more_words_share_the_time_of_those_that_they_replace() -> None:
    """The recogniser writes two words as one, and the other way round."""
    assert retimed(["a", "bc", "d"], "a b c d")[1:3] == [("b", 1000, 1400, "human"), ("c", 1400, 1800, "human")]
    assert retimed(["a", "b", "c", "d"], "a bc d")[1] == ("bc", 1000, 2800, "human")


def test_words_between_spans_are_put_into_one() -> None:
    """An intervention that was interrupted has no word while another one speaks."""
    words = a_record(["a", "b"])["words"]
    words[1] |= {"start_ms": 9000, "end_ms": 9500}
    found = retime(words, "a x y b", [Span(0, 1000), Span(8900, 9600)])
    assert [word["start_ms"] for word in found] == [0, 800, 950, 9000]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_one_word(mark: str) -> None:
    """A mark with a space in it must not come apart in the next edit."""
    assert [word[0] for word in retimed(["a", "b"], f"a {mark} b")] == ["a", mark, "b"]


def test_text_without_spaces_is_compared_by_character() -> None:
    """In Chinese, one edited character must not take the time of the whole sentence."""
    found = retimed(["我们", "欢迎", "主席"], "我们热烈欢迎主席。")
    assert found == [
        ("我们", 0, 800, "recognised"),
        ("热", 800, 900, "human"),
        ("烈", 900, 1000, "human"),
        ("欢迎", 1000, 1800, "recognised"),
        ("主席", 2000, 2800, "recognised"),
        ("。", 2800, 3000, "human"),
    ]


def test_right_to_left_text_keeps_its_order() -> None:
    """Order is that of speaking; the page turns it."""
    assert [word[3] for word in retimed(["السيد", "الرئيس"], "السيدة الرئيس")] == ["human", "recognised"]


def test_a_long_text_is_aligned_without_all_pairs() -> None:
    """A whole meeting in one record must not stop the page: what occurs once in both is aligned first."""
    chance = random.Random(5)
    before = [f"w{chance.randrange(5000)}" for _ in range(60_000)]
    after = [*before[:100], "x", *before[100:59_000], *before[59_500:], "y"]
    changes = [code for code in opcodes(before, after) if code[0] != "equal"]
    assert sum(code[2] - code[1] for code in changes) <= 600
    assert sum(code[4] - code[3] for code in changes) <= 600


def test_a_word_that_no_record_can_hold_is_refused() -> None:
    """The contract has an end, and the page must be told where it is."""
    with pytest.raises(InvalidDocument, match="500"):
        retimed(["a"], "x" * 1_000_000)


def test_more_words_than_anybody_ever_spoke_are_refused() -> None:
    """A paste of a whole library would hold everybody else up for as long as it is looked at."""
    retimed(["a"], "a b " * (MOST_WORDS // 2))
    with pytest.raises(InvalidDocument, match="100000 words"):
        retimed(["a"], "a b " * (MOST_WORDS // 2) + "c")


def test_an_edit_in_the_middle_of_a_long_text_leaves_the_rest_alone() -> None:
    """A word that is put into a day's speech moves no other word."""
    before = [f"w{number % 50}" for number in range(5000)]
    after = [*before[:2500], "new", *before[2500:]]
    words = retimed(before, " ".join(after))
    untouched = retimed(before, " ".join(before))
    assert [word[0] for word in words] == after
    assert [*words[:2500], *words[2501:]] == untouched


def test_a_person_who_names_the_speaker_decides() -> None:
    """The machine's doubt about a name ends where a person gives it."""
    made = corrected(a_record(["a"]), "speaker", {"speaker": a_speaker()})
    assert (made["attribution"]["status"], made["attribution"]["method"]) == ("attributed", "human")
    nobody = corrected(made, "speaker", {"speaker": None})
    assert (nobody["attribution"]["status"], nobody["attribution"]["confidence"]) == ("unattributed", 0.0)


def test_a_name_is_shown_once_it_is_confirmed() -> None:
    """A wrong name of a person harms; so it is confirmed apart, and again for another delegation."""
    named = corrected(a_record(["a"], speaker=a_speaker()), "speaker", {"speaker": a_speaker(FRANCE, "Ms. A")})
    assert as_shown(named)["speaker"]["person"] is None
    confirmed = corrected(named, "person", {"person": "Ms. A"})
    assert as_shown(confirmed)["speaker"]["person"] == "Ms. A"
    moved = corrected(confirmed, "speaker", {"speaker": a_speaker(KENYA, "Ms. A")})
    assert as_shown(moved)["speaker"]["person"] is None
    assert as_shown(corrected(confirmed, "person", {"person": None}))["speaker"]["person"] is None


def test_what_is_off_the_record_is_not_shown() -> None:
    """An open microphone is no statement; taken back, every word is there again."""
    content = a_record(["a", "b", "c"])
    off = corrected(content, "off_record", {"off_record": True, "span": {"start_ms": 1000, "end_ms": 2000}})
    assert (as_shown(off)["text"], off["text"]) == ("a c", "a b c")
    assert corrected(off, "off_record", {"off_record": False}) == content


def test_themes_go_with_their_passages() -> None:
    """A theme is a quote of the text: it moves, or it goes."""
    content = a_record(["a", "b", "c"])
    content["themes"] = [{"theme": "x", "quote": "c", "offset": 4, "rule": "human", "version": "1"}]
    assert corrected(content, "text", {"text": "a bb c"})["themes"][0]["offset"] == 5
    assert corrected(content, "text", {"text": "a b d"})["themes"] == []


def test_split_and_merged_a_record_is_what_it_was() -> None:
    """Both are exact: nothing is rounded away but who spoke."""
    content = a_record(["a", "b", "c"])
    content["text"] = "a  b\nc"
    content["review"]["off_record"] = [{"start_ms": 0, "end_ms": 3000}]
    content["interpretations"] = [
        {
            "channel": "fr",
            "language": "fr",
            "spans": [{"start_ms": 2000, "end_ms": 5000}],
            "text": "A C",
            "words": [
                dict(content["words"][2]),
                {**content["words"][2], "start_ms": 4000, "end_ms": 4500, "text": "C"},
            ],
        }
    ]
    content["interpretations"][0]["words"][0]["text"] = "A"
    first, second = split(content, 2000, "rec-" + "b" * 20)
    assert (first["text"], second["text"]) == ("a  b", "c")
    assert [item["interpretations"][0]["text"] for item in (first, second)] == ["A", "C"]
    assert sum(sum(item["quality"]["coverage"].values()) for item in (first, second)) == 3000
    contract.validate("record", second)
    assert merge([second, first], content["id"]) == {**content, "text": "a  b c"}


def test_time_goes_with_the_words_where_a_record_is_split() -> None:
    """A part that is all silence must not claim that words were heard in it, nor the other one that few were."""
    content = a_record(["a", "b"])
    content["spans"][0] |= {"end_ms": 10_000, "end_utc": "2021-02-24T15:00:10.000Z"}
    content["quality"]["coverage"] = {
        "words_ms": 1800,
        "speech_without_words_ms": 0,
        "no_speech_ms": 8200,
        "gap_ms": 0,
    }
    first, second = split(content, 4000, "rec-" + "b" * 20)
    assert first["quality"]["coverage"]["words_ms"] == 1800
    assert second["quality"]["coverage"] == {
        "words_ms": 0,
        "speech_without_words_ms": 0,
        "no_speech_ms": 6000,
        "gap_ms": 0,
    }


def test_what_interpreters_said_goes_with_the_words_when_a_boundary_moves() -> None:
    """A reader who listens in French must find the French of a sentence under whoever said it."""
    first, second = a_record(["a", "b", "c"]), a_record(["d"], 3000)
    french = [
        {**first["words"][0], "start_ms": 2000 + 1000 * place, "end_ms": 2900 + 1000 * place, "text": text}
        for place, text in enumerate("ABC")
    ]
    span = {"start_ms": 2000, "end_ms": 5000}
    first["interpretations"] = [{"channel": "fr", "language": "fr", "spans": [span], "text": "A B C", "words": french}]
    made = respan(second, [Span(2000, 4000)], [first])
    assert made[second["id"]]["text"] == "c d"
    assert [item["text"] for item in made[second["id"]]["interpretations"]] == ["C"]
    assert made[second["id"]]["interpretations"][0]["spans"] == [{"start_ms": 4000, "end_ms": 5000}]
    assert [item["text"] for item in made[first["id"]]["interpretations"]] == ["A B"]
    back = respan(made[second["id"]], [Span(3000, 4000)], [made[first["id"]]])
    assert back[first["id"]] == first
    assert "interpretations" not in back[second["id"]]


def test_a_boundary_that_would_lose_words_is_refused() -> None:
    """Words belong to somebody; what is not for the record is marked so, not dropped."""
    with pytest.raises(InvalidDocument, match="no record beside it"):
        respan(a_record(["a", "b"]), [Span(0, 500)], [])
    made = respan(a_record(["a", "b"]), [Span(0, 500)], [a_record(["c"], 5000)])
    assert [item["text"] for item in made.values()] == ["a", "b c"]
    assert made[a_record(["c"], 5000)["id"]]["spans"][0]["start_utc"] == "2021-02-24T15:00:00.500Z"


def test_both_who_edit_the_same_words_are_shown() -> None:
    """The person's words stand, and the machine's are offered beside them."""
    base = a_record(["a", "b", "c"])
    mine = corrected(base, "text", {"text": "a B c"})
    outcome = reapply(base, mine, a_record(["a", "bee", "c", "d"]), no_themes)
    assert outcome.content["text"] == "a B c d"
    (clash,) = outcome.conflicts
    assert (clash["base"], clash["yours"], clash["machine"]) == ("b", "B", "bee")
    assert clash["span"] == {"start_ms": 1000, "end_ms": 1800}
    same = reapply(base, mine, a_record(["a", "B", "c"]), no_themes)
    assert same.conflicts == ()
    assert [word["source"] for word in same.content["words"]] == ["recognised"] * 3


def test_a_conflict_is_resolved_by_name_or_by_its_field() -> None:
    """What was decided must not be asked again; what was not must not vanish."""
    base = a_record(["a", "b", "c"])
    mine = corrected(corrected(base, "text", {"text": "a B c"}), "kind", {"kind": "chair"})
    theirs = a_record(["a", "bee", "c"]) | {"kind": "briefing"}
    outcome = reapply(base, mine, theirs, no_themes)
    content = {**outcome.content, "review": {"state": "in_review", "based_on": [], "conflicts": [*outcome.conflicts]}}
    fields = {item["field"]: item["id"] for item in outcome.conflicts}
    assert set(fields) == {"kind", "text"}

    def left(operation: str, after: Any, **more: Any) -> set[str]:
        desk = a_desk(content)
        desk.carry_out([a_correction(content["id"], operation, after, **more)])
        return {item["field"] for item in desk.standing()[0]["review"].get("conflicts", [])}

    assert left("kind", {"kind": "chair"}) == {"text"}
    assert left("text", {"text": "A B c"}) == {"kind", "text"}
    assert left("text", {"text": "a bee c"}) == {"kind"}
    assert left("text", {"text": "a B c"}) == {"kind"}
    assert left("note", {"note": "x"}, resolves=list(fields.values())) == set()


ALLOWED = {
    ("machine", "in_review"),
    ("machine", "approved"),
    ("in_review", "machine"),
    ("in_review", "approved"),
    ("approved", "in_review"),
    ("approved", "published"),
    ("published", "withdrawn"),
    ("corrected", "withdrawn"),
    ("withdrawn", "in_review"),
}


@pytest.mark.parametrize("state", review_states.STEPS)
@pytest.mark.parametrize("to", review_states.STEPS)
def test_a_record_goes_only_where_the_table_says(state: str, to: str) -> None:
    """Nothing is published that nobody approved, by whatever way."""
    if (state, to) in ALLOWED:
        review_states.check_step("rec", state, to, "because")
    else:
        with pytest.raises(TransitionRefused):
            review_states.check_step("rec", state, to, "because")


def test_the_table_of_states_has_those_of_the_schema() -> None:
    """A state that one of both does not know is one that nothing leads out of."""
    known = json.loads((ROOT / "schemas" / "definitions.v1.schema.json").read_text("utf-8"))["$defs"]["state"]["enum"]
    assert {*review_states.STEPS} == {*known, "retired"}
