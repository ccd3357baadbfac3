"""Kinds, capacities, persons and joint statements: what a record says beyond whose floor it was."""

from __future__ import annotations

import pytest

from floorlog.interventions import Intervention
from floorlog.persons import person_in
from tests.spoken import Line, log_of

KENYA = Line("kenya", "Thank you, Madam President. We have come a long way, and the road goes on before us all.")
OPENING = Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya.")


def statement_of(said: str, chair: Line = OPENING) -> Intervention:
    """The statement of one who says this, once the chair has given the floor."""
    return log_of([chair, Line("kenya", said + " " + KENYA.text)])[1]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("The meeting is now suspended.", "suspension"),
        ("I invite members to rise and observe a minute of silence.", "minute_of_silence"),
        ("A recorded vote has been requested. We shall now begin the voting process.", "vote"),
        ("The agenda is adopted.", "procedural"),
        ("I thank the representative of Kenya.", "chair"),
    ],
)
def test_a_turn_of_the_chair_has_the_kind_of_what_it_is_about(said: str, kind: str) -> None:
    """A reader who looks for a vote or a suspension must not read all that the chair says."""
    log = log_of([OPENING, KENYA, Line("chair", said)])
    assert [item.kind for item in log] == ["chair", "statement", kind]


@pytest.mark.parametrize(
    ("chair", "kind"),
    [
        ("We will now hear a pre-recorded statement by the representative of Kenya.", "video_statement"),
        (
            "I give the floor to the representative of Kenya, who wishes to speak in explanation of vote.",
            "explanation_of_vote",
        ),
    ],
)
def test_what_is_announced_has_the_kind_that_was_announced(chair: str, kind: str) -> None:
    """Only the chair says that a film is shown."""
    assert statement_of("", Line("chair", "I call to order this meeting. " + chair)).kind == kind


@pytest.mark.parametrize(
    ("said", "capacity"),
    [
        ("I shall add a few words in my national capacity.", "national capacity"),
        ("I speak in my capacity as Chair of the African Group.", "Chair of the African Group"),
        ("The capacity of this hall is great.", None),
    ],
)
def test_in_what_role_a_delegation_speaks_is_what_it_says(said: str, capacity: str | None) -> None:
    """A statement in national capacity binds nobody else."""
    assert statement_of(said).capacity == capacity


def test_a_joint_statement_is_made_on_behalf_of_all_whom_it_names() -> None:
    """The one who reads it is not the last one named, nor one of those spoken for."""
    found = statement_of("I have the honour to speak on behalf of Fiji, the Netherlands and Peru.")
    assert found.on_behalf_of == ("FJI", "NLD", "PER")
    assert found.attribution.entity == "KEN"


def test_a_state_speaks_on_its_own_behalf_without_saying_so_twice() -> None:
    """It is the speaker already."""
    assert statement_of("I have the honour to speak on behalf of Kenya.").on_behalf_of == ()


def test_a_person_is_whom_the_chair_introduces() -> None:
    """Names of persons are said by the chair; the words of the record are the only source."""
    chair = Line("chair", "I give the floor to Her Excellency Ms. Jane Doe, Permanent Representative of Kenya.")
    assert statement_of("", chair).person == "Jane Doe"
    assert statement_of("").person is None


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("I thank Mr. Awsan Al-Aud of Yemen", "Awsan Al-Aud"),
        ("His Excellency Mr. Jean-Pierre Doe, Minister", "Jean-Pierre Doe"),
        ("Thank you, Mr. President.", None),
        ("i thank ms jane doe", None),
        ("Her Excellency the Ambassador", None),
    ],
)
def test_a_title_alone_is_nobody(text: str, person: str | None) -> None:
    """ "Mr. President" is said in every statement."""
    assert person_in(text.split()) == person
