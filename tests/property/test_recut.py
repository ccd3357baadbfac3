"""Where segments and pieces end is an accident of capture: it must not change who had the floor."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from floorlog.interventions import Intervention
from tests.spoken import Line, log_of_transcripts, recut, transcripts_of

THANKS_PRESIDENT = "Thank you, Mr. President."

SCRIPT = (
    Line("chair", "I call to order this synthetic meeting of delegations."),
    Line("chair", "There is no list of speakers, and those who wish to speak should press the button.", 400),
    Line("chair", "I now give the floor to the distinguished representative of Cameroon.", 700),
    Line("cameroon", "Mr. President, Cameroon has the honour to speak on behalf of the African Group.", 900),
    Line("cameroon", "The Group has invented this sentence, and the one that comes behind it as well.", 450),
    Line("cameroon", "It ends here.", 350),
    Line("chair", "I thank the representative of Cameroon.", 1300),
    Line("chair", "Norway, please.", 600),
    Line("norway", THANKS_PRESIDENT, 700),
    Line("norway", "Norway fully supports what was made up for this test, and will go on to do so.", 450),
    Line("norway", "Thank you.", 500),
    Line("chair", "I thank the representative of Norway.", 1300),
    Line("chair", "Canada has the floor.", 500),
    Line("canada", THANKS_PRESIDENT, 1000),
    Line("canada", "Canada welcomes the focus of a report that nobody has written.", 700),
    Line("canada", "In this regard, the matters that are before us in several places, including in", 550),
    Line("syria", "Point of order, Mr. President, the Syrian Arab Republic raises a point of order.", 380),
    Line("syria", "The speaker should keep to the agenda of this meeting.", 340),
    Line("chair", "I recognize the representative of the Syrian Arab Republic on a point of order,", 1100),
    Line("chair", "and I take note of it.", 420),
    Line("chair", "I ask all delegations to respect the agenda.", 420),
    Line("chair", "Canada may continue.", 450),
    Line("canada", "Thank you, President.", 820),
    Line("canada", "I will conclude.", 700),
    Line("canada", "Canada will go on to speak of what is not in the agenda, at home and abroad.", 750),
    Line("chair", "I thank the representative of Canada.", 1700),
    Line("chair", "I now give the floor to the distinguished representative of France.", 540),
    Line("france", "Monsieur le Président, la France remercie ceux qui ont inventé cette séance.", 1100, "fr"),
    Line("france", "Elle souhaite qu'elle soit courte, et que la suivante le soit aussi.", 450, "fr"),
    Line("chair", "Thank you.", 1200),
    Line("chair", "Iran.", 400),
    Line("iran", "Mr. President, there is much to be said about this, and it will be said by others.", 800),
    Line("chair", "I thank the representative of Iran.", 1300),
    Line("chair", "We have heard the last speaker.", 600),
    Line("chair", "One delegation has asked to speak in exercise of the right of reply.", 600),
    Line("chair", "I give the floor to the representative of Armenia.", 500),
    Line("armenia", "Mr. President, Armenia is compelled to take the floor, and has nothing to say.", 800),
    Line("chair", "I thank the representative of Armenia.", 1200),
    Line("chair", "The meeting is adjourned.", 500),
)  # fmt: skip

SPOKEN = tuple(transcripts_of(SCRIPT, alike=0.85))
CHANGES = frozenset(index for index in range(len(SCRIPT) - 1) if SCRIPT[index].voice != SCRIPT[index + 1].voice)

indexes = st.frozensets(st.integers(0, len(SCRIPT) - 1))


def essence(log: list[Intervention]) -> list[tuple[int, str, str | None, int, tuple[str, ...]]]:
    """What must not change: where each begins, what it is, whose it is, in how many parts, and for whom."""
    return [
        (item.spans[0].start_ms, item.kind, item.attribution.entity, len(item.spans), item.on_behalf_of) for item in log
    ]


WHOLE = essence(log_of_transcripts(SPOKEN))


def test_the_sitting_is_understood_as_it_was_written() -> None:
    """The tests below only compare; this one says that what they compare with is right."""
    assert [(kind, entity, parts) for _, kind, entity, parts, _ in WHOLE if kind != "chair"] == [
        ("statement", "CMR", 1),
        ("statement", "NOR", 1),
        ("statement", "CAN", 2),
        ("point_of_order", "SYR", 1),
        ("statement", "FRA", 1),
        ("statement", "IRN", 1),
        ("right_of_reply", "ARM", 1),
    ]


@settings(deadline=None, max_examples=30)
@given(indexes, indexes)
@example(frozenset(), CHANGES)
@example(CHANGES, frozenset())
@example(frozenset(range(0, len(SCRIPT), 3)), CHANGES)
def test_where_segments_and_pieces_end_changes_nothing(segments: frozenset[int], pieces: frozenset[int]) -> None:
    """A live capture and a file are cut elsewhere, and both are heard by the same machine.

    Pieces always end where the voice changes; beyond that, both end at any pause.
    """
    assert essence(log_of_transcripts(recut(SPOKEN, segments, pieces | CHANGES))) == WHOLE
