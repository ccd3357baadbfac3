"""Chairs as they are: talkative, forgetful, cut short or not heard at all."""

from __future__ import annotations

import pytest

from tests.spoken import Line, log_of, who

OPENING = Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya.")
KENYA = Line("kenya", "Thank you, Madam President. We have come a long way, and the road goes on before us all.")
NORWAY = Line("norway", "The matter before us is of some weight, and it will be with us for many more years.")
THANKS = Line("chair", "I thank the representative of Norway. The meeting is adjourned.")


def texts(*lines: str) -> list[Line]:
    """Lines of a text: no voice is known, and no pause is heard."""
    return [Line("", line, 0) for line in lines]


@pytest.mark.parametrize(
    "said",
    [
        "I thank the representative of Kenya for his words, which took us far. Let me say a word about the hall. It is "
        "warm today, and the doors will stay open during lunch. Some of you have asked about the bags; they may stay "
        "where they are. The interpreters have asked that all speak slowly. I now give the floor to the representative "
        "of Norway.",
        "Thank you very much. Before giving the floor to the representative of Norway, may I remind delegations of the "
        "time limit. It is three minutes, and the lamp will tell you. I was told that the screens are slow today; we "
        "are working on it, and we ask for your patience.",
    ],
)
@pytest.mark.parametrize("voices", [True, False])
def test_a_chair_may_speak_for_a_while_before_the_next_cue(said: str, voices: bool) -> None:
    """Its own remarks are no statement, and the name that it gave holds until somebody speaks."""
    log = log_of(
        [OPENING, KENYA, Line("chair", said), Line("norway", "Madam President, " + NORWAY.text)], voices=voices
    )
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "NOR"]


@pytest.mark.parametrize(
    "said",
    [
        "I thank the representative of Kenya. I now give the floor to the distinguished representative of, well, you "
        "have the floor.",
        "Thank you. The next speaker is, I am sorry, I have lost my list. Please go ahead.",
        "Je remercie le représentant du Kenya. Je donne la parole au représentant de, pardon, vous avez la parole.",
        "Agradezco al representante de Kenya. Tiene la palabra el representante de, perdón, adelante, por favor.",
    ],
)
def test_a_chair_who_forgets_the_name_names_nobody(said: str) -> None:
    """The floor has changed all the same, and whoever was named before must not be named again."""
    log = log_of([OPENING, KENYA, Line("chair", said), NORWAY])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", None]


def test_a_name_that_was_forgotten_is_found_again_in_the_thanks() -> None:
    """The chair has read the plate on the table by then."""
    chair = Line("chair", "I thank the representative of Kenya. Please go ahead.")
    assert who(log_of([OPENING, KENYA, chair, NORWAY, THANKS])) == ["CHAIR", "KEN", "CHAIR", "NOR", "CHAIR"]


def test_a_chair_who_corrects_the_name_has_given_the_floor_to_the_second() -> None:
    """The last name counts."""
    said = "I give the floor to the representative of Peru. Sorry, I give the floor to the representative of Norway."
    assert who(log_of([OPENING, KENYA, Line("chair", said), NORWAY]))[-1] == "NOR"


def test_a_line_of_the_chair_that_was_not_recognised_still_changes_the_floor() -> None:
    """Recognisers drop short lines between long statements; voices and openings tell."""
    kenya = Line("kenya", KENYA.text + " I thank you.")
    log = log_of([OPENING, kenya, Line("norway", "Madam President, " + NORWAY.text, 1500), THANKS])
    assert who(log) == ["CHAIR", "KEN", "NOR", "CHAIR"]


def test_without_voices_a_dropped_line_is_found_by_how_statements_end_and_begin() -> None:
    """A name must not reach from one statement into the next, whose own name is in it."""
    first = "Thank you, Madam President. We have come a long way, and the road goes on before us all. I thank you."
    second = "Thank you, Madam President. Norway aligns itself with the statement of the European Union. It was short."
    log = log_of(texts(OPENING.text, first, second, THANKS.text), voices=False)
    assert who(log) == ["CHAIR", "KEN", "NOR", "CHAIR"]


def test_two_statements_that_could_not_be_parted_are_not_given_to_a_third() -> None:
    """Given to one, thanked as another: a reviewer must look, and no name is better than a wrong one."""
    log = log_of(texts(OPENING.text, NORWAY.text, NORWAY.text, THANKS.text), voices=False)
    assert set(who(log)) <= {"CHAIR", None}


@pytest.mark.parametrize(
    ("cut", "language"),
    [
        ("The microphone was cut. You have exceeded the time limit. I thank you.", "en"),
        ("Le micro a été coupé. Votre temps de parole est écoulé.", "fr"),
        ("Se ha cortado el micrófono. Su tiempo se ha agotado.", "es"),
    ],
)
def test_a_microphone_that_is_cut_ends_a_statement(cut: str, language: str) -> None:
    """It ends in the middle of a sentence, and what the chair says then is the chair's."""
    broken = Line("kenya", "Thank you, Madam President. We have come a long way, and now that we stand before the")
    chair = Line("chair", f"{cut} I now give the floor to the representative of Norway.", language=language)
    log = log_of([OPENING, broken, chair, NORWAY, THANKS])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "NOR", "CHAIR"], language


def test_a_statement_may_go_on_after_its_microphone_was_cut() -> None:
    """Some chairs give a last sentence."""
    chair = Line("chair", "Your microphone was cut, as your time has expired. Please conclude.")
    log = log_of(
        [OPENING, KENYA, chair, Line("kenya", NORWAY.text), Line("chair", "I thank the representative of Kenya.")]
    )
    assert [(item.attribution.entity, len(item.spans)) for item in log[1:3]] == [("KEN", 2), ("CHAIR", 1)]
