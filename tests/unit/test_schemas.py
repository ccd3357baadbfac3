"""The schemas are sound, bounded and documented, and their examples mean what they say."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from floorlog import contract
from floorlog.errors import InvalidDocument

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "schemas" / "suite"
VALID = sorted(SUITE.glob("*/valid/*.json"))
INVALID = sorted(SUITE.glob("*/invalid/*.json"))
SCHEMAS = (*contract.NAMES, "definitions")


def reference() -> ModuleType:
    """Return the module that writes docs/schemas.md; docs is no package."""
    specification = importlib.util.spec_from_file_location("schema_reference", ROOT / "docs" / "schema_reference.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def nodes(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a schema, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from nodes(each, f"{path}.{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from nodes(each, f"{path}[{index}]")


def rules(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the nodes that say what a value may be: not the conditions of `if`, not tables of properties."""
    for path, node in nodes(contract.schema(name)):
        if ".if" not in path and not path.endswith((".properties", ".$defs", ".patternProperties")):
            yield path, node


def label(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


@pytest.mark.parametrize("path", VALID, ids=label)
def test_a_valid_example_is_accepted(path: Path) -> None:
    """Other languages test their producers against these: each must be right."""
    document = json.loads(path.read_text("utf-8"))
    contract.validate(path.parts[-3], document)
    assert contract.parse(path.parts[-3], path.read_bytes()) == document


@pytest.mark.parametrize("path", INVALID, ids=label)
def test_an_invalid_example_is_refused_where_it_is_wrong(path: Path) -> None:
    """An operator repairs a message by the path in its dead letter: a wrong path sends them astray."""
    example = json.loads(path.read_text("utf-8"))
    assert example["why"]
    with pytest.raises(InvalidDocument) as refused:
        contract.validate(path.parts[-3], example["document"])
    assert refused.value.path == example["path"]
    assert refused.value.expected
    assert refused.value.schema == f"{path.parts[-3]}/1"


@pytest.mark.parametrize("name", contract.NAMES)
def test_each_document_has_examples_of_both_kinds(name: str) -> None:
    """A contract without counterexamples is only a wish."""
    assert len(list((SUITE / name / "valid").glob("*.json"))) >= 3
    assert len(list((SUITE / name / "invalid").glob("*.json"))) >= 12


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_keeps_its_own_standard_and_names_itself(name: str) -> None:
    """A schema with a misspelt keyword accepts everything, silently."""
    schema = contract.schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:floorlog:schema:{name}:1"
    assert (contract.folder() / f"{name}.v1.schema.json").is_file()


def test_there_is_no_schema_that_nobody_checks() -> None:
    """A file that is in no list is in no test."""
    files = {path.name.removesuffix(".v1.schema.json") for path in contract.folder().glob("*.json")}
    assert files == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_producers_are_held_to_the_known_properties(name: str) -> None:
    """An open object lets a misspelt property through."""
    opened = [path for path, node in rules(name) if "required" in node and "properties" in node]
    closed = [path for path, node in rules(name) if node.get("additionalProperties") is False]
    assert set(opened) - set(closed) <= {"$"}  # the announcement is closed by each of its kinds
    assert (name == "segment") == ("$" in set(opened) - set(closed))


@pytest.mark.parametrize("name", SCHEMAS)
def test_everything_is_bounded(name: str) -> None:
    """One boundless list or text fills a database, a page, or a queue."""
    for path, node in rules(name):
        types = {node["type"]} if isinstance(node.get("type"), str) else set(node.get("type", ()))
        if "string" in types and node.get("format") not in ("date", "date-time"):
            assert "maxLength" in node, path
        if "array" in types:
            assert "maxItems" in node, path
        if types & {"integer", "number"} and "patternProperties" not in path:
            assert {"minimum", "maximum"} <= set(node), path


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_property_is_described(name: str) -> None:
    """The description is all that a dashboard developer has."""
    for path, node in nodes(contract.schema(name)):
        if path.endswith(".properties") and ".if." not in path and ".then." not in path:
            for key, child in node.items():
                assert child.get("description", "").endswith((".", "…")), f"{path}.{key}"


def test_each_property_is_on_the_page_for_dashboard_developers() -> None:
    """A field that is not documented is a field that nobody uses, or everybody misuses."""
    page = (ROOT / "docs" / "schemas.md").read_text("utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    for name in contract.NAMES:
        for path, node in nodes(contract.schema(name)):
            if path.endswith(".properties") and ".if" not in path and ".then" not in path:
                for key in node:
                    assert any(row.split(".")[-1].removesuffix("[]") == key for row in rows), f"{name}: {path}.{key}"


def test_the_page_for_dashboard_developers_is_fresh() -> None:
    """A reference that lags behind the schemas is worse than none: run python docs/schema_reference.py."""
    assert reference().main(["--check"]) == 0
