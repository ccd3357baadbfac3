"""Records: an intervention, its words and its quality as one document that keeps the contract."""

from __future__ import annotations

from datetime import UTC, datetime

from floorlog import contract
from floorlog.announcements import Gap
from floorlog.clock import Span, after
from floorlog.records import compose
from tests.spoken import Line, a_meeting, log_of, transcripts_of

BEGAN = datetime(2021, 2, 24, 15, 0, tzinfo=UTC)
LINES = [
    Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya."),
    Line("kenya", "Thank you, Madam President. I have the honour to speak on behalf of the African Group."),
    Line("chair", "Next speaker, please."),
    Line("nobody", "There is much to say about this, and there is little time to say it in this hall."),
]


def records() -> list[dict[str, object]]:
    transcripts = transcripts_of(LINES)
    log = log_of(LINES)
    return [compose(a_meeting(), item, transcripts, [], lambda ms: after(BEGAN, ms)) for item in log]


def test_every_record_keeps_its_contract() -> None:
    """Whoever reads records relies on the schema and on nothing else."""
    for record in records():
        contract.validate("record", record)


def test_each_word_is_in_exactly_one_record() -> None:
    """Nothing that was said may be lost or said twice."""
    said = [word for line in LINES for word in line.text.split()]
    assert [word for record in records() for word in str(record["text"]).split()] == said


def test_an_unattributed_record_has_no_speaker() -> None:
    """A reader must not mistake a best guess for a name."""
    last = records()[-1]
    assert last["speaker"] is None
    assert last["attribution"]["status"] == "unattributed"  # type: ignore[index]


def test_entities_carry_the_names_of_the_day() -> None:
    """A record of 2021 says "Turkey", one of 2023 "Türkiye"."""
    chair, kenya, *_ = records()
    assert chair["speaker"]["entity"]["code"] == "CHAIR"  # type: ignore[index]
    assert kenya["speaker"]["entity"] == {"scheme": "iso3166-1-alpha-3", "code": "KEN", "name": "Kenya"}  # type: ignore[index]
    assert [item["code"] for item in kenya["on_behalf_of"]] == ["AFRICAN_GROUP"]  # type: ignore[attr-defined]


def test_the_coverage_of_a_record_counts_what_is_missing_in_it() -> None:
    """A reviewer sees at once where words may have been lost."""
    transcripts = transcripts_of(LINES)
    kenya = log_of(LINES)[1]
    gap = Gap("spoken", "floor", 9, Span(kenya.spans[0].start_ms + 100, kenya.spans[0].start_ms + 600), "dead-letter")
    record = compose(a_meeting(), kenya, transcripts, [gap], lambda ms: after(BEGAN, ms))
    coverage = record["quality"]["coverage"]
    assert coverage["gap_ms"] == 500
    assert sum(coverage.values()) == sum(span.length_ms for span in kenya.spans)


def test_what_an_interpreter_says_is_not_the_language_that_was_spoken() -> None:
    """The English channel tells nothing about the language of the speaker."""
    transcripts = transcripts_of(LINES, channel="floor")
    meeting = a_meeting(floor=True)
    record = compose(meeting, log_of(LINES)[1], transcripts, [], lambda ms: after(BEGAN, ms))
    assert (record["language_spoken"], record["language_text"], record["interpretation"]) == (None, "en", True)


def test_a_record_lists_the_passages_of_the_themes_that_its_meeting_asks_for() -> None:
    """A dashboard finds the passage in the text, and a meeting that asks for none gets none."""
    lines = [Line("chair", "Norway, please."), Line("norway", "Thank you. Gender equality and climate justice matter.")]
    meeting = a_meeting() | {"themes": ["call-to-action-v1"]}
    said = log_of(lines)[-1]
    record = compose(meeting, said, transcripts_of(lines), [], lambda ms: after(BEGAN, ms))
    contract.validate("record", record)
    assert [item["theme"] for item in record["themes"]] == ["gender-equality", "future-generations"]
    assert {record["text"][item["offset"] :] for item in record["themes"]} == {record["themes"][0]["quote"]}
    assert compose(a_meeting(), said, transcripts_of(lines), [], lambda ms: after(BEGAN, ms))["themes"] == []
