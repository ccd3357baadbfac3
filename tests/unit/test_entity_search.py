"""The search over entities: what a reviewer types finds whom they mean."""

from __future__ import annotations

from datetime import date

import pytest

from floorlog.entities import EntityTable
from floorlog.entity_search import search

DAY = date(2021, 2, 24)


def codes(query: str, limit: int = 10) -> list[str]:
    return [entity.code for entity in search(EntityTable.load(), query, DAY, limit)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CMR", "CMR"),
        ("cmr", "CMR"),
        ("cote d'iv", "CIV"),
        ("Côte", "CIV"),
        ("ALEMANIA", "DEU"),
        ("Россия", "RUS"),
        ("中国", "CHN"),
        ("السنغال", "SEN"),
        ("turk", "TUR"),
        ("Norwey", "NOR"),
    ],
)
def test_whatever_is_typed_finds_whom_is_meant(typed: str, code: str) -> None:
    """Languages, accents, codes and small slips must not send a reviewer to a list of 200."""
    assert codes(typed)[0] == code


def test_a_name_that_begins_so_comes_before_one_that_holds_it() -> None:
    """Niger is meant by who typed Niger, not Nigeria."""
    assert codes("niger")[:2] == ["NER", "NGA"]
    assert codes("guinea")[0] == "GIN"


def test_an_empty_search_begins_the_list_and_a_hostile_one_is_harmless() -> None:
    """The field is open before anything is typed, and anything can be pasted into it."""
    assert len(codes("", 7)) == 7
    assert codes("\x00\u202e" * 5000) == []
