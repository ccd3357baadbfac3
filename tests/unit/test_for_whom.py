"""For whom else somebody speaks, with whom somebody agrees, and what is neither."""

from __future__ import annotations

import pytest

from tests.spoken import Line, log_of

GIVEN = Line("chair", "I call to order this meeting. I now give the floor to the representative of Norway.")
REST = "The matter before us is of some weight, and it will be with us for many more years."


def said(text: str, chair: Line = GIVEN) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For whom, and with whom, a delegation speaks that says this."""
    found = log_of([chair, Line("norway", f"{text} {REST}")])[1]
    return found.on_behalf_of, found.aligned_with


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("I have the honour to speak on behalf of the Nordic countries.", ("NORDIC",)),
        ("On behalf of the members of the League of Arab States, I wish to say a word.", ("LAS",)),
        (
            "It is a privilege to join you, on behalf of the Group of African States, in this tribute.",
            ("AFRICAN_GROUP",),
        ),
        ("I speak on behalf of Argentina, Chile and Mexico, and my own country, Norway.", ("ARG", "CHL", "MEX")),
        (
            "I deliver this on behalf of a cross-regional group of twelve countries, namely Fiji, Ghana, Peru, Norway.",
            ("FJI", "GHA", "PER"),
        ),
        ("We speak on behalf of the G4, Brazil, Germany, India and Japan.", ("G4",)),
        ("I speak on behalf of the African Group and Iceland.", ("AFRICAN_GROUP", "ISL")),
        ("We make this statement on behalf of the group friends in defense of the UN charter.", ("GFDC",)),
        ("J'ai l'honneur de prendre la parole au nom des pays nordiques.", ("NORDIC",)),
        ("Je m'exprime au nom de l'Argentine, du Chili et du Mexique, ainsi que de mon pays.", ("ARG", "CHL", "MEX")),
        ("Tengo el honor de intervenir en nombre de los países nórdicos.", ("NORDIC",)),
        ("Hablo en nombre de la Argentina, Chile y México, así como de mi propio país.", ("ARG", "CHL", "MEX")),
    ],
)
def test_a_statement_may_be_made_for_others_as_well(text: str, groups: tuple[str, ...]) -> None:
    """A reader who counts whom a statement binds must find all of them, and no member twice."""
    assert said(text) == (groups, ())


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Norway aligns itself with the statement of the European Union.", ("EU",)),
        (
            "We associate ourselves with what was said by Sweden, speaking on behalf of the Nordic countries.",
            ("NORDIC",),
        ),
        (
            "My country aligns itself with the statements made by Barbados on behalf of the Caribbean Community and by "
            "Cuba on behalf of the Non-Aligned Movement.",
            ("CARICOM", "NON_ALIGNED"),
        ),
        ("We support the statement made by the Ambassador of Yemen on behalf of the Group of 77.", ("G77",)),
        ("We align ourselves with the statement of Peru in his capacity as Chair of the Rio Group.", ("RIO",)),
        ("La Norvège s'associe à la déclaration prononcée par la Suède au nom des pays nordiques.", ("NORDIC",)),
        ("Noruega se suma a la declaración formulada por Suecia en nombre de los países nórdicos.", ("NORDIC",)),
    ],
)
def test_to_agree_with_a_statement_is_not_to_make_it(text: str, others: tuple[str, ...]) -> None:
    """Whoever aligns itself with a group was not asked to speak for it."""
    assert said(text) == ((), others)


@pytest.mark.parametrize(
    "text",
    [
        "On behalf of my delegation, I thank the European Union.",
        "On behalf of the Government and people of Norway, I thank you all.",
        "The statement that was delivered by Kenya on behalf of the African Group was clear.",
        "The draft was submitted by Egypt and Qatar on behalf of the League of Arab States.",
        "I thank the African Group for its patience, and the Nordic countries for theirs.",
        "This Council acts on behalf of the Group of 77.",
        "Au nom de ma délégation, je remercie l'Union européenne.",
        "En nombre de mi delegación, agradezco a la Unión Europea.",
    ],
)
def test_a_group_that_is_only_mentioned_is_not_spoken_for(text: str) -> None:
    """Groups are thanked, quoted and praised in most statements."""
    assert said(text) == ((), ())


def test_what_the_chair_says_counts_too() -> None:
    """Some speakers do not repeat for whom they speak."""
    chair = Line("chair", "I now give the floor to the representative of Norway on behalf of the Nordic countries.")
    assert said("This sentence says nothing of it.", chair) == (("NORDIC",), ())


def test_the_name_of_a_group_is_not_thanked_and_given_nothing() -> None:
    """Without punctuation, "… of the Group of Four thank you co-chairs" reads like thanks to a group."""
    chair = "i now give the floor to the distinguished representative of norway on behalf of the group of four"
    log = log_of([Line("", chair + " thank you co chairs i deliver this statement in good faith", 0)], voices=False)
    assert [item.attribution.entity for item in log] == ["CHAIR", "NOR"]
    assert log[1].on_behalf_of == ("G4",)


def test_who_speaks_for_a_group_is_not_the_group() -> None:
    """No name is better than a wrong one where the chair named nobody."""
    chair = Line("chair", "I call to order this meeting. Next speaker, please.")
    log = log_of([chair, Line("norway", f"I speak on behalf of the African Group. The African Group is glad. {REST}")])
    assert log[1].attribution.entity is None
    assert log[1].on_behalf_of == ("AFRICAN_GROUP",)
