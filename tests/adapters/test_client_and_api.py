"""The client's types against the API's own description: what a server answers, the types must know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from floorlog import client
from floorlog.adapters.store import Store
from floorlog.client import answers
from floorlog.client.reading import Filters
from tests.small_floor import a_store
from workers.web.v1 import create_api, describing

TYPES = {
    "WholeMeeting": client.Meeting,
    "Meeting": client.Meeting,
    "MeetingLinks": answers.MeetingLinks,
    "Coverage": client.Coverage,
    "ChannelCoverage": client.ChannelCoverage,
    "Entry": client.Stretch,
    "LiveNow": client.Live,
    "Floor": client.Floor,
    "RevisionNote": client.RevisionNote,
    "Entity": client.Delegation,
    "SpeakingTime": client.SpeakingTime,
    "ThemeTotal": client.ThemeTotal,
    "ThemeOfEntity": client.ThemeOfEntity,
    "Intervention": client.Record,
    "Hit": client.Hit,
    "Highlight": client.Highlight,
    "Event": client.Event,
}
"""Schemas of the description, and the types of the client that stand for them."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with a_store("sqlite", tmp_path) as opened:
        yield opened


@pytest.fixture
def described(store: Store) -> dict[str, Any]:
    """The API's description of itself."""
    return describing.description(create_api(store))


def test_the_types_know_every_property_that_is_answered(described: dict[str, Any]) -> None:
    """A property that the types do not know cannot be read without silencing the type checker."""
    schemas = described["components"]["schemas"]
    missing = {
        name: sorted(set(schemas[name]["properties"]) - set(get_type_hints(typed))) for name, typed in TYPES.items()
    }
    assert {name: properties for name, properties in missing.items() if properties} == {}


def test_the_types_promise_nothing_that_may_be_missing(described: dict[str, Any]) -> None:
    """What the types say is always there must always be there."""
    schemas = described["components"]["schemas"]
    lists = {"Intervention", "Hit", "Meeting"}  # the same type stands for an item of a list, which has less
    promised = {
        name: sorted(typed.__required_keys__ - set(schemas[name].get("required", ())))  # type: ignore[attr-defined]
        for name, typed in TYPES.items()
        if name not in lists
    }
    assert {name: properties for name, properties in promised.items() if properties} == {}


def test_each_filter_of_the_api_can_be_given(described: dict[str, Any]) -> None:
    """A filter that the client does not take would be asked for with another client."""
    parameters = {item["name"] for item in described["paths"]["/interventions"]["get"]["parameters"]}
    given = {name.rstrip("_") for name in get_type_hints(Filters)} | {"q", "sort", "limit", "cursor"}
    assert parameters - given == set()
