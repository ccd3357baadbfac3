"""Short pieces are read twice: nothing of a good reading is lost, and a better one is taken."""

from __future__ import annotations

from dataclasses import replace

from floorlog.clock import Span
from floorlog.readings import APART_MS, DOUBTFUL, LONGEST_MS, SHORT_MS, SURE, compared, doubted
from floorlog.words import Piece, Word


def piece(text: str, start_ms: int, end_ms: int, score: float, language: str = "en") -> Piece:
    """Return a piece with its words spread evenly."""
    texts = text.split()
    step = (end_ms - start_ms) // max(1, len(texts))
    words = [
        Word(each, Span(start_ms + step * index, start_ms + step * (index + 1)), 0.5)
        for index, each in enumerate(texts)
    ]
    return Piece(Span(start_ms, end_ms), language, 1.0, score, tuple(words))


def texts(pieces: tuple[Piece, Piece] | None) -> list[str] | None:
    """Return what two pieces say."""
    return pieces and [" ".join(word.text for word in each.words) for each in pieces]


LINE = piece("Thank you no way, you have a slow move.", 0, 2700, -0.9)
ANSWER = piece("Thank you, President. Norway supports the call.", 2900, 9000, -0.3)


def test_a_short_piece_that_is_doubted_is_read_with_the_piece_before_it_then_with_the_one_behind() -> None:
    """What stands before a line is as much of a help as what follows."""
    pieces = [replace(ANSWER, span=Span(0, 2000)), replace(LINE, span=Span(2100, 4000)), ANSWER]
    assert list(doubted([pieces[0], pieces[1], replace(ANSWER, span=Span(4100, 9000))], 1)) == [0, 2]


def test_nothing_is_read_twice_without_need() -> None:
    """A second reading costs as much as the first one."""
    for line in (
        replace(LINE, average_log_probability=DOUBTFUL + 0.01),
        replace(LINE, span=Span(0, SHORT_MS)),
        replace(LINE, language="fr"),
    ):
        far = max(line.span.end_ms, ANSWER.span.start_ms)
        assert list(doubted([line, replace(ANSWER, span=Span(far, far + 5000))], 0)) == []
    assert list(doubted([LINE, replace(ANSWER, span=Span(2700 + APART_MS + 1, 9000))], 0)) == []
    assert list(doubted([LINE, replace(ANSWER, span=Span(2900, LONGEST_MS + 1))], 0)) == []


def test_the_reading_together_counts_where_the_recogniser_trusts_it_more() -> None:
    """This is how "no way" becomes Norway."""
    both = piece(
        "Thank you, Norway, you have the floor. Thank you, President. Norway supports the call.", 0, 9000, -0.3
    )
    found = compared(LINE, ANSWER, both)
    assert texts(found) == ["Thank you, Norway, you have the floor.", "Thank you, President. Norway supports the call."]
    assert found is not None
    for read, before in zip(found, (LINE, ANSWER), strict=True):
        assert read.average_log_probability == both.average_log_probability
        assert (read.span, read.language) == (before.span, before.language)
        assert all(
            before.span.start_ms <= word.span.start_ms < word.span.end_ms <= before.span.end_ms for word in read.words
        )
        assert all(one.span.end_ms <= two.span.start_ms for one, two in zip(read.words, read.words[1:], strict=False))


def test_a_worse_reading_together_is_not_taken() -> None:
    """The score is the only judge that knows no names."""
    both = piece(
        "Thank you, Norway, you have the floor. Thank you, President. Norway supports the call.", 0, 9000, -0.8
    )
    assert compared(LINE, ANSWER, both) is None


def test_a_reading_that_drops_a_line_is_not_taken_however_sure() -> None:
    """In a chunk with a statement the recogniser drops the chair's line: a silently lost sentence is the worst."""
    both = piece("Thank you, President. Norway supports the call.", 0, 9000, -0.1)
    assert compared(LINE, ANSWER, both) is None


def test_a_word_that_was_stretched_across_the_silence_stays_with_its_sentence() -> None:
    """A thank-you that slips into the statement before it gives the floor to nobody."""
    statement, thanks = (
        piece("and proceed on our way.", 0, 2500, -0.5),
        piece("Thank you Ambassador Bulgaria.", 2700, 5200, -0.8),
    )
    both = piece("and proceed on our way. Thank you, Ambassador, Bulgaria.", 0, 5200, -0.4)
    early = replace(both, words=(*both.words[:5], replace(both.words[5], span=Span(1900, 2600)), *both.words[6:]))
    assert texts(compared(statement, thanks, early)) == ["and proceed on our way.", "Thank you, Ambassador, Bulgaria."]


def test_a_piece_that_was_dropped_is_read_again_with_its_neighbour_whatever_its_length() -> None:
    """Speech without words is what nobody may lose silently: it is worth a second try."""
    dropped = Piece(Span(0, 5200), "", 0.0, 0.0, ())
    statement = replace(ANSWER, span=Span(5300, 9000))
    assert list(doubted([dropped, statement], 0)) == [1]
    assert list(doubted([dropped, replace(dropped, span=Span(5300, 9000))], 0)) == []
    both = piece("I thank Cuba. Thank you, President. Norway supports the call.", 0, 9000, SURE)
    read = compared(dropped, statement, both)
    assert texts(read) == ["I thank Cuba.", "Thank you, President. Norway supports the call."]
    assert read is not None
    assert read[0].language == "en"
    assert compared(dropped, statement, replace(both, average_log_probability=SURE - 0.01)) is None
