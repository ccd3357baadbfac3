"""The machine as a whole: who spoke, for whom, in which order, and on what evidence."""

from __future__ import annotations

import json

import pytest

from floorlog.announcements import Gap
from floorlog.clock import Span
from floorlog.interventions import Event, begin, decode_state, encode_state, hear
from tests.spoken import Line, a_meeting, log_of, settled_by, the_end, transcripts_of, who

OPENING = Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya.")
KENYA = Line("kenya", "Thank you, Madam President. We have come a long way, and the road goes on before us all.")
NORWAY = Line("norway", "The matter before us is of some weight, and it will be with us for many more years.")
CLOSING = Line("chair", "I thank the representative of Norway. The meeting is adjourned.")


def test_a_formal_cue_gives_the_floor_and_thanks_confirm_it() -> None:
    """It is how most meetings run; both ends of a statement are named."""
    log = log_of(
        [OPENING, KENYA, Line("chair", "I thank the representative of Kenya. Norway, please."), NORWAY, CLOSING]
    )
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "NOR", "CHAIR"]
    assert {item.type for item in log[1].attribution.evidence} >= {"given", "thanked"}
    assert log[1].attribution.confidence > log[0].attribution.confidence


def test_the_chairs_own_words_stay_the_chairs() -> None:
    """A cue that names the next speaker must never begin the statement."""
    log = log_of([OPENING, KENYA])
    assert log[0].spans[-1].end_ms <= log[1].spans[0].start_ms
    assert log[1].spans[0].start_ms == 7_400


def test_a_thanked_delegation_is_the_last_speaker_and_not_the_next() -> None:
    """Run together, the clauses are the commonest trap of real recognition."""
    turn = Line("chair", "I thank the representative of the Republic of Korea, China, please.")
    log = log_of([Line("chair", "Next speaker, please."), KENYA, turn, NORWAY])
    assert who(log) == ["CHAIR", "KOR", "CHAIR", "CHN"]


@pytest.mark.parametrize(
    "cue",
    ["Iran.", "Iran, please.", "Thank you, Ambassador. Iran.", "Iran, you have the floor.", "And now Iran."],
)
def test_a_bare_name_gives_the_floor(cue: str) -> None:
    """Informal meetings are chaired in one word."""
    log = log_of([OPENING, KENYA, Line("chair", cue), NORWAY])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "IRN"]


@pytest.mark.parametrize(
    "cue",
    [
        "The floor is yours, Ambassador.",
        "Next speaker, please.",
        "I invite the representative of Egypt to participate in this meeting. Next speaker, please.",
    ],
)
def test_without_a_name_nobody_is_named(cue: str) -> None:
    """No name is better than a wrong name."""
    log = log_of([OPENING, KENYA, Line("chair", cue), NORWAY])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", None]


def test_who_is_announced_for_later_does_not_get_the_floor() -> None:
    """ "Peru, followed by Fiji" is Peru's floor."""
    log = log_of([OPENING, KENYA, Line("chair", "Thank you. Next, Peru, followed by Fiji."), NORWAY])
    assert who(log)[-1] == "PER"


def test_a_self_introduction_names_whom_the_chair_did_not() -> None:
    """A chair forgets names; delegations do not forget their own."""
    costa_rica = Line("costa-rica", "Costa Rica aligns itself with the statement of the Non-Aligned Movement.")
    log = log_of([OPENING, KENYA, Line("chair", "Next speaker, please."), costa_rica])
    assert who(log)[-1] == "CRI"
    assert log[-1].aligned_with == ("NON_ALIGNED",)
    assert log[-1].on_behalf_of == ()


def test_speaking_on_behalf_of_a_group_is_kept_apart_from_who_speaks() -> None:
    """The group's name is said more often than the delegation's, and must not replace it."""
    chair = Line("chair", "I give the floor to the representative of Kenya on behalf of the Group of African States.")
    kenya = Line("kenya", "I have the honour to speak on behalf of the African Group. The African Group welcomes this.")
    log = log_of([chair, kenya])
    assert who(log) == ["CHAIR", "KEN"]
    assert log[1].on_behalf_of == ("AFRICAN_GROUP",)


def test_a_point_of_order_interrupts_and_the_statement_goes_on() -> None:
    """The interrupted statement is one record with two spans, not two records."""
    order = Line("syria", "Point of order, Madam President. The speaker should keep to the agenda of this meeting.")
    chair = Line("chair", "I take note of the point of order. Kenya may continue.")
    rest = Line("kenya", "I will conclude. We shall go on as we have begun, with patience and with hope for all.")
    log = log_of([OPENING, KENYA, order, chair, rest, CLOSING])
    assert [item.kind for item in log] == ["chair", "statement", "point_of_order", "chair", "chair"]
    assert len(log[1].spans) == 2
    assert log[1].attribution.entity == "KEN"


