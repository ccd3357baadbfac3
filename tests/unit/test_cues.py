"""Cues: the phrases of the files are found where they are said, and names only where they are names."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from floorlog.cues import Cue, find_cues, find_whole, tokens_of
from floorlog.entities import EntityTable
from floorlog.names import misheard_among, names_among
from floorlog.phrases import load_phrases


def cues_in(text: str) -> tuple[Cue, ...]:
    tokens = tokens_of(text.split())
    return find_cues(tokens, names_among(tokens, EntityTable.load()), load_phrases())


def about(text: str, kind: str) -> list[str | None]:
    """Whom the cues of a kind are about."""
    return [cue.entity for cue in cues_in(text) if cue.kind == kind]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("I now give the floor to the distinguished representative of Kenya.", "KEN"),
        ("so now i give the floor to the representative of the united arab emirates", "ARE"),
        ("I call on the representative of the Syrian Arab Republic.", "SYR"),
        ("The observer of the Holy See has the floor.", "VAT"),
        ("The next speaker on my list is the representative of Zambia.", "ZMB"),
        ("I would now like to invite the representative of Uruguay to speak.", "URY"),
        ("Is the delegation of Honduras in the room?", "HND"),
        ("I give floor to the representative of uh Oman.", "OMN"),
        ("I give the floor to the distinguished representative Oman.", "OMN"),
        ("I now request Ms. Jane Doe of Ireland, Rapporteur of the Second Committee, to introduce the reports.", "IRL"),
    ],
)
def test_a_phrase_that_gives_the_floor_names_who_gets_it(text: str, entity: str) -> None:
    """These are the sentences on which most attributions rest."""
    assert about(text, "gives_named") == [entity]


@pytest.mark.parametrize(
    "text",
    [
        "We call on Israel and Iran to show restraint.",
        "I invite the representative of Egypt to participate in this meeting.",
        "Peru, followed by Myanmar and Bangladesh.",
        "The floor of the ocean belongs to Tuvalu.",
    ],
)
def test_other_phrases_with_a_name_give_nothing(text: str) -> None:
    """Each of these once gave somebody the floor who did not have it."""
    assert about(text, "gives_named") == []


def test_of_two_readings_the_longer_one_holds() -> None:
    """ "Invite … to participate" begins like an invitation to speak."""
    cues = {cue.kind for cue in cues_in("I invite the representative of Egypt to participate in this meeting.")}
    assert "admits" in cues
    assert not any(kind.startswith("gives") for kind in cues)


def test_what_follows_thanks_may_take_the_name() -> None:
    """ "Thank you, Kenya, please" gives Kenya the floor; "Thank you, Kenya" may not."""
    assert about("Thank you, Kenya, please.", "gives_weak") == ["KEN"]
    assert about("Thank you, Kenya, please.", "thanks_or_gives") == []
    assert about("Thank you, Kenya.", "thanks_or_gives") == ["KEN"]


def test_a_phrase_does_not_reach_over_a_full_stop() -> None:
    """Two sentences that stand beside each other say nothing together."""
    assert about("I thank you. Kenya is green.", "thanks_named") == []


def test_a_bare_name_must_be_all_that_is_said() -> None:
    """A name inside a sentence gives nothing."""
    for text, found in (("And now Norway, please.", True), ("Norway?", True), ("Norway is north.", False)):
        tokens = tokens_of(text.split())
        names = names_among(tokens, EntityTable.load())
        assert any(cue.kind == "gives_bare" for cue in find_whole(tokens, names, load_phrases())) is found


def test_titles_and_initials_end_no_sentence() -> None:
    """ "Mr. President" is one phrase."""
    tokens = tokens_of(["Thank", "you,", "Mr.", "President.", "The", "U.S.", "agrees.", "A/54/L.52.", "So"])
    assert [token.text for token in tokens if token.text == "."] == ["."] * 3
    assert [cue.kind for cue in cues_in("Thank you, Mr. President.") if cue.kind == "opens"] == ["opens"]


def test_accents_elisions_and_fillers_do_not_matter() -> None:
    """Recognisers disagree about all three."""
    assert [token.text for token in tokens_of(["l’Égypte,", "uh", "Kenya's"])] == ["l", "egypte", "kenya"]
    assert about("Je donne la parole au représentant du Sénégal.", "gives_named") == ["SEN"]


def test_a_misheard_name_is_looked_for_only_where_one_is_expected() -> None:
    """Everywhere else common words would turn into countries."""
    table = EntityTable.load()
    for text, expected in (
        ("I give the floor to the observer of the holy sea.", ["VAT"]),
        ("Cypress you have the floor", ["CYP"]),
        ("We live by the holy sea.", []),
        ("I give the floor to the next speaker.", []),
    ):
        tokens = tokens_of(text.split())
        names = names_among(tokens, table)
        cues = find_cues(tokens, names, load_phrases())
        assert [name.entity for name in misheard_among(tokens, names, cues, table)] == expected


def documents() -> dict[str, dict[str, object]]:
    """Every file of phrases, by the language that it is named after."""
    folder = resources.files("floorlog") / "data" / "cues"
    files = [item for item in folder.iterdir() if item.name.endswith(".toml")]
    return {item.name.removesuffix(".toml"): tomllib.loads(item.read_text(encoding="utf-8")) for item in files}


def test_no_language_has_a_kind_of_phrase_that_english_has_not() -> None:
    """A kind that one file misspells would silently find nothing."""
    files = documents()
    kinds = set(files["en"])
    assert {name: set(document) - kinds for name, document in files.items() if set(document) - kinds} == {}
    assert {document["language"] for document in files.values()} == set(files)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_french_and_spanish_have_every_kind_of_phrase(language: str) -> None:
    """A meeting that is chaired in French or Spanish must lose nothing."""
    files = documents()
    assert set(files["en"]) - set(files[language]) == set()


def misheard_in(text: str) -> list[str]:
    """The entities that seem to be meant by misheard names."""
    tokens, table = tokens_of(text.split()), EntityTable.load()
    names = names_among(tokens, table)
    return [name.entity for name in misheard_among(tokens, names, find_cues(tokens, names, load_phrases()), table)]


def test_a_short_name_behind_a_misheard_style_is_the_name() -> None:
    """ "Bolivian Republic of Venezuela" sounds like Bolivia, and is not."""
    assert misheard_in("I give the floor to the representative of the Bolivian Republic of Venezuela.") == ["VEN"]


def test_a_misheard_preposition_does_not_hide_a_name() -> None:
    """ "Observer on the Holy Scene" is what a recogniser made of the Observer of the Holy See."""
    assert misheard_in("I now give the floor to the observer on the holy scene.") == ["VAT"]


def test_the_floor_is_given_though_the_name_is_lost() -> None:
    """Who got it is then unknown, but that the chair gave it is not: the last speaker must not go on."""
    assert "gives_unnamed" in {cue.kind for cue in cues_in("i now give the floor to the representative of a to and")}


def test_delegations_thank_whoever_convened_the_meeting() -> None:
    """The same words are the chair's thanks where no reason follows."""
    kinds = {cue.kind for cue in cues_in("I thank the President of the General Assembly for convening this meeting.")}
    assert "thanks_host" in kinds
    assert "thanks_named" not in kinds


