"""What was published of the API stays, and is documented: routes, parameters, members of answers."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.published_api import breaks, described, operations, published

GUIDE = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")

Change = Callable[[dict[str, Any]], Any]


def test_nothing_that_was_published_has_changed() -> None:
    """Somebody's dashboard was written from it. Is it meant so, it is another version of the API."""
    assert breaks(published(), described()) == []


def parameter(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A parameter of the list of interventions."""
    found = document["paths"]["/interventions"]["get"]["parameters"]
    return next(item for item in found if item["name"] == name)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema that answers share."""
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["paths"].pop("/entities"), "GET /entities: the route is gone"),
        (lambda it: it["paths"]["/interventions"]["get"]["parameters"].pop(2), "is gone"),
        (lambda it: parameter(it, "q").update(required=True), "q is needed now"),
        (lambda it: parameter(it, "kind")["schema"]["items"]["enum"].remove("vote"), "takes no vote"),
        (lambda it: parameter(it, "limit")["schema"].update(maximum=50), "tighter maximum"),
        (lambda it: parameter(it, "limit")["schema"].update(default=50), "left out"),
        (lambda it: parameter(it, "meeting")["schema"].update(pattern="^x$"), "another form"),
        (lambda it: schema(it, "Intervention")["properties"].pop("speaker"), ".speaker"),
        (lambda it: schema(it, "Highlight")["required"].remove("start_ms"), "may be missing"),
        (lambda it: schema(it, "Highlight")["properties"]["start_ms"].update(type="string"), "something else"),
        (lambda it: schema(it, "Meeting")["properties"]["state"]["enum"].remove("live"), "is never live"),
        (lambda it: schema(it, "record.state")["enum"].remove("corrected"), "is never corrected"),
        (lambda it: it["paths"]["/meetings/{meeting_id}"]["get"]["responses"].pop("404"), "no answer 404"),
    ],
)
def test_a_change_that_breaks_a_client_is_found(change: Change, said: str) -> None:
    """A check that never fails protects nobody."""
    changed = copy.deepcopy(described())
    change(changed)
    assert any(said in found for found in breaks(described(), changed))


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["paths"].update({"/more": it["paths"]["/entities"]}),
        lambda it: it["paths"]["/entities"]["get"]["parameters"].append({"in": "query", "name": "x", "schema": {}}),
        lambda it: parameter(it, "kind")["schema"]["items"]["enum"].append("prayer"),
        lambda it: parameter(it, "limit")["schema"].update(maximum=1000),
        lambda it: schema(it, "Meeting")["properties"].update(more={"type": "string"}),
        lambda it: schema(it, "Meeting")["required"].append("more"),
        lambda it: it["info"].update(version="1.9.0"),
    ],
)
def test_what_only_adds_something_passes(change: Change) -> None:
    """The API may grow without a new version."""
    changed = copy.deepcopy(described())
    change(changed)
    assert breaks(described(), changed) == []


def test_every_part_of_the_description_says_what_it_means() -> None:
    """A member whose meaning must be guessed is guessed wrongly."""
    silent: list[str] = []
    for label, operation in operations(described()):
        silent += [f"{label}" for _ in [0] if not operation.get("description")]
        silent += [f"{label} {item['name']}" for item in operation.get("parameters", ()) if not item.get("description")]
    for name, shared in described()["components"]["schemas"].items():
        for member, inner in shared.get("properties", {}).items():
            if not inner.get("description"):
                silent.append(f"{name}.{member}")
    assert silent == []


def test_the_schemas_are_schemas() -> None:
    """Tools that make clients refuse what is none."""
    for shared in described()["components"]["schemas"].values():
        Draft202012Validator.check_schema(shared)
    assert described()["openapi"].startswith("3.1")


def routes_and_parameters() -> Iterator[str]:
    """Each route and each parameter, as the guide writes them."""
    for label, operation in operations(described()):
        yield label.replace("GET ", "GET /v1")
        for item in operation.get("parameters", ()):
            yield f"{{{item['name']}}}" if item["in"] == "path" else f"`{item['name']}`"


def test_every_route_and_parameter_is_in_the_guide() -> None:
    """A developer has the guide open, not the code."""
    assert sorted({text for text in routes_and_parameters() if text not in GUIDE}) == []


def test_the_guide_names_no_route_that_is_gone() -> None:
    """A described route that is not there costs an afternoon."""
    known = {label.replace("GET ", "GET /v1") for label, _ in operations(described())}
    named = set(re.findall(r"^\| `(GET /v1[^`]*)` \|", GUIDE, re.MULTILINE))
    assert named - known == set()