def test_a_reminder_of_the_time_does_not_end_a_statement() -> None:
    """The chair speaks, and the same delegation goes on."""
    chair = Line("chair", "Excuse me, you have exceeded the time limit. Please conclude.")
    rest = Line("kenya", "Then I will only say that the road is long and that we shall walk it together.")
    log = log_of([OPENING, KENYA, chair, rest, CLOSING])
    assert [len(item.spans) for item in log] == [1, 2, 1, 1]


def test_a_right_of_reply_is_a_kind_of_its_own() -> None:
    """It is announced by the chair, and often by the delegation too."""
    chair = Line(
        "chair", "One delegation asks for the right of reply. I give the floor to the representative of Norway."
    )
    log = log_of([OPENING, KENYA, chair, NORWAY])
    assert [item.kind for item in log] == ["chair", "statement", "chair", "right_of_reply"]


def test_an_official_gives_a_briefing() -> None:
    """The Secretary-General makes no statement of a delegation."""
    chair = Line("chair", "It is my honour to invite the Secretary-General of the United Nations to take the floor.")
    log = log_of([chair, NORWAY])
    assert (log[1].attribution.entity, log[1].kind, log[1].role) == ("UN:SG", "briefing", "un_official")


def test_a_short_line_without_words_between_two_voices_is_the_chairs() -> None:
    """Recognisers drop one-word lines; the voice still tells that the floor changed."""
    again = Line("chair", "I thank the representative of Kenya. I now give the floor to the representative of Peru.")
    peru = Line("peru", "There is much to say about this, and there is little time to say it in this hall.")
    log = log_of([OPENING, KENYA, again, peru, Line("chair", "", lasts_ms=1200), NORWAY, CLOSING])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "PER", "CHAIR", "NOR", "CHAIR"]
    assert log[4].flags == ("speech-without-words",)


def test_a_misheard_name_is_matched_where_a_name_is_expected() -> None:
    """ "Cypress" is no state, but the floor was given to one."""
    log = log_of([OPENING, KENYA, Line("chair", "I give the floor to the representative of Cypress."), NORWAY])
    assert who(log)[-1] == "CYP"


def test_contradicting_evidence_leaves_an_intervention_unattributed() -> None:
    """The floor was given to one and another was thanked: a reviewer must look."""
    chair = Line("chair", "I thank the representative of Peru. The meeting is adjourned.")
    log = log_of([OPENING, KENYA, chair])
    assert log[1].attribution.entity is None
    assert {item.entity for item in log[1].attribution.alternatives} == {"KEN", "PER"}


def test_text_without_voices_is_enough_where_cues_are_formal() -> None:
    """Archived transcripts have no audio."""
    lines = [
        Line("", OPENING.text, 0),
        Line("", KENYA.text, 0),
        Line("", "I thank the representative of Kenya. I give the floor to the representative of Norway.", 0),
        Line("", "Thank you, Madam President. " + NORWAY.text, 0),
        Line("", CLOSING.text, 0),
    ]
    assert who(log_of(lines, voices=False)) == ["CHAIR", "KEN", "CHAIR", "NOR", "CHAIR"]


def test_the_chair_gives_the_floor_in_french_and_spanish() -> None:
    """The files of phrases are read for every language, whatever the recogniser took the language for."""
    french = Line(
        "chair", "Je remercie le représentant du Kenya. Je donne la parole au représentant de la France.", 500, "fr"
    )
    spanish = Line("chair", "Doy ahora la palabra al representante de Cuba.", 500, "es")
    log = log_of([OPENING, KENYA, french, NORWAY, spanish, Line("cuba", NORWAY.text)])
    assert who(log) == ["CHAIR", "KEN", "CHAIR", "FRA", "CHAIR", "CUB"]


def test_an_interpreters_voice_is_nobodys() -> None:
    """On an interpretation channel one voice says what all the speakers say, the chair included."""
    lines = [OPENING, KENYA, Line("chair", "I thank Kenya. I give the floor to the representative of Norway."), NORWAY]
    one_voice = [Line("interpreter", line.text) for line in lines]
    transcripts = transcripts_of(one_voice, channel="en")
    settled = settled_by([*transcripts, the_end(transcripts)], a_meeting(en=True))
    assert [item.intervention.attribution.entity for item in settled] == ["CHAIR", "KEN", "CHAIR", "NOR"]


