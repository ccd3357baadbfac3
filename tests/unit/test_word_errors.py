"""Word errors: what counts as one, where it lies, and whose it is."""

from __future__ import annotations

import pytest

from floorlog.scoring.word_errors import normalised, speaker_errors, word_errors


def test_case_and_punctuation_are_no_errors() -> None:
    """A recogniser is not worse for a comma, nor for how it spells quotation marks."""
    assert normalised("Mr. President — “thank you”!") == ["mr", "president", "thank", "you"]
    assert normalised("Señor, l’Été") == ["señor", "l", "été"]
    assert normalised("主席先生。") == ["主", "席", "先", "生"]


def test_errors_lie_in_the_part_of_the_reference_that_they_touch() -> None:
    """The turns of a meeting are weighed one by one, so that an error must have a place."""
    found = word_errors(
        [["we", "thank", "you"], [], ["the", "floor", "is", "yours"]], ["we", "thank", "the", "floor", "was", "yours"]
    )
    assert found.errors == {0: 1, 2: 1}
    assert (found.words[0], found.words[1], found.words[2]) == (3, 0, 4)


def test_only_three_words_lost_in_a_row_are_an_omission() -> None:
    """Two lost words are misheard; a lost line is what nobody may overlook."""
    said = ["one", "two", "three", "four", "five", "six", "seven"]
    assert word_errors([said], ["one", "four", "five", "six", "seven"]).omitted == {}
    assert word_errors([said], ["one", "five", "six", "seven"]).omitted == {0: 3}


def test_a_log_without_words_has_omitted_all() -> None:
    """An empty log must not be a perfect one."""
    found = word_errors([["one", "two", "three"]], [])
    assert (found.errors, found.omitted) == ({0: 3}, {0: 3})


MEETEVAL = [
    # Reference, heard, errors: as MeetEval 0.4.3 counts them, with
    # `meeteval.wer.cp_word_error_rate({"a": "…", …}, {"x": "…", …}).errors`.
    (
        ["the floor is yours now", "thank you madam president"],
        ["thank you president", "the floor was yours", "now well"],
        5,
    ),
    (["one two three", "four five six"], ["four five six", "one two three"], 0),
    (["one two three", "four five six"], ["one two three four five six"], 6),
    (["one two three"], ["one two", "three"], 2),
]


@pytest.mark.parametrize(("spoken", "heard", "errors"), MEETEVAL)
def test_speakers_are_assigned_as_meeteval_assigns_them(spoken: list[str], heard: list[str], errors: int) -> None:
    """A figure that is named cpWER must be the one that everybody else means."""
    found = speaker_errors(
        {f"a{number}": text.split() for number, text in enumerate(spoken)},
        {f"x{number}": text.split() for number, text in enumerate(heard)},
    )
    assert sum(found.values()) == errors
