"""Themes: what the notation of a lexicon means, what a tag says, and how often the Call to Action's lexicon is right.

`python -m tests.unit.test_themes` prints the shares of the sentences in `tests/themed` that are tagged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floorlog.errors import InvalidDocument
from floorlog.services.meetings import from_toml
from floorlog.theme_notation import BadNotation, compile_phrase
from floorlog.themes import (
    LONGEST_PASSAGE_WORDS,
    MOST_OF_A_THEME,
    Lexicon,
    lexicon_names,
    load_lexicon,
    tag,
    theme_of,
)

THEMED = Path(__file__).parents[1] / "themed"
NAME = "call-to-action-v1"


def sentences(file: str = "sentences") -> dict[str, list[str]]:
    """Sentences by the theme that they touch, and those off every topic."""
    return tomllib.loads((THEMED / f"{file}.toml").read_text(encoding="utf-8"))


def themes_in(text: str) -> set[str]:
    """The themes that the Call to Action's lexicon finds."""
    return {item.theme for item in tag(text, [NAME])}


def matches(phrase: str, passage: str) -> bool:
    """Whether a phrase occurs in words as they are matched."""
    return compile_phrase(phrase, {"people": "(women|girls)"}).pattern.search(passage + " ") is not None


def a_lexicon(*rules: dict[str, Any]) -> Lexicon:
    """A lexicon of one theme."""
    theme = {"id": "bread", "title": "Bread", "label": "Bread", "rule": list(rules)}
    return Lexicon({"lexicon": "test", "version": 1, "theme": [theme]})


@pytest.mark.parametrize(
    ("phrase", "passage"),
    [
        ("genocid*", "the genocides of"),
        ("génocide", "le genocide"),
        ("gender-based", "on gender based violence"),
        ("women's rights", "that women rights are"),
        ("l'égalité", "de l egalite des"),
        ("rights [of] (women|all girls)", "the rights all girls have"),
        ("rights [of] (women|all girls)", "the rights of women have"),
        ("left ... behind", "left all of us behind"),
        ("vote ~ women", "women in many places can now vote"),
        ("vote ~ women", "vote for women"),
        ("<people> vote", "girls vote"),
    ],
)
def test_a_phrase_matches_what_its_notation_says(phrase: str, passage: str) -> None:
    """Whoever extends a lexicon knows its notation only from the words at the top of the file."""
    assert matches(phrase, passage)


@pytest.mark.parametrize(
    ("phrase", "passage"),
    [
        ("art", "the party"),
        ("art", "the arts"),
        ("genocid*", "antigenocide"),
        ("left ... behind", "left one two three four behind"),
        ("vote ~ women", "women one two three four five six seven eight nine vote"),
        ("rights [of] women", "rights of all women"),
    ],
)
def test_a_phrase_matches_nothing_else(phrase: str, passage: str) -> None:
    """A lexicon that tags more than it says cannot be trusted where it is right."""
    assert not matches(phrase, passage)


@pytest.mark.parametrize(
    "phrase", ["", "(a|b", "a)", "[a]", "... [b]", "a ~ b ~ c", "<nothing>", "a + b", "(a|)", "[a|b] ~ ..."]
)
def test_a_phrase_that_means_nothing_is_refused(phrase: str) -> None:
    """A slip of the pen must not tag every sentence, or silently none."""
    with pytest.raises(BadNotation):
        compile_phrase(phrase, {})


def test_a_fault_in_a_lexicon_names_rule_and_phrase() -> None:
    """A person who is no programmer must find the line."""
    with pytest.raises(InvalidDocument, match=r"bread\.loaf.*'\(rye'.*missing"):
        a_lexicon({"id": "loaf", "en": ["(rye"]})


def test_an_id_of_a_rule_is_used_once() -> None:
    """A tag names its rule; two of one name could not be told apart."""
    with pytest.raises(InvalidDocument, match="loaf"):
        a_lexicon({"id": "loaf", "en": ["rye"]}, {"id": "loaf", "en": ["spelt"]})


def test_an_exception_is_struck_out_and_nothing_more() -> None:
    """ "Bread and butter issues" are not about bread, but bread in the same sentence is."""
    lexicon = a_lexicon({"id": "loaf", "en": ["bread"], "except": ["bread and butter"]})
    assert lexicon.found("a bread and butter issue ") == ()
    assert lexicon.found("a bread and butter issue of bread ") == (("bread", "loaf"),)


