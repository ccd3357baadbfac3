"""The table of entities is complete, consistent, and knows names as of a day."""

from __future__ import annotations

import importlib.resources
import json
import re
from datetime import date
from itertools import pairwise

import pytest

from floorlog import contract
from floorlog.entities import CHAIR, LANGUAGES, REGIONAL_GROUPS, EntityTable
from floorlog.errors import InvalidDocument

TABLE = EntityTable.load()
STATES = [entity for entity in TABLE if entity.kind == "state"]
OBSERVERS = [entity for entity in TABLE if entity.kind == "observer"]
TODAY = date(2026, 1, 1)

SCRIPTS = {"ar": re.compile(r"[؀-ۿ]"), "zh": re.compile(r"[一-鿿]"), "ru": re.compile(r"[а-яё]", re.IGNORECASE)}


def test_the_member_states_and_both_observers_are_there() -> None:
    """A delegation without a row can never be given the floor."""
    assert len(STATES) == 193
    assert [entity.code for entity in OBSERVERS] == ["VAT", "PSE"]


@pytest.mark.parametrize("entity", STATES + OBSERVERS, ids=lambda entity: entity.code)
def test_a_state_has_its_codes_and_a_name_in_each_official_language(entity) -> None:  # type: ignore[no-untyped-def]
    """The page and the API serve six languages; a hole would show as an English name among Arabic ones."""
    assert entity.scheme == "iso3166-1-alpha-3"
    assert entity.alpha3 == entity.code
    assert re.fullmatch("[A-Z]{3}", entity.code)
    assert re.fullmatch("[0-9]{3}", entity.m49)
    for names in entity.names:
        assert set(names.short) == set(names.formal) == set(LANGUAGES)
        for written in (names.short, names.formal):
            for language, text in written.items():
                assert text == text.strip()
                assert "*" not in text
                assert "  " not in text
                assert not text.endswith(("(the)", "(la)", "(le)", "(les)", "(l')", "(el)", "(los)", "(las)"))
                assert bool(SCRIPTS[language].search(text)) if language in SCRIPTS else text[0].isupper()


def test_codes_are_each_given_once() -> None:
    """Codes stand in records without their scheme: NAM is Namibia, so the movement needs another."""
    rows = []
    for file in ("entities_states.json", "entities_groups.json"):
        text = (importlib.resources.files("floorlog") / "data" / file).read_text("utf-8")
        rows += [entity["code"] for entity in json.loads(text)["entities"]]
    assert len(rows) == len(set(rows)) == len(list(TABLE))
    assert len({entity.m49 for entity in STATES + OBSERVERS}) == 195
    assert TABLE.get("NAM").name(TODAY) == "Namibia"
    assert TABLE.get("NON_ALIGNED").name(TODAY) == "Movement of Non-Aligned Countries"


def test_each_member_state_is_in_one_regional_group() -> None:
    """The five groups divide the membership: 54, 54, 23, 33 and, with the United States, 29."""
    for entity in STATES:
        assert len(set(TABLE.groups_of(entity.code)) & set(REGIONAL_GROUPS)) == 1, entity.code
    assert [len(TABLE.get(code).members) for code in REGIONAL_GROUPS] == [54, 54, 23, 33, 29]


@pytest.mark.parametrize(
    ("code", "count"),
    [("EU", 27), ("G77", 134), ("NON_ALIGNED", 120), ("OIC", 57), ("LAS", 22), ("ARAB_GROUP", 22), ("CARICOM", 14),
     ("ASEAN", 10), ("LDC", 46), ("LLDC", 32), ("AOSIS", 37), ("PIF", 14), ("PSIDS", 12), ("NORDIC", 5), ("BALTIC", 3),
     ("NORDIC_BALTIC", 8), ("BENELUX", 3), ("CANZ", 3), ("MIKTA", 5), ("CELAC", 33), ("UFC", 12), ("AU", 54)],
)  # fmt: skip
def test_a_group_has_as_many_members_as_it_says_of_itself(code: str, count: int) -> None:
    """A member too few or too many is the slip that nobody sees in a list of codes."""
    members = TABLE.get(code).members
    assert len(members) == len(set(members)) == count
    assert {TABLE.get(member).kind for member in members} <= {"state", "observer"}