@pytest.mark.parametrize(
    ("text", "kind", "entity"),
    [
        ("Je donne maintenant la parole au distingué représentant de la Côte d'Ivoire.", "gives_named", "CIV"),
        ("La parole est à présent à l'observatrice du Saint-Siège.", "gives_named", "VAT"),
        ("Madame la représentante du Mali, vous avez la parole.", "gives_named", "MLI"),
        ("Le Sénégal, s'il vous plaît.", "gives_weak", "SEN"),
        ("Je remercie la représentante des États-Unis d'Amérique.", "thanks_named", "USA"),
        ("Merci, le Maroc.", "thanks_or_gives", "MAR"),
        ("Suivi du Togo et du Bénin.", "announces", "BEN"),
        ("J'invite le représentant de l'Égypte à participer à la séance.", "admits", "EGY"),
        ("Je vous remercie, Monsieur le Président.", "closes", None),
        ("Votre temps de parole est écoulé.", "interrupts", None),
        ("Tiene la palabra el distinguido representante de México.", "gives_named", "MEX"),
        ("Doy ahora la palabra a la distinguida representante de los Estados Unidos de América.", "gives_named", "USA"),
        ("Señora representante del Perú, tiene usted la palabra.", "gives_named", "PER"),
        ("El Paraguay, por favor.", "gives_weak", "PRY"),
        ("Agradezco a la distinguida representante de Chile su declaración.", "thanks_named", "CHL"),
        ("Muchas gracias, Ecuador.", "thanks_or_gives", "ECU"),
        ("Seguido de Cuba y de Panamá.", "announces", "PAN"),
        ("Invito al representante de Egipto a participar en esta sesión.", "admits", "EGY"),
        ("Muchas gracias, señora Presidenta.", "closes", None),
        ("Su tiempo se ha agotado.", "interrupts", None),
    ],
)
def test_chairs_say_in_french_and_spanish_what_they_say_in_english(text: str, kind: str, entity: str | None) -> None:
    """On the floor channel a chair presides in its own language."""
    assert about(text, kind) == [entity]


@pytest.mark.parametrize(
    "text", ["Oui, le Kenya.", "Kenya, por favor.", "Y ahora Kenya.", "Kenya?", "Et maintenant le Kenya."]
)
def test_a_bare_name_is_one_in_french_and_spanish_too(text: str) -> None:
    """Informal meetings are chaired in one word, whatever the language."""
    tokens = tokens_of(text.split())
    found = find_whole(tokens, names_among(tokens, EntityTable.load()), load_phrases())
    assert {cue.entity for cue in found if cue.kind == "gives_bare"} == {"KEN"}