def test_a_delegation_that_comes_back_unnamed_is_known_by_its_voice() -> None:
    """Rights of reply come at the end, when a tired chair names nobody."""
    long = KENYA.text + " " + NORWAY.text
    first = [OPENING, Line("kenya", long), Line("chair", "I thank the representative of Kenya. Peru, please.")]
    again = [
        Line("peru", long),
        Line("chair", "I thank the representative of Peru. Please go ahead."),
        Line("kenya", long),
    ]
    log = log_of([*first, *again])
    assert who(log)[-1] == "KEN"
    assert log[-1].attribution.evidence[-1].type == "voice-known"


def test_an_intervention_is_open_at_once_and_settles_one_chair_turn_later() -> None:
    """A live page shows who speaks while it lasts, and history does not flicker."""
    chair = Line("chair", "I thank the representative of Kenya. I now give the floor to the representative of Norway.")
    transcripts = transcripts_of([OPENING, KENYA, chair, *[NORWAY] * 3])
    state = begin(a_meeting())
    opened: list[int] = []
    settled: list[int] = []
    for number, transcript in enumerate(transcripts):
        heard = hear(state, transcript)
        state = heard.state
        if any(item.attribution.entity == "KEN" for item in heard.open):
            opened.append(number)
        settled.extend(number for item in heard.settled if item.intervention.attribution.entity == "KEN")
    assert opened[0] == 1
    assert len(settled) == 1
    assert settled[0] > 3


def test_a_state_that_is_stored_and_read_again_goes_on_the_same() -> None:
    """Each event is heard in a transaction of its own, often by another process."""
    transcripts = transcripts_of([OPENING, KENYA, Line("chair", "I thank Kenya. Norway, please."), NORWAY, CLOSING])
    kept = begin(a_meeting())
    stored = begin(a_meeting())
    events: list[Event] = [*transcripts, the_end(transcripts)]
    for event in events:
        first, second = hear(kept, event), hear(stored, event)
        assert (first.settled, first.open) == (second.settled, second.open)
        kept = first.state
        text = json.dumps(encode_state(second.state))
        stored = decode_state(json.loads(text))
        assert json.dumps(encode_state(stored)) == text


def test_a_gap_ends_nothing_by_itself() -> None:
    """Lost audio is no change of the floor."""
    transcripts = transcripts_of([OPENING, KENYA, Line("kenya", NORWAY.text), CLOSING])
    before, after = transcripts[:2], transcripts[2:]
    gap = Gap("spoken", "floor", 9, Span(before[-1].span.end_ms, before[-1].span.end_ms + 1), "media-missing")
    settled = settled_by([*before, gap, *after, the_end(transcripts)])
    assert [item.intervention.attribution.entity for item in settled if item.intervention.kind != "chair"] == [None]


def test_a_new_chair_is_learned_and_the_old_one_becomes_a_delegate() -> None:
    """Meetings change hands; the voice of the first chair must not keep the floor for ever."""
    second = [
        Line(voice, text)
        for name, code in (("peru", "Peru"), ("fiji", "Fiji"), ("cuba", "Cuba"), ("oman", "Oman"), ("mali", "Mali"))
        for voice, text in (
            (name, NORWAY.text),
            ("vice", f"I thank the representative of {code}. I now give the floor to the representative of Kenya."),
            ("kenya", NORWAY.text),
            ("vice", "I thank the representative of Kenya. I now give the floor to the representative of Norway."),
        )
    ]
    log = log_of(
        [OPENING, KENYA, Line("chair", "I thank Kenya. My colleague will preside."), *second, Line("chair", KENYA.text)]
    )
    assert [item.kind for item in log if item.kind == "chair"] == ["chair"] * 12
    assert (log[-1].kind, log[-1].attribution.entity) == ("statement", "NOR")


def test_naming_one_that_has_raised_a_point_of_order_gives_it_nothing() -> None:
    """It has spoken already: who was interrupted goes on, and both names stay where they belong."""
    order = Line(
        "syria", "Point of order. The Syrian Arab Republic raises a point of order. Keep to the agenda, please."
    )
    chair = Line("chair", "I recognize the representative of the Syrian Arab Republic. I take note of what was said.")
    rest = Line("kenya", "I will conclude. We shall go on as we have begun, with patience and with hope for all.")
    log = log_of([OPENING, KENYA, order, chair, rest, Line("chair", "I thank the representative of Kenya.")])
    assert who(log)[1:3] == ["KEN", "SYR"]
    assert len(log[1].spans) == 2


def test_who_opens_the_meeting_is_taken_for_its_chair() -> None:
    """On a noisy line the chair's first words may be garbled, and still its voice comes back."""
    opening = Line("chair", "Excellencies, the garbled opening of this sitting was not to be understood by anybody.")
    garbled = Line("chair", "The presented has the four.")
    log = log_of([opening, garbled, KENYA, garbled, NORWAY, NORWAY, garbled])
    assert [item.kind for item in log] == ["chair", "statement", "chair", "statement", "chair"]
