"""Words are found whatever their accents, and shown as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog.fulltext import Part, excerpt, parse, tokens


def hits(text: str, query: str) -> list[str]:
    """What of a text is marked."""
    return [part.text for part in excerpt(text, parse(query))[0] if part.hit]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("We thank the ÉTAT.", "etat", ["ÉTAT"]),
        ("Human-Rights, and human  rights", '"human rights"', ["Human-Rights", "human  rights"]),
        ("rights of the human being", '"human rights"', []),
        ("the States state", "state", ["state"]),
        ("Côte d'Ivoire", "cote d'ivoire", ["Côte", "d'Ivoire"]),
        ("我们保护人权。", "人权", ["人权"]),
        ("e\u0301tat", "état", ["e\u0301tat"]),
        ("مُحَمَّد", "محمد", ["مُحَمَّد"]),
        ("nothing", "", []),
    ],
)
def test_hits_are_marked_as_they_are_written(text: str, query: str, found: list[str]) -> None:
    """A reader types words without accents, and looks for them as they stand there."""
    assert hits(text, query) == found


def test_an_excerpt_is_cut_between_words_around_the_first_hit() -> None:
    """A page shows a line of it, and leads to the moment."""
    parts, offset = excerpt("word " * 100 + "peace " + "word " * 200, parse("peace"), around=20)
    assert offset == 500
    assert parts[0] == Part("… ", False)
    assert parts[1].text.startswith("word")
    assert [part.text for part in parts if part.hit] == ["peace"]
    assert parts[-1] == Part(" …", False)
    assert len("".join(part.text for part in parts)) < 100


def test_a_text_without_a_hit_shows_its_beginning() -> None:
    """What is behind the part that is indexed is not found, and nothing breaks."""
    assert excerpt("one two", parse("three")) == ([Part("one two", False)], None)


@settings(deadline=None)
@given(st.text(), st.text(max_size=20))
def test_an_excerpt_of_a_short_text_is_the_text(text: str, query: str) -> None:
    """Marking adds and loses nothing, whatever is written."""
    parts, _ = excerpt(text[:100], parse(query))
    assert "".join(part.text for part in parts) == text[:100]


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\x00"), max_size=60))
def test_what_is_a_token_of_a_text_is_found_in_it(text: str) -> None:
    """The index and the marks must not disagree about what a word is."""
    for token in tokens(text):
        assert excerpt(text, parse(f'"{token}"'))[1] is not None