def test_a_tag_quotes_the_text_where_it_says() -> None:
    """A reviewer and a dashboard find the passage by offset; accents and signs must not shift it."""
    text = "Señor Presidente:  «Sí». La igualdad de género\nimporta. Gracias. R2P, too!"
    tags = tag(text, [NAME])
    assert [item.theme for item in tags] == ["gender-equality", "atrocity-prevention"]
    assert [item.quote for item in tags] == ["La igualdad de género\nimporta.", "R2P, too!"]
    assert all(text[item.offset : item.offset + len(item.quote)] == item.quote for item in tags)
    assert {item.version for item in tags} == {"call-to-action/1"}


def test_a_passage_may_have_several_themes_but_each_once() -> None:
    """A count of passages by theme must count passages."""
    text = "Women's rights, gender equality and climate justice go together."
    assert [(item.theme, item.offset) for item in tag(text, [NAME])] == [
        ("gender-equality", 0),
        ("future-generations", 0),
    ]


def test_what_was_found_stays_while_the_record_grows() -> None:
    """A reader of a live meeting sees passages appear, not jump; and a tag keeps its name."""
    text = " ".join(sentence for group in sentences().values() for sentence in group[:6])
    whole = tag(text, [NAME])
    words = text.split(" ")
    for count in range(1, len(words), 7):
        part = " ".join(words[:count])
        found = tag(part, [NAME])
        last_sentence = max(part.rfind(". "), part.rfind("? "))
        assert [item for item in found if item.offset < last_sentence] == [
            item for item in whole if item.offset + len(item.quote) <= last_sentence + 1
        ]


def test_a_minute_without_full_stops_is_cut_into_passages() -> None:
    """Some recognisers write no punctuation; a quote of ten minutes is no passage."""
    text = " ".join(["and then we said that, gender equality matters and"] * 60)
    tags = tag(text, [NAME])
    assert len(tags) > 5
    assert max(len(item.quote.split()) for item in tags) <= LONGEST_PASSAGE_WORDS


def test_a_record_holds_a_bounded_number_of_passages() -> None:
    """The contract of a record ends the list somewhere; an endless statement must not break it."""
    text = "Genocide. " * 200
    assert len(tag(text, [NAME])) == MOST_OF_A_THEME


def test_a_lexicon_that_is_not_there_adds_nothing() -> None:
    """A meeting described elsewhere must not stop the log of the floor."""
    assert tag("Gender equality.", ["unheard-of", NAME]) == tag("Gender equality.", [NAME])
    assert tag("Gender equality.", []) == ()
    assert theme_of("bread", "unheard-of/1") is None


def test_a_meeting_that_asks_for_an_unknown_lexicon_is_refused_when_it_is_added() -> None:
    """A misspelt name would otherwise show only when nothing was tagged."""
    meeting = {"id": "small", "title": "A", "body": "B", "date": "2021-02-24", "themes": [NAME, "call-to-acton-v1"]}
    with pytest.raises(InvalidDocument, match=r"\$\.themes\[1\].*call-to-action-v1.*call-to-acton-v1"):
        from_toml(meeting)


def test_the_lexicon_has_the_seven_areas_and_the_prevention_of_atrocities() -> None:
    """Dashboards list the themes in this order, by these ids."""
    assert NAME in lexicon_names()
    lexicon = load_lexicon(NAME)
    assert lexicon is not None
    assert list(lexicon.themes) == [theme for theme in sentences() if theme != "off_topic"]
    assert len(lexicon.themes) == 8


def test_few_sentences_off_topic_are_tagged() -> None:
    """A wrong chip costs more trust than a missing one: at most 3 in 100."""
    off_topic = sentences()["off_topic"]
    tagged = [text for text in off_topic if themes_in(text)]
    assert len(tagged) <= 0.03 * len(off_topic), tagged


@pytest.mark.parametrize("theme", [theme for theme in sentences() if theme != "off_topic"])
def test_most_sentences_about_a_theme_are_tagged(theme: str) -> None:
    """A theme that is missed in every fourth sentence would be of no use to a dashboard."""
    missed = [text for text in sentences()[theme] if theme not in themes_in(text)]
    assert len(missed) <= 0.25 * len(sentences()[theme]), missed


def figures(file: str) -> Iterator[str]:
    """Yield a line for each group of sentences in a file, with what is wrong in it, and their sum."""
    right = total = 0
    for theme, group in sentences(file).items():
        wrong = [text for text in group if (themes_in(text) if theme == "off_topic" else theme not in themes_in(text))]
        if theme == "off_topic":
            yield f"off topic: {len(wrong)} of {len(group)} tagged"
        else:
            right, total = right + len(group) - len(wrong), total + len(group)
            yield f"{theme}: {len(group) - len(wrong)} of {len(group)} tagged"
        yield from (f"  wrong: {text}" for text in wrong)
    yield f"about a theme: {right} of {total} tagged"


if __name__ == "__main__":
    for name in ("sentences", "unseen"):
        print(f"# {name}", *figures(name), sep="\n")
