"""Rosters, programmes and other channels are evidence: they help where little is said, and decide nothing alone."""

from __future__ import annotations

from typing import Any

from floorlog.foreknowledge import Foreknowledge, of_meeting
from floorlog.interventions import Event, Intervention
from tests.spoken import Line, a_meeting, settled_by, the_end, transcripts_of

LONG = "The matter before us is of some weight, and it will be with us for many more years, in this hall and outside."
OPENING = Line("chair", "I call to order this meeting. Next speaker, please.")
CLOSING = Line("chair", "The meeting is adjourned.")


def statements(lines: list[Line], **foreknown: Any) -> list[Intervention]:
    """What delegations say in a meeting of which something is known beforehand."""
    transcripts = transcripts_of(lines)
    settled = settled_by([*transcripts, the_end(transcripts)], a_meeting() | foreknown)
    return [item.intervention for item in settled if item.intervention.kind != "chair"]


def phases(*holders: str | None) -> list[dict[str, Any]]:
    """A programme, or a list of speakers."""
    return [{"phase": "statements", "holder": holder, "label": "…"} for holder in holders]


def test_a_programme_alone_names_nobody() -> None:
    """Programmes change, and a deputy may speak."""
    (said,) = statements([OPENING, Line("kenya", LONG), CLOSING], programme=phases("KEN"))
    assert said.attribution.entity is None
    assert [item.entity for item in said.attribution.alternatives] == ["KEN"]


def test_a_programme_and_a_weak_reason_name_together() -> None:
    """Two weak reasons that agree are a strong one."""
    said = Line("kenya", "There is Kenya. " + LONG)
    weak = Line("kenya", "Kenya welcomes this. " + LONG)
    (without,) = statements([OPENING, said, CLOSING], programme=phases("KEN"))
    (together,) = statements([OPENING, weak, CLOSING], programme=phases("KEN"))
    assert without.attribution.entity is None
    assert together.attribution.entity == "KEN"
    assert {item.type for item in together.attribution.evidence} == {"programme", "self-reference"}


def test_a_list_of_speakers_goes_on_behind_the_last_who_spoke() -> None:
    """Speakers withdraw, and the list is then ahead of the room."""
    known = of_meeting({"programme": [{"holder": "CHAIR"}, *phases("KEN", "NOR", "PER", None, "FJI")]})
    assert known.expected(0) == "KEN"
    assert known.expected(known.held_by("NOR", 0)) == "PER"
    assert known.expected(known.held_by("PER", 2)) is None
    assert known.held_by("CUB", 1) == 1
    assert Foreknowledge.decode(known.encode()) == known


def test_who_is_not_on_the_roster_needs_more_than_a_misheard_name() -> None:
    """Misheard names are those of states that are not in the room, often."""
    chair = Line("chair", "I call to order this meeting. I give the floor to the representative of Cypress.")
    (free,) = statements([chair, Line("cyprus", LONG), CLOSING])
    (on,) = statements([chair, Line("cyprus", LONG), CLOSING], roster=["CYP", "NOR"])
    (off,) = statements([chair, Line("cyprus", LONG), CLOSING], roster=["KEN", "NOR"])
    assert (free.attribution.entity, on.attribution.entity) == ("CYP", "CYP")
    assert off.attribution.entity is None
    assert "not-on-roster" in {item.type for item in off.attribution.evidence}


def test_a_name_said_on_an_interpretation_names_the_floors_speaker() -> None:
    """Where the chair speaks a language without phrases, its interpreter's words still tell who has the floor."""
    named = "I call to order this meeting. I now give the floor to the representative of Kenya."
    unnamed = "Excellencies, we begin. It is a pleasure to see you. Next speaker, please."
    floor = [Line("chair", unnamed), Line("kenya", LONG), Line("chair", "The meeting is adjourned.")]
    english = [Line("x", named), Line("x", LONG), Line("x", "The meeting is adjourned.")]
    heard = [transcripts_of(floor), transcripts_of(english, channel="en")]
    both = sorted([*heard[0], *heard[1]], key=lambda item: (item.span.end_ms, item.channel))
    events: list[Event] = [*both, the_end(heard[1]), the_end(heard[0])]
    settled = settled_by(events, a_meeting(floor=False, en=True))
    (said,) = [
        item.intervention
        for item in settled
        if item.intervention.channel == "floor" and item.intervention.kind != "chair"
    ]
    assert said.attribution.entity == "KEN"
    assert [(item.type, item.channel) for item in said.attribution.evidence] == [("other-channel", "en")]