@pytest.mark.parametrize(
    ("code", "day", "before", "after"),
    [
        ("TUR", date(2022, 6, 1), "Turkey", "Türkiye"),
        ("MKD", date(2019, 2, 14), "The former Yugoslav Republic of Macedonia", "North Macedonia"),
        ("SWZ", date(2018, 6, 1), "Swaziland", "Eswatini"),
        ("CZE", date(2016, 5, 17), "Czech Republic", "Czechia"),
        ("CPV", date(2013, 10, 24), "Cape Verde", "Cabo Verde"),
        ("NLD", date(2024, 1, 1), "Netherlands", "Netherlands (Kingdom of the)"),
    ],
)
def test_a_state_is_called_what_it_was_called_on_the_day(code: str, day: date, before: str, after: str) -> None:
    """A record of 2021 that says Türkiye quotes a name that nobody had used yet."""
    assert TABLE.name(code, date.fromordinal(day.toordinal() - 1)) == before
    assert TABLE.name(code, day) == after


def test_names_follow_each_other_without_a_gap() -> None:
    """On a day between two names a state would have none."""
    for entity in TABLE:
        assert entity.names[0].valid_from is None
        assert entity.names[-1].valid_to is None
        for earlier, later in pairwise(entity.names):
            assert earlier.valid_to == later.valid_from


def test_a_name_comes_in_the_language_that_was_asked_for() -> None:
    """Six languages, short and formal; English where a group has no name in one of them."""
    day = date(2021, 2, 24)
    names = [TABLE.name("CIV", day, language) for language in LANGUAGES]
    assert names == [*["Côte d'Ivoire"] * 3, "كوت ديفوار", "科特迪瓦", "Кот-д'Ивуар"]
    assert TABLE.get("DZA").name(day, "fr", formal=True) == "République algérienne démocratique et populaire"
    assert TABLE.name("MIKTA", day, "ru") == "MIKTA"


def test_every_entity_fits_into_a_record() -> None:
    """A name or code that the record's schema refuses would turn a statement into a fault."""
    record = json.loads((contract.folder() / "suite/record/valid/statement.json").read_text("utf-8"))
    for entity in TABLE:
        record["on_behalf_of"] = [TABLE.reference(entity.code, TODAY)]
        try:
            contract.validate("record", record)
        except InvalidDocument as error:
            pytest.fail(f"{entity.code}: {error}")


def test_those_who_speak_at_such_meetings_are_there() -> None:
    """The people who brief, the observers with a seat, the groups in whose name delegations speak."""
    wanted = """CHAIR UN:SG UN:DSG UN:PGA UN:OHCHR UN:OSAPG UN:SAR2P UN:OFFICIAL UN:DGACM EU AU OIC LAS CARICOM ASEAN
        G77 AFRICAN_GROUP GRULAC EEG ASIA_PACIFIC WEOG ARAB_GROUP NORDIC BALTIC NORDIC_BALTIC BENELUX SIDS AOSIS PSIDS
        LDC LLDC R2P_GOF JUSCANZ MIKTA CANZ PIF ICRC IFRC SMOM IPU COE OAS OIF A3 G4 UFC GFDC GUAM RIO CELAC ICC_AFR"""
    assert [code for code in wanted.split() if code not in TABLE] == []
    assert TABLE.get(CHAIR).kind == "official"


def test_an_unknown_code_is_said_to_be_unknown() -> None:
    """A typing error of a reviewer must be found before it is stored."""
    assert "XYZ" not in TABLE
    with pytest.raises(KeyError):
        TABLE.get("XYZ")
